import OCISpec

/// Which capability makes which syscall useful (capabilities(7), and the checks in the kernel that it names).
enum CapabilityCalls {
    /// Calls that fail with EPERM without the capability, whatever their arguments.
    static let required: [(capability: Capability, calls: [String])] = [
        (
            .sysAdmin,
            [
                "mount", "umount", "umount2", "move_mount", "fsopen", "fsmount", "fspick", "mount_setattr",
                "pivot_root",
                "sethostname", "setdomainname", "swapon", "swapoff", "lookup_dcookie",
            ]
        ),
        (.sysModule, ["init_module", "finit_module", "delete_module"]),
        (.sysTime, ["settimeofday", "clock_settime", "clock_settime64", "stime"]),
        (.sysRawio, ["iopl", "ioperm"]),
        (.dacReadSearch, ["open_by_handle_at"]),
        (.sysBoot, ["reboot", "kexec_load", "kexec_file_load"]),
        (.sysChroot, ["chroot"]),
        (.sysPacct, ["acct"]),
        (.sysTtyConfig, ["vhangup"]),
        (.setgid, ["setgroups", "setgroups32"]),
    ]

    /// Calls of which some uses need the capability.
    static let partly: [(capability: Capability, calls: [String])] = [
        (
            .sysAdmin,
            [
                "unshare", "setns", "clone", "clone3", "bpf", "perf_event_open", "open_tree", "quotactl", "quotactl_fd",
                "fanotify_init", "syslog",
            ]
        ),
        (
            .sysPtrace,
            [
                "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise",
            ]
        ),
        (.bpf, ["bpf"]),
        (.perfmon, ["perf_event_open"]),
        (.syslog, ["syslog"]),
        (.mknod, ["mknod", "mknodat"]),
        (.netRaw, ["socket"]),
        (.chown, ["chown", "fchown", "lchown", "fchownat", "chown32", "fchown32", "lchown32"]),
        (.setuid, ["setuid", "setreuid", "setresuid", "setuid32", "setreuid32", "setresuid32"]),
        (.setgid, ["setgid", "setregid", "setresgid", "setgid32", "setregid32", "setresgid32"]),
        (.setpcap, ["capset"]),
        (.kill, ["kill", "tkill", "tgkill", "pidfd_send_signal"]),
        (.netBindService, ["bind"]),
        (.sysNice, ["mbind", "set_mempolicy", "set_mempolicy_home_node", "setpriority", "sched_setscheduler"]),
    ]

    /// The calls without which a capability is of no use: where all of them are refused, so is what it is for.
    static let principal: [(capability: Capability, calls: [String])] = [
        (.sysAdmin, ["mount", "unshare", "setns"]),
        (.sysPtrace, ["ptrace"]),
        (.sysModule, ["init_module", "finit_module"]),
        (.sysTime, ["settimeofday", "clock_settime"]),
        (.sysRawio, ["iopl", "ioperm"]),
        (.dacReadSearch, ["open_by_handle_at"]),
        (.sysBoot, ["reboot"]),
        (.sysChroot, ["chroot"]),
        (.sysPacct, ["acct"]),
        (.sysTtyConfig, ["vhangup"]),
        (.syslog, ["syslog"]),
        (.bpf, ["bpf"]),
        (.perfmon, ["perf_event_open"]),
        (.mknod, ["mknod", "mknodat"]),
        (.chown, ["chown", "fchownat"]),
        (.setuid, ["setuid", "setresuid"]),
        (.setgid, ["setgid", "setresgid", "setgroups"]),
    ]

    /// The capability that a call always needs.
    static func required(by call: String) -> Capability? {
        required.first { $0.calls.contains(call) }?.capability
    }

    /// The capabilities that some uses of a call need.
    static func partlyRequired(by call: String) -> [Capability] {
        partly.filter { $0.calls.contains(call) }.map(\.capability)
    }

    /// The calls that a capability is for.
    static func calls(of capability: Capability) -> [String] {
        (required + partly).filter { $0.capability == capability }.flatMap(\.calls)
    }
}
