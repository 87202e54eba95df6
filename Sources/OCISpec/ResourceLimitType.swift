/// A resource that a process's use of can be limited (getrlimit(2)). The raw value is its number on x86_64 and aarch64
/// (asm-generic/resource.h).
package enum ResourceLimitType: Int32, CaseIterable, Sendable {
    /// `RLIMIT_CPU`: CPU time, in seconds.
    case cpu = 0
    /// `RLIMIT_FSIZE`: the size of a file, in bytes.
    case fileSize = 1
    /// `RLIMIT_DATA`: the data segment, in bytes.
    case data = 2
    /// `RLIMIT_STACK`: the stack, in bytes.
    case stack = 3
    /// `RLIMIT_CORE`: the size of a core file, in bytes.
    case core = 4
    /// `RLIMIT_RSS`: resident memory, in bytes; without effect.
    case residentSet = 5
    /// `RLIMIT_NPROC`: processes and threads of the user.
    case processes = 6
    /// `RLIMIT_NOFILE`: file descriptors, the highest number plus one.
    case openFiles = 7
    /// `RLIMIT_MEMLOCK`: locked memory, in bytes.
    case lockedMemory = 8
    /// `RLIMIT_AS`: the address space, in bytes.
    case addressSpace = 9
    /// `RLIMIT_LOCKS`: file locks and leases; without effect.
    case locks = 10
    /// `RLIMIT_SIGPENDING`: queued signals of the user.
    case pendingSignals = 11
    /// `RLIMIT_MSGQUEUE`: POSIX message queues of the user, in bytes.
    case messageQueues = 12
    /// `RLIMIT_NICE`: the ceiling of priority, 20 less the nice value.
    case nice = 13
    /// `RLIMIT_RTPRIO`: the ceiling of real-time priority.
    case realtimePriority = 14
    /// `RLIMIT_RTTIME`: CPU time under a real-time policy without a blocking call, in microseconds.
    case realtimeTime = 15

    /// The name in `config.json`: `RLIMIT_NOFILE`.
    package var name: String { ResourceLimitType.names[Int(rawValue)] }

    /// The resource of a name such as `RLIMIT_NOFILE`, or nil.
    package init?(name: String) {
        guard let number = ResourceLimitType.names.firstIndex(where: { $0.isSameASCII(as: name) }) else { return nil }
        self.init(rawValue: Int32(number))
    }

    /// The names, by number.
    package static let names: [String] = [
        "RLIMIT_CPU",
        "RLIMIT_FSIZE",
        "RLIMIT_DATA",
        "RLIMIT_STACK",
        "RLIMIT_CORE",
        "RLIMIT_RSS",
        "RLIMIT_NPROC",
        "RLIMIT_NOFILE",
        "RLIMIT_MEMLOCK",
        "RLIMIT_AS",
        "RLIMIT_LOCKS",
        "RLIMIT_SIGPENDING",
        "RLIMIT_MSGQUEUE",
        "RLIMIT_NICE",
        "RLIMIT_RTPRIO",
        "RLIMIT_RTTIME",
    ]
}
