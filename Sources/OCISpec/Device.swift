internal import LosslessJSON

/// An element of `/linux/devices`: a device node that must be there in the container (config-linux.md, "Devices").
package struct Device: Equatable, Sendable {
    /// `type`, REQUIRED.
    package var type: DeviceType
    /// `path`, REQUIRED: the node's path in the container.
    package var path: String
    /// `major`: the major number. REQUIRED by config-linux.md but for a FIFO.
    package var major: Int64?
    /// `minor`: the minor number. REQUIRED by config-linux.md but for a FIFO.
    package var minor: Int64?
    /// `fileMode`: the permission bits. The schema ends at 0777; engines also write the bits of the file's type, so
    /// that any number stands here.
    package var fileMode: UInt32?
    /// `uid`: the owner in the container. Absent: 0.
    package var uid: UInt32?
    /// `gid`: the group in the container. Absent: 0.
    package var gid: UInt32?

    /// Makes a device.
    package init(
        type: DeviceType, path: String, major: Int64? = nil, minor: Int64? = nil, fileMode: UInt32? = nil,
        uid: UInt32? = nil, gid: UInt32? = nil
    ) {
        self.type = type
        self.path = path
        self.major = major
        self.minor = minor
        self.fileMode = fileMode
        self.uid = uid
        self.gid = gid
    }
}

extension Device: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        type = decoder.requiredChoice("type", in: object, standIn: .character)
        path = decoder.requiredString("path", in: object)
        major = decoder.integer("major", in: object)
        minor = decoder.integer("minor", in: object)
        fileMode = decoder.integer("fileMode", in: object)
        uid = decoder.integer("uid", in: object)
        gid = decoder.integer("gid", in: object)
    }
}
