package import LosslessJSON
package import OCISpec

/// What a profile and its ancestors come to for one container: nothing in it depends on a condition any more.
package struct ResolvedProfile: Equatable, Sendable {
    /// The name of the profile.
    package var name: ProfileName
    /// What the container may have: the bounding set, and for root the effective and permitted sets too.
    package var capabilities: CapabilitySet
    /// Those of them that somebody added on purpose: a profile that isn't built in, or the command line.
    package var addedOnPurpose: CapabilitySet
    /// Which of them a process that isn't root keeps.
    package var ambient: Profile.Ambient
    /// Whether no_new_privs is set.
    package var noNewPrivileges: Bool
    /// The seccomp filter, or nil for none.
    package var seccomp: SeccompFilter?
    /// The name of the AppArmor profile, or nil for none.
    package var appArmorProfile: String?
    /// The SELinux label of the container's processes, or nil to leave that to the bundle.
    package var selinuxLabel: String?

    /// Resolves `chain`, the outermost ancestor first, and `changes`, which the command line makes last, for a host of
    /// this architecture.
    ///
    /// The conditions of seccomp rules are asked last, of the capabilities that are left in the end.
    package init(
        _ chain: [Profile], changes: CapabilityChanges = .none, on architecture: SeccompArchitecture
    ) throws(ProfileError) {
        precondition(!chain.isEmpty, "a chain holds at least the profile itself")
        name = chain[chain.count - 1].name
        capabilities = []
        addedOnPurpose = []
        ambient = .auto
        noNewPrivileges = false
        var list: SeccompList?
        for profile in chain {
            try profile.capabilities.check(layer: "profile \(profile.name)")
            capabilities = profile.capabilities.applied(to: capabilities)
            if profile.origin != .builtIn { addedOnPurpose = profile.capabilities.applied(to: addedOnPurpose) }
            if let own = profile.ambient { ambient = own }
            if let own = profile.noNewPrivileges { noNewPrivileges = own }
            switch profile.seccomp {
            case .unconfined: list = nil
            case .replace(let own): list = own
            case nil: break
            }
            switch profile.appArmor {
            case .unconfined: appArmorProfile = nil
            case .profile(let name, _): appArmorProfile = name
            case nil: break
            }
            if let own = profile.selinuxLabel { selinuxLabel = own }
        }
        capabilities = changes.applied(to: capabilities)
        addedOnPurpose = changes.applied(to: addedOnPurpose).intersection(capabilities)
        seccomp = list?.filter(for: capabilities, on: architecture)
    }

    /// The capability sets of a process (`/process/capabilities`).
    package struct ProcessCapabilities: Equatable, Sendable {
        /// The most that the process and its children can ever have.
        package var bounding: CapabilitySet
        /// What is in force.
        package var effective: CapabilitySet
        /// What can be put in force.
        package var permitted: CapabilitySet
        /// What a file's inheritable set is met with at execve.
        package var inheritable: CapabilitySet
        /// What a program without file capabilities keeps at execve.
        package var ambient: CapabilitySet

        /// Makes the five sets.
        package init(
            bounding: CapabilitySet, effective: CapabilitySet, permitted: CapabilitySet, inheritable: CapabilitySet,
            ambient: CapabilitySet
        ) {
            self.bounding = bounding
            self.effective = effective
            self.permitted = permitted
            self.inheritable = inheritable
            self.ambient = ambient
        }
    }

    /// The sets for a process of this user.
    ///
    /// root gets its capabilities anew at each execve from the bounding set; inheritable and ambient stay empty, for in
    /// inheritable they would outlive a change of user (CVE-2022-24769). Another user has nothing of the bounding set
    /// but by ambient; so only what was asked for by name becomes ambient, not a whole baseline meant for root.
    package func processCapabilities(uid: UInt32) -> ProcessCapabilities {
        if uid == 0 {
            return ProcessCapabilities(
                bounding: capabilities, effective: capabilities, permitted: capabilities, inheritable: [], ambient: [])
        }
        let kept: CapabilitySet =
            switch ambient {
            case .auto: addedOnPurpose
            case .never: []
            case .listed(let listed): listed.intersection(capabilities)
            }
        return ProcessCapabilities(
            bounding: capabilities, effective: kept, permitted: kept, inheritable: kept, ambient: kept)
    }

    /// What a digest of the profile is made of: all that the profile decides, in canonical JSON (RFC 8785). The name
    /// isn't part of it, nor what a manifest looks like: the digest says whether two bundles got the same.
    package func canonicalText() throws(JSONValue.CanonicalError) -> [UInt8] {
        var ambientValue = JSONValue.string("auto")
        switch ambient {
        case .auto: break
        case .never: ambientValue = "never"
        case .listed(let listed): ambientValue = .strings(listed.names)
        }
        return try JSONValue.object([
            ("addedCapabilities", .strings(addedOnPurpose.names)),
            ("ambient", ambientValue),
            ("apparmorProfile", appArmorProfile.map { .string($0) } ?? .null),
            ("capabilities", .strings(capabilities.names)),
            ("noNewPrivileges", .bool(noNewPrivileges)),
            ("seccomp", seccomp?.canonicalJSON ?? .null),
            ("selinuxLabel", selinuxLabel.map { .string($0) } ?? .null),
        ]).canonicalText()
    }
}
