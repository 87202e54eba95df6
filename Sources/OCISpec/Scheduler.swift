internal import LosslessJSON

/// `/process/scheduler`: the scheduling policy and its values (config.md, "Linux Process"; sched_setattr(2)).
package struct Scheduler: Equatable, Sendable {
    /// `/process/scheduler/policy`, REQUIRED.
    package var policy: SchedulerPolicy
    /// `/process/scheduler/nice`: for `SCHED_OTHER` and `SCHED_BATCH`, -20 to 19. Absent: 0.
    package var nice: Int32?
    /// `/process/scheduler/priority`: for `SCHED_FIFO` and `SCHED_RR`, 1 to 99. Absent: 0.
    package var priority: Int32?
    /// `/process/scheduler/flags`.
    package var flags: [SchedulerFlag]?
    /// `/process/scheduler/runtime`: for `SCHED_DEADLINE`, in nanoseconds.
    package var runtimeNanoseconds: UInt64?
    /// `/process/scheduler/deadline`: for `SCHED_DEADLINE`, in nanoseconds.
    package var deadlineNanoseconds: UInt64?
    /// `/process/scheduler/period`: for `SCHED_DEADLINE`, in nanoseconds.
    package var periodNanoseconds: UInt64?

    /// Makes a policy without values.
    package init(policy: SchedulerPolicy) { self.policy = policy }
}

extension Scheduler: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        policy = decoder.requiredChoice("policy", in: object, standIn: .other)
        nice = decoder.integer("nice", in: object)
        priority = decoder.integer("priority", in: object)
        flags = decoder.choices("flags", in: object)
        runtimeNanoseconds = decoder.integer("runtime", in: object)
        deadlineNanoseconds = decoder.integer("deadline", in: object)
        periodNanoseconds = decoder.integer("period", in: object)
    }
}
