import OCISpec
package import SecurityProfile

/// The profiles that can be asked for by name.
package struct ProfileRegistry: Sendable {
    /// The profiles of this program.
    package init() {}

    /// The names of all profiles in the order in which they are listed.
    package var names: [ProfileName] { BuiltInProfiles.names }

    /// The profile of this name, as its manifest states it.
    package func profile(named name: ProfileName) throws(ProfileError) -> Profile {
        guard let profile = try BuiltInProfiles.profile(named: name) else { throw unknown(name.description) }
        return profile
    }

    /// The profile of this name and its ancestors, the outermost ancestor first. `text` is what a person typed.
    package func chain(of text: String) throws(ProfileError) -> [Profile] {
        guard let name = ProfileName(text) else { throw unknown(text) }
        return try Profile.chain(of: name) { name throws(ProfileError) in try profile(named: name) }
    }

    private func unknown(_ text: String) -> ProfileError {
        let isPath = text.utf8.contains(UInt8(ascii: "/"))
        if isPath || [".yaml", ".yml", ".json"].contains(where: text.hasSuffix) { return .notAName(text) }
        return .unknownProfile(text, nearest: NearestName.suggest(text, among: names.map(\.description)))
    }
}
