import OCISpec

/// Looks for what is wrong, superfluous or open in a seccomp filter.
struct FilterLinter {
    /// Whether the filter is loaded last, after ids and capabilities; nil where that isn't known.
    var noNewPrivileges: Bool?
    /// The capabilities of the container; nil where they aren't known.
    var capabilities: CapabilitySet?
    let filter: LocatedFilter
    private(set) var findings: [LintFinding] = []

    init(_ filter: LocatedFilter, noNewPrivileges: Bool?, capabilities: CapabilitySet?) {
        self.filter = filter
        self.noNewPrivileges = noNewPrivileges
        self.capabilities = capabilities
    }

    /// Looks at everything.
    mutating func run() {
        checkReach()
        checkNames()
        checkRules()
        checkNeededCalls()
        checkClone3()
        checkArchitectures()
        checkOtherNames()
        checkWidths()
        checkCapabilities()
    }

    private mutating func tell(_ finding: LintFinding) { findings.append(finding) }

    private var actions: [SeccompAction] { [filter.defaultAction] + filter.rules.map(\.rule.action) }

    /// Whether it refuses anything, and whether it only logs.
    private mutating func checkReach() {
        if filter.defaultAction == .log {
            tell(LintFinding(.auditedFilter, at: filter.defaultPlace, "calls that no rule names are logged and happen"))
        }
        let logged = filter.rules.filter { $0.rule.action == .log }
        if let first = logged.first {
            let names = logged.flatMap(\.rule.names)
            tell(LintFinding(.auditedFilter, at: first.place, "\(LintText.list(names)): logged, and they happen"))
        }
        if !actions.contains(where: { $0 != .allow }) {
            tell(LintFinding(.emptyFilter, at: filter.place, "the filter allows every call"))
        }
    }

    private mutating func checkNames() {
        for rule in filter.rules {
            let unknown = rule.rule.names.filter { !SyscallTable.contains($0) }
            for name in unknown {
                let nearest = NearestName.suggest(name, among: SyscallTable.names(on: .amd64))
                let refuses = rule.rule.action.reach < filter.defaultAction.reach
                tell(
                    LintFinding(
                        refuses ? .unknownCallRefused : .unknownCall, at: rule.place(of: name),
                        "no syscall is named \(quoted(name))" + (nearest.map { "; did you mean \($0)?" } ?? "")))
            }
        }
    }

    // Rules and their like

    private mutating func checkRules() {
        var earlier: [String: [LocatedFilter.Rule]] = [:]
        for located in filter.rules {
            let rule = located.rule
            if let dead = rule.conditions.first(where: \.isNeverMet) {
                tell(
                    LintFinding(
                        .conditionNeverMet, at: located.place,
                        "no argument \(dead.index) meets the condition of the rule for \(LintText.list(rule.names))"))
            }
            if isDefault(located) {
                tell(
                    LintFinding(
                        .redundantRule, at: located.place,
                        "the rule for \(LintText.list(rule.names)) does what the default action does"))
            }
            compare(located, with: earlier)
            for name in rule.names { earlier[name, default: []].append(located) }
        }
    }

    private func isDefault(_ rule: LocatedFilter.Rule) -> Bool {
        isSame(filter.outcome(of: rule), filter.defaultOutcome)
    }

    private func isSame(_ one: LocatedFilter.Outcome, _ other: LocatedFilter.Outcome) -> Bool {
        one.action == other.action && one.errno == other.errno
    }

    /// Tells of the names of a rule that earlier ones have decided.
    private mutating func compare(_ located: LocatedFilter.Rule, with earlier: [String: [LocatedFilter.Rule]]) {
        var repeated: [String] = []
        var shadowed: [String] = []
        var contradicting: [(name: String, other: LocatedFilter.Rule)] = []
        let isUnconditional = located.rule.conditions.isEmpty
        for (position, name) in located.rule.names.enumerated() {
            if located.rule.names[..<position].contains(name) {
                repeated.append(name)
                continue
            }
            for other in earlier[name] ?? [] {
                let isSame = isSame(filter.outcome(of: other), filter.outcome(of: located))
                if other.rule.conditions.isEmpty && isUnconditional {
                    if isSame { repeated.append(name) } else { contradicting.append((name, other)) }
                } else if other.rule.conditions.isEmpty != isUnconditional {
                    if isSame { repeated.append(name) } else { shadowed.append(name) }
                } else if isSame {
                    if covers(other.rule, located.rule) || covers(located.rule, other.rule) { repeated.append(name) }
                } else if overlap(other.rule, located.rule) {
                    contradicting.append((name, other))
                }
            }
        }
        if !repeated.isEmpty {
            tell(
                LintFinding(
                    .redundantRule, at: located.place(of: repeated[0]),
                    "\(LintText.list(unique(repeated))): an earlier rule says the same"))
        }
        if !shadowed.isEmpty {
            tell(
                LintFinding(
                    .shadowedRule, at: located.place(of: shadowed[0]),
                    "\(LintText.list(unique(shadowed))): one rule is for all arguments, so one with conditions never "
                        + "counts"))
        }
        if let first = contradicting.first {
            let names = LintText.list(unique(contradicting.map(\.name)))
            tell(
                LintFinding(
                    .contradiction, at: located.place(of: first.name),
                    "\(names): \(LintText.action(filter.outcome(of: located))) here, and "
                        + "\(LintText.action(filter.outcome(of: first.other))) at \(first.other.place(of: first.name))")
            )
        }
    }

