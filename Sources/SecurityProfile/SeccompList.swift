package import OCISpec

/// A seccomp list as it is written: in the form of Docker's profiles, whose rules may depend on the container's
/// capabilities and on the host's architecture. OCI's own form is the same without conditions.
package struct SeccompList: Equatable, Sendable {
    /// The architectures that a list is for.
    package enum Architectures: Equatable, Sendable {
        /// The host's and its sub-architectures.
        case auto
        /// These.
        case listed([SeccompArchitecture])
    }

    /// A rule, and when it is part of the filter.
    package struct Entry: Equatable, Sendable {
        /// The rule.
        package var rule: SeccompRule
        /// The container must have all of these capabilities (`includes.caps`).
        package var requiredCapabilities: CapabilitySet = []
        /// The container must have none of these capabilities (`excludes.caps`): a capability that makes a call useful
        /// lifts the rule that denies it.
        package var liftingCapabilities: CapabilitySet = []
        /// The host's architecture must be one of these (`includes.arches`), or nil for any.
        package var requiredArchitectures: [SeccompArchitecture]?
        /// The host's architecture must be none of these (`excludes.arches`).
        package var excludedArchitectures: [SeccompArchitecture] = []

        /// Makes an entry without conditions.
        package init(_ rule: SeccompRule) { self.rule = rule }

        func applies(to capabilities: CapabilitySet, on architecture: SeccompArchitecture) -> Bool {
            requiredCapabilities.isSubset(of: capabilities) && liftingCapabilities.intersection(capabilities).isEmpty
                && requiredArchitectures?.contains(architecture) != false
                && !excludedArchitectures.contains(architecture)
        }
    }

    /// What happens to a call that no rule names.
    package var defaultAction: SeccompAction
    /// The errno of the default action.
    package var defaultErrnoReturn: UInt32?
    /// What the list is for.
    package var architectures: Architectures
    /// The flags of seccomp(2), or nil where the list says nothing of them.
    package var flags: [String]?
    /// The rules in their order.
    package var entries: [Entry]

    /// The filter for a container with these capabilities in its bounding set, on a host of this architecture.
    ///
    /// Rules that do what the default does anyway are left out: libseccomp refuses them.
    package func filter(for capabilities: CapabilitySet, on architecture: SeccompArchitecture) -> SeccompFilter {
        let architectures =
            switch architectures {
            case .auto: [architecture] + architecture.subArchitectures
            case .listed(let listed): listed
            }
        let rules = entries.filter { $0.applies(to: capabilities, on: architecture) }.map(\.rule).filter {
            $0.action != defaultAction
                || $0.action.takesErrno && $0.errnoReturn != (defaultErrnoReturn ?? SeccompList.defaultErrno)
        }
        return SeccompFilter(
            defaultAction: defaultAction, defaultErrnoReturn: defaultErrnoReturn, architectures: architectures,
            flags: flags, rules: rules)
    }

    /// The filter that the list is when it has no conditions, as OCI's form hasn't.
    var filterRegardlessOfConditions: SeccompFilter {
        var listed: [SeccompArchitecture] = []
        if case .listed(let architectures) = architectures { listed = architectures }
        return SeccompFilter(
            defaultAction: defaultAction, defaultErrnoReturn: defaultErrnoReturn, architectures: listed,
            flags: flags, rules: entries.map(\.rule))
    }

    /// EPERM, the errno of a refusal that names none (runtime-spec, config-linux.md, "Seccomp").
    static let defaultErrno: UInt32 = 1
}
