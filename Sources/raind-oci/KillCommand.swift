import ContainerRuntime
import OCISpec

/// `kill`.
struct KillCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        let operands = invocation.arguments.operands
        let name = operands.count > 1 ? operands[1] : "TERM"
        guard let signal = Signal(parsing: name) else {
            throw RuntimeError(.usage, "unknown signal \"\(name)\"")
        }
        try Kill.send(
            signal.rawValue, to: invocation.id, all: invocation.arguments.has("all"), in: invocation.store)
    }
}
