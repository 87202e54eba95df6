internal import LosslessJSON

/// `/root`: the container's root file system (config.md, "Root").
package struct Root: Equatable, Sendable {
    /// `/root/path`, REQUIRED: the folder, absolute or relative to the bundle.
    package var path: String
    /// `/root/readonly`: whether the root is read-only inside the container. Absent: false.
    package var readonly: Bool?

    /// Makes a root.
    package init(path: String, readonly: Bool? = nil) {
        self.path = path
        self.readonly = readonly
    }
}

extension Root: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        path = decoder.requiredString("path", in: object)
        readonly = decoder.bool("readonly", in: object)
    }
}
