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
        if seccomp.defaultAction == .notify { report(pointer + "/defaultAction", Self.notifyText) }
        if seccomp.listenerPath?.isEmpty == false { report(pointer + "/listenerPath", Self.notifyText) }
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
        valid.seccomp = ValidSeccomp(
            section: seccomp, architectures: architectures,
            flags: (seccomp.flags ?? []).reduce(0) { $0 | $1.kernelValue })
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
        if rule.action == .notify { report(pointer + "/action", Self.notifyText) }
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
    private static let notifyText = "SCMP_ACT_NOTIFY is not supported by this version"
}
