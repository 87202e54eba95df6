package import OCISpec

/// Where each part of a resolved profile comes from: which layer decided it, and where the layer's file says so.
package struct Provenance: Equatable, Sendable {
    /// Who decides.
    package enum Layer: Equatable, Sendable {
        /// A profile of the chain.
        case profile(ProfileName)
        /// The command line.
        case commandLine
    }

    /// A decision.
    package struct Decision: Equatable, Sendable {
        /// Who made it.
        package var layer: Layer
        /// Where it stands; nil for the command line.
        package var place: SourcePlace?

        /// Makes a decision.
        package init(_ layer: Layer, _ place: SourcePlace?) {
            self.layer = layer
            self.place = place
        }
    }

    /// A rule as a layer states it, for one of the syscalls that it names.
    package struct RuleOrigin: Equatable, Sendable {
        /// Where it comes from.
        package var decision: Decision
        /// The rule, all of its names in it.
        package var rule: SeccompRule
    }

    /// For each capability that any layer added or dropped: who did it last.
    package var capabilities: [Capability: Decision] = [:]
    /// Who said last that there is a filter, or none.
    package var seccomp: Decision?
    /// Whose default action it is.
    package var seccompDefault: Decision?
    /// For each syscall that has rules: those of the layers that its rules in the filter are made of. A rule that does
    /// what the default does anyway is among them, though not in the filter.
    package var syscalls: [String: [RuleOrigin]] = [:]
    /// Whose AppArmor profile it is, or who took it away.
    package var appArmor: Decision?
    /// Who decided about no_new_privs.
    package var noNewPrivileges: Decision?
    /// Who decided about ambient capabilities.
    package var ambient: Decision?
    /// Whose SELinux label it is.
    package var selinuxLabel: Decision?
    /// Whose masked paths they are.
    package var maskedPaths: Decision?
    /// Whose read-only paths they are.
    package var readonlyPaths: Decision?
    /// Who decided about the root file system.
    package var rootReadonly: Decision?

    /// Nothing is decided.
    package init() {}

    /// Notes what a layer changes of the capabilities. A capability that a layer both adds and drops was dropped.
    mutating func note(_ changes: CapabilityChanges, of layer: Layer, _ places: ManifestPlaces) {
        for capability in Capability.allCases {
            if changes.dropped.named.contains(capability) {
                capabilities[capability] = Decision(layer, places.dropped[capability])
            } else if changes.added.named.contains(capability) {
                capabilities[capability] = Decision(layer, places.added[capability])
            } else if changes.dropped.isAll {
                capabilities[capability] = Decision(layer, places.droppedAll)
            } else if changes.added.isAll {
                capabilities[capability] = Decision(layer, places.addedAll)
            }
        }
    }
}

extension Provenance.Layer: CustomStringConvertible {
    /// The profile's name, or `command line`.
    package var description: String {
        switch self {
        case .profile(let name): name.description
        case .commandLine: "command line"
        }
    }
}

extension Provenance.Decision: CustomStringConvertible {
    /// `custom-dev (/etc/raind/security-profiles/custom-dev.yaml:4:5)`.
    package var description: String { place.map { "\(layer) (\($0))" } ?? "\(layer)" }
}
