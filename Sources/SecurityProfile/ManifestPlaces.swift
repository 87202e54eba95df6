package import OCISpec

/// Where in a manifest its parts stand.
package struct ManifestPlaces: Equatable, Sendable {
    /// The keys of `spec`, and `paths.masked`, `paths.readonly` and `paths.rootReadonly`.
    package var keys: [String: SourcePlace] = [:]
    /// Each capability that is added by its name.
    package var added: [Capability: SourcePlace] = [:]
    /// Each capability that is dropped by its name.
    package var dropped: [Capability: SourcePlace] = [:]
    /// `ALL` in `add-cap`.
    package var addedAll: SourcePlace?
    /// `ALL` in `drop-cap`.
    package var droppedAll: SourcePlace?

    /// There are no places.
    package init() {}
}
