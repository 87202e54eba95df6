/// What a filter does with a system call (config-linux.md, "Seccomp"; seccomp(2)). The raw value is its name in
/// `config.json`.
package enum SeccompAction: String, CaseIterable, Sendable {
    /// `SCMP_ACT_KILL`: another name of ``killThread``.
    case kill = "SCMP_ACT_KILL"
    /// `SCMP_ACT_KILL_PROCESS`: the process ends as by SIGSYS.
    case killProcess = "SCMP_ACT_KILL_PROCESS"
    /// `SCMP_ACT_KILL_THREAD`: the thread ends as by SIGSYS.
    case killThread = "SCMP_ACT_KILL_THREAD"
    /// `SCMP_ACT_TRAP`: the thread gets SIGSYS.
    case trap = "SCMP_ACT_TRAP"
    /// `SCMP_ACT_ERRNO`: the call fails with an errno.
    case errno = "SCMP_ACT_ERRNO"
    /// `SCMP_ACT_TRACE`: a tracer decides; without one the call fails with ENOSYS.
    case trace = "SCMP_ACT_TRACE"
    /// `SCMP_ACT_ALLOW`: the call is made.
    case allow = "SCMP_ACT_ALLOW"
    /// `SCMP_ACT_LOG`: the call is made and logged.
    case log = "SCMP_ACT_LOG"
    /// `SCMP_ACT_NOTIFY`: an agent in user space decides, from Linux 5.0.
    case notify = "SCMP_ACT_NOTIFY"

    /// Whether a number of `errnoRet` means something to the action.
    package var takesErrno: Bool { self == .errno || self == .trace }

    /// The filter's return value without the number in its low 16 bits: `SECCOMP_RET_*` (linux/seccomp.h).
    package var kernelValue: UInt32 {
        switch self {
        case .kill, .killThread: 0x0000_0000
        case .killProcess: 0x8000_0000
        case .trap: 0x0003_0000
        case .errno: 0x0005_0000
        case .notify: 0x7fc0_0000
        case .trace: 0x7ff0_0000
        case .log: 0x7ffc_0000
        case .allow: 0x7fff_0000
        }
    }
}
