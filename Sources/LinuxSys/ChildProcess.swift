import CLinux
import Glibc

/// How a process ended.
package enum ExitStatus: Equatable, Sendable {
    /// By exit, with this code: 0 through 255.
    case exited(Int32)
    /// By this signal.
    case signaled(Int32, coreDumped: Bool)

    init?(_ raw: clinux_wait_status) {
        if raw.pid == 0 { return nil }
        switch raw.code {
        case CInt(CLD_EXITED): self = .exited(raw.status)
        case CInt(CLD_KILLED): self = .signaled(raw.status, coreDumped: false)
        case CInt(CLD_DUMPED): self = .signaled(raw.status, coreDumped: true)
        default: return nil
        }
    }

    /// The code that a shell would give: the exit code, or 128 and the signal.
    package var shellCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal, _): 128 + signal
        }
    }

    /// Whether it is an exit with 0.
    package var isSuccess: Bool { self == .exited(0) }
}

/// A child of the caller. It is not reaped, nor ended, by being forgotten: wait for it.
package struct ChildProcess: ~Copyable, Sendable {
    /// Its number in the caller's pid namespace.
    package let pid: Int32
    /// A descriptor for it, close-on-exec; readable (poll) once it has ended.
    package let pidfd: OwnedFD

    /// The child `pid`, which `pidfd` stands for.
    package init(pid: Int32, pidfd: consuming OwnedFD) {
        self.pid = pid
        self.pidfd = pidfd
    }

    /// Waits for its end, and reaps it.
    package borrowing func wait() throws(SyscallError) -> ExitStatus {
        try Processes.wait(pidfd.borrowed)
    }

    /// Reaps it if it has ended; nil while it runs.
    package borrowing func waitNoHang() throws(SyscallError) -> ExitStatus? {
        try Processes.waitNoHang(pidfd.borrowed)
    }

    /// Sends it a signal. ESRCH once it is reaped.
    package borrowing func signal(_ signal: Int32) throws(SyscallError) {
        try Processes.sendSignal(signal, to: pidfd.borrowed)
    }
}
