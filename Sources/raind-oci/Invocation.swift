import ContainerRuntime
import LinuxSys
import OCISpec
import RuntimePlan

/// A command line that was taken apart: a command with its options.
struct Invocation {
    var command: CommandSyntax?
    var global = ParsedArguments()
    var arguments = ParsedArguments()
    private var log: ErrorLog?
    private let heldBack = HeldBackWarnings()

    /// The container's id that the command is about, empty where it is about none.
    var id: String { command?.isAboutContainer == true ? arguments.operands.first ?? "" : "" }

    /// The state store that the options name.
    var store: StateStore { StateStore(path: global.value("root") ?? StateRoot.standard) }

    /// Reads a command line.
    /// - Returns: a text to print in place of running a command: help, version.
    mutating func read(_ words: ArraySlice<String>) throws(RuntimeError) -> String? {
        let count = try global.parse(words, options: [CommandTable.global], stopsAtOperand: true)
        log = try ErrorLog(global)
        if global.has("version") { return VersionText.text }
        let rest = words.dropFirst(count)
        guard let word = rest.first else {
            if global.has("help") { return HelpText.program }
            throw RuntimeError(.usage, "no command; raind-oci --help lists them")
        }
        if word == "help" || global.has("help") {
            return rest.dropFirst().first.flatMap(CommandTable.command).map(HelpText.text) ?? HelpText.program
        }
        guard let command = CommandTable.command(word) else {
            throw RuntimeError(.usage, "unknown command \(word); raind-oci --help lists the commands")
        }
        self.command = command
        let read = try arguments.parse(
            rest.dropFirst(), options: command.options + [CommandTable.help], stopsAtOperand: command.stopsAtOperand)
        arguments.operands += rest.dropFirst(1 + read)
        if arguments.has("help") { return HelpText.text(command) }
        let operands = arguments.operands
        guard operands.count >= command.operandCount.lowerBound else {
            throw RuntimeError(.usage, "usage: raind-oci \(command.name) [options] \(command.operands)")
        }
        guard operands.count <= command.operandCount.upperBound else {
            throw RuntimeError(.usage, "unexpected argument \(operands[command.operandCount.upperBound])")
        }
        return nil
    }

    /// Runs the command.
    /// - Returns: the exit status.
    func run() throws(RuntimeError) -> Int32 {
        try checkGlobal()
        guard let command else { throw RuntimeError(.usage, "no command; raind-oci --help lists them") }
        switch "\(command.name)" {
        case "create": try CreateCommand(self).create()
        case "start": try StartCommand(self).run()
        case "run": return try RunCommand(self).run()
        case "exec": return try ExecCommand(self).run()
        case "ps": try ProcessListCommand(self).run()
        case "pause": try PauseCommand(self).pause()
        case "resume": try PauseCommand(self).resume()
        case "update": try UpdateCommand(self).run()
        case "events": try EventsCommand(self).run()
        case "checkpoint": try CheckpointCommand(self).run()
        case "restore": return try RestoreCommand(self).run()
        case "state": try StateCommand(self).run()
        case "kill": try KillCommand(self).run()
        case "delete": try DeleteCommand(self).run()
        case "list": try ListCommand(self).run()
        case "plan": try PlanCommand(self).run()
        case "spec": try SpecCommand(self).run()
        case "features": try FeaturesCommand(self).run()
        default: throw RuntimeError(.usage, "no command; raind-oci --help lists them")
        }
        return 0
    }

    /// The exit status for an error. That of exec is one that its program would hardly give (what runc's and crun's callers
    /// look for).
    var failureStatus: Int32 { command.map { "\($0.name)" } == "exec" ? 255 : 1 }

    /// Whether containers are left in the caller's control groups.
    var withoutCgroups: Bool { global.value("cgroup-manager") == "disabled" }

    /// The instance of systemd that is to make the control groups; nil where the runtime makes them, or nobody does.
    func systemdInstance(isHostRoot: Bool) -> SystemdInstance? {
        let name = global.value("cgroup-manager")
        guard name == "systemd" || (global.has("systemd-cgroup") && name == nil) else { return nil }
        return switch global.value("rootless") ?? "auto" {
        case "true": .user
        case "false": .system
        default: SystemdInstance.ofCaller(isHostRoot: isHostRoot)
        }
    }

    /// Looks at what a container without control groups can't have: limits are an error. Rules for devices are a warning, as
    /// podman sends them with `--cgroups=disabled`, too.
    func checkCgroups(of spec: ValidSpec) throws(RuntimeError) {
        guard withoutCgroups else { return }
        if let write = spec.cgroup.writes.first {
            throw RuntimeError(
                .config, "can't be had without a control group of the container's own", pointer: write.pointer,
                hint: "leave it out, or --cgroup-manager disabled")
        }
        if spec.cgroup.filtersDevices {
            warn("/linux/resources/devices: not enforced without a control group of the container's own")
        }
    }

    /// Whether a container goes without control groups of its own where the caller may make none.
    func cgroupsAreOptional(isHostRoot: Bool) -> Bool {
        switch global.value("rootless") ?? "auto" {
        case "true": true
        case "false": false
        default: !isHostRoot
        }
    }

    private func checkGlobal() throws(RuntimeError) {
        if let name = global.value("cgroup-manager"), !["cgroupfs", "systemd", "disabled"].contains(name) {
            throw RuntimeError(.usage, "--cgroup-manager: expected cgroupfs, systemd or disabled, found \(name)")
        }
        if let value = global.value("rootless"), !["true", "false", "auto"].contains(value) {
            throw RuntimeError(.usage, "--rootless: expected true, false or auto, found \(value)")
        }
    }

    /// Tells of something that stops nothing.
    ///
    /// Without a log on standard error. With one that is the program's own (below containerd and conmon what is written
    /// there stands among the words of the container), so a warning waits: for an error, beside which it is told on standard
    /// error, or for the end, when it goes into the log. Callers read the log for the one error in it, and only after one.
    func warn(_ text: String) {
        guard let log else { return Warning.write(text) }
        let level = global.value("log-level") ?? (global.has("debug") ? "debug" : "error")
        if level == "error" {
            heldBack.texts.append(text)
        } else {
            do throws(SyscallError) {
                try log.write(level: "warning", text.oneLine)
            } catch {
                Warning.write(text)
            }
        }
    }

    /// Tells what was held back, once nothing can fail any more.
    func finish() {
        for text in heldBack.texts {
            do throws(SyscallError) {
                try log?.write(level: "warning", text.oneLine)
            } catch {
                Warning.write(text)
            }
        }
    }

    /// Tells an error, on standard error and in the log.
    func report(_ error: RuntimeError) {
        for text in heldBack.texts { Warning.write(text) }
        var place = ""
        if let command { place = (id.isEmpty ? "\(command.name)" : "\(command.name) \(id.shortened(to: 300))") + ": " }
        let isPlan = command.map { "\($0.name)" } == "plan"
        // plan tells all that create would refuse; the callers of the others read one line.
        let lines = isPlan && !error.problems.isEmpty ? error.problems : [error.text]
        // Best effort, both: an error that can't be told is still in the exit status.
        try? Files.writeAll(.standardError, lines.map { "raind-oci: \((place + $0).oneLine)\n" }.joined())
        try? log?.write(level: "error", place + error.text)
    }
}

/// Warnings that wait for how the command ends.
private final class HeldBackWarnings {
    var texts: [String] = []
}
