package import OCISpec

/// What sched_setattr(2) is told about the process.
package struct SchedulerSettings: Sendable, Equatable {
    /// The policy.
    package var policy: SchedulerPolicy
    /// `SCHED_FLAG_*`, a bit each.
    package var flags: UInt64
    /// -20 to 19, for `SCHED_OTHER` and `SCHED_BATCH`.
    package var nice: Int32
    /// 1 to 99, for `SCHED_FIFO` and `SCHED_RR`.
    package var priority: UInt32
    /// For `SCHED_DEADLINE`.
    package var runtimeNanoseconds: UInt64
    /// For `SCHED_DEADLINE`.
    package var deadlineNanoseconds: UInt64
    /// For `SCHED_DEADLINE`; 0 is the deadline.
    package var periodNanoseconds: UInt64

    /// Settings as given.
    package init(
        policy: SchedulerPolicy, flags: UInt64 = 0, nice: Int32 = 0, priority: UInt32 = 0,
        runtimeNanoseconds: UInt64 = 0, deadlineNanoseconds: UInt64 = 0, periodNanoseconds: UInt64 = 0
    ) {
        self.policy = policy
        self.flags = flags
        self.nice = nice
        self.priority = priority
        self.runtimeNanoseconds = runtimeNanoseconds
        self.deadlineNanoseconds = deadlineNanoseconds
        self.periodNanoseconds = periodNanoseconds
    }

    /// `SCHED_BATCH nice 7`, of what is not 0.
    package var summary: String {
        var text = policy.rawValue
        if nice != 0 { text += " nice \(nice)" }
        if priority != 0 { text += " priority \(priority)" }
        if deadlineNanoseconds != 0 {
            text += " \(runtimeNanoseconds) ns in \(deadlineNanoseconds) of \(periodNanoseconds)"
        }
        if flags != 0 { text += " flags " + String(flags, radix: 16) }
        return text
    }
}

/// What ioprio_set(2) is told about the process.
package struct IOPrioritySettings: Sendable, Equatable {
    /// The class.
    package var ioClass: IOPriorityClass
    /// 0, the highest, to 7.
    package var priority: Int32

    /// Settings as given.
    package init(ioClass: IOPriorityClass, priority: Int32) {
        self.ioClass = ioClass
        self.priority = priority
    }

    /// `IOPRIO_CLASS_BE 4`.
    package var summary: String { "\(ioClass.rawValue) \(priority)" }
}

/// What set_mempolicy(2) is told.
package struct MemoryPolicySettings: Sendable, Equatable {
    /// The mode.
    package var mode: MemoryPolicyMode
    /// `MPOL_F_*`, a bit each.
    package var flags: Int32
    /// The memory nodes, rising.
    package var nodes: [Int]

    /// Settings as given.
    package init(mode: MemoryPolicyMode, flags: Int32 = 0, nodes: [Int] = []) {
        self.mode = mode
        self.flags = flags
        self.nodes = nodes
    }

    /// `MPOL_BIND nodes 0 1`.
    package var summary: String {
        var text = mode.rawValue
        if !nodes.isEmpty { text += " nodes" }
        for node in nodes { text += " \(node)" }
        if flags != 0 { text += " flags " + String(flags, radix: 16) }
        return text
    }
}
