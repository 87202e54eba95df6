package import LosslessJSON
import OCISpec

/// Why a bundle's configuration can't be read or changed.
package enum BundleError: Error, Sendable {
    /// The text is no JSON document, or has one member twice.
    case syntax(JSON.SyntaxError)
    /// A value isn't what it has to be: its JSON pointer, its place, what it has to be.
    case mismatch(pointer: String, JSON.Location, wanted: String)
    /// A member whose name differs from another one's only in the case of its letters.
    case lookalike(pointer: String, JSON.Location, of: String)
    /// An annotation by which a runtime passes the seccomp section over.
    case seccompPassedOver(pointer: String, JSON.Location)
    /// There is no process, so there is nothing that a profile could be applied to.
    case noProcess
    /// The file is longer than ``BundleRewriter/maximumByteCount``.
    case tooLarge
    /// The seccomp section can't be read, so it can't be compared or intersected.
    case unreadableSeccomp(ProfileError)
    /// The changed document would be no document.
    case edit(JSONEdit.EditError)
}

extension BundleError: CustomStringConvertible {
    /// One line, whatever names it quotes: where, what is wrong, and what to do.
    package var description: String { text.oneLine }

    private var text: String {
        switch self {
        case .syntax(let error): "\(error.location): \(error.message)"
        case .mismatch(let pointer, let location, let wanted): "\(location): \(pointer): it must be \(wanted)"
        case .lookalike(let pointer, let location, let other):
            "\(location): \(pointer): runtimes written in Go take it for \(other), past what the profile says; "
                + "rename it or take it out"
        case .seccompPassedOver(let pointer, let location):
            "\(location): \(pointer): crun loads that filter in place of the profile's; take it out"
        case .noProcess: "/process: missing; a profile applies to a process, so add one (raind-oci spec shows how)"
        case .tooLarge: "longer than 16 MiB, which no configuration is"
        case .unreadableSeccomp(let error): "\(error); so the filter can't be compared: repair it, or remove it"
        case .edit(let error): "the changed configuration would be malformed (\(error)); nothing was changed"
        }
    }
}
