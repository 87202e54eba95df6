import LosslessJSON
package import OCISpec

/// One thing that create does. The plan that is printed, the trace, the errors and the order tests all name a step the
/// same way, by `name` and `subject`.
///
/// Two processes share the work. The runtime's steps and the container's are two lists, each run in its order; where
/// one waits for the other there is a step for it on both sides.
package enum Step: Sendable, Equatable {
    // MARK: The runtime, on the host

    /// The state folder is made, exclusively: the id is ours.
    case claimID
    /// The two FIFOs that `start` speaks through.
    case makeStartPipes
    /// A control group in the cgroup2 hierarchy, or one in every other.
    case makeCgroups(CgroupVersion)
    /// One value of a controller.
    case setCgroup(CgroupWrite)
    /// The cgroup2 group belongs to a user, as the host knows it, who may make groups in it.
    case delegateCgroup(UInt32)
    /// What the cgroup2 group may do with devices: the last rule that matches decides.
    case filterDevices([DeviceRule])
    /// What the group of the v1 devices controller may do with devices.
    case limitDevices(allowsOthers: Bool, exceptions: [DeviceRule])
    /// The connection to the caller's console socket.
    case connectConsole
    /// A mount's source, or what will be mounted there, is prepared to show other owners.
    case mapMountIDs(MountAction)
    /// Device nodes of the config are made for a user namespace, in which nobody may make any.
    case prepareDevices([DeviceNode])
    /// The container's process.
    case cloneProcess(ProcessCreation)
    /// The connection to the systemd that makes the control groups.
    case connectSystemd(SystemdInstance)
    /// A property of the container's scope, which goes with `startScope`.
    case setUnitProperty(UnitProperty)
    /// systemd makes the container's scope, with its control groups, and puts the process there.
    case startScope(TransientUnit)
    /// The container's process gets what it enters its control groups by.
    case openCgroups
    /// The container's process gets its class of service, and the monitoring group of its own.
    case enterResctrl(ValidIntelRdt)
    /// The process that joins gets the container's class of service and its monitoring group.
    case joinResctrl
    /// The id maps of a new user namespace.
    case writeIDMaps([IDMapping], [IDMapping])
    /// The seccomp filter is built, while the container's process mounts.
    case compileSeccomp
    /// The runtime waits until the root file system is ready.
    case awaitRootfs
    /// A network device moves into the container's network namespace, with its addresses.
    case moveNetDevice(NetDeviceMove)
    /// Limits on the container's process; inside a user namespace only the runtime can set them.
    case setResourceLimits([ResourceLimit])
    /// `/proc/PID/oom_score_adj`; inside a user namespace only the runtime can set it.
    case setOOMScore(Int)
    /// The I/O priority; inside a user namespace only the runtime can set each.
    case setIOPriority(IOPrioritySettings)
    /// The scheduling policy and its values; inside a user namespace only the runtime can set each.
    case setScheduler(SchedulerSettings)
    /// The container's process may lock itself down, and gets the filter that it is to load.
    case releaseProcess
    /// The filter's listener goes to the agent that answers for `SCMP_ACT_NOTIFY`.
    case passListener(path: String)
    /// The runtime waits until the container's process waits for `start`.
    case awaitReady
    /// The state says created.
    case recordCreated
    /// A process in the namespaces and control groups of a container that is there.
    case enterContainer
    /// The processors that a process which joins is born on: the runtime's own from here on.
    case setInitialAffinity([Int])
    /// The processors that a process which joins runs on in the container's groups; nil: all that those have.
    case setFinalAffinity([Int]?)
    /// The runtime waits until the process that joins is born in the container's pid namespace.
    case awaitBirth
    /// The process that joins is told that all is set of it that isn't inherited.
    case confirmLimits
    /// The runtime waits until the process executes its program.
    case awaitExecution
    /// The caller gets the process's id.
    case announceProcess

    // MARK: The container's process, before its root is its own

    /// The process waits until the id maps of its new user namespace are written.
    case awaitIDMaps
    /// The process becomes root of its user namespace, so that what it makes belongs to an id that is mapped.
    case becomeNamespaceRoot
    /// New namespaces, which belong to the user namespace that the process is in.
    case unshareNamespaces([NamespaceType])
    /// `lo` of a new network namespace is brought up.
    case bringUpLoopback
    /// The namespaces that exist are entered.
    case joinNamespaces([ProcessCreation.Joined])
    /// The process waits for what it enters its control groups by, and enters those that it was not born in.
    case enterCgroups
    /// A control group namespace, whose root is the group that the process is in.
    case unshareCgroupNamespace
    /// Mounts made on the host do not come in, nor ours go out, unless the config says so.
    case setHostPropagation(Propagation)
    /// The root file system is mounted over itself, so that there is a mount to pivot into.
    case attachRoot(HostPath)
    /// A procfs of our own that no other mount can cover.
    case openProcfs
    /// A new time namespace, which the process enters once its clocks are set.
    case makeTimeNamespace([ClockOffset])
    /// A mount.
    case mount(MountAction)
    /// A device node.
    case makeDevice(DeviceNode)
    /// A link in `/dev`.
    case linkDevice(path: ContainerPath, target: String)
    /// A pseudo-terminal from the container's own devpts; its master goes to the caller. The first process's is the
    /// container's console.
    case openTerminal(TerminalSize?, isConsole: Bool)
    /// A mount becomes read-only now that what is in it is made.
    case makeReadOnlyAtEnd(MountAction)
    /// A path and all below it read-only.
    case makeReadOnly(ContainerPath)
    /// A path is covered: a file by `/dev/null`, a folder by an empty read-only tmpfs.
    case mask(ContainerPath)
    /// The working folder is made where it is missing.
    case makeWorkingDirectory(ContainerPath)
    /// The root file system itself read-only.
    case makeRootReadOnly
    /// The container's process tells that its mounts are done.
    case reportRootfs
    /// The container's process waits until it may lock itself down.
    case awaitRelease
    /// The hooks of one kind.
    case runHooks(HookKind)
    /// The root file system becomes the root, and the old one goes.
    case pivotRoot(usesPivot: Bool)
    /// The propagation of the new root.
    case setRootPropagation(Propagation)

    // MARK: The container's process, locking itself down

    /// The host's name inside.
    case setHostname(String)
    /// The domain's name inside.
    case setDomainname(String)
    /// A kernel parameter of a namespace that the container owns.
    case setSysctl(key: String, value: String)
    /// A session keyring of the container's own.
    case joinKeyring(name: String)
    /// The terminal as standard input, output and error.
    case useTerminal
    /// A session of its own, and the terminal, where there is one, in control of it.
    case takeTerminal
    /// Standard input, output and error belong to the user.
    case chownStandardStreams
    /// The file-creation mask.
    case setUmask(UInt32)
    /// The execution domain.
    case setPersonality(PersonalityDomain)
    /// The memory nodes that the process's memory comes from.
    case setMemoryPolicy(MemoryPolicySettings)
    /// The label of the next exec.
    case setAppArmorProfile(String)
    /// The label of the next exec.
    case setSELinuxLabel(String)
    /// The program is found and looked at, while the process still may.
    case findExecutable(String)
    /// What no process of the container can ever gain.
    case limitBoundingSet(CapabilitySet)
    /// The seccomp filter, where no_new_privs is not set: it takes CAP_SYS_ADMIN, which goes next.
    case loadSeccompEarly
    /// The seccomp filter, where no_new_privs is set and rules have `SCMP_ACT_NOTIFY`: while there still is a runtime that
    /// brings its listener to the agent.
    case loadSeccompWithListener
    /// Supplementary groups, group and user.
    case setUser(UserIdentity)
    /// Permitted, effective, inheritable and ambient.
    case setCapabilities(ProcessCapabilities)
    /// No program gains privileges by being executed.
    case setNoNewPrivileges
    /// The working folder, as the user.
    case enterWorkingDirectory(ContainerPath)
    /// A process is born in the container's pid namespace, and takes the place of the one that has joined: whoever may look
    /// into it there finds what the program is to have, and nothing more.
    case enterPIDNamespace
    /// The process that joins waits until all is set of it that isn't inherited.
    case awaitLimits
    /// The process waits for `start`.
    case awaitStart
    /// No descriptor of the runtime's survives the exec.
    case closeDescriptors
    /// The seccomp filter, where no_new_privs is set: last, so that it needs to allow next to nothing of ours. A process that
    /// joins loads it before it enters the pid namespace, if it allows that.
    case loadSeccompLate
    /// The user's program.
    case execute([String])
}

