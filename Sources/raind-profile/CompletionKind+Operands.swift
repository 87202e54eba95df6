import ArgumentParser
import LinuxSys
import ProfileRegistry
import SecurityProfile

/// What a shell offers for the operands.
extension CompletionKind {
    /// The profiles' names.
    static var profileName: CompletionKind {
        .custom { _, _, _ in ProfileRegistry().names.map(\.description) }
    }

    /// The names of profiles that are registered.
    static var registeredProfileName: CompletionKind {
        // Best effort: where nothing can be listed, nothing is offered.
        .custom { _, _, _ in ((try? ProfileRegistry().registrations()) ?? []).map(\.name.description) }
    }

    /// A profile's name, then a bundle's folder or its config.json.
    static var profileNameAndBundle: CompletionKind {
        .custom { words, index, typed in
            let names = ProfileRegistry().names.map(\.description)
            let hasName = words.prefix(max(0, index)).contains(where: names.contains)
            return (hasName ? [] : names) + paths(startingWith: typed)
        }
    }

    /// The profiles' names; manifests too once something is typed, since a name is meant most of the time.
    static var profileNameOrManifest: CompletionKind {
        .custom { _, _, typed in
            ProfileRegistry().names.map(\.description)
                + (typed.isEmpty ? [] : paths(startingWith: typed, endingIn: [".json", ".yaml", ".yml"]))
        }
    }

    /// What a ``Subject`` is read from: the profiles' names, manifests, bundles and seccomp files.
    static var subject: CompletionKind {
        .custom { _, _, typed in
            ProfileRegistry().names.map(\.description)
                + paths(startingWith: typed, endingIn: [".json", ".yaml", ".yml"])
        }
    }

    /// Folders, with a slash, and files of these kinds.
    private static func paths(startingWith typed: String, endingIn suffixes: [String] = [".json"]) -> [String] {
        let slash = typed.lastIndex(of: "/").map { typed.index(after: $0) } ?? typed.startIndex
        let folder = String(typed[..<slash])
        let isHidden = typed[slash...].hasPrefix(".")
        // Best effort: where nothing can be listed, nothing is offered.
        guard let opened = try? Files.open(folder.isEmpty ? "." : folder, [.directory]),
            let names = try? Files.list(opened.borrowed)
        else { return [] }
        return names.sorted().filter { $0.hasPrefix(".") == isHidden && $0.hasPrefix(typed[slash...]) }.compactMap {
            // Best effort: what is gone by now isn't offered.
            guard let status = try? Files.status(folder + $0) else { return nil }
            if status.type == .directory { return folder + $0 + "/" }
            return suffixes.contains(where: $0.hasSuffix) ? folder + $0 : nil
        }
    }
}
