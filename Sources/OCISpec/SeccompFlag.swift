/// A flag that a filter is loaded with (config-linux.md, "Seccomp"; seccomp(2)).
package enum SeccompFlag: String, CaseIterable, Sendable {
    /// `SECCOMP_FILTER_FLAG_TSYNC`: all threads get the filter.
    case threadSync = "SECCOMP_FILTER_FLAG_TSYNC"
    /// `SECCOMP_FILTER_FLAG_LOG`: what isn't allowed is logged.
    case log = "SECCOMP_FILTER_FLAG_LOG"
    /// `SECCOMP_FILTER_FLAG_SPEC_ALLOW`: no mitigation of speculative store bypass for the filter's sake.
    case allowSpeculation = "SECCOMP_FILTER_FLAG_SPEC_ALLOW"
    /// `SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV`: only fatal signals interrupt a call that an agent works on, from
    /// Linux 5.19.
    case waitKillableReceive = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"

    /// The bit of seccomp(2) (linux/seccomp.h).
    package var kernelValue: UInt32 {
        switch self {
        case .threadSync: 1 << 0
        case .log: 1 << 1
        case .allowSpeculation: 1 << 2
        case .waitKillableReceive: 1 << 5
        }
    }
}
