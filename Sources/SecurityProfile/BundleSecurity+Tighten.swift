import OCISpec

extension BundleSecurity {
    /// What a profile and a bundle both allow; `self` is what the profile wants.
    ///
    /// AppArmor profiles and SELinux labels can't be intersected: a bundle that has one keeps it.
    package func tightened(by bundle: BundleSecurity) throws(TightenError) -> BundleSecurity {
        var tight = self
        let sets = bundle.capabilities
        tight.capabilities.bounding = capabilities.bounding.intersection(sets.bounding)
        tight.capabilities.effective = capabilities.effective.intersection(sets.effective)
        tight.capabilities.permitted = capabilities.permitted.intersection(sets.permitted)
        tight.capabilities.inheritable = capabilities.inheritable.intersection(sets.inheritable)
        tight.capabilities.ambient = capabilities.ambient.intersection(sets.ambient)
        tight.noNewPrivileges = noNewPrivileges || bundle.noNewPrivileges
        if let kept = bundle.appArmorProfile { tight.appArmorProfile = kept }
        if selinuxLabel != nil, let kept = bundle.selinuxLabel, !kept.isEmpty { tight.selinuxLabel = kept }
        tight.paths.masked = paths.masked.map { union($0, bundle.paths.masked) }
        tight.paths.readonly = paths.readonly.map { union($0, bundle.paths.readonly) }
        if paths.rootReadonly == false, bundle.paths.rootReadonly == true { tight.paths.rootReadonly = true }
        switch (bundle.seccomp, seccomp) {
        // What a run before this one wrote stays as it is; an intersection is laid out otherwise.
        case (let present?, let wanted?) where present == wanted: break
        case (let present?, let wanted?): tight.seccomp = try SeccompIntersection.of(present, wanted)
        case (let present?, nil):
            // Rewritten without the supervisor's socket, such a filter would fail each call that it leaves to it.
            guard !([present.defaultAction] + present.rules.map(\.action)).contains(.notify) else { throw .supervised }
            tight.seccomp = present
        case (nil, _): break
        }
        return tight
    }

    private func union(_ one: [String], _ two: [String]?) -> [String] { one + (two ?? []).filter { !one.contains($0) } }
}
