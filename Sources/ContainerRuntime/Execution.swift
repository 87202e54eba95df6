package import LinuxSys
import OCISpec
package import RuntimePlan

/// What the command line says about a process that joins a container, beyond the plan.
package struct ExecutionOptions: Sendable {
    /// Where the terminal's master goes; nil without a terminal.
    package var console: ConsoleTarget?
    /// The UNIX socket that gets a pidfd of the process.
    package var pidfdSocket: String?
    /// The file that gets the process id.
    package var pidFile: String?
    /// The descriptors that the program gets beside the standard ones.
    package var preserved: [Int32]
    /// The sockets among them that the service manager has handed over; nil for none.
    package var activation: SocketActivation?
    /// The groups below the container's that the process is to be in.
    package var subgroups: [Subgroup]
    /// Whether the caller stays, and waits for the process's end.
    package var isInForeground: Bool
    /// The container's `/linux/seccomp` as it stands in its config.
    package var seccompText: ArraySlice<UInt8>

    /// A group below the container's.
    package struct Subgroup: Sendable {
        /// The v1 controller whose group it is; nil for every hierarchy.
        package var controller: String?
        /// The path below the container's group.
        package var path: String

        /// Reads `[CONTROLLER:]PATH`.
        /// - Throws: `RuntimeError` for a path that leads out of the container's group.
        package init(parsing text: String) throws(RuntimeError) {
            if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
                controller = String(text[..<colon])
                path = String(text[text.utf8.index(after: colon)...])
            } else {
                path = text
            }
            guard !path.bytewiseParts(separatedBy: "/").contains("..") else {
                throw RuntimeError(.usage, "--cgroup: \(path) leads out of the container's control group")
            }
        }
    }

    /// Options as given.
    package init(
        console: ConsoleTarget?, pidfdSocket: String?, pidFile: String?, preserved: [Int32],
        activation: SocketActivation?, subgroups: [Subgroup], isInForeground: Bool, seccompText: ArraySlice<UInt8>
    ) {
        self.console = console
        self.pidfdSocket = pidfdSocket
        self.pidFile = pidFile
        self.preserved = preserved
        self.activation = activation
        self.subgroups = subgroups
        self.isInForeground = isInForeground
        self.seccompText = seccompText
    }
}

