import OCISpec

/// When the process runs, on which processors, and with which memory and personality.
extension SpecCheck {
    /// Checks `/process/scheduler` (config.md, "Linux Process"; sched_setattr(2)).
    mutating func check(_ scheduler: Scheduler) {
        let policy = scheduler.policy
        if policy == .isochronous {
            report("/process/scheduler/policy", "SCHED_ISO is reserved: no kernel implements it")
        }
        let nice = scheduler.nice ?? 0
        if !(-20...19).contains(nice) { report("/process/scheduler/nice", "expected -20 to 19, found \(nice)") }
        var flags: UInt64 = 0
        for (place, flag) in (scheduler.flags ?? []).enumerated() {
            flags |= flag.kernelValue
            if flag == .reclaim || flag == .deadlineOverrun, policy != .deadline {
                report("/process/scheduler/flags/\(place)", "\(flag.rawValue) is for SCHED_DEADLINE")
            }
        }
        let keeps = SchedulerFlag.keepPolicy.kernelValue | SchedulerFlag.keepParameters.kernelValue
        // What is kept is not known here: the kernel sees whether the rest goes with it.
        if flags & keeps == 0 { checkValues(of: scheduler) }
        let priority = scheduler.priority ?? 0
        if !(0...99).contains(priority) {
            report("/process/scheduler/priority", "expected 0 to 99, found \(priority)")
        }
        valid.scheduler = SchedulerSettings(
            policy: policy, flags: flags, nice: nice, priority: UInt32(clamping: priority),
            runtimeNanoseconds: scheduler.runtimeNanoseconds ?? 0,
            deadlineNanoseconds: scheduler.deadlineNanoseconds ?? 0,
            periodNanoseconds: scheduler.periodNanoseconds ?? 0)
    }

    private mutating func checkValues(of scheduler: Scheduler) {
        let name = scheduler.policy.rawValue
        switch scheduler.policy {
        case .other, .batch: break
        default:
            if scheduler.nice ?? 0 != 0 { report("/process/scheduler/nice", "\(name) takes none, expected 0") }
        }
        switch scheduler.policy {
        case .fifo, .roundRobin:
            if scheduler.priority ?? 0 == 0 {
                report("/process/scheduler/priority", "\(name) needs one, expected 1 to 99")
            }
        default:
            if scheduler.priority ?? 0 != 0 { report("/process/scheduler/priority", "\(name) takes none, expected 0") }
        }
        let runtime = scheduler.runtimeNanoseconds ?? 0
        let deadline = scheduler.deadlineNanoseconds ?? 0
        let period = scheduler.periodNanoseconds ?? 0
        guard scheduler.policy == .deadline else {
            if runtime != 0 { report("/process/scheduler/runtime", "is for SCHED_DEADLINE, expected 0") }
            if deadline != 0 { report("/process/scheduler/deadline", "is for SCHED_DEADLINE, expected 0") }
            if period != 0 { report("/process/scheduler/period", "is for SCHED_DEADLINE, expected 0") }
            return
        }
        // DL_SCALE of the kernel's: shorter ones can't be told apart.
        if runtime < 1024 {
            report("/process/scheduler/runtime", "expected at least 1024 nanoseconds, found \(runtime)")
        }
        if runtime > deadline {
            report("/process/scheduler/runtime", "expected at most the deadline \(deadline), found \(runtime)")
        }
        if period != 0, deadline > period {
            report("/process/scheduler/deadline", "expected at most the period \(period), found \(deadline)")
        }
        // The last bit is the kernel's own.
        if max(deadline, period) > UInt64(Int64.max) {
            report("/process/scheduler/period", "expected at most 9223372036854775807 nanoseconds")
        }
    }

