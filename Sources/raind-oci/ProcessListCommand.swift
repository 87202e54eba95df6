import ContainerRuntime
import LinuxSys
import LosslessJSON

/// `ps`.
struct ProcessListCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        let format = invocation.arguments.value("format") ?? "table"
        guard ["table", "json"].contains(format) else {
            throw RuntimeError(.usage, "--format: expected table or json, found \(format)")
        }
        let list = try ProcessList(invocation.id, in: invocation.store)
        guard format == "table" else {
            var writer = JSONWriter()
            writer.beginArray()
            for pid in list.pids { writer.int(pid) }
            writer.endArray()
            return try Output.write(writer.bytes + [UInt8(ascii: "\n")])
        }
        let arguments = Array(invocation.arguments.operands.dropFirst())
        try Output.write(
            try list.table(
                arguments: arguments.isEmpty ? ["-ef"] : arguments, path: Environment.value(of: "PATH")))
    }
}
