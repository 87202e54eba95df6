/// A scheduling policy of `/process/scheduler/policy` (defs-linux.json, `SchedulerPolicy`; sched(7)).
package enum SchedulerPolicy: String, CaseIterable, Sendable {
    /// `SCHED_OTHER`: the time-sharing policy that processes start with.
    case other = "SCHED_OTHER"
    /// `SCHED_FIFO`: real-time, first in, first out.
    case fifo = "SCHED_FIFO"
    /// `SCHED_RR`: real-time, round robin.
    case roundRobin = "SCHED_RR"
    /// `SCHED_BATCH`: for processes that need no quick answer.
    case batch = "SCHED_BATCH"
    /// `SCHED_ISO`: reserved; no kernel implements it.
    case isochronous = "SCHED_ISO"
    /// `SCHED_IDLE`: below every other.
    case idle = "SCHED_IDLE"
    /// `SCHED_DEADLINE`: real-time, earliest deadline first.
    case deadline = "SCHED_DEADLINE"

    /// The number of the policy (linux/sched.h).
    package var kernelValue: UInt32 {
        switch self {
        case .other: 0
        case .fifo: 1
        case .roundRobin: 2
        case .batch: 3
        case .isochronous: 4
        case .idle: 5
        case .deadline: 6
        }
    }
}
