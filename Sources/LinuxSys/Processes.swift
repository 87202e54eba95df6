import CLinux
import Glibc

/// CLONE_*: clone(2), unshare(2), setns(2).
package struct CloneFlags: OptionSet, Sendable {
    /// The CLONE_* bits.
    package let rawValue: UInt64

    /// The flags of the bits `rawValue`.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// CLONE_NEWTIME (Linux 5.6): clone3 and unshare; not the old clone.
    package static let newTime = CloneFlags(rawValue: CLINUX_CLONE_NEWTIME)
    /// CLONE_NEWNS.
    package static let newMount = CloneFlags(rawValue: CLINUX_CLONE_NEWNS)
    /// CLONE_NEWCGROUP.
    package static let newCgroup = CloneFlags(rawValue: CLINUX_CLONE_NEWCGROUP)
    /// CLONE_NEWUTS.
    package static let newUTS = CloneFlags(rawValue: CLINUX_CLONE_NEWUTS)
    /// CLONE_NEWIPC.
    package static let newIPC = CloneFlags(rawValue: CLINUX_CLONE_NEWIPC)
    /// CLONE_NEWUSER.
    package static let newUser = CloneFlags(rawValue: CLINUX_CLONE_NEWUSER)
    /// CLONE_NEWPID.
    package static let newPID = CloneFlags(rawValue: CLINUX_CLONE_NEWPID)
    /// CLONE_NEWNET.
    package static let newNetwork = CloneFlags(rawValue: CLINUX_CLONE_NEWNET)
    /// CLONE_PARENT: the new process is the caller's sibling. No exit signal may be given then.
    package static let parent = CloneFlags(rawValue: CLINUX_CLONE_PARENT)
    /// CLONE_CLEAR_SIGHAND (Linux 5.5): clone3 only.
    package static let clearSignalHandlers = CloneFlags(rawValue: CLINUX_CLONE_CLEAR_SIGHAND)
}

/// On which side of a clone the caller finds itself.
package enum CloneResult: ~Copyable {
    /// In the new process.
    case child
    /// In the old one, with the new one.
    case parent(ChildProcess)
}