    /// A process under SCHED_DEADLINE may not fork unless its children are under SCHED_OTHER again (sched(7)), so what it
    /// runs itself once it is under it could not be started.
    mutating func checkHooksOfDeadline() {
        guard let scheduler = valid.scheduler, scheduler.policy == .deadline,
            scheduler.flags & SchedulerFlag.resetOnFork.kernelValue == 0
        else { return }
        // In a user namespace the runtime sets it, before the process goes on to its first hooks.
        let cannotFork =
            !valid.hooks(.startContainer).isEmpty
            || (valid.creation.has(.user) && !valid.hooks(.createContainer).isEmpty)
        if cannotFork {
            report(
                "/process/scheduler/flags",
                "the hooks of the container's process need SCHED_FLAG_RESET_ON_FORK: under SCHED_DEADLINE it may not fork"
            )
        }
    }

    /// Checks `/process/ioPriority` (config.md, "Linux Process"; ioprio_set(2)).
    mutating func check(_ ioPriority: IOPriority) {
        let priority = ioPriority.priority ?? 0
        if !(0...7).contains(priority) {
            report("/process/ioPriority/priority", "expected 0 to 7, found \(priority)")
        }
        valid.ioPriority = IOPrioritySettings(ioClass: ioPriority.ioClass, priority: priority)
    }

    /// Checks `/process/execCPUAffinity`, which is for those who join the container later (config.md, "Linux Process").
    mutating func check(_ affinity: ExecCPUAffinity) {
        valid.initialAffinity = processors(affinity.initial, "initial")
        valid.finalAffinity = processors(affinity.final, "final")
    }

    private mutating func processors(_ text: String?, _ name: String) -> [Int]? {
        // Empty is as if it weren't there.
        guard let text, !text.isEmpty else { return nil }
        let list = NumberList(text, through: 65535)
        if list == nil {
            report("/process/execCPUAffinity/\(name)", "expected a list of processors such as 0-3,7, found \"\(text)\"")
        }
        return list?.numbers
    }

    /// Checks `/linux/memoryPolicy` (config-linux.md, "Memory policy"; set_mempolicy(2)).
    mutating func check(_ policy: MemoryPolicy) {
        guard let mode = policy.mode else {
            return report("/linux/memoryPolicy/mode", "missing, expected a mode such as MPOL_BIND")
        }
        var nodes: [Int] = []
        if let text = policy.nodes, !text.isEmpty {
            // MAX_NUMNODES is 1024 where it is largest.
            guard let list = NumberList(text, through: 1023) else {
                return report(
                    "/linux/memoryPolicy/nodes",
                    "expected a list of memory nodes such as 0-3,7, none above 1023, found \"\(text)\"")
            }
            nodes = list.numbers
        }
        switch mode {
        case .default, .local:
            if !nodes.isEmpty { report("/linux/memoryPolicy/nodes", "\(mode.rawValue) takes none") }
        case .preferred: break
        case .bind, .interleave, .weightedInterleave, .preferredMany:
            if nodes.isEmpty { report("/linux/memoryPolicy/nodes", "\(mode.rawValue) needs at least one") }
        }
        var flags: Int32 = 0
        for (place, flag) in (policy.flags ?? []).enumerated() {
            flags |= flag.kernelValue
            if flag == .numaBalancing {
                if mode != .bind, mode != .preferredMany {
                    report(
                        "/linux/memoryPolicy/flags/\(place)",
                        "MPOL_F_NUMA_BALANCING is for MPOL_BIND and MPOL_PREFERRED_MANY")
                }
            } else if nodes.isEmpty {
                report("/linux/memoryPolicy/flags/\(place)", "\(flag.rawValue) is about nodes, and there are none")
            }
        }
        let both = MemoryPolicyFlag.staticNodes.kernelValue | MemoryPolicyFlag.relativeNodes.kernelValue
        if flags & both == both {
            report("/linux/memoryPolicy/flags", "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other")
        }
        valid.memoryPolicy = MemoryPolicySettings(mode: mode, flags: flags, nodes: nodes)
    }

    /// Checks `/linux/personality` (config-linux.md, "Personality").
    mutating func check(_ personality: Personality) {
        if let flag = personality.flags?.first {
            report("/linux/personality/flags", "expected none, for there are none yet, found \"\(flag)\"")
        }
        guard let domain = personality.domain else {
            return report("/linux/personality/domain", "missing, expected LINUX or LINUX32")
        }
        valid.personality = domain
    }
}
