import LinuxSys
import RuntimePlan

/// What to do about the failures that people meet: by step and errno.
enum Hints {
    /// The hint for a failed step, nil where there is none.
    static func hint(_ step: Step, _ errno: Errno) -> String? {
        switch (step, errno) {
        case (.attachRoot, .ENOENT): "the bundle's root file system is missing"
        case (.mount(let action), .ENOENT) where action.bindSource != nil:
            "is the mount source \(action.bindSource?.path.string ?? "") there?"
        case (.mount(let action), .EINVAL) where action.label != nil:
            "does the policy know the label, and is the file system one that takes it?"
        case (.mount, .ENODEV): "does this kernel have the file system?"
        case (.mount(let action), .EPERM) where action.destination.normalized.hasPrefix("/proc/"):
            "of what is in /proc only the files that lxcfs stands in for are let be covered"
        case (.mount(let action), .EPERM) where action.clearsFlags:
            "in a user namespace a mount keeps the flags that the host has locked: leave suid, dev, exec and the like out"
        case (.mount, .EPERM):
            "in a user namespace only some file systems can be mounted, and proc only where the host's is not covered"
        case (.mount, .ELOOP): "a link on the way of the destination is refused"
        case (.mapMountIDs, .EINVAL): "not every file system can show other owners"
        case (.mount(let action), .EINVAL) where action.idMap != nil: "not every file system can show other owners"
        // The kernel has one errno for both orders. Docker looks for "not a directory" and tells its user what to check.
        case (.mount(let action), .EINVAL) where action.bindSource != nil:
            "is one of source and destination a directory, and the other not a directory?"
        case (.mount, .ENOTDIR): "a part of the destination's path is not a directory"
        case (.mapMountIDs, .EPERM):
            "it takes CAP_SYS_ADMIN over the file system and over the ids, and a mount can be mapped once"
        case (.mapMountIDs(let action), .ENOENT) where action.bindSource != nil:
            "are the mount source \(action.bindSource?.path.string ?? "") and the user namespace there?"
        case (.makeTimeNamespace, .EINVAL): "this kernel has no time namespaces"
        case (.makeTimeNamespace, .ERANGE): "no clock of a namespace may stand before 0, nor more than 146 years on"
        case (.makeTimeNamespace, .EPERM), (.makeTimeNamespace, .EACCES):
            "setting its clocks takes CAP_SYS_TIME in the user namespace that it belongs to"
        case (.makeDevice, .EEXIST): "what the image has there is another file"
        case (.makeDevice, .ENOENT): "in a user namespace the host's own node is bound, and it has none there"
        case (.prepareDevices, .EPERM):
            "making a device node takes CAP_MKNOD, and the caller's control group has to let it"
        case (.makeCgroups, .EBUSY):
            "a group with processes, or one that is frozen, takes no container: choose another /linux/cgroupsPath"
        case (.setCgroup(let write), .ENOTSUP) where write.file.hasPrefix("io.bfq."):
            "only a device whose scheduler is BFQ has weights: look at /sys/block/NAME/queue/scheduler"
        case (.setCgroup, .ENOTSUP):
            "a group that is threaded, or below one, has no such limit: choose another /linux/cgroupsPath"
        case (.makeCgroups, .ENOTSUP), (.cloneProcess, .ENOTSUP), (.enterCgroups, .ENOTSUP):
            "a group that is threaded, or below one, takes no processes: choose another /linux/cgroupsPath"
        case (.enterCgroups, .EBUSY):
            "a group that passes controllers on takes no processes: choose another /linux/cgroupsPath"
        case (.enterCgroups, .EACCES):
            "who is not root moves a process only within what is delegated to it, the group it comes from included; and on cgroup v1 only one of its own id, which the container's root has to be"
        case (.setCgroup(let write), .EBUSY) where write.file.hasSuffix("limit_in_bytes"):
            "more than the new limit is in use"
        case (.setCgroup(let write), .EBUSY) where write.usageFile == nil:
            "a group with processes of its own passes no controllers on: choose another /linux/cgroupsPath"
        case (.setCgroup(let write), .ENOENT) where write.file.hasPrefix("memory.memsw."):
            "this kernel keeps no account of swap (swapaccount=1 on its command line)"
        case (.setCgroup, .ENOENT): "this kernel has no such limit"
        case (.setCgroup(let write), .EINVAL) where write.isOfPartition:
            "the group above has to be a partition too, with a processor left, and no other group may have these"
        case (.setCgroup, .ENODEV): "does this machine have the device?"
        case (.setCgroup, .EACCES), (.setCgroup, .EPERM):
            "the caller has only what the groups above pass on to its own: have the controller delegated (systemd: Delegate=)"
        case (.setCgroup, .ERANGE): "the kernel takes no such number here: does the machine have as many?"
        case (.makeCgroups, .EACCES), (.makeCgroups, .EPERM), (.makeCgroups, .EROFS):
            "the caller may not make control groups here: have the folder above delegated (systemd: Delegate=yes), or ask for no limit and no /linux/cgroupsPath; --cgroup-manager disabled goes without"
        case (.connectSystemd(let instance), .ENOENT), (.connectSystemd(let instance), .ECONNREFUSED):
            instance == .system
                ? "is systemd running here, with a message bus? --cgroup-manager cgroupfs does without both"
                : "is the user's systemd running (loginctl enable-linger), with XDG_RUNTIME_DIR or DBUS_SESSION_BUS_ADDRESS set?"
        case (.connectSystemd, .EACCES): "the bus has to let this caller in"
        case (.connectSystemd, .ESRCH):
            "process ids mean something else to it: the runtime has to be in its pid namespace"
        case (.startScope, .EEXIST):
            "a unit of that name is there: choose another /linux/cgroupsPath, or systemctl stop it"
        case (.startScope, .EACCES):
            "an ordinary user's containers belong to the user's own systemd; the system's asks for rights (polkit)"
        case (.startScope, .EROFS): "this version of systemd has to know the property, and to let it be set of a scope"
        case (.startScope, .ETIMEDOUT): "systemctl list-jobs tells what systemd waits for"
        case (.startScope, .EIO), (.startScope, .EINTR): "systemctl status, and journalctl --unit, tell more"
        case (.moveNetDevice, .ENODEV): "the runtime's network namespace has no such device"
        case (.moveNetDevice, .EPERM): "moving a network device takes CAP_NET_ADMIN over both network namespaces"
        case (.moveNetDevice, .EINVAL): "some devices cannot leave their network namespace"
        case (.moveNetDevice, .EEXIST): "the container's network namespace has a device of that name"
        case (.enterResctrl, .ENOSPC): "the processor has no more classes of service, or no more monitors"
        case (.enterResctrl, .EEXIST): "what is there is somebody else's: choose another /linux/intelRdt/closID"
        case (.enterResctrl, .ENOENT):
            "a closID without schemata names a class that is there, and monitoring is not every processor's"
        case (.setResourceLimits, .EPERM): "raising a hard limit takes CAP_SYS_RESOURCE"
        case (.setIOPriority, .EPERM): "IOPRIO_CLASS_RT takes CAP_SYS_NICE"
        case (.setScheduler, .EPERM):
            "better than the caller's takes CAP_SYS_NICE; on v1 a real-time policy takes /linux/resources/cpu/realtimeRuntime too, and SCHED_DEADLINE a cpuset of all processors"
        case (.setScheduler, .EBUSY): "the processors have no such bandwidth left"
        case (.setScheduler, .ENOTSUP): "this kernel has no utilization clamps"
        case (.setMemoryPolicy, .EINVAL): "are the nodes there, with memory, and in the cpuset?"
        case (.setMemoryPolicy, .ENOSYS): "this kernel has no memory nodes"
        case (.cloneProcess, .EPERM): "new namespaces take CAP_SYS_ADMIN, or a new user namespace"
        case (.cloneProcess, .ENOSPC), (.mapMountIDs, .ENOSPC): "a limit below /proc/sys/user is reached"
        case (.enterContainer, .EAGAIN): "the container has as many processes as its pids limit lets be"
        case (.enterPIDNamespace, .EAGAIN):
            "the container has as many processes as its pids limit lets be, or the user as many as RLIMIT_NPROC does"
        case (.writeIDMaps, .EPERM):
            "the caller may map its own ids, and those that /etc/subuid and /etc/subgid give it"
        case (.writeIDMaps, .ENOENT): "newuidmap and newgidmap map more than the caller's own id: install uidmap"
        case (.setUser(let user), .EPERM) where !user.additionalGroupIDs.isEmpty:
            "where the caller maps its own group alone, no group can be added: map those of /etc/subgid, or leave /process/user/additionalGids out"
        case (.setUser, .EINVAL): "/linux/uidMappings and /linux/gidMappings have to have every id of /process/user"
        case (.setAppArmorProfile("raind-default"), .ENOENT):
            "the profile is not loaded: raind-profile apparmor load raind-default, or apply the profile with --apparmor-missing drop"
        case (.setAppArmorProfile("raind-default-audit"), .ENOENT):
            "the profile is not loaded: raind-profile apparmor load raind-default --audit"
        case (.setAppArmorProfile, .ENOENT):
            "the profile is not loaded: apparmor_parser -r FILE, or raind-profile apparmor load NAME where a security profile has it"
        case (.setAppArmorProfile(let name), .EACCES):
            "the AppArmor profile that confines the runtime has to allow it: change_profile -> \(name), and -> &\(name) for a container with noNewPrivileges"
        case (.setSELinuxLabel, .EINVAL):
            "the policy does not know the label: USER:ROLE:TYPE:LEVEL, each of which it has to have (seinfo lists them)"
        case (.setSELinuxLabel, .EACCES), (.joinKeyring, .EACCES):
            "the policy does not let the caller give the label: what refused it is in the audit log (ausearch -m avc)"
        case (.connectConsole, _): "--console-socket has to name a socket that somebody listens on"
        case (.pivotRoot, .EINVAL): "on an initramfs only --no-pivot works"
        case (.loadSeccompEarly, .EINVAL), (.loadSeccompWithListener, .EINVAL), (.loadSeccompLate, .EINVAL):
            "this kernel does not know a flag of the filter"
        case (.loadSeccompEarly, .EBUSY), (.loadSeccompWithListener, .EBUSY):
            "the caller has a filter with a listener already, and a process can have one only"
        case (.passListener, .ENOENT), (.passListener, .ECONNREFUSED): "the agent has to listen there before create"
        case (.passListener, .EPROTOTYPE): "the agent's socket has to be of type SOCK_STREAM"
        default: nil
        }
    }
}
