import ContainerRuntime
import LinuxSys

/// `start`.
struct StartCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        var trace = Trace(path: invocation.arguments.value("trace"))
        let start = trace.now
        try Start.start(
            invocation.id, in: invocation.store, notifying: ServiceNotification.hostSocket)
        trace.add("start", process: Processes.processID, since: start)
        try trace.write()
    }
}
