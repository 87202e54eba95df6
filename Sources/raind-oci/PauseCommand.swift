import ContainerRuntime

/// `pause` and `resume`.
struct PauseCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func pause() throws(RuntimeError) { try Pause.pause(invocation.id, in: invocation.store) }

    func resume() throws(RuntimeError) { try Pause.resume(invocation.id, in: invocation.store) }
}
