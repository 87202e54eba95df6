import ContainerRuntime
import LinuxSys

/// `run`: create and start, and, unless detached, wait for the process and delete the container.
struct RunCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) -> Int32 {
        let isDetached = invocation.arguments.has("detach")
        var terminal: ForegroundTerminal?
        let launch = try CreateCommand(invocation).prepare { () throws(RuntimeError) in
            if isDetached { return nil }
            let made = try ForegroundTerminal()
            let target = made.target
            terminal = consume made
            return target
        }
        // Blocked before the process exists, so that none is lost between its birth and the loop below; the process
        // itself starts with nothing blocked.
        let forwarding = isDetached ? nil : try SignalForwarding()
        try launch.create()
        var notification: ServiceNotification?
        do throws(RuntimeError) {
            if let host = ServiceNotification.hostSocket { notification = try launch.openNotification(to: host) }
            try terminal?.open(hasSize: launch.hasTerminalSize)
            try launch.start()
        } catch {
            // What could not start is not left behind.
            launch.takeBack()
            throw error
        }
        guard let forwarding else {
            switch notification {
            case .some(let notification): notification.forwardOrWarn(mainPID: launch.record.pid)
            case .none: break
            }
            return 0
        }
        let status: ExitStatus
        do throws(RuntimeError) {
            status = try forwarding.wait(for: launch, terminal: &terminal, notification: &notification)
        } catch {
            // Without this program nobody would wait for it.
            launch.takeBack()
            throw error
        }
        if case .signaled(Signals.kill, _) = status, let shortage = launch.outOfMemory {
            // Its caller sees the exit status alone, and the container that `state` would tell of is gone.
            invocation.warn("run \(invocation.id): \(shortage.text); hint: \(shortage.hint)")
        }
        if !invocation.arguments.has("keep") { try launch.delete() }
        return status.shellCode
    }
}
