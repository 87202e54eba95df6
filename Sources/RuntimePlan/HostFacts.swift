/// What planning needs to know of the machine, gathered once and passed as data: a plan is a pure function of
/// a config and these facts, so that any host's plan can be computed, printed and tested on any other.
package struct HostFacts: Sendable, Equatable {
    /// The caller's effective user id, as its own user namespace shows it.
    package var effectiveUserID: UInt32
    /// Whether the caller's user namespace is the initial one (its uid map is the identity over all ids).
    package var inInitialUserNamespace: Bool
    /// The number of the last capability that the kernel knows (`/proc/sys/kernel/cap_last_cap`).
    package var lastCapability: UInt8
    /// The capabilities in the caller's own bounding set, a bit each: none beyond it can be granted.
    package var boundingCapabilities: UInt64
    /// Whether the kernel shows its memory as `/proc/kcore`.
    package var hasKernelCore: Bool
    /// Whether AppArmor is among the kernel's active security modules.
    package var hasAppArmor: Bool
    /// Whether SELinux is among the kernel's active security modules.
    package var hasSELinux: Bool
    /// The control group hierarchies that are mounted here.
    package var cgroups: CgroupLayout
    /// Whether the resctrl file system is mounted on `/sys/fs/resctrl`; looked for only where a config asks for it.
    package var hasResctrl = false
    /// Whether the caller's user namespace denies setgroups for good (`/proc/self/setgroups`, user_namespaces(7)).
    package var deniesSetGroups = false

    /// The instance of systemd that is to make the control groups; nil where the runtime makes them itself.
    package var systemd: SystemdInstance?

    /// Facts as given.
    package init(
        effectiveUserID: UInt32, inInitialUserNamespace: Bool, lastCapability: UInt8, boundingCapabilities: UInt64,
        hasKernelCore: Bool = true, hasAppArmor: Bool, hasSELinux: Bool, cgroups: CgroupLayout
    ) {
        self.effectiveUserID = effectiveUserID
        self.inInitialUserNamespace = inInitialUserNamespace
        self.lastCapability = lastCapability
        self.boundingCapabilities = boundingCapabilities
        self.hasKernelCore = hasKernelCore
        self.hasAppArmor = hasAppArmor
        self.hasSELinux = hasSELinux
        self.cgroups = cgroups
    }

    /// Whether the caller is root over the whole machine: euid 0 in the initial user namespace.
    package var isHostRoot: Bool { effectiveUserID == 0 && inInitialUserNamespace }
}
