import ContainerRuntime
import LinuxSys

/// `checkpoint` and `restore`.
struct CheckpointCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func checkpoint() throws(RuntimeError) -> Never {
        try Checkpoint.save(invocation.id, in: invocation.store, path: Environment.value(of: "PATH"))
    }

    func restore() throws(RuntimeError) -> Never {
        try Checkpoint.restore(invocation.id, in: invocation.store, path: Environment.value(of: "PATH"))
    }
}
