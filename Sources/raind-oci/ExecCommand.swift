import ContainerRuntime
import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan

/// `exec`: a process more in a container that is there.
struct ExecCommand {
    private let invocation: Invocation
    private var arguments: ParsedArguments { invocation.arguments }

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) -> Int32 {
        let preserved = try PreservedDescriptors(arguments)
        let target = try ExecTarget(
            invocation.id, in: invocation.store, ignoresPause: arguments.has("ignore-paused"))
        let (config, seccompText) = try config(of: target)
        let spec = try check(try process(in: config), in: config)
        let isDetached = arguments.has("detach")
        var terminal: ForegroundTerminal?
        var console = arguments.value("console-socket").map(ConsoleTarget.socket)
        if spec.terminal, console == nil {
            guard !isDetached else {
                throw RuntimeError(
                    .usage, "a terminal needs --console-socket",
                    hint: "the terminal's master has to go to somebody; without --detach it comes here")
            }
            let made = try ForegroundTerminal()
            console = made.target
            terminal = consume made
        }
        if !spec.terminal, console != nil {
            throw RuntimeError(.usage, "--console-socket is for a terminal, and the process has none")
        }
        var subgroups: [ExecutionOptions.Subgroup] = []
        for text in arguments.values("cgroup") { subgroups.append(try ExecutionOptions.Subgroup(parsing: text)) }
        let execution = try Execution(
            Execution.plan(spec, in: target), in: target,
            ExecutionOptions(
                console: console, pidfdSocket: arguments.value("pidfd-socket"), pidFile: arguments.value("pid-file"),
                preserved: preserved.numbers, activation: preserved.activation, subgroups: subgroups,
                isInForeground: !isDetached, seccompText: seccompText))
        // Blocked before the process exists, so that none is lost between its birth and the loop below; the process
        // itself starts with nothing blocked.
        let forwarding = isDetached ? nil : try SignalForwarding()
        try execution.start()
        guard let forwarding else { return 0 }
        do throws(RuntimeError) {
            try terminal?.open(hasSize: spec.terminalSize != nil)
            var notification: ServiceNotification?
            return try forwarding.wait(for: execution, terminal: &terminal, notification: &notification).shellCode
        } catch {
            // Without this program nobody would wait for it.
            execution.end()
            throw error
        }
    }

    /// The config that the container was created with, and its filter's text.
    private func config(of target: ExecTarget) throws(RuntimeError) -> (Spec, seccomp: ArraySlice<UInt8>) {
        let place = "config.json in the container's state"
        let json = try parse(target.config, place)
        do throws(SpecProblems) {
            return (try Spec(joining: json), json["linux"]?["seccomp"]?.bytes ?? [])
        } catch {
            throw RuntimeError(.state, "\(place) is damaged: \(error)")
        }
    }

    private func parse(_ bytes: [UInt8], _ place: String) throws(RuntimeError) -> JSON {
        do throws(JSON.SyntaxError) {
            return try JSON(parsing: bytes)
        } catch {
            throw RuntimeError(.config, "\(place):\(error)")
        }
    }

    /// The process that the file or the options describe.
    private func process(in config: Spec) throws(RuntimeError) -> Process {
        let words = Array(arguments.operands.dropFirst())
        if let file = arguments.value("process") {
            guard words.isEmpty else {
                throw RuntimeError(.usage, "unexpected argument \(words[0]): --process names the program")
            }
            return try read(file)
        }
        guard !words.isEmpty else {
            throw RuntimeError(.usage, "usage: raind-oci exec [options] ID PROGRAM [ARGUMENT..]")
        }
        // What the options leave out is as the container's first process has it.
        var process = config.process ?? Process(cwd: "/")
        process.args = words
        process.terminal = arguments.has("tty")
        process.consoleSize = nil
        if let folder = arguments.value("cwd") { process.cwd = folder }
        process.env = (process.env ?? []) + arguments.values("env")
        if let profile = arguments.value("apparmor") { process.apparmorProfile = profile }
        if let label = arguments.value("process-label") { process.selinuxLabel = label }
        if arguments.value("no-new-privs") != nil { process.noNewPrivileges = arguments.has("no-new-privs") }
        process.user = try user(process.user ?? User())
        process.capabilities = capabilities(process.capabilities ?? Capabilities())
        return process
    }

    private func read(_ path: String) throws(RuntimeError) -> Process {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try Files.readFile(path, limit: 64 << 20)
        } catch {
            guard error.errno == .ENOENT else { throw RuntimeError(error, in: "read process file") }
            throw RuntimeError(.config, "the process file \(path) is missing")
        }
        let json = try parse(bytes, path)
        do throws(SpecProblems) {
            return try Process(json)
        } catch {
            throw RuntimeError(error)
        }
    }

    private func user(_ user: User) throws(RuntimeError) -> User {
        var user = user
        if let text = arguments.value("user") {
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let uid = Self.number(parts[0]) else {
                throw RuntimeError(.usage, "--user: expected UID[:GID] in numbers, found \(text)")
            }
            user.uid = uid
            if parts.count > 1 {
                guard let gid = Self.number(parts[1]) else {
                    throw RuntimeError(.usage, "--user: expected UID[:GID] in numbers, found \(text)")
                }
                user.gid = gid
            }
        }
        for text in arguments.values("additional-gids") {
            guard let gid = Self.number(Substring(text)) else {
                throw RuntimeError(.usage, "--additional-gids: expected a number, found \(text)")
            }
            user.additionalGids = (user.additionalGids ?? []) + [gid]
        }
        return user
    }

    /// An id in digits and nothing else: `+1` and `-0` are numbers to the standard library, and no ids (CVE-2026-30892).
    private static func number(_ text: Substring) -> UInt32? {
        for byte in text.utf8 where !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { return nil }
        return UInt32(text)
    }

    /// The first process's capabilities, and those that are asked for, in the sets that let the program use them.
    private func capabilities(_ capabilities: Capabilities) -> Capabilities {
        let wanted = arguments.values("cap")
        guard !wanted.isEmpty else { return capabilities }
        var all = capabilities
        all.bounding = (all.bounding ?? []) + wanted
        all.effective = (all.effective ?? []) + wanted
        all.permitted = (all.permitted ?? []) + wanted
        return all
    }

    private func check(_ process: Process, in config: Spec) throws(RuntimeError) -> ValidSpec {
        var host: HostFacts
        do throws(SyscallError) {
            host = try HostFacts.gatherToJoin()
        } catch {
            throw RuntimeError(error, in: "look at host")
        }
        host.complete(for: process)
        do throws(SpecProblems) {
            let spec = try ValidSpec(checking: process, joining: config, on: host)
            for warning in spec.warnings { invocation.warn("exec \(invocation.id): \(warning)") }
            return spec
        } catch {
            guard arguments.value("process") != nil else { throw RuntimeError(error) }
            // The file is what a config has at /process.
            throw RuntimeError(
                SpecProblems(
                    error.problems.map { problem in
                        let isInFile = problem.pointer.hasPrefix("/process")
                        let pointer = isInFile ? String(problem.pointer.dropFirst("/process".count)) : problem.pointer
                        return Problem(pointer: pointer, message: problem.message)
                    }))
        }
    }
}
