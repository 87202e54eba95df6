import CLinux
import Glibc

/// What the process does about signals.
package enum Signals {
    /// SIGHUP.
    package static let hangup: Int32 = 1
    /// SIGINT.
    package static let interrupt: Int32 = 2
    /// SIGQUIT.
    package static let quit: Int32 = 3
    /// SIGKILL.
    package static let kill: Int32 = 9
    /// SIGPIPE.
    package static let pipe: Int32 = 13
    /// SIGTERM.
    package static let terminate: Int32 = 15
    /// SIGCHLD.
    package static let child: Int32 = 17
    /// SIGCONT.
    package static let `continue`: Int32 = 18
    /// SIGSTOP.
    package static let stop: Int32 = 19
    /// SIGTSTP: a terminal's Control-Z.
    package static let terminalStop: Int32 = 20
    /// SIGTTIN.
    package static let terminalInput: Int32 = 21
    /// SIGTTOU.
    package static let terminalOutput: Int32 = 22
    /// SIGURG.
    package static let urgent: Int32 = 23
    /// SIGXFSZ: a file would become larger than RLIMIT_FSIZE lets it.
    package static let fileSize: Int32 = 25
    /// SIGWINCH.
    package static let windowChange: Int32 = 28

    /// sigprocmask(2), SIG_BLOCK: the set that was blocked before.
    @discardableResult
    package static func block(_ set: SignalSet) throws(SyscallError) -> SignalSet {
        try change(SIG_BLOCK, set)
    }

    /// sigprocmask(2), SIG_UNBLOCK: the set that was blocked before.
    @discardableResult
    package static func unblock(_ set: SignalSet) throws(SyscallError) -> SignalSet {
        try change(SIG_UNBLOCK, set)
    }

    /// sigprocmask(2), SIG_SETMASK: the set that was blocked before.
    @discardableResult
    package static func setMask(_ set: SignalSet) throws(SyscallError) -> SignalSet {
        try change(SIG_SETMASK, set)
    }

    private static func change(_ how: CInt, _ set: SignalSet) throws(SyscallError) -> SignalSet {
        var old: UInt64 = 0
        // SAFETY: old is written by the call alone.
        try check(unsafe clinux_sigprocmask(how, set.rawValue, &old), "rt_sigprocmask")
        return SignalSet(rawValue: old)
    }

    /// Lets the process be stopped by a signal that it blocks, until it is continued. The kernel stops nobody by SIGTSTP, SIGTTIN
    /// and SIGTTOU whose process group is orphaned, and there is nobody then who would continue it.
    package static func stopProcess(by signal: Int32) throws(SyscallError) {
        try Processes.kill(Processes.processID, signal)
        let mask = try unblock(SignalSet(signal: signal))
        try setMask(mask)
    }

    /// SIG_DFL for `signal`. EINVAL for SIGKILL, SIGSTOP and no signal.
    package static func setDefault(_ signal: Int32) throws(SyscallError) {
        try check(clinux_set_disposition(signal, 0), "rt_sigaction", "signal \(signal)")
    }

    /// SIG_IGN for `signal`. EINVAL for SIGKILL, SIGSTOP and no signal.
    package static func ignore(_ signal: Int32) throws(SyscallError) {
        try check(clinux_set_disposition(signal, 1), "rt_sigaction", "signal \(signal)")
    }

    /// SIG_DFL with SA_NOCLDWAIT for SIGCHLD: a child that ends is gone at once, and nobody can wait for it. Undone by
    /// `setDefault`, and by the exec of a program.
    package static func discardChildren() throws(SyscallError) {
        try check(clinux_discard_children(), "rt_sigaction", "SA_NOCLDWAIT")
    }

    /// SIG_DFL for all signals, those of libc's own too.
    package static func resetDispositions() {
        for signal in CInt(1)...64 where signal != SIGKILL && signal != SIGSTOP {
            // It cannot fail for a signal that can be caught.
            _ = clinux_set_disposition(signal, 0)
        }
    }

    /// Whether `signal` is ignored (SIG_IGN), as it can be inherited over exec.
    package static func isIgnored(_ signal: Int32) throws(SyscallError) -> Bool {
        try check(clinux_get_disposition(signal), "rt_sigaction", "signal \(signal)") == 1
    }

    /// signalfd(2), non-blocking: the signals of `set`, which must be blocked, can be read from it.
    package static func openDescriptor(_ set: SignalSet) throws(SyscallError) -> OwnedFD {
        return OwnedFD(adopting: try check(clinux_signalfd(set.rawValue), "signalfd"))
    }

    /// The next signal of a signalfd; nil when there is none at the moment.
    package static func read(_ fd: BorrowedFD) throws(SyscallError) -> ReceivedSignal? {
        var signal = clinux_signal()
        // SAFETY: a call that fills in all of signal when it returns 1.
        let result = retryingInterrupts { unsafe clinux_read_signal(fd.rawValue, &signal) }
        if result == -EAGAIN { return nil }
        if try check(result, "read", "signalfd") == 0 { return nil }
        return ReceivedSignal(
            number: Int32(signal.number), code: signal.code, senderProcess: Int32(bitPattern: signal.sender_pid),
            senderUser: signal.sender_uid, status: signal.status)
    }
}
