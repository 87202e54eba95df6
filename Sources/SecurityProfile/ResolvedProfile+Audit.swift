import OCISpec

extension ResolvedProfile {
    /// The profile as one tries it out: what its filter refuses is let through and logged, and so is what its AppArmor
    /// profile refuses. Capabilities and no_new_privs stay: the kernel has no way to only log those.
    package var audited: ResolvedProfile {
        var audited = self
        audited.seccomp = seccomp?.audited
        audited.appArmorProfile = appArmorProfile.map(Self.complainName)
        return audited
    }

    /// What an AppArmor profile's complain form is called: the same text under another name and with the flag
    /// `complain`, so that who tries it out takes nothing away from those whom the profile itself confines.
    package static func complainName(of name: String) -> String {
        name.hasSuffix("-audit") ? name : name + "-audit"
    }
}

extension SeccompFilter {
    /// The filter with each refusal turned into SCMP_ACT_LOG. What it leaves to a supervisor or a tracer stays with them.
    package var audited: SeccompFilter {
        var audited = self
        if defaultAction.reach == .refuses {
            audited.defaultAction = .log
            audited.defaultErrnoReturn = nil
        }
        // A call that is refused whatever its arguments is logged whatever they are: rules with conditions, superfluous
        // before, would come into force where the rule without one is left out below.
        let alwaysRefused = Set(
            rules.filter { $0.conditions.isEmpty && $0.action.reach == .refuses }.flatMap(\.names))
        audited.rules = rules.compactMap { rule in
            var rule = rule
            if !rule.conditions.isEmpty { rule.names.removeAll { alwaysRefused.contains($0) } }
            guard rule.action.reach == .refuses else { return rule.names.isEmpty ? nil : rule }
            rule.action = .log
            rule.errnoReturn = nil
            return rule.names.isEmpty ? nil : rule
        }
        // Runtimes refuse, or pass over, a rule that says what the default says.
        audited.rules.removeAll { $0.action == audited.defaultAction }
        return audited
    }
}
