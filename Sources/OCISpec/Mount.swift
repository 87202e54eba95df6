internal import LosslessJSON

/// An element of `/mounts`: a mount beside the root (config.md, "Mounts").
package struct Mount: Equatable, Sendable {
    /// `destination`, REQUIRED: where it is mounted, in the container.
    package var destination: String
    /// `source`: a device, a file or folder on the host, or a dummy.
    package var source: String?
    /// `type`: the file system's type, as in `/proc/filesystems`.
    package var type: String?
    /// `options`: mount options. See ``MountOptions``.
    package var options: [String]?
    /// `uidMappings`: how user ids in the source are shown in the mount.
    package var uidMappings: [IDMapping]?
    /// `gidMappings`: how group ids in the source are shown in the mount.
    package var gidMappings: [IDMapping]?

    /// Makes a mount.
    package init(
        destination: String, source: String? = nil, type: String? = nil, options: [String]? = nil,
        uidMappings: [IDMapping]? = nil, gidMappings: [IDMapping]? = nil
    ) {
        self.destination = destination
        self.source = source
        self.type = type
        self.options = options
        self.uidMappings = uidMappings
        self.gidMappings = gidMappings
    }
}

extension Mount: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        destination = decoder.requiredString("destination", in: object)
        source = decoder.string("source", in: object)
        type = decoder.string("type", in: object)
        options = decoder.strings("options", in: object)
        uidMappings = decoder.sections("uidMappings", in: object)
        gidMappings = decoder.sections("gidMappings", in: object)
    }
}
