import HostInspection
import LinuxSys
import LosslessJSON
import OCISpec

/// A container that a runtime of this host knows.
struct FoundContainer {
    /// Its id.
    let id: String
    /// The runtime's program.
    let runtime: RuntimeProgram
    /// `created`, `running`, `paused`, `stopped`.
    let status: String
    /// Its first process; 0 for none.
    let pid: Int32
    /// Its bundle's folder.
    let bundle: String
}

/// Looks for containers where runtimes keep them.
struct ContainerSearch {
    /// `--root`: the folder where the runtime keeps its containers.
    let root: String?
    /// `--runtime`: the runtime's program, a path or a name in PATH.
    let runtime: String?

    /// The container of this id.
    func container(named id: String) throws(CommandFailure) -> FoundContainer {
        if let runtime { return try container(id, of: RuntimeProgram(path: try program(runtime), root: root)) }
        let found = roots.compactMap { root in RuntimeProgram.Kind(root: root, id: id).map { (root, $0) } }
        guard let (folder, kind) = found.first else {
            throw .failed(
                "no container \(id) in \(roots.joined(separator: ", ")); --root names another folder, --runtime the program"
            )
        }
        guard found.count == 1 else {
            let names = found.map(\.1.rawValue).joined(separator: ", ")
            throw .failed("\(id) is a container of \(names); say whose you mean with --runtime")
        }
        return try container(id, of: RuntimeProgram(path: try program(kind.rawValue), root: folder))
    }

    /// The containers of which `holds` says yes. What can't be asked for its state is passed over.
    func containers(where holds: (FoundContainer) -> Bool) -> [FoundContainer] {
        var found: [FoundContainer] = []
        for folder in roots {
            for id in RuntimeProgram.ids(below: folder) {
                // Best effort: another's container, or one that has just ended, is none that is looked for.
                guard let kind = RuntimeProgram.Kind(root: folder, id: id),
                    let path = try? program(runtime ?? kind.rawValue),
                    let container = try? container(id, of: RuntimeProgram(path: path, root: folder)), holds(container)
                else { continue }
                found.append(container)
            }
        }
        return found
    }

    /// The folders to look into.
    var roots: [String] {
        if let root { return [root] }
        if let runtime, let name = runtime.split(separator: "/").last,
            let kind = RuntimeProgram.Kind(rawValue: String(name))
        {
            return [kind.defaultRoot]
        }
        return RuntimeProgram.Kind.allCases.map(\.defaultRoot)
    }

    private func program(_ name: String) throws(CommandFailure) -> String {
        if name.utf8.contains(UInt8(ascii: "/")) { return name }
        guard let path = RuntimeProgram.find(name) else {
            throw .failed("\(name) isn't in PATH; name the runtime's program with --runtime")
        }
        return path
    }

    private func container(_ id: String, of runtime: RuntimeProgram) throws(CommandFailure) -> FoundContainer {
        let answer = try failing { () throws(SyscallError) in try runtime.state(of: id) }
        guard answer.status.isSuccess else {
            let said = answer.error.split(separator: "\n").last.map { ": " + $0 } ?? ""
            throw .failed("\(runtime.path) state \(id): exit status \(answer.status.shellCode)\(said)")
        }
        let place = "\(runtime.path) state \(id)"
        let state = try failing(place) { () throws(JSON.SyntaxError) in try JSON(parsing: answer.output) }
        guard let status = state["status"]?.stringValue, let bundle = state["bundle"]?.stringValue else {
            throw .failed("\(place): it printed no state with status and bundle")
        }
        let pid = state["pid"]?.uint64Value.flatMap { Int32(exactly: $0) } ?? 0
        return FoundContainer(id: id, runtime: runtime, status: status, pid: pid, bundle: bundle)
    }
}
