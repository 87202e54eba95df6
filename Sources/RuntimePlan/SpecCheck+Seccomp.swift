import OCISpec

extension SpecCheck {
    /// Checks `/linux/seccomp`: what the kernel could not enforce as it stands is a problem.
    mutating func check(_ seccomp: Seccomp) {
        let pointer = "/linux/seccomp"
        if seccomp.defaultErrnoRet != nil, !seccomp.defaultAction.takesErrno {
            report(pointer + "/defaultErrnoRet", "\(seccomp.defaultAction.rawValue) gives no errno")
        }
        if let errno = seccomp.defaultErrnoRet, errno > Self.lastErrno {
            report(pointer + "/defaultErrnoRet", "expected at most \(Self.lastErrno), found \(errno)")
        }
        if seccomp.defaultAction == .notify {
            report(
                pointer + "/defaultAction",
                "SCMP_ACT_NOTIFY cannot be the default: the runtime's own calls on the way to the program would ask, too"
            )
        }
        let listener = listener(of: seccomp, pointer)
        var architectures: [SeccompArchitecture] = []
        for architecture in seccomp.architectures ?? [] where !architectures.contains(architecture) {
            architectures.append(architecture)
        }
        // The program runs on the native one, whether the list has it or not; a filter without it would kill it.
        if let native = SeccompArchitecture.native {
            architectures.removeAll { $0 == native }
            architectures.insert(native, at: 0)
        }
        for (place, rule) in (seccomp.syscalls ?? []).enumerated() {
            check(rule, "\(pointer)/syscalls/\(place)", seccomp, architectures)
        }
        valid.seccomp = ValidSeccomp(section: seccomp, architectures: architectures, listener: listener)
    }

    /// Who answers for `SCMP_ACT_NOTIFY`. Where no rule has it, the path counts for nothing (config-linux.md, "Seccomp").
    private mutating func listener(of seccomp: Seccomp, _ pointer: String) -> SeccompListener? {
        let path = seccomp.listenerPath ?? ""
        if path.isEmpty, seccomp.listenerMetadata?.isEmpty == false {
            report(pointer + "/listenerMetadata", "needs listenerPath: there is nobody to be told")
        }
        let asks = seccomp.syscalls?.contains { $0.action == .notify } ?? false
        guard asks else {
            if let place = seccomp.flags?.firstIndex(of: .waitKillableReceive) {
                warn("\(pointer)/flags/\(place)", "means nothing without a rule that has SCMP_ACT_NOTIFY; left out")
            }
            return nil
        }
        if path.isEmpty {
            report(pointer + "/listenerPath", "missing, expected the path of a socket: a rule has SCMP_ACT_NOTIFY")
        }
        return SeccompListener(path: path, metadata: seccomp.listenerMetadata)
    }

    private mutating func check(
        _ rule: Seccomp.SyscallRule, _ pointer: String, _ seccomp: Seccomp, _ architectures: [SeccompArchitecture]
    ) {
        if rule.names.isEmpty { report(pointer + "/names", "expected at least one name") }
        if rule.errnoRet != nil, !rule.action.takesErrno {
            report(pointer + "/errnoRet", "\(rule.action.rawValue) gives no errno")
        }
        if let errno = rule.errnoRet, errno > Self.lastErrno {
            report(pointer + "/errnoRet", "expected at most \(Self.lastErrno), found \(errno)")
        }
        for (place, argument) in (rule.args ?? []).enumerated() where argument.index > 5 {
            report("\(pointer)/args/\(place)/index", "expected 0 to 5, found \(argument.index)")
        }
        for (place, name) in rule.names.enumerated() where !SyscallTable.contains(name) {
            let here = "\(pointer)/names/\(place)"
            let names = architectures.first.map { SyscallTable.names(on: $0) } ?? []
            let suggestion = NearestName.suggest(name, among: names).map { ", did you mean \($0)?" } ?? ""
            if [.allow, .log].contains(rule.action) || ![.allow, .log].contains(seccomp.defaultAction) {
                // What is not allowed falls to the default, which is stricter: less is granted than asked for.
                warn(here, "\(name) is no syscall that is known here\(suggestion); left out")
            } else {
                report(here, "\(name) is no syscall that is known here, so it cannot be refused\(suggestion)")
            }
        }
    }

    /// MAX_ERRNO of the kernel.
    private static let lastErrno: UInt32 = 4095
}
