/// A kind of namespace (config-linux.md, "Namespaces"; namespaces(7)). The raw value is its name in `config.json`.
package enum NamespaceType: String, CaseIterable, Sendable {
    /// `mount`: the mounts.
    case mount
    /// `pid`: the process ids.
    case pid
    /// `network`: network devices, addresses, ports.
    case network
    /// `uts`: host name and domain name.
    case uts
    /// `ipc`: System V IPC and POSIX message queues.
    case ipc
    /// `user`: user and group ids, and the capabilities over the other namespaces.
    case user
    /// `cgroup`: the root of the cgroups that are seen.
    case cgroup
    /// `time`: the boot and monotonic clocks, from Linux 5.6.
    case time

    /// Written out: what the standard library has for types with a raw value goes through its generic witnesses.
    package static func == (left: NamespaceType, right: NamespaceType) -> Bool { left.cloneFlag == right.cloneFlag }

    /// As above.
    package static func != (left: NamespaceType, right: NamespaceType) -> Bool { left.cloneFlag != right.cloneFlag }

    /// The namespace's bit of clone(2), unshare(2) and setns(2) (linux/sched.h).
    package var cloneFlag: UInt64 {
        switch self {
        case .mount: 0x0002_0000  // CLONE_NEWNS
        case .pid: 0x2000_0000  // CLONE_NEWPID
        case .network: 0x4000_0000  // CLONE_NEWNET
        case .uts: 0x0400_0000  // CLONE_NEWUTS
        case .ipc: 0x0800_0000  // CLONE_NEWIPC
        case .user: 0x1000_0000  // CLONE_NEWUSER
        case .cgroup: 0x0200_0000  // CLONE_NEWCGROUP
        case .time: 0x0000_0080  // CLONE_NEWTIME
        }
    }

    /// The name of the process's own namespace of this kind below `/proc/PID/ns` (proc_pid_ns(5)).
    package var procName: String {
        switch self {
        case .mount: "mnt"
        case .pid: "pid"
        case .network: "net"
        case .uts: "uts"
        case .ipc: "ipc"
        case .user: "user"
        case .cgroup: "cgroup"
        case .time: "time"
        }
    }
}

extension [NamespaceType] {
    /// Whether the type is among them. (The standard library's goes through a generic witness.)
    package func contains(_ type: NamespaceType) -> Bool {
        for candidate in self where candidate == type { return true }
        return false
    }
}
