/// Why a profile can't be intersected with what a bundle has.
package enum TightenError: Error, Equatable, Sendable {
    /// The bundle's filter leaves calls to a supervisor, which has its own idea of what is allowed.
    case supervised
    /// The bundle's filter is for none of the architectures of the profile's.
    case otherArchitectures(bundle: [String], profile: [String])
}

extension TightenError {
    /// What is in the way when the filters of two profiles meet.
    var reason: String {
        switch self {
        case .supervised: "one of the filters leaves calls to a supervisor (SCMP_ACT_NOTIFY)"
        case .otherArchitectures(let parent, let own):
            "that is for \(parent.joined(separator: ", ")), and this for \(own.joined(separator: ", "))"
        }
    }
}

extension TightenError: CustomStringConvertible {
    /// One line: what is in the way, and what to do.
    package var description: String {
        switch self {
        case .supervised:
            "--tighten: the bundle's seccomp filter leaves calls to a supervisor (SCMP_ACT_NOTIFY), which can't be "
                + "combined with a profile; apply without --tighten to replace the filter"
        case .otherArchitectures(let bundle, let profile):
            "--tighten: the bundle's seccomp filter is for \(bundle.joined(separator: ", ")) and the profile's for "
                + "\(profile.joined(separator: ", ")); name the bundle's architecture with --arch"
        }
    }
}
