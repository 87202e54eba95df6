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
    /// Whether the AppArmor profile only tells what it would refuse (`spec.apparmor.mode: complain`). Its name is then
    /// that of the complain form already.
    package var appArmorIsComplaining = false
    /// What the AppArmor profile allows, if its text is made from a manifest.
    package var appArmorRules: AppArmorRules?
    /// The SELinux label of the container's processes, or nil to leave that to the bundle.
    package var selinuxLabel: String?
    /// What is hidden and what can't be written, as far as that isn't left to the bundle.
    package var paths = ProfilePaths()
    /// Which layer decided what, and where it says so.
    package var provenance = Provenance()

    /// Resolves `chain`, the outermost ancestor first, and `changes`, which the command line makes last, for a host of
    /// this architecture and this kernel; nil is one that is newer than whatever is asked for.
    ///
    /// The conditions of seccomp rules are asked last, of the capabilities that are left in the end.
    package init(
        _ chain: [Profile], changes: CapabilityChanges = .none, on architecture: SeccompArchitecture,
        kernel: KernelVersion? = nil
    ) throws(ProfileError) {
        precondition(!chain.isEmpty, "a chain holds at least the profile itself")
        name = chain[chain.count - 1].name
        capabilities = []
        addedOnPurpose = []
        ambient = .auto
        noNewPrivileges = false
        for profile in chain {
            try profile.capabilities.check(layer: "profile \(profile.name)")
            capabilities = profile.capabilities.applied(to: capabilities)
            if profile.origin != .builtIn { addedOnPurpose = profile.capabilities.applied(to: addedOnPurpose) }
            provenance.note(
                profile.capabilities, of: .profile(profile.name), profile.places)
            takeUp(profile)
        }
        capabilities = changes.applied(to: capabilities)
        addedOnPurpose = changes.applied(to: addedOnPurpose).intersection(capabilities)
        provenance.note(changes, of: .commandLine, ManifestPlaces())
        try filter(
            by: chain,
            SeccompDraft.Conditions(capabilities: capabilities, architecture: architecture, kernel: kernel))
    }

    /// What a layer says of everything but capabilities and seccomp.
    private mutating func takeUp(_ profile: Profile) {
        func decision(_ key: String) -> Provenance.Decision {
            Provenance.Decision(.profile(profile.name), profile.places.keys[key])
        }
        if let own = profile.ambient {
            ambient = own
            provenance.ambient = decision("ambient")
        }
        if let own = profile.noNewPrivileges {
            noNewPrivileges = own
            provenance.noNewPrivileges = decision("noNewPrivileges")
        }
        if let own = profile.appArmor {
            switch own {
            case .unconfined: appArmorProfile = nil
            case .profile(let name, .enforce): appArmorProfile = name
            case .profile(let name, .complain): appArmorProfile = ResolvedProfile.complainName(of: name)
            }
            if case .profile(_, .complain) = own { appArmorIsComplaining = true } else { appArmorIsComplaining = false }
            // Rules are those of the profile that they stand with.
            appArmorRules = profile.appArmorRules
            provenance.appArmor = decision("apparmor")
        }
        if let own = profile.selinuxLabel {
            selinuxLabel = own
            provenance.selinuxLabel = decision("selinuxLabel")
        }
        if let own = profile.maskedPaths {
            paths.masked = own.value
            provenance.maskedPaths = decision("paths.masked")
        }
        if let own = profile.readonlyPaths {
            paths.readonly = own.value
            provenance.readonlyPaths = decision("paths.readonly")
        }
        if let own = profile.rootReadonly {
            paths.rootReadonly = own.value
            provenance.rootReadonly = decision("paths.rootReadonly")
        }
    }

    private mutating func filter(by chain: [Profile], _ conditions: SeccompDraft.Conditions) throws(ProfileError) {
        var draft: SeccompDraft?
        for (level, profile) in chain.enumerated() {
            guard let own = profile.seccomp else { continue }
            provenance.seccomp = Provenance.Decision(.profile(profile.name), profile.places.keys["seccomp"])
            switch own {
            case .unconfined: draft = nil
            case .layer(let layer):
                draft = try SeccompDraft(
                    layer, of: profile.name, onto: draft, isOutermost: level == 0, conditions)
            }
        }
        seccomp = draft?.finished
        provenance.seccompDefault = draft?.defaultOrigin
        provenance.syscalls = draft?.origins ?? [:]
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
        var members: [(name: String, value: JSONValue)] = [
            ("addedCapabilities", .strings(addedOnPurpose.names)),
            ("ambient", ambientValue),
            ("apparmorProfile", appArmorProfile.map { .string($0) } ?? .null),
            ("capabilities", .strings(capabilities.names)),
            ("noNewPrivileges", .bool(noNewPrivileges)),
            ("seccomp", seccomp?.canonicalJSON ?? .null),
            ("selinuxLabel", selinuxLabel.map { .string($0) } ?? .null),
        ]
        // What few profiles say is left out where it isn't said.
        if let name = appArmorProfile, let rules = appArmorRules {
            let text = ManifestDocument.appArmor(name, rules, isComplaining: appArmorIsComplaining)
            members.append(("apparmor", text))
        }
        if let masked = paths.masked { members.append(("maskedPaths", .strings(masked))) }
        if let readonly = paths.readonly { members.append(("readonlyPaths", .strings(readonly))) }
        if let isReadonly = paths.rootReadonly { members.append(("rootReadonly", .bool(isReadonly))) }
        return try JSONValue.object(members).canonicalText()
    }
}
