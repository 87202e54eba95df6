import ContainerRuntime
import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan

/// `update`: other limits for a container that is there.
struct UpdateCommand {
    private let invocation: Invocation
    private var arguments: ParsedArguments { invocation.arguments }

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        var update = try ResourceUpdate(invocation.id, in: invocation.store)
        var resources = try requested()
        if resources.memory?.swapBytes != nil, resources.memory?.limitBytes == nil {
            // What swap is on top of.
            resources.memory?.limitBytes = try update.memoryLimitBytes()
        }
        let writes = ResourceWrites(resources, on: update.layout, at: "")
        guard writes.problems.isEmpty else { throw RuntimeError(SpecProblems(writes.problems)) }
        try update.apply(writes.writes, schemata: try schemata())
    }

    /// Lines for the class of service.
    private func schemata() throws(RuntimeError) -> [String] {
        var lines: [String] = []
        for (name, resource) in [("l3-cache-schema", "L3"), ("mem-bw-schema", "MB")] {
            guard let text = arguments.value(name) else { continue }
            guard text.startsBytewise(with: resource), !text.utf8.contains(UInt8(ascii: "\n")) else {
                throw RuntimeError(
                    .usage, "invalid value for \(name): expected \(resource):0=... in one line, found \"\(text)\"")
            }
            lines.append(text)
        }
        return lines
    }

    private func requested() throws(RuntimeError) -> Resources {
        // A file stands alone: the options are for people, and who sends a file has said it all there.
        guard let path = arguments.value("resources") else { return try given() }
        return try read(path)
    }

    private func read(_ path: String) throws(RuntimeError) -> Resources {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes =
                path == "-"
                ? try Files.readAll(.standardInput, limit: 64 << 20) : try Files.readFile(path, limit: 64 << 20)
        } catch {
            guard error.errno == .ENOENT else { throw RuntimeError(error, in: "read resources") }
            throw RuntimeError(.config, "the resources file \(path) is missing")
        }
        let json: JSON
        do throws(JSON.SyntaxError) {
            json = try JSON(parsing: bytes)
        } catch {
            throw RuntimeError(.config, "\(path == "-" ? "standard input" : path):\(error)")
        }
        do throws(SpecProblems) {
            return try Resources(json)
        } catch {
            throw RuntimeError(error)
        }
    }

    /// What the options ask for.
    private func given() throws(RuntimeError) -> Resources {
        var memory = Resources.Memory()
        memory.limitBytes = try bytes("memory")
        memory.reservationBytes = try bytes("memory-reservation")
        memory.swapBytes = try bytes("memory-swap")
        var cpu = Resources.CPU()
        cpu.shares = try number("cpu-share")
        cpu.quotaMicroseconds = try number("cpu-quota")
        cpu.periodMicroseconds = try number("cpu-period")
        cpu.burstMicroseconds = try number("cpu-burst")
        cpu.realtimeRuntimeMicroseconds = try number("cpu-rt-runtime")
        cpu.realtimePeriodMicroseconds = try number("cpu-rt-period")
        cpu.idle = try number("cpu-idle")
        cpu.cpus = arguments.value("cpuset-cpus")
        cpu.mems = arguments.value("cpuset-mems")
        var resources = Resources()
        resources.memory = memory
        resources.cpu = cpu
        if let limit: Int64 = try number("pids-limit") { resources.pids = Resources.Pids(limit: limit) }
        if let weight: UInt16 = try number("blkio-weight") {
            var blockIO = Resources.BlockIO()
            blockIO.weight = weight
            resources.blockIO = blockIO
        }
        return resources
    }

    private func bytes(_ name: String) throws(RuntimeError) -> Int64? {
        guard let text = arguments.value(name) else { return nil }
        guard let count = ByteCount(text) else {
            throw RuntimeError(.usage, "invalid value for \(name): expected bytes, 64M, 2G or -1, found \"\(text)\"")
        }
        return count.bytes
    }

    private func number<Number: FixedWidthInteger>(_ name: String) throws(RuntimeError) -> Number? {
        guard let text = arguments.value(name) else { return nil }
        guard let value = Number(text) else {
            throw RuntimeError(.usage, "invalid value for \(name): expected a number, found \"\(text)\"")
        }
        return value
    }
}