    private func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// Whether every call that the second rule is for is one of the first's too.
    private func covers(_ wide: SeccompRule, _ narrow: SeccompRule) -> Bool {
        wide.conditions.allSatisfy { condition in
            narrow.conditions.contains { $0.index == condition.index && $0.implies(condition) }
        }
    }

    /// Whether a call can meet the conditions of both.
    private func overlap(_ one: SeccompRule, _ other: SeccompRule) -> Bool {
        !one.conditions.contains { condition in
            other.conditions.contains { $0.index == condition.index && $0.excludes(condition) }
        }
    }

    // What must be possible

    /// What every program makes, from its start to its end, whichever C library it has.
    private static let programCalls = [
        "execve", "exit_group", "read", "write", "close", "brk", "mmap", "munmap", "mprotect", "rt_sigaction",
        "rt_sigprocmask", "rt_sigreturn", "futex",
    ]

    /// What a runtime makes between loading the filter and execve, where no_new_privs isn't set.
    private static let launcherCalls = ["capset", "prctl", "setuid", "setgid", "setgroups"]

    private mutating func checkNeededCalls() {
        let refused = refusedCalls(FilterLinter.programCalls)
        if let first = refused.first {
            tell(
                LintFinding(
                    .programCallRefused, at: place(deciding: first),
                    "\(LintText.list(refused)): refused, and no program does without"))
        }
        guard noNewPrivileges != true else { return }
        let launcher = refusedCalls(FilterLinter.launcherCalls)
        if let first = launcher.first {
            tell(
                LintFinding(
                    .launcherCallRefused, at: place(deciding: first), severity: noNewPrivileges == nil ? .note : nil,
                    "\(LintText.list(launcher)): refused"
                        + (noNewPrivileges == nil ? ", which is right only with no_new_privs" : " to the runtime too")))
        }
    }

    private func refusedCalls(_ names: [String]) -> [String] {
        names.filter { name in exists(name) && filter.isRefused(name) }
    }

    private func exists(_ name: String) -> Bool {
        filter.nativeArchitecture.map { filter.has(name, on: $0) } ?? SyscallTable.contains(name)
    }

    private func place(deciding name: String) -> LintPlace {
        filter.outcomes(of: name).first { $0.action.reach == .refuses }?.rule?.place(of: name) ?? filter.defaultPlace
    }

    /// ENOSYS (errno-base.h).
    private static let noSuchCall: UInt32 = 38

    private mutating func checkClone3() {
        let refusals = filter.outcomes(of: "clone3").filter {
            $0.action.reach == .refuses && $0.errno != FilterLinter.noSuchCall
        }
        // Where clone is refused too, there is nothing to fall back to.
        guard let refusal = refusals.first, !filter.isRefused("clone") else { return }
        tell(
            LintFinding(
                .clone3Answer, at: refusal.rule?.place(of: "clone3") ?? filter.defaultPlace,
                "clone3 is answered with \(LintText.action(refusal))"
                    + (refusal.rule == nil ? ", the default action" : "")))
    }

    // What can be walked around

    private mutating func checkArchitectures() {
        for architecture in filter.architectures {
            let missing = architecture.subArchitectures.filter { !filter.architectures.contains($0) }
            // One of MIPS' is another's kin in turn.
            guard !missing.isEmpty, !filter.architectures.contains(where: { missing.contains($0) }) else { continue }
            tell(
                LintFinding(
                    .architectureMissing, at: filter.place,
                    "\(missing.map(\.rawValue).joined(separator: " and ")): programs of "
                        + "\(missing.count == 1 ? "it" : "these") are killed under this filter for "
                        + architecture.rawValue))
        }
    }

    /// A call, and others that do the same.
    private static let otherNames: [(call: String, others: [String])] = [
        ("clone", ["clone3"]),
        ("kexec_load", ["kexec_file_load"]), ("kexec_file_load", ["kexec_load"]),
        ("init_module", ["finit_module"]), ("finit_module", ["init_module"]),
        ("umount2", ["umount"]), ("umount", ["umount2"]),
        ("mount", ["move_mount"]),
        ("settimeofday", ["clock_settime", "stime"]), ("clock_settime", ["clock_settime64", "settimeofday", "stime"]),
        ("execve", ["execveat"]),
        ("socket", ["socketcall"]), ("connect", ["socketcall"]), ("bind", ["socketcall"]),
        ("shmget", ["ipc"]), ("msgget", ["ipc"]), ("semget", ["ipc"]),
        ("setuid", ["setuid32"]), ("setgid", ["setgid32"]), ("setgroups", ["setgroups32"]),
        ("chown", ["chown32"]), ("mknod", ["mknodat"]),
    ]