/// A process that joins a container: it runs the plan's runtime steps in order, and takes the process back when one
/// fails.
package final class Execution: ForegroundProcess {
    let target: ExecTarget
    let plan: Plan
    let options: ExecutionOptions
    let progress: SharedProgress
    var groups: CgroupTree
    var entrance = CgroupEntrance()
    var console: OwnedFD?
    var channel: OwnedFD?
    /// The process that joins the container, as long as it is there.
    var joining: ChildProcess?
    /// How it has ended.
    private var joiningStatus: ExitStatus?
    /// Where the kernel writes the number of the process that it makes.
    var successor: SharedProcessID?
    /// The process in the container's pid namespace.
    var child: ChildProcess?
    /// The process that joins; once it has made the one in the container's pid namespace, that.
    var pid: Int32 = 0
    private var filter: [UInt8] = []
    /// systemd puts the process that joins into the scope: the caller may not.
    var isAttachedBySystemd = false
    /// The process has said that the exec comes next.
    private var executes = false
    /// The process has hung up after that.
    private var hasExecuted = false

    /// Prepares a process; nothing is touched yet.
    package init(_ plan: Plan, in target: ExecTarget, _ options: ExecutionOptions) throws(RuntimeError) {
        self.target = target
        self.plan = plan
        self.options = options
        groups = target.record.cgroups
        do throws(SyscallError) {
            progress = try SharedProgress(stepCount: plan.containerSteps.count, keepsTimes: false)
        } catch {
            throw RuntimeError(error, in: "share progress")
        }
        for subgroup in options.subgroups { groups = try groups.below(subgroup) }
    }

    /// Plans a process for a container.
    package static func plan(_ spec: ValidSpec, in target: ExecTarget) -> Plan {
        var options = PlanOptions(
            keepsKeyring: target.record.keepsKeyring, withoutCgroups: target.record.cgroups.groups.isEmpty)
        options.joinsResctrl = target.record.resctrl != nil
        return Plan(joining: spec, id: target.record.id, options: options)
    }

    /// Starts the process. It executes its program when this comes back, unless its caller stays: then nothing depends on
    /// when that is, and `awaitProgram` tells what became of it.
    /// - Throws: `RuntimeError`; the process is gone then.
    package func start() throws(RuntimeError) {
        for step in plan.runtimeSteps {
            do throws(RuntimeError) {
                try perform(step)
            } catch {
                end()
                throw error
            }
        }
    }

    /// Ends the process. Best effort, all of it: the failure that led here is the one to tell.
    package func end() {
        switch joining {
        case .some(let process): try? process.signal(Signals.kill)
        case .none: break
        }
        try? collectJoining()
        // It may have come to that in the meantime.
        if let pid = successor?.value { Self.end(pid) }
        successor = nil
        switch child {
        case .some(let process):
            try? process.signal(Signals.kill)
            _ = try? process.wait()
        case .none: break
        }
    }

    /// Ends a child of the runtime's. Until it is waited for its number is nobody else's.
    private static func end(_ pid: Int32) {
        try? Processes.kill(pid, Signals.kill)
        _ = try? Processes.wait(for: pid)
    }

    /// Waits for the end of the process that joins, where nobody has yet.
    private func collectJoining() throws(SyscallError) {
        switch joining {
        case .some(let process): joiningStatus = try process.wait()
        case .none: break
        }
        joining = nil
    }

    /// Waits until the process is born in the container's pid namespace; the one that has joined ends with that.
    /// - Throws: `RuntimeError` that it sent, or that says at which step it died.
    private func awaitBirth() throws(RuntimeError) {
        do throws(SyscallError) {
            try collectJoining()
            if let pid = successor?.value {
                child = .some(ChildProcess(pid: pid, pidfd: try Processes.openPIDFD(pid)))
                successor = nil
                self.pid = pid
                return
            }
        } catch {
            throw RuntimeError(error, at: .awaitBirth)
        }
        // It has said why, or the end of file comes.
        try awaitExecution()
    }

    /// Whether there is a process that can say what became of it.
    private var hasProcess: Bool {
        switch channel {
        case .some: true
        case .none: false
        }
    }

    /// Whether nobody is to be told of the process but by its end.
    private var mayWaitLater: Bool {
        options.isInForeground && options.console == nil && options.pidFile == nil && options.pidfdSocket == nil
    }

    /// Waits until the process executes its program, where `start` has not.
    /// - Throws: `RuntimeError` that the process sent, or that says at which step it died.
    package func awaitProgram() throws(RuntimeError) {
        guard mayWaitLater, !hasExecuted else { return }
        try awaitExecution()
    }

    /// The exit status of the process if it has ended.
    package func exitStatusIfEnded() throws(SyscallError) -> ExitStatus? {
        switch child {
        case .some(let process): return try process.waitNoHang()
        case .none: return nil
        }
    }

    /// Sends a signal to the process.
    package func signal(_ number: Int32) throws(SyscallError) {
        switch child {
        case .some(let process): try process.signal(number)
        case .none: break
        }
    }

    /// Sends a signal to the process's group, whose number is the process's: it leads a session.
    package func signalGroup(_ number: Int32) throws(SyscallError) {
        switch child {
        case .some(let process): try Processes.kill(-process.pid, number)
        case .none: break
        }
    }

    private func perform(_ step: Step) throws(RuntimeError) {
        switch step {
        case .compileSeccomp:
            filter = try SeccompCache.filter(
                of: plan.spec.seccomp, text: options.seccompText, root: target.store.path)
        case .awaitExecution:
            // To be woken for it would cost more than all of its steps.
            if !mayWaitLater { try awaitExecution() }
        case .awaitBirth: try awaitBirth()
        case .passListener: try passListener(at: step)
        default:
            do throws(SyscallError) {
                try performCall(step)
            } catch {
                // The process has hung up, or ended: what it said last is why, and the failed call only tells so.
                if hasProcess, [.EPIPE, .ECONNRESET, .ESRCH].contains(error.errno) {
                    // Best effort: one that has not hung up reads the end of file in place of what it waits for, and says so.
                    try? Sockets.finishWriting(number(of: channel))
                    try awaitExecution()
                }
                var failure = RuntimeError(error, at: step)
                if error.errno == .ENOMEM { failure.explain(groups.outOfMemory()) }
                throw failure
            }
        }
    }

    private func performCall(_ step: Step) throws(SyscallError) {
        switch step {
        case .connectConsole: console = try options.console?.connect()
        case .openCgroups: try entrance.openFolder(of: groups)
        case .enterContainer: try enterContainer()
        case .joinResctrl: try target.record.resctrl?.enter(pid, in: ResctrlGroup.mountPoint)
        case .setResourceLimits(let limits):
            for limit in limits {
                try Processes.setLimit(of: pid, resource: limit.resource, soft: limit.soft, hard: limit.hard)
            }
        case .setOOMScore(let score): try Files.writeFile("/proc/\(pid)/oom_score_adj", String(score))
        case .setInitialAffinity(let processors): try Scheduling.setAffinity(of: 0, cpus: processors)
        case .setFinalAffinity(let processors):
            // NR_CPUS is 8192 where it is largest. Of all that there could be the kernel takes those of the cpuset.
            try Scheduling.setAffinity(of: pid, cpus: processors ?? Array(0..<8192))
        case .setIOPriority(let settings): try settings.set(of: pid)
        case .setScheduler(let settings): try settings.set(of: pid)
        case .releaseProcess:
            try Files.writeAll(number(of: channel), StageMessage.release(filter: filter).encoded)
        case .confirmLimits: try Files.writeAll(number(of: channel), StageMessage.limitsSet.encoded)
        case .announceProcess:
            try ProcessAnnouncement(pidFile: options.pidFile, pidfdSocket: options.pidfdSocket)
                .tell(pid: pid, pidfd: pidfd, as: "setns")
        default: throw SyscallError(operation: "\(step.name)", errno: .EINVAL, subject: "not a step of the runtime")
        }
    }

    private var pidfd: BorrowedFD {
        switch child {
        case .some(let process): process.pidfd.borrowed
        case .none: BorrowedFD(rawValue: -1)
        }
    }

    /// Waits until the process executes its program.
    /// - Throws: `RuntimeError` that the process sent, or that says at which step it died.
    private func awaitExecution() throws(RuntimeError) {
        while try receive() != nil {}
        hasExecuted = true
    }

    /// Takes the filter's listener from the courier and passes it to the agent.
    private func passListener(at step: Step) throws(RuntimeError) {
        guard let listener = plan.spec.seccomp?.listener else { return }
        let state = target.record.processState(.running, pid: pid, metadata: listener.metadata)
        try listener.pass(state, over: number(of: channel), at: step) {
            RuntimeError(deathAt: progress, of: plan, endedStatus(), in: groups)
        }
    }

    /// Waits for a packet of the process.
    /// - Returns: nil at the end of file, which comes with the exec.
    /// - Throws: `RuntimeError` that the process sent, or that says at which step it died.
    private func receive() throws(RuntimeError) -> ReceivedMessage? {
        let packet: ReceivedMessage
        do throws(SyscallError) {
            packet = try StageMessage.receivePacket(from: number(of: channel))
        } catch {
            throw RuntimeError(error, in: "await process")
        }
        if packet.bytes == [Start.lastStep] {
            executes = true
            return packet
        }
        switch StageMessage(decoding: packet.bytes) {
        case .failure(let failure):
            var error = RuntimeError(failure)
            if failure.errno == Errno.ENOMEM.rawValue { error.explain(groups.outOfMemory()) }
            throw error
        default: break
        }
        guard executes, packet.bytes.isEmpty else {
            throw RuntimeError(deathAt: progress, of: plan, endedStatus(), in: groups)
        }
        return nil
    }

    private func endedStatus() -> ExitStatus? {
        switch child {
        case .some(let process): return try? process.wait()
        case .none:
            // Best effort: what is not known is left out of the message.
            try? collectJoining()
            return joiningStatus
        }
    }
}

extension CgroupTree {
    /// The same groups, but for one below the container's.
    fileprivate func below(_ subgroup: ExecutionOptions.Subgroup) throws(RuntimeError) -> CgroupTree {
        if let controller = subgroup.controller, group(of: controller) == nil {
            throw RuntimeError(.usage, "--cgroup: the container has no group of the controller \(controller)")
        }
        return CgroupTree(
            groups: groups.map { group in
                guard subgroup.controller.map(group.controllers.contains) ?? true else { return group }
                return Group(
                    mountPoint: group.mountPoint,
                    path: group.path + subgroup.path.bytewiseParts(separatedBy: "/").map { "/" + $0 }.joined(),
                    isUnified: group.isUnified, controllers: group.controllers)
            })
    }
}
