import CLinux
import Glibc

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

    /// Whether the calling process is in a process group that its session's leader has made for it, as shells with job
    /// control do.
    package static var isInJob: Bool { clinux_getpgrp() != clinux_getsid() }

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

    /// Waits for the end of a child, and reaps it: waitid(2) with P_PID. Until then its number is no other process's.
    package static func wait(for pid: Int32) throws(SyscallError) -> ExitStatus {
        while true {
            if let status = try wait(CInt(P_PID.rawValue), pid, WEXITED) { return status }
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