    private mutating func checkOtherNames() {
        for (call, others) in FilterLinter.otherNames {
            // Restricted at least for some arguments, and more than what stands beside it.
            guard SyscallTable.contains(call), !filter.isPermitted(call) else { continue }
            for other in others where filter.isPermitted(other) {
                let place = filter.rules(for: other).first?.place(of: other) ?? place(deciding: call)
                let how = filter.isRefused(call) ? "refused" : "refused with some arguments"
                if filter.architectures.isEmpty ? SyscallTable.number(of: other, on: .amd64) != nil : exists(other) {
                    tell(LintFinding(.otherNameAllowed, at: place, "\(call) is \(how), and \(other) does the same"))
                } else if let kin = filter.architectures.dropFirst().first(where: { filter.has(other, on: $0) }) {
                    tell(
                        LintFinding(
                            .thirtyTwoBitHole, at: place,
                            "\(call) is \(how), and \(other) of \(kin.rawValue) does the same"))
                }
            }
        }
    }

    /// Arguments of which the kernel takes the lower 32 bits.
    private static let narrowArguments: [String: [Int]] = [
        "socket": [0, 1, 2], "socketpair": [0, 1, 2], "ioctl": [0, 1], "fcntl": [0, 1], "prctl": [0],
        "personality": [0], "keyctl": [0], "bpf": [0, 2], "seccomp": [0, 1], "madvise": [2], "process_madvise": [3],
        "setns": [0, 1], "kill": [0, 1], "tgkill": [0, 1, 2], "prlimit64": [0, 1], "setsockopt": [0, 1, 2, 4],
        "getsockopt": [0, 1, 2], "umount2": [1], "reboot": [0, 1, 2], "clock_settime": [0], "quotactl": [0],
    ]

    private static let thirtyTwoBit: [SeccompArchitecture] = [
        .x86, .arm, .s390, .ppc, .mips, .mipsel, .parisc, .m68k, .sh, .sheb,
    ]

    private mutating func checkWidths() {
        let narrowKin = filter.architectures.filter(FilterLinter.thirtyTwoBit.contains)
        for located in filter.rules {
            let rule = located.rule
            let reach = rule.action.reach
            guard reach != filter.defaultAction.reach else { continue }
            for condition in rule.conditions {
                let calls = rule.names.filter { FilterLinter.narrowArguments[$0]?.contains(condition.index) == true }
                if let call = calls.first, isWalkedAround(condition, refuses: reach < filter.defaultAction.reach, call)
                {
                    tell(
                        LintFinding(
                            .highWord, at: located.place(of: call),
                            "\(call): argument \(condition.index) with a bit above the lower 32 set passes"))
                }
                if let kin = narrowKin.first, reach < filter.defaultAction.reach, needsUpperHalf(condition) {
                    tell(
                        LintFinding(
                            .thirtyTwoBitHole, at: located.place,
                            "\(LintText.list(rule.names)): no argument \(condition.index) of \(kin.rawValue) has more "
                                + "than 32 bits, so the refusal never applies there"))
                }
            }
        }
    }

    /// Whether a value that the filter refuses passes when a bit above its lower 32 is set.
    private func isWalkedAround(_ condition: SeccompCondition, refuses: Bool, _ call: String) -> Bool {
        let center = condition.comparison == .maskedEqual ? condition.valueTwo : condition.value
        let low = center & 0xFFFF_FFFF
        return [low, low &+ 1, low &- 1, 0].filter { $0 <= 0xFFFF_FFFF }.contains { value in
            let wide = value | 1 << 32
            guard refuses else {
                // What no rule lets through, and with the bit set this one does.
                return !condition.holds(for: value) && condition.holds(for: wide)
                    && !isPermitted(call, condition.index, value)
            }
            return condition.holds(for: value) && !condition.holds(for: wide)
                && isPermitted(call, condition.index, wide)
        }
    }

    private func isPermitted(_ call: String, _ index: Int, _ value: UInt64) -> Bool {
        filter.outcomes(of: call, arguments: [index: value]).contains { $0.action.reach == .permits }
    }

    private func needsUpperHalf(_ condition: SeccompCondition) -> Bool {
        switch condition.comparison {
        case .equal, .greaterOrEqual: condition.value > 0xFFFF_FFFF
        case .greater: condition.value >= 0xFFFF_FFFF
        case .maskedEqual: condition.valueTwo > 0xFFFF_FFFF
        case .notEqual, .less, .lessOrEqual: false
        }
    }

    // Capabilities

    private mutating func checkCapabilities() {
        guard let capabilities else { return }
        for (capability, calls) in CapabilityCalls.principal where capabilities.contains(capability) {
            let known = calls.filter(exists)
            guard !known.isEmpty, known.allSatisfy(filter.isRefused) else { continue }
            tell(
                LintFinding(
                    .capabilityCallsRefused, at: place(deciding: known[0]),
                    "\(capability.name) is granted, and \(LintText.list(known)) \(known.count == 1 ? "is" : "are") "
                        + "refused"))
        }
    }
}
