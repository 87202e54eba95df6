import ContainerRuntime
import LosslessJSON
import OCISpec

/// `state`.
struct StateCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        let container = try Container(invocation.id, in: invocation.store)
        var writer = JSONWriter(.indented(spaces: 2))
        container.state.write(to: &writer)
        try Output.write(writer.bytes + [UInt8(ascii: "\n")])
    }
}
