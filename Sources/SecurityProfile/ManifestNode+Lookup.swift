extension ManifestNode {
    /// The value of a key of a mapping, or nil.
    package subscript(_ key: String) -> ManifestNode? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }
}
