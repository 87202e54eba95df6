package import OCISpec

/// Why a profile can't be read, found or resolved.
package enum ProfileError: Error, Sendable {
    /// Something in a manifest or seccomp list is wrong: where, what, and what would be right.
    case manifest(SourcePlace, String, remedy: String?)
    /// No profile has this name.
    case unknownProfile(String, nearest: String?)
    /// A file can't be read, written or kept: which, why, and what to do.
    case file(String)
    /// No capability has this name.
    case unknownCapability(String, nearest: String?, option: String)
    /// One layer adds ALL and drops ALL.
    case allAddedAndDropped(layer: String)
    /// The command line adds and drops one capability.
    case addedAndDropped(Capability)
    /// A profile extends itself; the names in the order in which they were followed, the repeated one at both ends.
    case cycle([ProfileName])
    /// A profile has more than ``Profile/maximumDepth`` ancestors.
    case tooManyLevels(ProfileName)
}

extension ProfileError: CustomStringConvertible {
    /// One line, whatever names it quotes: what is wrong, then what to do about it.
    package var description: String { text.oneLine }

    private var text: String {
        switch self {
        case .manifest(let place, let message, let remedy):
            "\(place): \(message)" + (remedy.map { "; \($0)" } ?? "")
        case .unknownProfile(let name, let nearest):
            "no profile is named \(quoted(name))" + (suggestion(nearest) ?? "; raind-profile ls lists all")
        case .file(let message): message
        case .unknownCapability(let name, let nearest, let option):
            "\(option): no capability is named \(quoted(name))" + (suggestion(nearest) ?? "; capabilities(7) lists all")
        case .allAddedAndDropped(let layer):
            "\(layer): ALL is both added and dropped; keep one of the two"
        case .addedAndDropped(let capability):
            "--cap-add and --cap-drop: \(capability.name) is both added and dropped; keep one of the two"
        case .cycle(let names):
            "a profile extends itself: " + names.map(\.description).joined(separator: " -> ")
        case .tooManyLevels(let name):
            "profile \(name) extends more than \(Profile.maximumDepth) profiles, one after the other; shorten the chain"
        }
    }

    private func suggestion(_ nearest: String?) -> String? { nearest.map { "; did you mean \($0)?" } }
}

/// A name as it stands in a message: in quotes, what can't be shown escaped, and not longer than can be read.
func quoted(_ text: String) -> String {
    var shown = "\""
    for scalar in text.unicodeScalars.prefix(80) {
        if scalar == "\"" || scalar == "\\" { shown += "\\" }
        shown.unicodeScalars.append(scalar)
    }
    return shown.oneLine + (text.unicodeScalars.count > 80 ? "...\"" : "\"")
}
