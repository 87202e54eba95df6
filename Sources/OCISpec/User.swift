internal import LosslessJSON

/// `/process/user`: who a process runs as, in ids of the container's user namespace (config.md, "User").
package struct User: Equatable, Sendable {
    /// `/process/user/uid`: the user id. Absent: 0.
    package var uid: UInt32?
    /// `/process/user/gid`: the group id. Absent: 0.
    package var gid: UInt32?
    /// `/process/user/umask`: the file mode creation mask.
    package var umask: UInt32?
    /// `/process/user/additionalGids`: the supplementary groups.
    package var additionalGids: [UInt32]?

    /// Makes a user.
    package init(
        uid: UInt32? = nil, gid: UInt32? = nil, umask: UInt32? = nil, additionalGids: [UInt32]? = nil
    ) {
        self.uid = uid
        self.gid = gid
        self.umask = umask
        self.additionalGids = additionalGids
    }
}

extension User: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        uid = decoder.integer("uid", in: object)
        gid = decoder.integer("gid", in: object)
        umask = decoder.integer("umask", in: object)
        additionalGids = decoder.integers("additionalGids", in: object)
    }
}
