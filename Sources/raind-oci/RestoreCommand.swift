import ContainerRuntime
import LinuxSys
import RuntimePlan

/// `restore`: a container from the files of one that was saved; unless detached, its process is waited for and the
/// container is deleted.
struct RestoreCommand {
    private let invocation: Invocation
    private var arguments: ParsedArguments { invocation.arguments }

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) -> Int32 {
        let id = invocation.id
        try StateStore.check(id: id)
        guard try !invocation.store.has(id) else {
            throw RuntimeError(.state, "container with given ID already exists")
        }
        var options = RestoreOptions(try CRIUSettings(arguments))
        options.closesConnections = arguments.has("tcp-close")
        options.securityProfile = arguments.value("lsm-profile").flatMap { $0.isEmpty ? nil : $0 }
        options.mountContext = arguments.value("lsm-mount-context").flatMap { $0.isEmpty ? nil : $0 }
        let isDetached = arguments.has("detach")
        var terminal: ForegroundTerminal?
        let launch = try CreateCommand(invocation).prepare(restores: true) { () throws(RuntimeError) in
            if isDetached { return nil }
            let made = try ForegroundTerminal()
            let target = made.target
            terminal = consume made
            return target
        }
        // Blocked before the process exists, so that none is lost between its birth and the loop below.
        let forwarding = isDetached ? nil : try SignalForwarding()
        try launch.restore(options)
        guard let forwarding else { return 0 }
        let status: ExitStatus
        do throws(RuntimeError) {
            try terminal?.open(hasSize: launch.hasTerminalSize)
            var notification: ServiceNotification?
            status = try forwarding.wait(for: launch, terminal: &terminal, notification: &notification)
        } catch {
            // Without this program nobody would wait for it.
            launch.takeBack()
            throw error
        }
        try launch.delete()
        return status.shellCode
    }
}
