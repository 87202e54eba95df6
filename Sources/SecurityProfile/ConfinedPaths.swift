package import LosslessJSON
import OCISpec

/// The paths that a configuration keeps from a container: `/linux/maskedPaths` and `/linux/readonlyPaths`.
package struct ConfinedPaths: Equatable, Sendable {
    /// Paths that can't be looked into.
    package var masked: [String]
    /// Paths that can't be written to.
    package var readOnly: [String]

    /// Makes a set of paths.
    package init(masked: [String] = [], readOnly: [String] = []) {
        self.masked = masked
        self.readOnly = readOnly
    }

    /// Reads what stands in a configuration.
    package init(reading config: JSON) throws(BundleError) {
        let linux = try BundleSecurity.object(config["linux"], "/linux")
        masked = try Self.paths(linux?["maskedPaths"], "/linux/maskedPaths")
        readOnly = try Self.paths(linux?["readonlyPaths"], "/linux/readonlyPaths")
    }

    private static func paths(_ value: JSON?, _ pointer: String) throws(BundleError) -> [String] {
        guard let value, !value.isNull else { return [] }
        guard value.kind == .array else { throw BundleSecurity.mismatch(value, pointer, "an array") }
        var paths: [String] = []
        for (position, element) in value.elements.enumerated() {
            guard let path = element.stringValue else {
                throw BundleSecurity.mismatch(element, "\(pointer)/\(position)", "a string")
            }
            if !paths.contains(path) { paths.append(path) }
        }
        return paths
    }

    /// The masked paths of `other` that can be looked into here.
    func unmasked(comparedTo other: ConfinedPaths) -> [String] {
        other.masked.filter { !Self.covers(masked, $0) }.sorted()
    }

    /// The read-only paths of `other` that can be written to here.
    func writable(comparedTo other: ConfinedPaths) -> [String] {
        other.readOnly.filter { !Self.covers(masked + readOnly, $0) }.sorted()
    }

    /// Whether a path is one of `paths` or lies below one.
    private static func covers(_ paths: [String], _ path: String) -> Bool {
        let parts = components(path)
        return paths.contains { parts.starts(with: components($0)) }
    }

    private static func components(_ path: String) -> [Substring] { path.split(separator: "/") }
}
