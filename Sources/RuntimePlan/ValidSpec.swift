package import OCISpec

/// A config in which nothing is left to decide: every problem that it could have was looked for, no optional means
/// "default" any more, and no string means a flag.
package struct ValidSpec: Sendable {
    /// The version of the runtime-spec that the config is written for.
    package internal(set) var ociVersion = ""
    /// The root file system, on the host.
    package internal(set) var root = HostPath("")
    /// Whether the root file system is mounted read-only.
    package internal(set) var isRootReadOnly = false
    /// How mounts cross the border of the container's root; nil where the config doesn't say.
    package internal(set) var rootPropagation: Propagation?
    /// Whether `/dev/core` leads anywhere.
    package internal(set) var linksKernelCore = true
    /// Whether device nodes are bound from the host: nobody may make one in a user namespace (mknod(2)).
    package internal(set) var bindsDevices = false
    /// Whether the caller's user namespace lets nobody set groups: not to have set any is all that can be had in it.
    package internal(set) var callerMaySetNoGroups = false
    /// What the host's mounts are made in the container's mount namespace, before the root file system's is cloned from
    /// one of them: an unbindable one couldn't be.
    package var hostPropagation: Propagation {
        guard let rootPropagation else { return Propagation(.slave, isRecursive: true) }
        return rootPropagation.kind == .unbindable ? Propagation(.private, isRecursive: true) : rootPropagation
    }

    /// The program and its arguments; at least the program.
    package internal(set) var arguments: [String] = []
    /// The program's environment.
    package internal(set) var environment: [String] = []
    /// The program's working folder.
    package internal(set) var workingDirectory = ContainerPath("/")
    /// Whether the program has a terminal.
    package internal(set) var terminal = false
    /// The terminal's size; nil keeps the kernel's.
    package internal(set) var terminalSize: TerminalSize?
    /// Who the program runs as.
    package internal(set) var user = UserIdentity(
        userID: 0, groupID: 0, additionalGroupIDs: [], keepsOriginalGroups: false)
    /// The file-creation mask.
    package internal(set) var umask: UInt32 = 0o022
    /// The five capability sets.
    package internal(set) var capabilities = ProcessCapabilities(
        bounding: [], effective: [], permitted: [], inheritable: [], ambient: [])
    /// Whether no program may gain privileges.
    package internal(set) var noNewPrivileges = false
    /// The AppArmor profile; nil where none is asked for.
    package internal(set) var appArmorProfile: String?
    /// The SELinux label; nil where none is asked for.
    package internal(set) var seLinuxLabel: String?
    /// The SELinux label of new file systems; nil where none is asked for.
    package internal(set) var mountLabel: MountLabel?
    /// The limits of getrlimit(2).
    package internal(set) var resourceLimits: [ResourceLimit] = []
    /// `/proc/PID/oom_score_adj`; nil keeps the caller's.
    package internal(set) var oomScoreAdjustment: Int?
    /// How the process is scheduled; nil keeps the caller's.
    package internal(set) var scheduler: SchedulerSettings?
    /// The I/O priority; nil keeps the caller's.
    package internal(set) var ioPriority: IOPrioritySettings?
    /// The processors that a process which joins starts on; nil keeps the caller's.
    package internal(set) var initialAffinity: [Int]?
    /// The processors that a process which joins runs on in the container's groups; nil stands for all that those have.
    package internal(set) var finalAffinity: [Int]?
    /// The NUMA policy; nil keeps the caller's.
    package internal(set) var memoryPolicy: MemoryPolicySettings?
    /// The execution domain; nil keeps the caller's.
    package internal(set) var personality: PersonalityDomain?

    /// The host's name inside; nil keeps it.
    package internal(set) var hostname: String?
    /// The domain's name inside; nil keeps it.
    package internal(set) var domainname: String?
    /// The mounts, in order.
    package internal(set) var mounts: [MountAction] = []
    /// The namespaces and how the process comes into them.
    package internal(set) var creation = ProcessCreation(
        route: .direct, new: [], joined: [], userMap: [], groupMap: [])
    /// The network devices that move into the container, in order.
    package internal(set) var netDevices: [NetDeviceMove] = []
    /// How far the clocks of a new time namespace are ahead of the host's.
    package internal(set) var clockOffsets: [ClockOffset] = []
    /// The device nodes, the default ones first.
    package internal(set) var devices: [DeviceNode] = []
    /// Those among them that the runtime makes for a container in a user namespace.
    package internal(set) var preparedDevices: [DeviceNode] = []
    /// The control groups.
    package internal(set) var cgroup = ValidCgroup()
    /// The class of service and the monitoring group; nil where none is asked for.
    package internal(set) var intelRdt: ValidIntelRdt?
    /// Kernel parameters of namespaces that the container owns.
    package internal(set) var sysctl: [MapEntry<String>] = []
    /// Paths that are covered.
    package internal(set) var maskedPaths: [ContainerPath] = []
    /// Paths that are read-only.
    package internal(set) var readOnlyPaths: [ContainerPath] = []
    /// The seccomp filter; nil where none is asked for.
    package internal(set) var seccomp: ValidSeccomp?
    /// The hooks.
    package internal(set) var allHooks = Hooks()
    /// The annotations.
    package internal(set) var annotations: [MapEntry<String>] = []
    /// What the config asks for and does not get, without being refused: sorted by pointer.
    package internal(set) var warnings: [Problem] = []

    /// The hooks of one kind.
    package func hooks(_ kind: HookKind) -> [Hook] { allHooks[kind] ?? [] }

    /// Whether devices are made in `/dev`: not where the config binds the host's over it.
    package var makesDevices: Bool {
        !mounts.contains { mount in
            if case .bind = mount.source { mount.destination.normalized == "/dev" } else { false }
        }
    }

    /// The links in `/dev` that every container has (config-linux.md, "Default Devices"; and "/dev symbolic links" of
    /// runtime-linux.md).
    var deviceLinks: [Step] {
        var links: [Step] = [
            .linkDevice(path: ContainerPath("/dev/fd"), target: "/proc/self/fd"),
            .linkDevice(path: ContainerPath("/dev/stdin"), target: "/proc/self/fd/0"),
            .linkDevice(path: ContainerPath("/dev/stdout"), target: "/proc/self/fd/1"),
            .linkDevice(path: ContainerPath("/dev/stderr"), target: "/proc/self/fd/2"),
            .linkDevice(path: ContainerPath("/dev/ptmx"), target: "pts/ptmx"),
        ]
        if linksKernelCore { links.append(.linkDevice(path: ContainerPath("/dev/core"), target: "/proc/kcore")) }
        return links
    }

    /// Checks a config against the rules of the runtime-spec and what a host can do.
    /// - Parameter unread: what could not be read of it (`Spec.read`). No rule is told to be broken that what stands in for
    ///   that might break.
    /// - Throws: `SpecProblems`, every one that there is.
    package init(checking spec: Spec, on host: HostFacts, unread: [Problem] = []) throws(SpecProblems) {
        var check = SpecCheck(spec: spec, host: host)
        check.run()
        guard unread.isEmpty else { throw SpecProblems(unread + UnreadSections(unread).independent(check.problems)) }
        guard check.problems.isEmpty else { throw SpecProblems(check.problems) }
        self = check.valid
        warnings = check.warnings.sorted()
    }

    /// Checks a process that is to join a container.
    /// - Parameter spec: the container's config, of which the process gets what is the whole container's: the namespaces
    ///   and the seccomp filter.
    /// - Throws: `SpecProblems`, every one that there is; their pointers are those of a config.
    package init(checking process: Process, joining spec: Spec, on host: HostFacts) throws(SpecProblems) {
        var joined = spec
        joined.process = process
        var check = SpecCheck(spec: joined, host: host)
        check.runForJoining()
        guard check.problems.isEmpty else { throw SpecProblems(check.problems) }
        self = check.valid
        warnings = check.warnings.sorted()
    }

    init() {}
}

