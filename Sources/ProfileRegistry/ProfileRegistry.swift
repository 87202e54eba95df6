import OCISpec
package import SecurityProfile

/// The profiles that can be asked for: those that are built in, by their names; those that somebody registered, by
/// theirs; and any manifest, by its path.
///
/// A registered profile is a file `NAME.yaml` in a folder, its text as it was registered. A seccomp list that it names
/// by `file` is kept beside it as `NAME.seccomp`; a profile that was put there by other means may have the list
/// anywhere, the path counted from the folder.
package struct ProfileRegistry: Sendable {
    /// Where registered profiles are looked for, in this order; the first is where they are written. May be empty.
    package let folders: [String]

    let storage: any ProfileStorage

    /// The profiles that are kept in `folders`.
    package init(storage: any ProfileStorage, folders: [String]) {
        self.storage = storage
        self.folders = folders
    }

    /// A registered profile's file.
    package struct Registration: Equatable, Sendable {
        /// The profile's name.
        package let name: ProfileName
        /// The file that is read.
        package let path: String
        /// Files of the same name in folders that are read later, which this one hides.
        package let hidden: [String]
    }

    /// The registered profiles, sorted by their names.
    ///
    /// Other files than profiles may stand in the folders; a name that only a profile file could have, and that is none,
    /// is passed over too.
    package func registrations() throws(ProfileError) -> [Registration] {
        var paths: [ProfileName: [String]] = [:]
        for folder in folders {
            for file in try storage.names(in: folder) where file.hasSuffix(ProfileRegistry.suffix) {
                guard let name = ProfileName(String(file.dropLast(ProfileRegistry.suffix.utf8.count))) else { continue }
                // A built-in profile can't be replaced by a file: what deploy means would depend on the machine.
                guard !BuiltInProfiles.names.contains(name) else { continue }
                paths[name, default: []].append("\(folder)/\(file)")
            }
        }
        return paths.sorted { $0.key.description < $1.key.description }.map {
            Registration(name: $0.key, path: $0.value[0], hidden: Array($0.value.dropFirst()))
        }
    }

    /// Files that would be registered profiles if a built-in one hadn't their name.
    package func unreadFiles() throws(ProfileError) -> [String] {
        var paths: [String] = []
        for folder in folders {
            let files = try storage.names(in: folder)
            paths += BuiltInProfiles.names.map { "\($0)\(ProfileRegistry.suffix)" }.filter(files.contains).map {
                "\(folder)/\($0)"
            }
        }
        return paths
    }

    /// The names of all profiles in the order in which they are listed: those that are built in, then the others.
    package var names: [ProfileName] {
        // Best effort: what can't be listed can't be suggested; whoever asks for it is told why.
        BuiltInProfiles.names + ((try? registrations()) ?? []).map(\.name)
    }

    /// The profile of this name, as its manifest states it.
    package func profile(named name: ProfileName) throws(ProfileError) -> Profile {
        if let profile = try BuiltInProfiles.profile(named: name) { return profile }
        guard let profile = try registered(name) else { throw unknown(name.description) }
        return profile
    }

    /// The profile that `text` stands for, and its ancestors, the outermost ancestor first. `text` is what a person
    /// typed: a name, or the path of a manifest.
    package func chain(of text: String) throws(ProfileError) -> [Profile] {
        guard !ProfileRegistry.isPath(text) else { return try chain(from: try manifest(at: text)) }
        guard let name = ProfileName(text) else { throw unknown(text) }
        return try chain(from: try profile(named: name))
    }

    /// The profile and its ancestors, the outermost ancestor first. Where an ancestor extends the profile's name, this
    /// profile is meant and not a registered one that it may be about to replace.
    func chain(from profile: Profile) throws(ProfileError) -> [Profile] {
        try chain(of: profile.name, with: profile)
    }

    /// The profile of this name and its ancestors, as they would be with `replacement` registered.
    func chain(of name: ProfileName, with replacement: Profile) throws(ProfileError) -> [Profile] {
        try Profile.chain(of: name) { name throws(ProfileError) in
            name == replacement.name ? replacement : try profile(named: name)
        }
    }

    /// Whether a word stands for a file and not for a name.
    package static func isPath(_ text: String) -> Bool {
        text.utf8.contains(UInt8(ascii: "/")) || [".yaml", ".yml", ".json"].contains(where: text.hasSuffix)
    }

    /// The manifest in a file that isn't registered.
    package func manifest(at path: String) throws(ProfileError) -> Profile {
        guard let bytes = try storage.content(of: path, limit: ManifestText.maximumByteCount) else {
            throw .file("\(path): ENOENT; there is no such manifest")
        }
        let profile = try Profile(
            manifest: try ManifestText.parse(bytes, source: path), origin: .file(path)
        ) { file throws(ProfileError) in try list(file, at: ProfileRegistry.resolve(file, besides: path)) }
        guard !BuiltInProfiles.names.contains(profile.name) else {
            throw .file("\(path): a built-in profile is named \(profile.name); give this one another name")
        }
        return profile
    }

    /// The registered profile of this name, or nil if there is none.
    private func registered(_ name: ProfileName) throws(ProfileError) -> Profile? {
        for folder in folders {
            let path = "\(folder)/\(name)\(ProfileRegistry.suffix)"
            guard let bytes = try storage.content(of: path, limit: ManifestText.maximumByteCount) else { continue }
            return try profile(bytes, at: path, named: name)
        }
        return nil
    }

    /// Reads a registered profile.
    private func profile(
        _ bytes: [UInt8], at path: String, named name: ProfileName
    ) throws(ProfileError) -> Profile {
        let kept = ProfileRegistry.listPath(beside: path)
        let profile = try Profile(
            manifest: try ManifestText.parse(bytes, source: path), origin: .file(path)
        ) { file throws(ProfileError) in
            if let bytes = try storage.content(of: kept, limit: ManifestText.maximumByteCount) {
                return try ManifestText.parse(bytes, source: kept)
            }
            return try list(file, at: ProfileRegistry.resolve(file, besides: path))
        }
        guard profile.name == name else {
            throw .file("\(path): the profile in it names itself \(profile.name); a profile's file is NAME.yaml")
        }
        return profile
    }

    private func list(_ file: String, at path: String) throws(ProfileError) -> ManifestNode {
        guard let bytes = try storage.content(of: path, limit: ManifestText.maximumByteCount) else {
            throw .file("\(path): ENOENT; spec.seccomp.file names it, counted from the manifest's folder")
        }
        return try ManifestText.parse(bytes, source: path)
    }

    /// The path of a file that a manifest names, which counts from the manifest's folder.
    static func resolve(_ file: String, besides manifest: String) -> String {
        guard file.utf8.first != UInt8(ascii: "/") else { return file }
        let plain = file.hasPrefix("./") ? String(file.dropFirst(2)) : file
        guard let slash = manifest.utf8.lastIndex(of: UInt8(ascii: "/")) else { return plain }
        return String(manifest[...slash]) + plain
    }

    /// Where the seccomp list of the registered profile at `path` is kept.
    static func listPath(beside path: String) -> String { String(path.dropLast(suffix.utf8.count)) + ".seccomp" }

    static let suffix = ".yaml"

    func unknown(_ text: String) -> ProfileError {
        .unknownProfile(text, nearest: NearestName.suggest(text, among: names.map(\.description)))
    }
}
