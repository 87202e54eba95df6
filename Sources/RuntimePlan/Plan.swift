import OCISpec

/// What the command line adds to a config.
package struct PlanOptions: Sendable, Equatable {
    /// The root is moved instead of pivoted: for a host whose own root is an initramfs.
    package var avoidsPivot: Bool
    /// The caller's session keyring is kept.
    package var keepsKeyring: Bool
    /// Control groups are neither made nor entered.
    package var withoutCgroups: Bool
    /// The container that is joined has a class of service.
    package var joinsResctrl = false

    /// Options as given.
    package init(avoidsPivot: Bool = false, keepsKeyring: Bool = false, withoutCgroups: Bool = false) {
        self.avoidsPivot = avoidsPivot
        self.keepsKeyring = keepsKeyring
        self.withoutCgroups = withoutCgroups
    }
}

/// What create will do, in order: what the runtime does on the host and what the container's process does. Making a
/// plan cannot fail and touches nothing.
package struct Plan: Sendable {
    /// The container's id.
    package let id: String
    /// What is planned for.
    package let spec: ValidSpec
    /// The scope that systemd is to make; nil where the runtime makes the control groups, or nobody does.
    package let unit: TransientUnit?
    /// The runtime's steps.
    package let runtimeSteps: [Step]
    /// The container's process's steps.
    package let containerSteps: [Step]

    /// Plans a container.
    package init(for spec: ValidSpec, id: String, options: PlanOptions = PlanOptions()) {
        self.id = id
        self.spec = spec
        unit =
            options.withoutCgroups
            ? nil : spec.cgroup.scope?.unit(id: id, isLegacy: spec.cgroup.layout.kind != .v2)
        runtimeSteps = Self.runtimeSteps(spec, unit, options)
        containerSteps =
            Self.rootfsSteps(spec, options) + Self.lockdownSteps(spec, id: id, options, joins: false)
    }

    /// Plans a process that joins a container which is there.
    package init(joining spec: ValidSpec, id: String, options: PlanOptions = PlanOptions()) {
        self.id = id
        self.spec = spec
        unit = nil
        runtimeSteps = Self.joiningRuntimeSteps(spec, options)
        containerSteps = Self.joiningSteps(spec) + Self.lockdownSteps(spec, id: id, options, joins: true)
    }

    private static func runtimeSteps(_ spec: ValidSpec, _ unit: TransientUnit?, _ options: PlanOptions) -> [Step] {
        // The id comes before everything, so that whatever is made later is known to belong to it.
        var steps: [Step] = [.claimID, .makeStartPipes]
        // Before the process exists: a caller that isn't there is told without anything to take back.
        if spec.terminal { steps.append(.connectConsole) }
        // Before the clone, with which the process inherits them; with the rights of the runtime, because only who rules
        // over a source's file system may show other owners in it.
        for action in spec.mounts where action.idMap != nil { steps.append(.mapMountIDs(action)) }
        if !spec.preparedDevices.isEmpty { steps.append(.prepareDevices(spec.preparedDevices)) }
        let usesCgroups = !options.withoutCgroups
        if let unit {
            // Before the process exists: without systemd there is nothing to take back.
            steps.append(.connectSystemd(unit.instance))
        } else if usesCgroups {
            // Before the process: it is born in its cgroup2 group, which takes no waiting.
            steps += cgroupSteps(.v2, spec.cgroup)
        }
        steps.append(.cloneProcess(spec.creation))
        if let unit {
            steps += unit.properties.map(Step.setUnitProperty)
            // Before writeIDMaps: once they are written the process becomes another user, whose processes a user's systemd
            // may not move.
            steps.append(.startScope(unit))
        }
        if !spec.creation.userMap.isEmpty || !spec.creation.groupMap.isEmpty {
            steps.append(.writeIDMaps(spec.creation.userMap, spec.creation.groupMap))
        }
        // After startScope: systemd sets what it knows in its own way, and what is written later is what counts.
        if unit != nil { steps += cgroupSteps(.v2, spec.cgroup) }
        // After the process was let go to its mounts, so that both work at the same time.
        if usesCgroups { steps += cgroupSteps(.v1, spec.cgroup) + [.openCgroups] }
        // After the process is there to be put in, and before anything of the container's runs, hooks included: what is born
        // later is born in its class.
        if let rdt = spec.intelRdt { steps.append(.enterResctrl(rdt)) }
        if spec.seccomp != nil { steps.append(.compileSeccomp) }
        let filtersLate = usesCgroups && spec.cgroup.filtersDevicesAfterMounts
        if awaitsRootfs(spec) {
            steps.append(.awaitRootfs)
            // After the mounts, one of which opens a device; before the hooks, which may want to add to the rules.
            if filtersLate { steps.append(deviceStep(spec.cgroup)) }
            // After awaitRootfs: only now is the process sure to be in its network namespace. Before the hooks, whose authors
            // find the devices that the config promises; before releaseProcess, since parameters of the devices are set then.
            steps += spec.netDevices.map(Step.moveNetDevice)
            for kind in [HookKind.prestart, .createRuntime] where !spec.hooks(kind).isEmpty {
                // After awaitRootfs: their authors are promised that the mounts are done.
                steps.append(.runHooks(kind))
            }
            // After the mounts, which may need more than the container is to have.
            if spec.creation.has(.user) { steps += limitSteps(spec) }
        }
        if awaitsRelease(spec) { steps.append(.releaseProcess) }
        // After releaseProcess, which brings the filter; before awaitReady, since what the process does under the filter may
        // itself need the agent's answer, and because a container whose agent can't be told is none.
        if let listener = spec.seccomp?.listener { steps.append(.passListener(path: listener.path)) }
        steps.append(.awaitReady)
        // After the mounts, which are done by now, and before anybody can have the program started.
        if filtersLate, !awaitsRootfs(spec) { steps.append(deviceStep(spec.cgroup)) }
        return steps + [.recordCreated]
    }

    private static func cgroupSteps(_ version: CgroupVersion, _ cgroup: ValidCgroup) -> [Step] {
        let hierarchies = cgroup.layout.hierarchies
        let isUnified = version == .v2
        guard hierarchies.contains(where: { $0.isUnified == isUnified }) else { return [] }
        // systemd makes them, or what is left of them is made when it has.
        var steps: [Step] = cgroup.scope == nil ? [.makeCgroups(version)] : []
        steps += cgroup.writes.filter { hierarchies[$0.hierarchy].isUnified == isUnified }.map(Step.setCgroup)
        // Before the process is in the group, which then is its user's.
        if isUnified, let ownerID = cgroup.ownerID { steps.append(.delegateCgroup(ownerID)) }
        if cgroup.filtersDevices, !cgroup.filtersDevicesAfterMounts, filtersWithProgram(cgroup) == isUnified {
            steps.append(deviceStep(cgroup))
        }
        return steps
    }

    /// Whether a program on cgroup2 filters devices, and not v1's controller.
    private static func filtersWithProgram(_ cgroup: ValidCgroup) -> Bool {
        cgroup.layout.index(of: "devices") == nil
    }

    private static func deviceStep(_ cgroup: ValidCgroup) -> Step {
        filtersWithProgram(cgroup)
            ? .filterDevices(cgroup.deviceRules)
            : .limitDevices(
                allowsOthers: cgroup.legacyDeviceRules.allowsOthers, exceptions: cgroup.legacyDeviceRules.exceptions)
    }

    static func limitSteps(_ spec: ValidSpec) -> [Step] {
        var steps: [Step] = []
        if !spec.resourceLimits.isEmpty { steps.append(.setResourceLimits(spec.resourceLimits)) }
        if let score = spec.oomScoreAdjustment { steps.append(.setOOMScore(score)) }
        // After setResourceLimits: RLIMIT_NICE and RLIMIT_RTPRIO let a caller without CAP_SYS_NICE have more.
        if let ioPriority = spec.ioPriority { steps.append(.setIOPriority(ioPriority)) }
        if let scheduler = spec.scheduler { steps.append(.setScheduler(scheduler)) }
        return steps
    }

    /// Whether the runtime has something to do between the mounts and the lockdown. Each wait of one process for the
    /// other costs what a dozen mounts do.
    private static func awaitsRootfs(_ spec: ValidSpec) -> Bool {
        !spec.hooks(.prestart).isEmpty || !spec.hooks(.createRuntime).isEmpty || !spec.netDevices.isEmpty
            || (spec.creation.has(.user) && !limitSteps(spec).isEmpty)
            // These hooks, too, find the rules about devices in force.
            || (spec.cgroup.filtersDevicesAfterMounts && !spec.hooks(.createContainer).isEmpty)
    }

    private static func awaitsRelease(_ spec: ValidSpec) -> Bool {
        awaitsRootfs(spec) || spec.seccomp != nil
    }

    private static func rootfsSteps(_ spec: ValidSpec, _ options: PlanOptions) -> [Step] {
        var steps: [Step] = []
        let creation = spec.creation
        func makeTimeNamespace() {
            if creation.new.contains(.time) { steps.append(.makeTimeNamespace(spec.clockOffsets)) }
        }
        if creation.route == .direct {
            makeTimeNamespace()
            // The pid namespace is joined by the runtime: it takes those born after.
            let joined = creation.joined.filter { $0.type != .pid }
            if !joined.isEmpty { steps.append(.joinNamespaces(joined)) }
        } else {
            if creation.new.contains(.user) { steps.append(.awaitIDMaps) }
            // Before the ids change: after that, what is below /proc/self is no longer the process's own (proc(5),
            // "dumpable"), and the clocks are set there.
            makeTimeNamespace()
            // After the maps: before them no id stands for root.
            steps.append(.becomeNamespaceRoot)
            // After becoming root, so that /dev/mqueue and its like have an owner.
            let unshared = creation.unsharedNamespaces
            if !unshared.isEmpty { steps.append(.unshareNamespaces(unshared)) }
        }
        // After the namespaces are the container's: whoever joins one that exists leaves it as it is.
        if creation.new.contains(.network) { steps.append(.bringUpLoopback) }
        steps.append(.setHostPropagation(spec.hostPropagation))
        // After the propagation: a mount made before it would show up on the host.
        steps.append(.attachRoot(spec.root))
        // After the namespaces are entered: the mount shows the pid namespace of whoever makes it.
        steps.append(.openProcfs)

        // As late as its first use: what the process needs from here on counts as the container's.
        var enteredCgroups = options.withoutCgroups
        func enterCgroups() {
            guard !enteredCgroups else { return }
            enteredCgroups = true
            steps.append(.enterCgroups)
            // After enterCgroups: the namespace's root is the group that its maker is in.
            if spec.creation.new.contains(.cgroup) { steps.append(.unshareCgroupNamespace) }
        }
        for action in spec.mounts {
            if case .cgroup = action.source { enterCgroups() }
            steps.append(.mount(action))
        }
        enterCgroups()
        if options.withoutCgroups, spec.creation.new.contains(.cgroup) { steps.append(.unshareCgroupNamespace) }

        // After the mounts: /dev is one of them. A bind over /dev is the host's own, and nothing is made in it.
        if spec.makesDevices {
            steps += spec.devices.map(Step.makeDevice)
            steps += spec.deviceLinks
        } else {
            steps += spec.devices.filter { !$0.isInDev }.map(Step.makeDevice)
        }
        // After the devpts mount, of which the terminal is to come.
        if spec.terminal { steps.append(.openTerminal(spec.terminalSize, isConsole: true)) }
        // After the devices, which it may cover; read-only before masked, since a mask is a mount over what it hides.
        steps += spec.readOnlyPaths.map(Step.makeReadOnly)
        steps += spec.maskedPaths.map(Step.mask)
        steps.append(.makeWorkingDirectory(spec.workingDirectory))
        if awaitsRootfs(spec) { steps.append(.reportRootfs) }
        if awaitsRelease(spec) { steps.append(.awaitRelease) }
        if !spec.hooks(.createContainer).isEmpty { steps.append(.runHooks(.createContainer)) }
        steps.append(.pivotRoot(usesPivot: !options.avoidsPivot))
        // After the pivot: before it, "/" is still the host's and would pass the change on.
        if let propagation = spec.rootPropagation, propagation.kind != .private {
            // The root's mount alone: those below it have what their own options ask for.
            steps.append(.setRootPropagation(Propagation(propagation.kind, isRecursive: false)))
        }
        // After the hooks, which may write.
        steps += spec.mounts.filter(\.readOnlyAtEnd).map(Step.makeReadOnlyAtEnd)
        if spec.isRootReadOnly { steps.append(.makeRootReadOnly) }
        return steps
    }

    private static func lockdownSteps(
        _ spec: ValidSpec, id: String, _ options: PlanOptions, joins: Bool
    ) -> [Step] {
        var steps: [Step] = []
        if let hostname = spec.hostname { steps.append(.setHostname(hostname)) }
        if let domainname = spec.domainname { steps.append(.setDomainname(domainname)) }
        steps += spec.sysctl.map { Step.setSysctl(key: $0.key, value: $0.value) }
        // Before joinKeyring, which gives the keyring the same label: what the policy doesn't know is told here.
        if let label = spec.seLinuxLabel { steps.append(.setSELinuxLabel(label)) }
        if !options.keepsKeyring { steps.append(.joinKeyring(name: "_ses.\(id)")) }
        if spec.terminal { steps.append(.useTerminal) }
        // In a process that joins after enterPIDNamespace: the session is the program's.
        if !joins { steps.append(.takeTerminal) }
        // Before setUser: the user may not give files away.
        steps.append(.chownStandardStreams)
        steps.append(.setUmask(spec.umask))
        // Before loadSeccompEarly, whose filter may allow neither.
        if let domain = spec.personality { steps.append(.setPersonality(domain)) }
        // After enterCgroups: the nodes have to be in the cpuset.
        if let policy = spec.memoryPolicy { steps.append(.setMemoryPolicy(policy)) }
        // Before the ids go: writing a label may take CAP_MAC_ADMIN, and with no_new_privs a looser one is refused.
        if let profile = spec.appArmorProfile { steps.append(.setAppArmorProfile(profile)) }
        // Before loadSeccompEarly: a filter may refuse to look at files and folders.
        steps.append(.enterWorkingDirectory(spec.workingDirectory))
        // After enterWorkingDirectory: a relative path starts there.
        steps.append(.findExecutable(spec.arguments[0]))
        // Before loadSeccompEarly, which need not let it pass; what is opened later is close-on-exec by itself.
        steps.append(.closeDescriptors)
        // After findExecutable, which may need more than the container is to have; before setUser, because raising a limit
        // takes CAP_SYS_RESOURCE.
        if !spec.creation.has(.user), !joins { steps += limitSteps(spec) }
        // Before setUser: dropping takes CAP_SETPCAP, which goes with the ids.
        steps.append(.limitBoundingSet(spec.capabilities.bounding))
        // Before setUser: without no_new_privs a filter takes CAP_SYS_ADMIN.
        if spec.seccomp != nil, !spec.noNewPrivileges { steps.append(.loadSeccompEarly) }
        steps.append(.setUser(spec.user))
        // After setUser, which clears the effective and ambient sets of a process that stops being root.
        steps.append(.setCapabilities(spec.capabilities))
        if spec.noNewPrivileges { steps.append(.setNoNewPrivileges) }
        // Before awaitStart, unlike a filter that nobody listens to: later there is no runtime to bring the listener to the
        // agent, and the agent is promised a container that is being created. After setNoNewPrivileges, as late as that
        // allows: reading the start pipe, the startContainer hooks and the exec come under the filter.
        let hasListener = spec.seccomp?.listener != nil
        let loadsLate = spec.seccomp != nil && spec.noNewPrivileges && !hasListener
        if joins {
            // Before enterPIDNamespace: who is seen in there can be taken over, without a filter too.
            if loadsLate { steps.append(.loadSeccompLate) }
            // After all that takes rights, or files of the host's: from here on whoever may trace the container's processes
            // (CAP_SYS_PTRACE) may trace this one.
            steps += [.enterPIDNamespace, .takeTerminal]
            if awaitsLimits(spec) { steps.append(.awaitLimits) }
        }
        if hasListener, spec.noNewPrivileges { steps.append(.loadSeccompWithListener) }
        if !joins {
            steps.append(.awaitStart)
            // After awaitStart: their authors are promised that the container is started.
            if !spec.hooks(.startContainer).isEmpty { steps.append(.runHooks(.startContainer)) }
        }
        // Last, so that the filter has to allow nothing but write and execve of what we do.
        if loadsLate, !joins { steps.append(.loadSeccompLate) }
        steps.append(.execute(spec.arguments))
        return steps
    }
}
