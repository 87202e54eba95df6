package import OCISpec

/// What the kernel has in force for a process, of all that a profile and a bundle promise.
package struct RunningSecurity: Sendable {
    /// The capability sets.
    package var capabilities: ResolvedProfile.ProcessCapabilities
    /// Whether no_new_privs is set.
    package var noNewPrivileges: Bool
    /// Whether there are seccomp filters, or the strict mode.
    package var isFiltered: Bool
    /// How many filters there are; nil on a kernel that doesn't tell.
    package var filterCount: Int?
    /// The AppArmor profile that confines it, or nil for none.
    package var appArmorProfile: String?
    /// That profile's mode: `enforce`, `complain`, `kill`.
    package var appArmorMode: String?
    /// The SELinux label; nil on a kernel without SELinux.
    package var selinuxLabel: String?
    /// The users of its user namespace.
    package var userMap: [IDMapping]
    /// The groups of its user namespace.
    package var groupMap: [IDMapping]

    /// Makes what was found.
    package init(
        capabilities: ResolvedProfile.ProcessCapabilities, noNewPrivileges: Bool, isFiltered: Bool, filterCount: Int?,
        appArmorProfile: String?, appArmorMode: String?, selinuxLabel: String?, userMap: [IDMapping],
        groupMap: [IDMapping]
    ) {
        self.capabilities = capabilities
        self.noNewPrivileges = noNewPrivileges
        self.isFiltered = isFiltered
        self.filterCount = filterCount
        self.appArmorProfile = appArmorProfile
        self.appArmorMode = appArmorMode
        self.selinuxLabel = selinuxLabel
        self.userMap = userMap
        self.groupMap = groupMap
    }
}

extension ResolvedProfile.ProcessCapabilities {
    /// What of the sets is in force once the container's program has been executed (capabilities(7), "Transformation of
    /// capabilities during execve()"), where the program's file has none of its own.
    ///
    /// root gets permitted and effective anew from bounding and inheritable, with no_new_privs no more than it had;
    /// another user keeps what is ambient.
    package func afterExecution(uid: UInt32, noNewPrivileges: Bool) -> Self {
        var sets = self
        sets.ambient = ambient.intersection(permitted).intersection(inheritable)
        if uid == 0 {
            sets.permitted = bounding.union(inheritable).union(sets.ambient)
            if noNewPrivileges { sets.permitted = sets.permitted.intersection(permitted) }
        } else {
            sets.permitted = sets.ambient
        }
        sets.effective = sets.permitted
        return sets
    }
}