/// Making, changing and ending processes.
package enum Processes {
    /// clone3(2), Linux 5.3, like fork: memory is copied. `cgroup` (a directory of cgroup v2, Linux 5.7) is where the
    /// child starts (CLONE_INTO_CGROUP). The exit signal is SIGCHLD, or none beside CLONE_PARENT.
    ///
    /// The child has the calling thread only. Where there were others, it must not allocate.
    package static func clone3(
        _ flags: CloneFlags = [], cgroup: BorrowedFD? = nil
    ) throws(SyscallError) -> CloneResult {
        var pidfd: CInt = -1
        var bits = flags.rawValue | CLINUX_CLONE_PIDFD
        if cgroup != nil { bits |= CLINUX_CLONE_INTO_CGROUP }
        let exitSignal = flags.contains(.parent) ? 0 : UInt64(SIGCHLD)
        // SAFETY: pidfd is written by the call alone.
        let result = unsafe clinux_clone3(bits, exitSignal, cgroup?.rawValue ?? -1, &pidfd)
        return cloned(try check(result, "clone3"), pidfd)
    }

    /// clone(2), where clone3 is refused (ENOSYS). EINVAL for `newTime` and `clearSignalHandlers`.
    package static func legacyClone(_ flags: CloneFlags = []) throws(SyscallError) -> CloneResult {
        var pidfd: CInt = -1
        let exitSignal = flags.contains(.parent) ? 0 : UInt64(SIGCHLD)
        // SAFETY: pidfd is written by the call alone.
        let result = unsafe clinux_clone(flags.rawValue | CLINUX_CLONE_PIDFD, exitSignal, &pidfd)
        return cloned(try check(result, "clone"), pidfd)
    }

    private static func cloned(_ pid: CInt, _ pidfd: CInt) -> CloneResult {
        pid == 0 ? .child : .parent(ChildProcess(pid: pid, pidfd: OwnedFD(adopting: pidfd)))
    }

    /// pidfd_open(2), Linux 5.3. ESRCH when there is no such process.
    package static func openPIDFD(_ pid: Int32) throws(SyscallError) -> OwnedFD {
        OwnedFD(adopting: try check(clinux_pidfd_open(pid, 0), "pidfd_open", "pid \(pid)"))
    }

    /// pidfd_send_signal(2), Linux 5.1. Signal 0 only looks whether the process can be signalled.
    package static func sendSignal(_ signal: Int32, to pidfd: BorrowedFD) throws(SyscallError) {
        try check(clinux_pidfd_send_signal(pidfd.rawValue, signal), "pidfd_send_signal", "signal \(signal)")
    }

    /// pidfd_getfd(2), Linux 5.6: a copy of another process's descriptor. Needs what ptrace needs.
    package static func copyDescriptor(_ number: Int32, of pidfd: BorrowedFD) throws(SyscallError) -> OwnedFD {
        OwnedFD(adopting: try check(clinux_pidfd_getfd(pidfd.rawValue, number), "pidfd_getfd", "fd \(number)"))
    }

    /// kill(2). A negative pid is a process group.
    package static func kill(_ pid: Int32, _ signal: Int32) throws(SyscallError) {
        try check(clinux_kill(pid, signal), "kill", "pid \(pid)")
    }

    /// Waits for the end of the child that `pidfd` stands for, and reaps it: waitid(2) with P_PIDFD, Linux 5.4.
    package static func wait(_ pidfd: BorrowedFD) throws(SyscallError) -> ExitStatus {
        while true {
            if let status = try wait(CLINUX_P_PIDFD, pidfd.rawValue, WEXITED) { return status }
        }
    }

    /// As `wait`, but nil while the child runs.
    package static func waitNoHang(_ pidfd: BorrowedFD) throws(SyscallError) -> ExitStatus? {
        try wait(CLINUX_P_PIDFD, pidfd.rawValue, WEXITED | WNOHANG)
    }

    /// Reaps one child of the caller, whichever has ended: nil when none has. ECHILD when there are no children.
    package static func reapAny() throws(SyscallError) -> (pid: Int32, status: ExitStatus)? {
        var status = clinux_wait_status()
        // SAFETY: a call that fills in all of status.
        let result = retryingInterrupts { unsafe clinux_waitid(CInt(P_ALL.rawValue), 0, WEXITED | WNOHANG, &status) }
        try check(result, "waitid")
        return ExitStatus(status).map { (status.pid, $0) }
    }

    private static func wait(_ type: CInt, _ id: CInt, _ options: CInt) throws(SyscallError) -> ExitStatus? {
        var status = clinux_wait_status()
        // SAFETY: a call that fills in all of status.
        let result = retryingInterrupts { unsafe clinux_waitid(type, id, options, &status) }
        try check(result, "waitid")
        return ExitStatus(status)
    }

    /// _exit(2): no handlers, no flushing, no unwinding.
    package static func exitNow(_ code: Int32) -> Never {
        clinux_exit(code)
    }

    /// setsid(2): a new session and process group, without a terminal. EPERM for a leader of a group.
    package static func startSession() throws(SyscallError) {
        try check(clinux_setsid(), "setsid")
    }

    /// setpgid(2). 0 is the caller, and its own pid.
    package static func setProcessGroup(of pid: Int32 = 0, to group: Int32 = 0) throws(SyscallError) {
        try check(clinux_setpgid(pid, group), "setpgid", "pid \(pid)")
    }

    /// setns(2) into the namespace of a descriptor of nsfs (`types` checks its type; empty takes any), or into
    /// several of the process of a pidfd (Linux 5.8).
    package static func joinNamespace(
        _ fd: BorrowedFD, _ types: CloneFlags = [], subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        let bits = CInt(truncatingIfNeeded: types.rawValue)
        try check(clinux_setns(fd.rawValue, bits), "setns", subject() ?? fd.description)
    }

    /// unshare(2).
    package static func unshare(_ flags: CloneFlags) throws(SyscallError) {
        try check(clinux_unshare(flags.rawValue), "unshare")
    }

    /// getpid(2).
    package static var processID: Int32 { clinux_getpid() }
    /// getppid(2); 0 when the parent is in an outer pid namespace.
    package static var parentProcessID: Int32 { clinux_getppid() }
    /// gettid(2).
    package static var threadID: Int32 { clinux_gettid() }
}

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
