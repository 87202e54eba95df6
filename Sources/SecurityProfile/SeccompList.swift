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
        /// The host's, and with it those that Docker's `archMap` has for it.
        case mapped([(of: SeccompArchitecture, with: [SeccompArchitecture])])

        /// What the filter is for on a host of this architecture.
        func resolved(on architecture: SeccompArchitecture) -> [SeccompArchitecture] {
            switch self {
            case .auto: [architecture] + architecture.subArchitectures
            case .listed(let listed): listed
            case .mapped(let map): [architecture] + (map.first { $0.of == architecture }?.with ?? [])
            }
        }

        /// Whether both say the same.
        package static func == (first: Architectures, second: Architectures) -> Bool {
            switch (first, second) {
            case (.auto, .auto): true
            case (.listed(let one), .listed(let two)): one == two
            case (.mapped(let one), .mapped(let two)): one.elementsEqual(two) { $0.of == $1.of && $0.with == $1.with }
            default: false
            }
        }
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
        /// The host's kernel must be this or newer (`includes.minKernel`).
        package var requiredKernel: KernelVersion?
        /// The host's kernel must be older than this (`excludes.minKernel`).
        package var excludedKernel: KernelVersion?
        /// Where the rule stands, if it was read.
        package var place: SourcePlace?

        /// Makes an entry without conditions.
        package init(_ rule: SeccompRule) { self.rule = rule }

        /// Whether the rule is part of the filter. Without a `kernel` it is one that is newer than whatever is asked for.
        func applies(
            to capabilities: CapabilitySet, on architecture: SeccompArchitecture, kernel: KernelVersion?
        ) -> Bool {
            if let kernel {
                if let requiredKernel, kernel < requiredKernel { return false }
                if let excludedKernel, kernel >= excludedKernel { return false }
            } else if excludedKernel != nil {
                return false
            }
            return requiredCapabilities.isSubset(of: capabilities)
                && liftingCapabilities.intersection(capabilities).isEmpty
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

    /// The filter for a container with these capabilities in its bounding set, on a host of this architecture and this
    /// kernel; nil is one that is newer than whatever is asked for.
    ///
    /// Rules that do what the default does anyway are left out: libseccomp refuses them.
    package func filter(
        for capabilities: CapabilitySet, on architecture: SeccompArchitecture, kernel: KernelVersion? = nil
    ) -> SeccompFilter {
        SeccompFilter(
            defaultAction: defaultAction, defaultErrnoReturn: defaultErrnoReturn,
            architectures: architectures.resolved(on: architecture), flags: flags,
            rules: entries.filter { $0.applies(to: capabilities, on: architecture, kernel: kernel) }.map(\.rule)
        ).withoutRulesOfDefault
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
