import ContainerRuntime

/// `delete`.
struct DeleteCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        try Delete.delete(invocation.id, force: invocation.arguments.has("force"), in: invocation.store)
    }
}