/// A container's control groups.
package struct ValidCgroup: Sendable, Equatable {
    /// The config's path; nil for the runtime's default.
    package internal(set) var path: String?
    /// Where systemd is to make the groups, by a scope; nil where the runtime makes them.
    package internal(set) var scope: ScopePlace?
    /// The values to write.
    package internal(set) var writes: [CgroupWrite] = []
    /// The rules about devices, in order, the last that matches deciding.
    package internal(set) var deviceRules: [DeviceRule] = []
    /// The rules as the v1 devices controller can hold them.
    var legacyDeviceRules = LegacyDeviceRules([])
    /// Whether access to devices is filtered: not where the caller may not (an ordinary user's namespaces).
    package internal(set) var filtersDevices = false
    /// Whether devices are filtered only once the mounts are done: one of them is of a device, which the container need not
    /// be allowed.
    package internal(set) var filtersDevicesAfterMounts = false
    /// Who the cgroup2 group is given to, as the host knows the user; nil keeps it the runtime's.
    package internal(set) var ownerID: UInt32?
    /// Whether the config leaves the group and its values to the runtime.
    package var asksForNothing: Bool { path == nil && writes.isEmpty && !filtersDevices }
    /// The hierarchies of the host.
    package internal(set) var layout = CgroupLayout(hierarchies: [])

    /// The group's path in a hierarchy, absolute below its mount.
    ///
    /// An absolute `cgroupsPath` counts from the mount, a relative one from the caller's own group (config-linux.md,
    /// "Cgroups Path"). On cgroup2 from the group above it: a group with processes of its own passes no controllers on
    /// (cgroups(7), "no internal processes").
    package func path(in hierarchy: CgroupLayout.Hierarchy, id: String) -> String {
        let wanted = path ?? id
        guard wanted.utf8.first != UInt8(ascii: "/") else { return wanted.absolutePath }
        var own = hierarchy.ownPath
        if hierarchy.isUnified, layout.kind == .v2 {
            own = own.lastIndex(of: "/").map { String(own[..<$0]) } ?? ""
        }
        return (own + "/" + wanted).absolutePath
    }
}

extension ValidCgroup {
    /// The groups of a path, or of the runtime's default, and nothing to be set in them.
    package init(path: String?, layout: CgroupLayout) {
        self.init()
        self.path = path
        self.layout = layout
    }
}
