package import OCISpec

/// What of two sides allows more: profiles, bundles, seccomp filters.
package struct SecurityComparison: Equatable, Sendable {
    /// One of the two.
    package struct Side: Sendable {
        /// All that a profile owns; nil for a seccomp filter alone.
        package var security: BundleSecurity?
        /// The masked and read-only paths; nil where nothing is said of them.
        package var paths: ConfinedPaths?
        /// Whether no SELinux label means that it is left to somebody else.
        package var leavesLabel: Bool
        /// The seccomp filters as the kernel has them, the one that was loaded last first; none is no filter.
        package var filters: [SeccompMachine]

        /// Makes a side.
        package init(
            security: BundleSecurity?, paths: ConfinedPaths?, leavesLabel: Bool, filters: [SeccompMachine]
        ) {
            self.security = security
            self.paths = paths
            self.leavesLabel = leavesLabel
            self.filters = filters
        }
    }

    /// The five sets of capabilities of a process (capabilities(7)).
    package enum CapabilitySetName: String, CaseIterable, Sendable {
        /// The most that the process and its children can ever have.
        case bounding
        /// What is in force.
        case effective
        /// What can be put in force.
        case permitted
        /// What a file's inheritable set is met with at execve.
        case inheritable
        /// What a program without file capabilities keeps at execve.
        case ambient
    }

    /// What a set of capabilities has that the other side's has not.
    package struct Gain: Equatable, Sendable {
        /// Which set.
        package var set: CapabilitySetName
        /// The capabilities, at least one.
        package var capabilities: CapabilitySet
    }

    /// What one side allows and the other does not, seccomp left out.
    package struct Surplus: Equatable, Sendable {
        /// Capabilities, set by set.
        package var capabilities: [Gain] = []
        /// Whether it lets a program gain privileges: no_new_privs isn't set.
        package var newPrivileges = false
        /// Paths that are masked on the other side.
        package var unmaskedPaths: [String] = []
        /// Paths that are read-only, or masked, on the other side.
        package var writablePaths: [String] = []
        /// The AppArmor profile that holds on the other side, where here is none.
        package var appArmorProfile: String?
        /// The SELinux label that holds on the other side, where here is none.
        package var selinuxLabel: String?

        /// Whether there is nothing.
        package var isEmpty: Bool { self == Surplus() }
    }

    /// Two names of which can't be told which allows more.
    package struct Incomparable: Equatable, Sendable {
        /// What they are names of.
        package enum Kind: String, Sendable {
            /// AppArmor profiles.
            case appArmorProfile = "apparmorProfile"
            /// SELinux labels.
            case selinuxLabel
        }

        /// What they are names of.
        package var kind: Kind
        /// The first side's.
        package var first: String
        /// The second side's.
        package var second: String
    }

    /// What the second allows and the first does not.
    package private(set) var widened: Surplus
    /// What the first allows and the second does not.
    package private(set) var narrowed: Surplus
    /// Names that can't be compared.
    package private(set) var incomparable: [Incomparable] = []
    /// The system calls.
    package private(set) var seccomp: SeccompComparison
    /// What nobody looked at, because one side says nothing of it, or because it is never looked at; in a few words.
    package private(set) var notCompared: [String]

    /// Whether neither allows what the other does not, and calls are answered alike.
    package var isEqual: Bool { widened.isEmpty && narrowed.isEmpty && incomparable.isEmpty && seccomp.isEqual }

    /// Whether it is certain that the second allows nothing that the first does not.
    package var isWithin: Bool {
        widened.isEmpty && incomparable.isEmpty && seccomp.widened.isEmpty && seccomp.undecided.isEmpty
    }

    /// Compares two sides, seccomp on these architectures and those that the filters know by themselves.
    package init(_ first: Side, _ second: Side, on architectures: [SeccompArchitecture]) {
        widened = Surplus()
        narrowed = Surplus()
        notCompared = []
        seccomp = SeccompComparison(first.filters, second.filters, on: architectures)
        if let one = first.security, let two = second.security {
            widened.capabilities = Self.gained(one, two)
            narrowed.capabilities = Self.gained(two, one)
            widened.newPrivileges = one.noNewPrivileges && !two.noNewPrivileges
            narrowed.newPrivileges = two.noNewPrivileges && !one.noNewPrivileges
            compare(.appArmorProfile, one.appArmorProfile, two.appArmorProfile, at: \.appArmorProfile)
            let labels = [(first, one), (second, two)].map { $1.selinuxLabel == "" ? nil : $1.selinuxLabel }
            let isLeft = first.leavesLabel && labels[0] == nil || second.leavesLabel && labels[1] == nil
            if isLeft, labels[0] != labels[1] {
                notCompared.append("SELinux label")
            } else {
                compare(.selinuxLabel, labels[0], labels[1], at: \.selinuxLabel)
            }
        } else {
            notCompared += ["capabilities", "no_new_privs", "AppArmor profile", "SELinux label"]
        }
        if let one = first.paths, let two = second.paths {
            widened.unmaskedPaths = two.unmasked(comparedTo: one)
            widened.writablePaths = two.writable(comparedTo: one)
            narrowed.unmaskedPaths = one.unmasked(comparedTo: two)
            narrowed.writablePaths = one.writable(comparedTo: two)
        } else {
            notCompared.append("masked and read-only paths")
        }
        notCompared += ["mounts", "namespaces", "devices", "seccomp flags"]
    }

    private mutating func compare(
        _ kind: Incomparable.Kind, _ one: String?, _ two: String?, at path: WritableKeyPath<Surplus, String?>
    ) {
        switch (one, two) {
        case (let one?, let two?) where one != two:
            incomparable.append(Incomparable(kind: kind, first: one, second: two))
        case (let one?, nil): widened[keyPath: path] = one
        case (nil, let two?): narrowed[keyPath: path] = two
        default: break
        }
    }

    private static func gained(
        _ one: BundleSecurity, _ two: BundleSecurity
    ) -> [Gain] {
        CapabilitySetName.allCases.compactMap { name in
            let gained = two.capabilities[name].subtracting(one.capabilities[name])
            return gained.isEmpty ? nil : Gain(set: name, capabilities: gained)
        }
    }
}

extension ResolvedProfile.ProcessCapabilities {
    /// The set of this name.
    package subscript(name: SecurityComparison.CapabilitySetName) -> CapabilitySet {
        switch name {
        case .bounding: bounding
        case .effective: effective
        case .permitted: permitted
        case .inheritable: inheritable
        case .ambient: ambient
        }
    }
}
