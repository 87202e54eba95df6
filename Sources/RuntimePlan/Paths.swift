/// A path on the host, absolute or relative to the bundle.
package struct HostPath: Sendable, Equatable {
    /// The path's text; it holds no NUL.
    package let string: String

    /// A path as it stands in the config.
    package init(_ string: String) { self.string = string }
}

/// A path as the container's processes see it: absolute, resolved below the root file system and never outside it.
package struct ContainerPath: Sendable, Equatable {
    /// The path's text; it holds no NUL.
    package let string: String

    /// A path as it stands in the config. One without a leading slash starts at the root: runtimes have always read
    /// a mount's destination so, and config.md asks for it of version 1.0 configs.
    package init(_ string: String) {
        self.string = string.utf8.first == UInt8(ascii: "/") ? string : "/" + string
    }

    /// The components, without empty ones and `.`.
    package var components: [Substring] {
        string.split(separator: "/").filter { $0 != "." }
    }

    /// The path with its components alone, `..` kept: two destinations that differ in slashes only are equal.
    package var normalized: String { "/" + components.joined(separator: "/") }
}
