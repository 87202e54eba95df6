import LosslessJSON

/// The profiles that the program knows by itself, read from what `profiles/` says.
package enum BuiltInProfiles {
    /// Their names in the order in which they are listed.
    package static let names = EmbeddedProfiles.names.compactMap { ProfileName($0) }

    /// The profile of this name, or nil if none is built in.
    package static func profile(named name: ProfileName) throws(ProfileError) -> Profile? {
        guard let manifest = EmbeddedProfiles.manifest(name.description) else { return nil }
        return try Profile(
            manifest: try node(manifest, "profiles/\(name).yaml"), origin: .builtIn, loadingFile: seccompList)
    }

    /// The text of the AppArmor profile of this name, or nil if none is built in.
    package static func appArmorProfile(named name: String) -> String? {
        EmbeddedProfiles.appArmorProfile(name).map { $0 + "\n" }
    }

    private static func seccompList(_ path: String) throws(ProfileError) -> ManifestNode {
        let source = "profiles/\(path)"
        guard let text = EmbeddedProfiles.seccompList(path) else {
            throw .manifest(
                SourcePlace(source: source, line: 1, column: 1), "no such file is built in",
                remedy: "run scripts/generate-profiles")
        }
        return try node(text, source)
    }

    private static func node(_ text: String, _ source: String) throws(ProfileError) -> ManifestNode {
        do {
            return ManifestNode(try JSON(parsing: Array(text.utf8)), in: source, tellingColumns: false)
        } catch {
            throw .manifest(
                SourcePlace(source: source, line: error.location.line, column: error.location.column), error.message,
                remedy: "run scripts/generate-profiles")
        }
    }
}
