import OCISpec
package import SecurityProfile

extension ProfileRegistry {
    /// Registers the manifest at `path`, and gives where it is kept now.
    ///
    /// What can't be resolved isn't registered: an unknown parent, a profile that extends itself, a chain that is too
    /// long, also where a replaced profile would make one of what others extend.
    package func register(_ path: String, replacing: Bool) throws(ProfileError) -> Registration {
        guard let folder = folders.first else { throw .file(ProfileRegistry.noFolder) }
        guard let text = try storage.content(of: path, limit: ManifestText.maximumByteCount) else {
            throw .file("\(path): ENOENT; there is no such manifest")
        }
        var list: [UInt8]?
        let profile = try Profile(
            manifest: try ManifestText.parse(text, source: path), origin: .file(path)
        ) { file throws(ProfileError) in
            let listPath = ProfileRegistry.resolve(file, besides: path)
            guard let bytes = try storage.content(of: listPath, limit: ManifestText.maximumByteCount) else {
                throw .file("\(listPath): ENOENT; spec.seccomp.file names it, counted from the manifest's folder")
            }
            list = bytes
            return try ManifestText.parse(bytes, source: listPath)
        }
        let name = profile.name
        guard !BuiltInProfiles.names.contains(name) else {
            throw .file("\(path): a built-in profile is named \(name); give this one another name")
        }
        let target = "\(folder)/\(name)\(ProfileRegistry.suffix)"
        return try storage.locked(folder) { () throws(ProfileError) in
            let known = try registrations()
            let isThere = known.contains { $0.path == target || $0.hidden.contains(target) }
            if isThere && !replacing {
                throw .file("a profile is named \(name) already (\(target)); --replace puts this one in its place")
            }
            try check(profile, known: known)
            // The list first: a profile without the list that it names would be no profile. Who registers anew and
            // loses power in between has the old manifest with the new list; --replace again mends that.
            let listPath = ProfileRegistry.listPath(beside: target)
            if let list {
                try storage.write(list, to: listPath, replacing: true)
            }
            try storage.write(text, to: target, replacing: replacing)
            if list == nil, try storage.content(of: listPath, limit: ManifestText.maximumByteCount) != nil {
                try storage.remove(listPath)
            }
            return Registration(
                name: name, path: target,
                hidden: known.first { $0.name == name }.map { ([$0.path] + $0.hidden).filter { $0 != target } } ?? [])
        }
    }

    /// Refuses a profile that can't be resolved, or with which another one couldn't be any more.
    private func check(_ profile: Profile, known: [Registration]) throws(ProfileError) {
        let architecture = SeccompArchitecture.native ?? .amd64
        _ = try ResolvedProfile(try chain(from: profile), on: architecture)
        for other in known where other.name != profile.name {
            // Best effort: what can't be resolved as it is isn't made worse.
            guard let chain = try? chain(of: other.name.description),
                chain.contains(where: { $0.name == profile.name }),
                (try? ResolvedProfile(chain, on: architecture)) != nil
            else { continue }
            do throws(ProfileError) {
                _ = try ResolvedProfile(try self.chain(of: other.name, with: profile), on: architecture)
            } catch {
                throw .file("\(other.name), which extends \(profile.name), could not be resolved any more: \(error)")
            }
        }
    }

    /// Takes a registered profile away, and gives the file that it was in and the one that takes its place, if another
    /// folder has one of the same name.
    package func remove(_ text: String) throws(ProfileError) -> Registration {
        guard let name = ProfileName(text) else { throw unknown(text) }
        guard !BuiltInProfiles.names.contains(name) else {
            throw .file("\(name) is built in, so it can't be removed")
        }
        guard let folder = folders.first else { throw .file(ProfileRegistry.noFolder) }
        let known = try registrations()
        guard let registration = known.first(where: { $0.name == name }) else { throw unknown(text) }
        // It may be in a later folder only.
        let home = folders.first { registration.path == "\($0)/\(name)\(ProfileRegistry.suffix)" } ?? folder
        return try storage.locked(home) { () throws(ProfileError) in
            if registration.hidden.isEmpty {
                let children = known.filter { other in
                    // Best effort: a broken profile extends nothing that could be said of it.
                    other.name != name && (try? profile(named: other.name))?.parent == name
                }
                guard children.isEmpty else {
                    let names = children.map(\.name.description).joined(separator: ", ")
                    throw .file(
                        "\(name) is extended by \(names); remove \(children.count == 1 ? "that" : "those") first")
                }
            }
            try storage.remove(registration.path)
            let listPath = ProfileRegistry.listPath(beside: registration.path)
            if try storage.content(of: listPath, limit: ManifestText.maximumByteCount) != nil {
                try storage.remove(listPath)
            }
            return registration
        }
    }

    private static let noFolder =
        "there is no folder for registered profiles: neither HOME nor XDG_CONFIG_HOME is set; "
        + "RAIND_SECURITY_PROFILE_DIR names one"
}
