import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan

/// Runs the hooks of a config (config.md, "POSIX-platform Hooks").
enum ContainerHooks {
    /// Runs hooks one after the other, each with the container's state on standard input.
    /// - Throws: `RuntimeError` for the first that can't be run, ends with another status than 0, or takes too long.
    static func run(_ hooks: [Hook], _ kind: HookKind, state: [UInt8]) throws(RuntimeError) {
        for (place, hook) in hooks.enumerated() {
            do throws(HookFailure) {
                try run(hook, state)
            } catch {
                var failure = RuntimeError(.system, "\(hook.path): \(error.text)")
                failure.step = Step.runHooks(kind).summary
                failure.pointer = "/hooks/\(kind.rawValue)/\(place)"
                throw failure
            }
        }
    }

    /// Why a hook failed.
    private struct HookFailure: Error {
        var text: String
    }

    private static func run(_ hook: Hook, _ state: [UInt8]) throws(HookFailure) {
        do throws(SyscallError) {
            // Memory files, not pipes: whether the hook reads, and how much it writes, blocks nobody.
            let input = try Files.createMemoryFile("state")
            try Files.writeAll(input.borrowed, state)
            try Files.seek(input.borrowed, to: 0)
            let output = try Files.createMemoryFile("output")
            var options = SpawnOptions()
            options.standardInput = input.borrowed
            options.standardOutput = output.borrowed
            options.standardError = output.borrowed
            let arguments = hook.args.flatMap { $0.isEmpty ? nil : $0 } ?? [hook.path]
            let program = try PreparedExec(path: hook.path, arguments: arguments, environment: hook.env ?? [])
            let process = try Processes.spawn(program, options)
            var failure: String?
            if let timeout = hook.timeoutSeconds {
                var entries = [PollEntry(process.pidfd.borrowed, .readable)]
                if try Poll.wait(&entries, timeoutMilliseconds: Int32(max(0, min(timeout, 2_000_000)) * 1000)) == 0 {
                    try process.signal(Signals.kill)
                    failure = "killed after its timeout of \(timeout) s"
                }
            }
            switch try process.wait() {
            case .exited(0): break
            case .exited(let code): failure = failure ?? "exit status \(code)"
            case .signaled(let number, _):
                failure = failure ?? "killed by \(Signal(rawValue: number)?.name ?? String(number))"
            }
            guard let failure else { return }
            // The end of it: there it says what went wrong.
            let size = try Files.status(of: output.borrowed).size
            try Files.seek(output.borrowed, to: Int64(size - min(size, quotedBytes)))
            throw SyscallError(
                operation: "hook", errno: .EIO,
                subject: failure + quote(try Files.readAll(output.borrowed, limit: 1 << 16)))
        } catch {
            throw HookFailure(text: error.operation == "hook" ? error.subject : error.description)
        }
    }

    /// How much is told of what a hook wrote.
    private static let quotedBytes: UInt64 = 512

    /// What a hook wrote, in one line.
    private static func quote(_ output: [UInt8]) -> String {
        let text = String(decoding: output, as: UTF8.self)
        let line = text.split(whereSeparator: { $0.isNewline }).joined(separator: " | ")
        return line.isEmpty ? "" : ": " + line
    }

    // MARK: After create

    /// The hooks that later commands run, as JSON for the record; empty when there are none.
    static func encode(_ hooks: Hooks) -> [UInt8] {
        guard hooks.poststart?.isEmpty == false || hooks.poststop?.isEmpty == false else { return [] }
        var writer = JSONWriter()
        writer.beginObject()
        for kind in [HookKind.poststart, .poststop] {
            writer.name(kind.rawValue)
            writer.beginArray()
            for hook in hooks[kind] ?? [] { write(hook, &writer) }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ hook: Hook, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("path", hook.path)
        for (name, list) in [("args", hook.args), ("env", hook.env)] {
            guard let list else { continue }
            writer.name(name)
            writer.beginArray()
            for text in list { writer.string(text) }
            writer.endArray()
        }
        if let timeout = hook.timeoutSeconds { writer.member("timeout", timeout) }
        writer.endObject()
    }

    /// The hooks of one kind in a record.
    static func decode(_ record: ContainerRecord, _ kind: HookKind) -> [Hook] {
        guard !record.laterHooks.isEmpty, let json = try? JSON(parsing: record.laterHooks),
            let list = json[kind.rawValue]
        else { return [] }
        return list.elements.compactMap { hook in
            guard let path = hook["path"]?.stringValue else { return nil }
            return Hook(
                path: path, args: hook["args"]?.elements.compactMap(\.stringValue),
                env: hook["env"]?.elements.compactMap(\.stringValue),
                timeoutSeconds: hook["timeout"]?.int64Value.map(Int.init))
        }
    }
}

extension ContainerRecord {
    /// The state document that hooks get (runtime.md, "State").
    func state(_ status: ContainerStatus, pid: Int32) -> [UInt8] {
        var writer = JSONWriter()
        write(status, pid: pid, to: &writer)
        return writer.bytes
    }

    /// Writes that document as a value.
    func write(_ status: ContainerStatus, pid: Int32, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("ociVersion", ociVersion)
        writer.member("id", id)
        writer.member("status", status.rawValue)
        writer.member("pid", pid)
        writer.member("bundle", bundle)
        writer.member("root", rootfs)
        if !annotations.isEmpty {
            writer.name("annotations")
            writer.beginObject()
            for annotation in annotations { writer.member(annotation.name, annotation.value) }
            writer.endObject()
        }
        writer.endObject()
    }
}
