import ContainerRuntime
import LosslessJSON
import OCISpec

/// `list`.
struct ListCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        let format = invocation.arguments.value("format") ?? "table"
        guard ["table", "json"].contains(format) else {
            throw RuntimeError(.usage, "--format: expected table or json, found \(format)")
        }
        let store = invocation.store
        var containers: [Container] = []
        for id in try store.ids() {
            do throws(RuntimeError) {
                containers.append(try Container(id, in: store))
            } catch {
                // One that is deleted meanwhile, or damaged, must not hide the others.
                guard error.message != "container does not exist" else { continue }
                invocation.warn("list: \(id): \(error.text)")
            }
        }
        if invocation.arguments.has("quiet") {
            try Output.write(containers.map { $0.record.id + "\n" }.joined())
        } else if format == "json" {
            var writer = JSONWriter()
            writer.beginArray()
            for container in containers { container.state.write(to: &writer) }
            writer.endArray()
            try Output.write(writer.bytes + [UInt8(ascii: "\n")])
        } else {
            try Output.write(table(containers))
        }
    }

    private func table(_ containers: [Container]) -> String {
        var rows = [["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]]
        for container in containers {
            let state = container.state
            rows.append([
                state.id, String(state.pid ?? 0), state.status.rawValue, state.bundle.oneLine,
                (state.created ?? "").oneLine, (state.owner ?? "").oneLine,
            ])
        }
        let widths = (0..<6).map { column in rows.map { $0[column].utf8.count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, text) in row.enumerated() {
                line += text
                if column < 5 { line += String(repeating: " ", count: widths[column] - text.utf8.count + 3) }
            }
            return line + "\n"
        }.joined()
    }
}