extension Step {
    /// What a step does, in the field's terms; with `subject` it names the step.
    package var name: StaticString {
        switch self {
        case .claimID: "claim id"
        case .makeStartPipes: "make start pipes"
        case .makeCgroups: "make cgroups"
        case .setCgroup: "set cgroup value"
        case .delegateCgroup: "delegate cgroup"
        case .filterDevices, .limitDevices: "filter devices"
        case .connectConsole: "connect console socket"
        case .mapMountIDs: "map ids of mount"
        case .prepareDevices: "prepare devices"
        case .cloneProcess: "clone"
        case .connectSystemd: "connect to systemd"
        case .setUnitProperty: "set unit property"
        case .startScope: "start scope"
        case .openCgroups: "open cgroups"
        case .enterCgroups: "enter cgroups"
        case .enterResctrl, .joinResctrl: "enter resctrl class"
        case .writeIDMaps: "write id maps"
        case .compileSeccomp: "compile seccomp"
        case .awaitRootfs: "await root file system"
        case .moveNetDevice: "move network device"
        case .setResourceLimits: "set resource limits"
        case .setOOMScore: "set oom_score_adj"
        case .setIOPriority: "set I/O priority"
        case .setScheduler: "set scheduler"
        case .releaseProcess: "release process"
        case .passListener: "pass seccomp listener"
        case .awaitReady: "await process"
        case .recordCreated: "record created"
        case .enterContainer: "enter container"
        case .setInitialAffinity: "set initial affinity"
        case .setFinalAffinity: "set final affinity"
        case .awaitBirth: "await birth"
        case .confirmLimits: "confirm limits"
        case .awaitExecution: "await execution"
        case .announceProcess: "announce process"
        case .awaitIDMaps: "await id maps"
        case .becomeNamespaceRoot: "become root of the user namespace"
        case .unshareNamespaces: "unshare"
        case .bringUpLoopback: "bring up loopback"
        case .joinNamespaces: "join namespaces"
        case .unshareCgroupNamespace: "unshare cgroup namespace"
        case .setHostPropagation: "set propagation"
        case .attachRoot: "attach root"
        case .openProcfs: "open procfs"
        case .makeTimeNamespace: "make time namespace"
        case .mount: "mount"
        case .makeDevice: "make device"
        case .linkDevice: "link device"
        case .openTerminal: "open terminal"
        case .makeReadOnlyAtEnd: "make mount read-only"
        case .makeReadOnly: "make read-only"
        case .mask: "mask"
        case .makeWorkingDirectory: "make working directory"
        case .makeRootReadOnly: "make root read-only"
        case .reportRootfs: "report root file system"
        case .awaitRelease: "await release"
        case .runHooks: "run hooks"
        case .pivotRoot: "pivot root"
        case .setRootPropagation: "set root propagation"
        case .setHostname: "set hostname"
        case .setDomainname: "set domainname"
        case .setSysctl: "set sysctl"
        case .joinKeyring: "join session keyring"
        case .useTerminal: "use terminal"
        case .takeTerminal: "take terminal"
        case .chownStandardStreams: "chown standard streams"
        case .setUmask: "set umask"
        case .setPersonality: "set personality"
        case .setMemoryPolicy: "set memory policy"
        case .setAppArmorProfile: "set AppArmor profile"
        case .setSELinuxLabel: "set SELinux label"
        case .findExecutable: "find executable"
        case .limitBoundingSet: "limit bounding set"
        case .loadSeccompEarly, .loadSeccompWithListener, .loadSeccompLate: "load seccomp"
        case .setUser: "set user"
        case .setCapabilities: "set capabilities"
        case .setNoNewPrivileges: "set no_new_privs"
        case .enterWorkingDirectory: "enter working directory"
        case .enterPIDNamespace: "enter pid namespace"
        case .awaitLimits: "await limits"
        case .awaitStart: "await start"
        case .closeDescriptors: "close descriptors"
        case .execute: "execute"
        }
    }

