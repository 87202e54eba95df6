import LinuxSys

/// Architectures and rules to build filters of.
enum SeccompExamples {
    static let amd64: UInt32 = 0xC000_003E
    static let x32: UInt32 = 0x4000_003E
    static let x86: UInt32 = 0x4000_0003
    static let aarch64: UInt32 = 0xC000_00B7
    static let arm: UInt32 = 0x4000_0028
    static let s390x: UInt32 = 0x8000_0016

    /// The architectures whose arguments have 32 bits.
    static let narrow: Set<UInt32> = [x86, arm]

    static let errorEPERM = SeccompAction.error | 1
    static let errorENOSYS = SeccompAction.error | 38

    static let architectures: [UInt32: SeccompDescription.Architecture] = [
        x86: SeccompDescription.Architecture(token: x86, socketcallNumber: 102, ipcNumber: 117),
        s390x: SeccompDescription.Architecture(token: s390x, socketcallNumber: 102, ipcNumber: 117),
    ]

    /// The numbers of calls that libseccomp 2.5.4 doesn't know or doesn't tell, alike on all of these architectures
    /// but for those that 32-bit x86 carries in others.
    static func number(of name: String, on token: UInt32) -> Int? {
        let newer = ["cachestat": 451, "fchmodat2": 452, "futex_wait": 455, "mseal": 462, "file_setattr": 469]
        let carried = ["socket": 359, "socketpair": 360, "bind": 361, "connect": 362, "shmget": 395, "semget": 393]
        if let number = newer[name] { return token == x32 ? 0x4000_0000 + number : number }
        if token == x86, let number = carried[name] { return number }
        return SeccompProgram.libseccompNumber(of: name, onArchitecture: token)
    }

    /// The calls of `socketcall` and `ipc` among ``names``.
    static let socketcalls: [String: UInt64] = ["socket": 1, "connect": 3, "accept": 5]
    static let ipcCalls: [String: UInt64] = ["semop": 1, "shmget": 23]

    static func description(
        _ defaultAction: UInt32, on tokens: [UInt32], newerENOSYS: Bool = false
    ) -> SeccompDescription {
        SeccompDescription(
            defaultAction: defaultAction,
            architectures: tokens.map { architectures[$0] ?? SeccompDescription.Architecture(token: $0) },
            answersNewerWithENOSYS: newerENOSYS)
    }

    /// The value of `seccomp_data.arch` for a token.
    static func auditValue(_ token: UInt32) -> UInt32 { token == x32 ? amd64 : token }

    /// Names of calls of every kind: new and old, carried, on some architectures only.
    static let names = [
        "read", "write", "open", "openat", "close", "clone", "clone3", "personality", "socket", "connect", "accept",
        "semop", "shmget", "mmap", "mmap2", "fcntl", "fcntl64", "ptrace", "execve", "execveat", "mount", "umount",
        "umount2", "unshare", "setns", "bpf", "kexec_load", "kexec_file_load", "keyctl", "arch_prctl", "ioctl", "prctl",
        "rt_sigreturn", "exit", "exit_group", "futex", "futex_time64", "newfstatat", "fstatat64", "statx", "rseq",
        "landlock_add_rule", "set_mempolicy_home_node", "io_uring_setup", "pidfd_getfd", "preadv2", "readv",
        "modify_ldt",
        "set_tls", "cacheflush", "uname", "getpid", "vfork", "fork", "time", "chmod", "lchown32", "getdents64", "tkill",
    ]
}

extension SeccompDescription {
    /// Adds a rule for a call by its name.
    mutating func add(_ action: UInt32, _ name: String, _ conditions: Condition...) {
        add(action, name, conditions)
    }

    mutating func add(_ action: UInt32, _ name: String, _ conditions: [Condition]) {
        let numbers = architectures.map { SeccompExamples.number(of: name, on: $0.token) }
        rules.append(Rule(action: action, name: name, numbers: numbers, conditions: conditions))
    }
}

/// What a description means, told without instructions.
extension SeccompDescription {
    /// The answer to a call on an architecture of the list, `number` as the kernel counts it.
    func meaning(on token: UInt32, _ number: Int, _ arguments: [UInt64]) -> UInt32 {
        guard let index = architectures.firstIndex(where: { $0.token == token }) else {
            return architectureMismatchAction
        }
        let order = [
            SeccompAction.killProcess, SeccompAction.killThread, SeccompAction.trap, SeccompAction.error,
            SeccompAction.notify, SeccompAction.trace, SeccompAction.log, SeccompAction.allow,
        ]
        func rank(_ action: UInt32) -> Int { order.firstIndex(of: action & SeccompAction.mask) ?? 0 }
        var answers: [UInt32] = []
        for rule in rules {
            let narrow = SeccompExamples.narrow.contains(token)
            if rule.numbers[index] == number, rule.conditions.allSatisfy({ $0.holds(for: arguments, narrow) }) {
                answers.append(rule.action)
            }
            let carriers = [
                SeccompExamples.socketcalls[rule.name].map {
                    (architectures[index].socketcallNumber, $0, UInt64.max >> 32)
                },
                SeccompExamples.ipcCalls[rule.name].map { (architectures[index].ipcNumber, $0, 0xFFFF) },
            ]
            for case (let carrier?, let call, let mask)? in carriers
            where carrier == number && arguments[0] & mask == call
                && (rule.conditions.isEmpty || rank(rule.action) < rank(defaultAction))
            {
                answers.append(rule.action)
            }
        }
        if let strictest = answers.map(rank).min() {
            return answers.first { rank($0) == strictest } ?? defaultAction
        }
        let numbers = rules.compactMap { $0.numbers[index] }
            .filter { token != SeccompExamples.x32 || !(0x4000_0200..<0x4000_0224).contains($0) }
            .filter { token != SeccompExamples.arm || $0 < 0x0F_0000 }
        let standsApart =
            (token == SeccompExamples.x32 && (0x4000_0200..<0x4000_0224).contains(number))
            || (token == SeccompExamples.arm && number >= 0x0F_0000)
        guard answersNewerWithENOSYS, rank(defaultAction) <= 3, let newest = numbers.max(), number > newest,
            !standsApart
        else { return defaultAction }
        return SeccompExamples.errorENOSYS
    }
}

extension SeccompDescription.Condition {
    func holds(for arguments: [UInt64], _ isNarrow: Bool) -> Bool {
        let argument = arguments[argumentIndex]
        // A negative value is meant to be negative in 32 bits too.
        func cut(_ value: UInt64) -> UInt64 {
            isNarrow && Int64(bitPattern: value) < 0 && Int64(bitPattern: value) >= Int64(Int32.min)
                ? value & 0xFFFF_FFFF : value
        }
        return switch comparison {
        case .equal: argument == cut(value)
        case .notEqual: argument != cut(value)
        case .less: argument < value
        case .lessOrEqual: argument <= value
        case .greater: argument > value
        case .greaterOrEqual: argument >= value
        case .maskedEqual: argument & value == cut(valueTwo)
        }
    }
}
