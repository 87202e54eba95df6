import OCISpec
import ProfileRegistry
import SecurityProfile

/// A profile as a command line asks for it, resolved.
struct Resolution {
    /// The layers, the outermost ancestor first.
    let chain: [Profile]
    /// What they come to.
    var profile: ResolvedProfile

    /// Finds and resolves a profile, for this host's kernel unless another one is named.
    init(
        _ name: String, changes: CapabilityChanges, architecture: SeccompArchitecture, kernel: KernelVersion? = nil
    ) throws(CommandFailure) {
        do throws(ProfileError) {
            chain = try ProfileRegistry().chain(of: name)
            profile = try ResolvedProfile(
                chain, changes: changes, on: architecture, kernel: kernel ?? .ofHost)
        } catch {
            throw .failed("\(error)")
        }
    }

    /// What kind of profile it is, in a word.
    var type: String {
        switch chain.last?.origin {
        case .builtIn, nil: "built-in"
        case .file: "custom"
        }
    }
}
