import ContainerRuntime
import LinuxSys

/// A foreground `run` or `exec`: what is sent to the runtime goes on to the container's process until that ends.
struct SignalForwarding: ~Copyable {
    private let signals: OwnedFD

    /// Blocks every signal that can be, and receives them by descriptor instead.
    init() throws(RuntimeError) {
        do throws(SyscallError) {
            _ = try Signals.block(.all)
            signals = try Signals.openDescriptor(.all)
        } catch {
            throw RuntimeError(error)
        }
    }

    /// Forwards until the process ends, and gives its exit status.
    /// - Parameter terminal: the container's, where this process is the one that shows it.
    borrowing func wait(
        for process: some ForegroundProcess, terminal: inout ForegroundTerminal?
    ) throws(RuntimeError) -> ExitStatus {
        do throws(SyscallError) {
            while true {
                if try terminal?.relay(until: signals.borrowed) == nil {
                    var entries = [PollEntry(signals.borrowed, .readable)]
                    try Poll.wait(&entries)
                }
                guard let signal = try Signals.read(signals.borrowed) else { continue }
                if signal.number == Signals.child {
                    if let status = try process.exitStatusIfEnded() {
                        try terminal?.finish()
                        return status
                    }
                    continue
                }
                // A terminal's own job control, and the runtime's urgent data, are not the container's.
                guard signal.number != Signals.urgent else { continue }
                if signal.number == Signals.windowChange, terminal != nil {
                    try terminal?.resize()
                    continue
                }
                do throws(SyscallError) {
                    try process.signal(signal.number)
                } catch {
                    guard error.errno == .ESRCH else { throw error }
                }
            }
        } catch {
            throw RuntimeError(error)
        }
    }
}