    /// What the step is about: a path, a value, a list; nil where the name says all.
    package var subject: String? {
        switch self {
        case .makeCgroups(let version): version.rawValue
        case .setCgroup(let write): "\(write.file)=\(write.value)"
        case .delegateCgroup(let userID): "to \(userID)"
        case .filterDevices(let rules): "\(rules.count) rules"
        case .limitDevices(let allowsOthers, let exceptions):
            "\(allowsOthers ? "all" : "none") but \(exceptions.count)"
        case .mapMountIDs(let action):
            action.idMap.map { "\(action.destination.string): \($0.summary)\($0.isRecursive ? ", recursively" : "")" }
        case .prepareDevices(let devices): devices.count == 1 ? devices[0].summary : "\(devices.count) nodes"
        case .cloneProcess(let creation):
            creation.summary
        case .connectSystemd(let instance): instance == .user ? "of the user" : nil
        case .setUnitProperty(let property): property.summary
        case .startScope(let unit): "\(unit.name) in \(unit.slice)"
        case .unshareNamespaces(let types): types.map { $0.rawValue }.joined(separator: " ")
        case .enterResctrl(let rdt): rdt.summary
        case .writeIDMaps(let users, let groups): "\(users.count) uid, \(groups.count) gid"
        case .moveNetDevice(let move): move.summary
        case .setResourceLimits(let limits): limits.map(\.summary).joined(separator: " ")
        case .setOOMScore(let score): String(score)
        case .passListener(let path): "to \(path)"
        case .setInitialAffinity(let processors): Self.list(processors)
        case .setFinalAffinity(let processors): processors.map(Self.list)
        case .setIOPriority(let settings): settings.summary
        case .setScheduler(let settings): settings.summary
        case .joinNamespaces(let joined):
            joined.map { "\($0.type.rawValue) \($0.path.string)" }.joined(separator: ", ")
        case .setHostPropagation(let propagation): "\(propagation.summary) /"
        case .attachRoot(let path): path.string
        case .makeTimeNamespace(let offsets): offsets.isEmpty ? nil : offsets.map(\.summary).joined(separator: ", ")
        case .mount(let action), .makeReadOnlyAtEnd(let action): action.summary
        case .makeDevice(let node): node.summary
        case .linkDevice(let path, let target): "\(path.string) -> \(target)"
        case .openTerminal(let size, _): size.map { "\($0.columns)x\($0.rows)" }
        case .makeReadOnly(let path), .mask(let path), .makeWorkingDirectory(let path),
            .enterWorkingDirectory(let path):
            path.string
        case .runHooks(let kind): kind.rawValue
        case .pivotRoot(let usesPivot): usesPivot ? nil : "by moving"
        case .setRootPropagation(let propagation): propagation.summary
        case .setHostname(let name), .setDomainname(let name), .joinKeyring(let name), .setAppArmorProfile(let name),
            .setSELinuxLabel(let name), .findExecutable(let name):
            name
        case .setSysctl(let key, let value): "\(key)=\(value)"
        case .setUmask(let mask): String(mask, radix: 8)
        case .setPersonality(let domain): domain.rawValue
        case .setMemoryPolicy(let settings): settings.summary
        case .limitBoundingSet(let set): "to \(set.count)"
        case .setUser(let user): user.summary
        case .setCapabilities(let sets): sets.summary
        case .execute(let arguments): arguments.joined(separator: " ")
        default: nil
        }
    }

