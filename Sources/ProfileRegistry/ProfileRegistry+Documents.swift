package import SecurityProfile

extension ProfileRegistry {
    /// What a profile was read from; nil for a built-in one.
    package func documents(of profile: Profile) throws(ProfileError) -> ManifestDocuments? {
        guard case .file(let path) = profile.origin,
            let bytes = try storage.content(of: path, limit: ManifestText.maximumByteCount)
        else { return nil }
        let manifest = try ManifestText.parse(bytes, source: path)
        guard let file = ManifestDocuments.listPath(in: manifest) else {
            return ManifestDocuments(manifest: manifest, list: nil)
        }
        // Registered, a profile has its list beside it.
        let isRegistered = folders.contains { path.hasPrefix($0 + "/") }
        for candidate in (isRegistered ? [ProfileRegistry.listPath(beside: path)] : [])
            + [ProfileRegistry.resolve(file, besides: path)]
        {
            guard let bytes = try storage.content(of: candidate, limit: ManifestText.maximumByteCount) else { continue }
            return ManifestDocuments(manifest: manifest, list: try ManifestText.parse(bytes, source: candidate))
        }
        return ManifestDocuments(manifest: manifest, list: nil)
    }
}
