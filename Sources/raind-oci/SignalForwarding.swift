import ContainerRuntime
import LinuxSys

/// A foreground `run` or `exec`: what is sent to the runtime goes on to the container's process until that ends.
///
/// Three signals are a shell's way to stop a job, SIGTSTP (Control-Z), SIGTTIN and SIGTTOU. As a job the runtime stops by
/// them: its caller's terminal is as it was before while it does. A process that reads from that terminal itself, because the
/// container has none of its own, stops with it, or it would take what is typed for the shell. Where there is no job control
/// they go on to the process like the others.
struct SignalForwarding: ~Copyable {
    private let signals: OwnedFD

    /// Blocks every signal that can be, and receives them by descriptor instead.
    init() throws(RuntimeError) {
        do throws(SyscallError) {
            _ = try Signals.block(.all)
            signals = try Signals.openDescriptor(.all)
        } catch {
            throw RuntimeError(error, in: "watch signals")
        }
    }

    /// Forwards until the process ends, and gives its exit status.
    /// - Parameters:
    ///   - terminal: the container's, where this process is the one that shows it.
    ///   - notification: what the container says over when it is ready; nil once it was told.
    borrowing func wait(
        for process: some ForegroundProcess, terminal: inout ForegroundTerminal?,
        notification: inout ServiceNotification?
    ) throws(RuntimeError) -> ExitStatus {
        while true {
            let signal: ReceivedSignal?
            do throws(SyscallError) {
                signal = try next(&terminal, &notification)
            } catch {
                throw RuntimeError(error, in: "watch process")
            }
            guard let signal else { continue }
            // Before its end, of which this is the reason, and before what is meant for its program.
            try process.awaitProgram()
            do throws(SyscallError) {
                if let status = try handle(signal, process, &terminal) { return status }
            } catch {
                throw RuntimeError(error, in: "pass signal on")
            }
        }
    }

    /// Waits for a signal; nil where something else came first.
    private func next(
        _ terminal: inout ForegroundTerminal?, _ notification: inout ServiceNotification?
    ) throws(SyscallError) -> ReceivedSignal? {
        var entries = [PollEntry(signals.borrowed, .readable), PollEntry(BorrowedFD(rawValue: -1), .readable)]
        switch notification {
        case .some(let notification): entries[1] = notification.entry
        case .none: break
        }
        if try terminal?.relay(until: &entries) == nil { try Poll.wait(&entries) }
        if !entries[1].ready.isEmpty { try pass(&notification) }
        return try Signals.read(signals.borrowed)
    }

    /// Does what a signal asks for.
    /// - Returns: the process's exit status once it has ended.
    private func handle(
        _ signal: ReceivedSignal, _ process: some ForegroundProcess, _ terminal: inout ForegroundTerminal?
    ) throws(SyscallError) -> ExitStatus? {
        switch signal.number {
        case Signals.child:
            guard let status = try process.exitStatusIfEnded() else { return nil }
            try terminal?.finish()
            return status
        // The runtime's urgent data is not the container's.
        case Signals.urgent: break
        case Signals.windowChange where terminal != nil: try terminal?.resize()
        case Signals.terminalStop, Signals.terminalInput, Signals.terminalOutput:
            if Processes.isInJob {
                try stop(by: signal.number, process, &terminal)
            } else {
                try send(signal.number, to: process)
            }
        case Signals.continue:
            // Nobody could see a SIGSTOP come: the caller's terminal may be another's by now.
            try terminal?.resume()
            try send(signal.number, to: process)
        default: try send(signal.number, to: process)
        }
        return nil
    }

    private func send(_ signal: Int32, to process: some ForegroundProcess) throws(SyscallError) {
        do throws(SyscallError) {
            try process.signal(signal)
        } catch {
            guard error.errno == .ESRCH else { throw error }
        }
    }

    /// Stops the runtime until it is continued.
    private func stop(
        by signal: Int32, _ process: some ForegroundProcess, _ terminal: inout ForegroundTerminal?
    ) throws(SyscallError) {
        let ownTerminal = terminal == nil
        // Best effort, both: a process that has ended just now is told of next.
        if ownTerminal { try? process.signalGroup(Signals.stop) }
        try terminal?.release()
        try Signals.stopProcess(by: signal)
        if ownTerminal { try? process.signalGroup(Signals.continue) }
        try terminal?.resume()
    }

    /// Takes what the container says, and tells the service manager once it is ready. The main process is this one, which the
    /// service manager has started.
    private func pass(_ notification: inout ServiceNotification?) throws(SyscallError) {
        var isDone = false
        switch notification {
        case .some(let notification):
            if try notification.isReady() {
                isDone = true
                do throws(SyscallError) {
                    try notification.tell(mainPID: Processes.processID)
                } catch {
                    // A container that runs is no failure because nobody could be told.
                    Warning.write("NOTIFY_SOCKET: \(error)")
                }
            }
        case .none: break
        }
        if isDone { notification = nil }
    }
}
