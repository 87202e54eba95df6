/// A flag of `/process/scheduler/flags` (defs-linux.json, `SchedulerFlag`; sched_setattr(2)).
package enum SchedulerFlag: String, CaseIterable, Sendable {
    /// `SCHED_FLAG_RESET_ON_FORK`: children don't inherit a privileged policy.
    case resetOnFork = "SCHED_FLAG_RESET_ON_FORK"
    /// `SCHED_FLAG_RECLAIM`: a deadline process may use bandwidth that others leave.
    case reclaim = "SCHED_FLAG_RECLAIM"
    /// `SCHED_FLAG_DL_OVERRUN`: SIGXCPU when a deadline process runs over.
    case deadlineOverrun = "SCHED_FLAG_DL_OVERRUN"
    /// `SCHED_FLAG_KEEP_POLICY`: the policy stays as it is.
    case keepPolicy = "SCHED_FLAG_KEEP_POLICY"
    /// `SCHED_FLAG_KEEP_PARAMS`: the values stay as they are.
    case keepParameters = "SCHED_FLAG_KEEP_PARAMS"
    /// `SCHED_FLAG_UTIL_CLAMP_MIN`: the lower utilization clamp is set.
    case utilizationClampMinimum = "SCHED_FLAG_UTIL_CLAMP_MIN"
    /// `SCHED_FLAG_UTIL_CLAMP_MAX`: the upper utilization clamp is set.
    case utilizationClampMaximum = "SCHED_FLAG_UTIL_CLAMP_MAX"

    /// The bit in `sched_attr.sched_flags` (linux/sched.h).
    package var kernelValue: UInt64 {
        switch self {
        case .resetOnFork: 0x01
        case .reclaim: 0x02
        case .deadlineOverrun: 0x04
        case .keepPolicy: 0x08
        case .keepParameters: 0x10
        case .utilizationClampMinimum: 0x20
        case .utilizationClampMaximum: 0x40
        }
    }
}
