import LinuxSys
import OCISpec

/// The processes of a container, as `ps` shows them.
package struct ProcessList {
    /// Their ids in the caller's pid namespace, sorted; none for a stopped container.
    package let pids: [Int32]

    /// Looks into a container's control groups; without, into its pid namespace.
    package init(_ id: String, in store: StateStore) throws(RuntimeError) {
        let container = try Container(id, in: store)
        guard container.status != .stopped else {
            pids = []
            return
        }
        do throws(SyscallError) {
            let record = container.record
            let found = try record.cgroups.processes()
            if !found.isEmpty || record.pid == 0 {
                pids = found.sorted()
            } else if record.cgroups.groups.isEmpty, record.hasPIDNamespace {
                pids = try PIDNamespaceMembers(of: record.pid).pids()
            } else {
                // Nothing but its first process is known to be the container's.
                pids = [record.pid]
            }
        } catch {
            throw RuntimeError(error, in: "list processes")
        }
    }

    /// What the host's ps(1) says of them: its heading, and the lines with one of their ids.
    /// - Parameters:
    ///   - arguments: ps's own; they have to ask for a column PID.
    ///   - path: the caller's PATH.
    package func table(arguments: [String], path: String?) throws(RuntimeError) -> String {
        let program: String
        do throws(CommandFailure) {
            program = try Executable(finding: "ps", environment: path.map { ["PATH=" + $0] } ?? []).path
        } catch {
            throw RuntimeError(
                .system, "the host has no program ps", hint: "--format json lists the process ids without it")
        }
        let output: [UInt8]
        let status: ExitStatus
        do throws(SyscallError) {
            // A memory file, not a pipe: however much it says, nobody waits for the other.
            let file = try Files.createMemoryFile("ps")
            var options = SpawnOptions()
            options.standardOutput = file.borrowed
            // In the C locale the heading is the one that is looked for.
            let prepared = try PreparedExec(
                path: program, arguments: ["ps"] + arguments, environment: ["LC_ALL=C", "PATH=" + (path ?? "")])
            status = try Processes.spawn(prepared, options).wait()
            try Files.seek(file.borrowed, to: 0)
            output = try Files.readAll(file.borrowed, limit: 64 << 20)
        } catch {
            throw RuntimeError(error, in: "run ps")
        }
        guard status.isSuccess else { throw RuntimeError(.system, "ps ended with status \(status.shellCode)") }
        return try select(from: output)
    }

    private func select(from output: [UInt8]) throws(RuntimeError) -> String {
        let lines = output.split(separator: UInt8(ascii: "\n"))
        func words(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] { line.split(separator: UInt8(ascii: " ")) }
        guard let heading = lines.first,
            let column = words(heading).firstIndex(where: { $0.elementsEqual("PID".utf8) })
        else { throw RuntimeError(.usage, "ps with these arguments shows no column PID") }
        var text = String(decoding: heading, as: UTF8.self) + "\n"
        for line in lines.dropFirst() {
            let fields = words(line)
            guard fields.indices.contains(column), let pid = Int32(String(decoding: fields[column], as: UTF8.self)),
                pids.contains(pid)
            else { continue }
            text += String(decoding: line, as: UTF8.self) + "\n"
        }
        return text
    }
}
