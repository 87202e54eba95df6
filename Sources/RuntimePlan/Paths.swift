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
    package var components: [String] { string.pathComponents }

    /// The path with its components alone, `..` kept: two destinations that differ in slashes only are equal.
    package var normalized: String { string.absolutePath }
}

extension String {
    /// The components of a path, without empty ones and `.`.
    var pathComponents: [String] {
        let bytes = Array(utf8)
        var components: [String] = []
        var start = 0
        for end in 0...bytes.count where end == bytes.count || bytes[end] == UInt8(ascii: "/") {
            let isDot = end == start + 1 && bytes[start] == UInt8(ascii: ".")
            if end > start, !isDot { components.append(String(decoding: bytes[start..<end], as: UTF8.self)) }
            start = end + 1
        }
        return components
    }

    private var isCleanAbsolutePath: Bool {
        let bytes = Array(utf8)
        guard bytes.count > 1, bytes[0] == UInt8(ascii: "/"), bytes[bytes.count - 1] != UInt8(ascii: "/") else {
            return bytes.count == 1 && bytes[0] == UInt8(ascii: "/")
        }
        for place in 1..<bytes.count where bytes[place - 1] == UInt8(ascii: "/") {
            // An empty component, or one that begins with a dot: better looked at in full.
            if bytes[place] == UInt8(ascii: "/") || bytes[place] == UInt8(ascii: ".") { return false }
        }
        return true
    }

    /// A path made absolute, without empty components and `.`.
    var absolutePath: String {
        if isCleanAbsolutePath { return self }
        var path = ""
        for component in pathComponents {
            path += "/"
            path += component
        }
        return path.isEmpty ? "/" : path
    }
}
