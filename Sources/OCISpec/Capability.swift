/// A capability of Linux (capabilities(7); linux/capability.h). The raw value is its bit's number.
package enum Capability: UInt8, CaseIterable, Sendable {
    /// `CAP_CHOWN`: change the owner of any file.
    case chown = 0
    /// `CAP_DAC_OVERRIDE`: read, write and execute past file permissions.
    case dacOverride = 1
    /// `CAP_DAC_READ_SEARCH`: read files and search folders past permissions, and open_by_handle_at(2).
    case dacReadSearch = 2
    /// `CAP_FOWNER`: act on any file as if its owner.
    case fowner = 3
    /// `CAP_FSETID`: keep set-user-ID and set-group-ID bits when a file changes.
    case fsetid = 4
    /// `CAP_KILL`: send signals to any process.
    case kill = 5
    /// `CAP_SETGID`: become any group.
    case setgid = 6
    /// `CAP_SETUID`: become any user.
    case setuid = 7
    /// `CAP_SETPCAP`: move capabilities of the bounding set to the inheritable one, and drop from the bounding set.
    case setpcap = 8
    /// `CAP_LINUX_IMMUTABLE`: set the immutable and append-only flags of files.
    case linuxImmutable = 9
    /// `CAP_NET_BIND_SERVICE`: bind to ports below 1024.
    case netBindService = 10
    /// `CAP_NET_BROADCAST`: broadcast and listen to multicast; unused.
    case netBroadcast = 11
    /// `CAP_NET_ADMIN`: configure the network.
    case netAdmin = 12
    /// `CAP_NET_RAW`: use raw and packet sockets.
    case netRaw = 13
    /// `CAP_IPC_LOCK`: lock memory.
    case ipcLock = 14
    /// `CAP_IPC_OWNER`: use System V IPC objects past permissions.
    case ipcOwner = 15
    /// `CAP_SYS_MODULE`: load and unload kernel modules.
    case sysModule = 16
    /// `CAP_SYS_RAWIO`: reach I/O ports and raw devices.
    case sysRawio = 17
    /// `CAP_SYS_CHROOT`: chroot(2), and join mount namespaces.
    case sysChroot = 18
    /// `CAP_SYS_PTRACE`: trace any process, and read and write its memory.
    case sysPtrace = 19
    /// `CAP_SYS_PACCT`: acct(2).
    case sysPacct = 20
    /// `CAP_SYS_ADMIN`: a great deal of administration: mounts, namespaces and much more.
    case sysAdmin = 21
    /// `CAP_SYS_BOOT`: reboot(2) and kexec_load(2).
    case sysBoot = 22
    /// `CAP_SYS_NICE`: raise priorities, and set scheduling and affinity of others.
    case sysNice = 23
    /// `CAP_SYS_RESOURCE`: go past resource limits and quotas.
    case sysResource = 24
    /// `CAP_SYS_TIME`: set the clocks.
    case sysTime = 25
    /// `CAP_SYS_TTY_CONFIG`: vhangup(2) and privileged terminal ioctls.
    case sysTtyConfig = 26
    /// `CAP_MKNOD`: make device nodes.
    case mknod = 27
    /// `CAP_LEASE`: take leases on any file.
    case lease = 28
    /// `CAP_AUDIT_WRITE`: write to the kernel's audit log.
    case auditWrite = 29
    /// `CAP_AUDIT_CONTROL`: control auditing.
    case auditControl = 30
    /// `CAP_SETFCAP`: set file capabilities, and map user id 0 of a new user namespace.
    case setfcap = 31
    /// `CAP_MAC_OVERRIDE`: pass over mandatory access control (Smack).
    case macOverride = 32
    /// `CAP_MAC_ADMIN`: configure mandatory access control.
    case macAdmin = 33
    /// `CAP_SYSLOG`: syslog(2), and see kernel addresses.
    case syslog = 34
    /// `CAP_WAKE_ALARM`: set timers that wake the system.
    case wakeAlarm = 35
    /// `CAP_BLOCK_SUSPEND`: keep the system from suspending.
    case blockSuspend = 36
    /// `CAP_AUDIT_READ`: read the audit log by netlink multicast, from Linux 3.16.
    case auditRead = 37
    /// `CAP_PERFMON`: performance monitoring, from Linux 5.8.
    case perfmon = 38
    /// `CAP_BPF`: privileged bpf(2) operations, from Linux 5.8.
    case bpf = 39
    /// `CAP_CHECKPOINT_RESTORE`: what checkpoint and restore need, from Linux 5.9.
    case checkpointRestore = 40

    /// The name in `config.json`: `CAP_CHOWN`.
    package var name: String { Capability.names[Int(rawValue)] }

    /// The capability of a name as the specification writes it: `CAP_CHOWN`, in upper case and with its prefix.
    package init?(name: String) {
        guard let bit = Capability.names.firstIndex(where: { $0.isSameASCII(as: name) }) else { return nil }
        self.init(rawValue: UInt8(bit))
    }

    /// The capability of a name as people write it: with or without `CAP_`, in upper or lower case.
    package init?(lenientName: String) {
        var name = lenientName.uppercasedASCII
        if !name.utf8.starts(with: "CAP_".utf8) { name = "CAP_" + name }
        self.init(name: name)
    }

    /// The name that was probably meant by one that ``init(lenientName:)`` doesn't know, with its prefix; or nil.
    package static func suggestion(for name: String) -> String? {
        let isPrefixed = name.uppercasedASCII.utf8.starts(with: "CAP_".utf8)
        return NearestName.suggest(isPrefixed ? name : "CAP_" + name, among: names)
    }

    /// The capability's bit in a ``CapabilitySet``.
    package var mask: UInt64 { 1 << UInt64(rawValue) }

    /// The names, by bit number.
    package static let names: [String] = [
        "CAP_CHOWN",
        "CAP_DAC_OVERRIDE",
        "CAP_DAC_READ_SEARCH",
        "CAP_FOWNER",
        "CAP_FSETID",
        "CAP_KILL",
        "CAP_SETGID",
        "CAP_SETUID",
        "CAP_SETPCAP",
        "CAP_LINUX_IMMUTABLE",
        "CAP_NET_BIND_SERVICE",
        "CAP_NET_BROADCAST",
        "CAP_NET_ADMIN",
        "CAP_NET_RAW",
        "CAP_IPC_LOCK",
        "CAP_IPC_OWNER",
        "CAP_SYS_MODULE",
        "CAP_SYS_RAWIO",
        "CAP_SYS_CHROOT",
        "CAP_SYS_PTRACE",
        "CAP_SYS_PACCT",
        "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT",
        "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE",
        "CAP_SYS_TIME",
        "CAP_SYS_TTY_CONFIG",
        "CAP_MKNOD",
        "CAP_LEASE",
        "CAP_AUDIT_WRITE",
        "CAP_AUDIT_CONTROL",
        "CAP_SETFCAP",
        "CAP_MAC_OVERRIDE",
        "CAP_MAC_ADMIN",
        "CAP_SYSLOG",
        "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND",
        "CAP_AUDIT_READ",
        "CAP_PERFMON",
        "CAP_BPF",
        "CAP_CHECKPOINT_RESTORE",
    ]
}