    /// The place in config.json that asks for the step; nil where no single place does.
    package var pointer: String? {
        switch self {
        case .setCgroup(let write): write.pointer
        case .setUnitProperty(let property): property.pointer
        case .startScope: "/linux/cgroupsPath"
        case .delegateCgroup: "/process/user/uid"
        case .filterDevices, .limitDevices: "/linux/resources/devices"
        case .connectConsole, .openTerminal, .useTerminal, .takeTerminal: "/process/terminal"
        case .enterResctrl, .joinResctrl: "/linux/intelRdt"
        case .writeIDMaps: "/linux/uidMappings"
        case .compileSeccomp, .loadSeccompEarly, .loadSeccompWithListener, .loadSeccompLate: "/linux/seccomp"
        case .passListener: "/linux/seccomp/listenerPath"
        case .moveNetDevice(let move):
            JSONPointer([.name("linux"), .name("netDevices"), .name(move.hostName)]).description
        case .setResourceLimits: "/process/rlimits"
        case .setOOMScore: "/process/oomScoreAdj"
        case .setInitialAffinity: "/process/execCPUAffinity/initial"
        case .setFinalAffinity: "/process/execCPUAffinity/final"
        case .setIOPriority: "/process/ioPriority"
        case .setScheduler: "/process/scheduler"
        case .awaitIDMaps: "/linux/uidMappings"
        case .unshareNamespaces, .bringUpLoopback: "/linux/namespaces"
        case .joinNamespaces(let joined):
            joined.count == 1 ? "/linux/namespaces/\(joined[0].index)" : "/linux/namespaces"
        case .attachRoot: "/root/path"
        case .makeTimeNamespace(let offsets): offsets.isEmpty ? "/linux/namespaces" : "/linux/timeOffsets"
        case .mount(let action), .makeReadOnlyAtEnd(let action), .mapMountIDs(let action): "/mounts/\(action.index)"
        case .prepareDevices(let devices):
            devices.count == 1 ? devices[0].index.map { "/linux/devices/\($0)" } : "/linux/devices"
        case .makeDevice(let node): node.index.map { "/linux/devices/\($0)" }
        case .makeReadOnly: "/linux/readonlyPaths"
        case .mask: "/linux/maskedPaths"
        case .makeWorkingDirectory, .enterWorkingDirectory: "/process/cwd"
        case .makeRootReadOnly: "/root/readonly"
        case .runHooks(let kind): "/hooks/\(kind.rawValue)"
        case .setRootPropagation: "/linux/rootfsPropagation"
        case .setHostname: "/hostname"
        case .setDomainname: "/domainname"
        case .setSysctl(let key, _): JSONPointer([.name("linux"), .name("sysctl"), .name(key)]).description
        case .setUmask: "/process/user/umask"
        case .setPersonality: "/linux/personality"
        case .setMemoryPolicy: "/linux/memoryPolicy"
        case .setAppArmorProfile: "/process/apparmorProfile"
        case .setSELinuxLabel: "/process/selinuxLabel"
        case .findExecutable, .execute: "/process/args"
        case .limitBoundingSet: "/process/capabilities/bounding"
        case .setUser: "/process/user"
        case .setCapabilities: "/process/capabilities"
        case .setNoNewPrivileges: "/process/noNewPrivileges"
        default: nil
        }
    }

    private static func list(_ numbers: [Int]) -> String { numbers.map { String($0) }.joined(separator: " ") }

    /// The place in config.json of what failed in the step; where the step is about several, its error's subject tells
    /// which.
    package func pointer(about subject: String) -> String? {
        let joined: [ProcessCreation.Joined]
        switch self {
        case .joinNamespaces(let namespaces): joined = namespaces
        case .cloneProcess(let creation): joined = creation.joined
        case .writeIDMaps:
            return subject.hasSuffix("/gid_map") || subject.hasPrefix("newgidmap") ? "/linux/gidMappings" : pointer
        default: return pointer
        }
        for namespace in joined where namespace.place == subject {
            return "/linux/namespaces/\(namespace.index)/path"
        }
        return pointer
    }

    /// The step in one line: `mount proc on /proc`.
    package var summary: String {
        guard let subject else { return "\(name)" }
        return "\(name) \(subject)"
    }
}

extension Propagation {
    /// The option's name: `rslave`.
    package var summary: String {
        let name =
            switch kind {
            case .private: "private"
            case .shared: "shared"
            case .slave: "slave"
            case .unbindable: "unbindable"
            }
        return isRecursive ? "r" + name : name
    }
}
