import LinuxSys
import OCISpec
import RuntimePlan

extension Launch {
    /// Does one step.
    func perform(_ step: Step) throws(RuntimeError) {
        switch step {
        case .claimID: try claimID()
        case .compileSeccomp:
            filter = try SeccompCache.filter(
                of: plan.spec.seccomp, text: options.seccompText, root: options.store.path)
        case .awaitRootfs: try receive(.rootfsReady)
        case .connectSystemd(let instance): try connectSystemd(instance, at: step)
        case .startScope(let unit): try startScope(unit, at: step)
        // Goes with startScope.
        case .setUnitProperty: break
        case .awaitReady: try receive(.ready)
        case .passListener: try passListener(at: step)
        case .runHooks(let kind):
            try ContainerHooks.run(
                plan.spec.hooks(kind), kind, state: record.state(.creating, pid: record.pid))
        default:
            do throws(SyscallError) {
                try performCall(step)
            } catch {
                // The process has hung up: what it said last is why, and the failed send only tells so.
                if error.errno == .EPIPE || error.errno == .ECONNRESET, record.pid != 0 { try receiveLast() }
                throw RuntimeError(error, at: step)
            }
        }
    }

    private func performCall(_ step: Step) throws(SyscallError) {
        switch step {
        case .makeStartPipes: try makeStartPipes()
        case .makeCgroups(let version): try makeCgroups(version)
        case .setCgroup(let write): try record.cgroups.set(write, among: plan.spec.cgroup.writes)
        case .delegateCgroup(let userID): try record.cgroups.delegate(to: userID)
        case .filterDevices(let rules): try DeviceFilter.attach(rules, to: record.cgroups)
        case .limitDevices(let allowsOthers, let exceptions):
            try DeviceFilter.limit(record.cgroups, allowsOthers: allowsOthers, exceptions: exceptions)
        case .openCgroups: try openCgroups()
        case .enterResctrl(let rdt): try enterResctrl(rdt)
        case .connectConsole: console = try options.console?.connect()
        case .mapMountIDs(let action): try mapIDs(of: action)
        case .prepareDevices(let devices): try prepareDevices(devices)
        case .cloneProcess(let creation): try cloneProcess(creation)
        case .writeIDMaps(let users, let groups): try writeIDMaps(users, groups)
        case .moveNetDevice(let move): try moveNetDevice(move)
        case .setResourceLimits(let limits):
            for limit in limits {
                try Processes.setLimit(
                    of: record.pid, resource: limit.resource, soft: limit.soft, hard: limit.hard)
            }
        case .setOOMScore(let score):
            try Files.writeFile("/proc/\(record.pid)/oom_score_adj", String(score))
        case .setIOPriority(let settings): try settings.set(of: record.pid)
        case .setScheduler(let settings): try settings.set(of: record.pid)
        case .releaseProcess: try send(.release(filter: filter))
        case .recordCreated: try recordCreated()
        default: throw SyscallError(operation: "\(step.name)", errno: .EINVAL, subject: "not a step of the runtime")
        }
    }

    // MARK: The id

    private func claimID() throws(RuntimeError) {
        folder = try options.store.claim(plan.id)
        if let unit = plan.unit {
            record.scope = ScopeRecord(unit)
            record.hasMemoryLimit = plan.spec.cgroup.writes.contains { $0.limitsMemory }
        } else if !options.withoutCgroups {
            let wanted = CgroupTree(planned: plan.spec.cgroup, id: plan.id)
            let areOptional = options.cgroupsAreOptional && plan.spec.cgroup.asksForNothing
            if !areOptional || wanted.canBeMade { record.cgroups = wanted }
            record.hasMemoryLimit = plan.spec.cgroup.writes.contains { $0.limitsMemory }
        }
        do throws(SyscallError) {
            // Written before anything else exists: whoever finds the folder later knows what to look for.
            switch folder {
            case .some(let folder): try folder.write(record)
            case .none: throw Self.noFolder
            }
            if options.notifies { try ServiceNotification.makeFolder(in: folderFD) }
        } catch {
            throw RuntimeError(error, at: .claimID)
        }
    }

    static var noFolder: SyscallError {
        SyscallError(operation: "write", errno: .EBADF, subject: "state folder")
    }

    var folderFD: BorrowedFD {
        switch folder {
        case .some(let folder): folder.folder.borrowed
        case .none: BorrowedFD(rawValue: -1)
        }
    }

    private func makeStartPipes() throws(SyscallError) {
        // Opened for both directions, so that neither open waits for somebody at the other end.
        try Files.makeFIFO(ContainerFolder.startPipe, in: folderFD, permissions: 0o600)
        startPipe = try Files.open(ContainerFolder.startPipe, in: folderFD, [.readWrite])
        try Files.makeFIFO(ContainerFolder.resultPipe, in: folderFD, permissions: 0o600)
        resultPipe = try Files.open(ContainerFolder.resultPipe, in: folderFD, [.readWrite])
    }

    // MARK: Control groups

    private func makeCgroups(_ version: CgroupVersion) throws(SyscallError) {
        let wanted = record.cgroups.groups.filter { $0.isUnified == (version == .v2) }
        guard !wanted.isEmpty else { return }
        made += try CgroupTree.make(wanted)
    }

    /// Opens what the process enters its groups by, with the runtime's rights: those who wrote the folders' modes had no
    /// id of the container's in mind.
    private func openCgroups() throws(SyscallError) {
        try entrance.openFiles(of: record.cgroups)
        try Sockets.send(
            number(of: channel), StageMessage.cgroupsOpen.encoded, descriptors: entrance.descriptors)
        entrance = CgroupEntrance()
    }

    /// Makes the class and the monitoring group, and puts the process there. The record says what is about to be made before
    /// it is, and what was not.
    private func enterResctrl(_ rdt: ValidIntelRdt) throws(SyscallError) {
        let root = ResctrlGroup.mountPoint
        var group = ResctrlGroup(planned: rdt, id: plan.id)
        try group.look(for: rdt, in: root)
        try remember(group)
        var isFilled = false
        do throws(SyscallError) {
            try group.makeClass(in: root)
            try group.fill(rdt, in: root)
            isFilled = true
            try group.makeMonitoring(in: root)
        } catch {
            // What has the monitoring group's name before ours is made is somebody else's.
            if !isFilled { group.isMonitoringMade = false }
            try remember(group)
            throw error
        }
        if record.resctrl != group { try remember(group) }
        try group.enter(record.pid, in: root)
    }

    private func remember(_ group: ResctrlGroup) throws(SyscallError) {
        record.resctrl = group
        try rememberRecord()
    }

    /// Writes the record anew.
    func rememberRecord() throws(SyscallError) {
        switch folder {
        case .some(let folder): try folder.write(record)
        case .none: throw Self.noFolder
        }
    }

    // MARK: The process

    private func cloneProcess(_ creation: ProcessCreation) throws(SyscallError) {
        let pair = try Sockets.pair()
        if !options.withoutCgroups { try entrance.openFolder(of: record.cgroups) }
        if creation.has(.user) { try openSources() }
        let result = try clone(creation)
        switch consume result {
        case .child:
            ContainerProcess.run(
                plan,
                ContainerProcess.Inheritance(
                    channel: pair.keepSecond(), startPipe: number(of: startPipe),
                    resultPipe: number(of: resultPipe), console: number(of: console), sources: sources,
                    rootTree: rootTree, progress: progress, preserved: options.preserved,
                    activation: options.activation, record: record, procfs: nil, successor: nil))
        case .parent(let process):
            record.pid = process.pid
            child = consume process
        }
        channel = pair.keepFirst()
        // The process has its own ends; with ours open, nobody would ever read the end of file.
        startPipe = nil
        resultPipe = nil
        console = nil
        sources = []
        idMaps = []
        preparedDevices = OwnedFDList()
        rootTree = nil
        sourceDescriptors = OwnedFDList()
        guard let found = try ProcessIdentity.read(pid: record.pid) else {
            throw SyscallError(operation: "read stat", errno: .ESRCH, subject: "process \(record.pid)")
        }
        record.startTicks = found.identity.startTicks
        try recordProcess()
    }

    /// Written as soon as there is a process: whoever cleans up after a runtime that dies from here on knows it.
    func recordProcess() throws(SyscallError) {
        switch folder {
        case .some(let folder):
            try folder.write(ProcessIdentity(pid: record.pid, startTicks: record.startTicks))
            // While the process mounts.
            try folder.write(config: options.config)
        case .none: throw Self.noFolder
        }
    }

    private func clone(_ creation: ProcessCreation) throws(SyscallError) -> CloneResult {
        let flags = CloneFlags(of: creation.clonedNamespaces)
        if creation.route == .joinedUserNamespace {
            // Inside a user namespace that exists nobody may clone into a group of the host's.
            entrance.entersUnifiedLater()
            return try clone(flags, from: creation.joined)
        }
        // Entering what is another container's lays the process open to that container's (ptrace(2)) while it still is
        // the runtime's; a process that can't be dumped is safe from that.
        let entersOthers = !creation.joined.isEmpty
        if entersOthers { try Processes.setDumpable(false) }
        let result: CloneResult
        if let joined = creation.joined.first(where: { $0.type == .pid }) {
            result = try clone(flags, joiningPIDNamespace: joined)
        } else {
            result = try cloneIntoCgroup(flags)
        }
        switch consume result {
        case .child: return .child
        case .parent(let process):
            if entersOthers { try Processes.setDumpable(true) }
            return .parent(process)
        }
    }

    private func cloneIntoCgroup(_ flags: CloneFlags) throws(SyscallError) -> CloneResult {
        if let folder = entrance.unifiedFolder {
            do throws(SyscallError) {
                return try Processes.clone3(flags, cgroup: folder)
            } catch {
                if error.errno == .ENOTSUP { try record.cgroups.checkType() }
                // Refused by a filter, an old kernel, or a group that takes no processes by birth: the slow way tells.
                entrance.entersUnifiedLater()
            }
        }
        return try Processes.clone(flags)
    }

    /// A pid namespace is joined by those that are born after setns(2), so the runtime joins and, once the process is
    /// there, goes back: its hooks belong to its own.
    private func clone(
        _ flags: CloneFlags, joiningPIDNamespace joined: ProcessCreation.Joined
    ) throws(SyscallError) -> CloneResult {
        let own = try Files.open("/proc/self/ns/pid")
        let target = try joined.open()
        try joined.enter(target.borrowed)
        let result = try cloneIntoCgroup(flags)
        switch consume result {
        case .child: return .child
        case .parent(let process):
            try Processes.joinNamespace(own.borrowed, .newPID, subject: "/proc/self/ns/pid")
            return .parent(process)
        }
    }

    /// Clones from a process in between, which enters the namespaces that exist: the runtime could not come back from a
    /// user namespace. The container's process is the runtime's child all the same (CLONE_PARENT).
    private func clone(
        _ flags: CloneFlags, from joined: [ProcessCreation.Joined]
    ) throws(SyscallError) -> CloneResult {
        let pair = try Sockets.pair()
        let middle = try Processes.clone([])
        switch consume middle {
        case .child:
            if isContainer(flags, joined, telling: pair.keepSecond()) { return .child }
            Processes.exitNow(0)
        case .parent(let process):
            let end = pair.keepFirst()
            var answer = try Sockets.receive(
                end.borrowed, maximumBytes: StageMessage.maximumBytes, maximumDescriptors: 1)
            _ = try process.wait()
            switch StageMessage(decoding: answer.bytes) {
            case .cloned(let pid):
                guard let pidfd = answer.descriptors.popFirst() else {
                    throw SyscallError(operation: "recvmsg", errno: .EPROTO, subject: "pidfd")
                }
                return .parent(ChildProcess(pid: pid, pidfd: pidfd))
            case .failure(let failure):
                throw SyscallError(
                    operation: failure.operation, errno: Errno(rawValue: failure.errno), subject: failure.subject)
            default:
                throw SyscallError(operation: "recvmsg", errno: .EPROTO, subject: "process in between")
            }
        }
    }

    /// What the process in between does. It returns twice: true in the container's process.
    private func isContainer(
        _ flags: CloneFlags, _ joined: [ProcessCreation.Joined], telling channel: consuming OwnedFD
    ) -> Bool {
        do throws(SyscallError) {
            try Processes.setDumpable(false)
            let before = Clock.monotonicNanoseconds()
            try Self.enter(joined)
            if joined.contains(where: { $0.type == .time }) {
                progress.clockHasMoved(by: Clock.monotonicNanoseconds() - before)
            }
            let result = try Processes.clone(flags.union(.parent))
            switch consume result {
            case .child: return true
            case .parent(let process):
                try Sockets.send(
                    channel.borrowed, StageMessage.cloned(pid: process.pid).encoded,
                    descriptors: [process.pidfd.borrowed])
            }
        } catch {
            // Best effort: without a reader nobody is left to be told.
            try? Sockets.send(channel.borrowed, StageMessage.failure(StageFailure(error)).encoded)
        }
        return false
    }

    /// Enters namespaces that exist, the user namespace last: root of the host may enter those of any owner. What only
    /// the user namespace's root may enter, where the caller isn't root of the host, comes after it.
    private static func enter(_ joined: [ProcessCreation.Joined]) throws(SyscallError) {
        var opened = OwnedFDList()
        for namespace in joined { opened.append(try namespace.open()) }
        let user = joined.firstIndex { $0.type == .user }
        var later: [Int] = []
        for (place, namespace) in joined.enumerated() where place != user {
            do throws(SyscallError) {
                try namespace.enter(opened[place])
            } catch {
                guard user != nil, error.errno == .EPERM else { throw error }
                later.append(place)
            }
        }
        if let user { try joined[user].enter(opened[user]) }
        for place in later { try joined[place].enter(opened[place]) }
    }

    private func moveNetDevice(_ move: NetDeviceMove) throws(SyscallError) {
        if network == nil { network = try NetworkTransfer(into: record.pid) }
        try network?.move(move)
    }

    // MARK: The conversation

    func send(_ message: StageMessage) throws(SyscallError) {
        try Files.writeAll(number(of: channel), message.encoded)
    }

    /// Waits for a message.
    /// - Throws: `RuntimeError` that the container's process sent, or that says at which step it died.
    func receive(_ expected: StageMessage) throws(RuntimeError) {
        let packet: [UInt8]
        do throws(SyscallError) {
            packet = try StageMessage.receivePacket(from: number(of: channel)).bytes
        } catch {
            throw RuntimeError(error, in: "await process")
        }
        switch StageMessage(decoding: packet) {
        case expected: return
        case .failure(let failure):
            var error = RuntimeError(failure)
            if failure.errno == Errno.ENOMEM.rawValue { error.explain(record.cgroups.outOfMemory()) }
            throw error
        default: throw deathOfProcess()
        }
    }

    /// Takes the last word of a process that has hung up.
    private func receiveLast() throws(RuntimeError) {
        // Best effort: one that has not hung up reads the end of file in place of what it waits for, and says so.
        try? Sockets.finishWriting(number(of: channel))
        try receive(.ready)
    }

    /// Why the container's process ended without a word.
    func deathOfProcess() -> RuntimeError {
        RuntimeError(deathAt: progress, of: plan, try? waitForChild(), in: record.cgroups)
    }

    // MARK: The end

    private var pidfd: BorrowedFD {
        switch child {
        case .some(let process): process.pidfd.borrowed
        case .none: BorrowedFD(rawValue: -1)
        }
    }

    private func recordCreated() throws(SyscallError) {
        record.isComplete = true
        switch folder {
        case .some(let folder): try folder.complete()
        case .none: throw Self.noFolder
        }
        try ProcessAnnouncement(pidFile: options.pidFile, pidfdSocket: options.pidfdSocket)
            .tell(pid: record.pid, pidfd: pidfd, as: "standard")
    }

    /// Undoes a create that failed.
    package func takeBack() {
        // Best effort, all of it: the failure that led here is the one to tell.
        try? endChild()
        // After endChild, so that no process of the container's uses a device that is to go.
        network?.takeBack()
        switch folder {
        // Whoever has deleted it while the lock was free has done the rest, hooks included.
        case .some(let folder): if (try? folder.relock()) == false { return }
        case .none: break
        }
        if let scope = record.scope {
            // Best effort, as above; without processes it ends by itself.
            try? scope.stop()
            if scope.isStarted { record.cgroups.removeAtFailure() }
        }
        CgroupTree(groups: made).removeAtFailure()
        // Best effort, as above.
        try? record.resctrl?.remove(in: ResctrlGroup.mountPoint)
        // Undoes what the hooks before it have done (runtime.md, "Lifecycle", step 13).
        if record.pid != 0 { Delete.runHooks(record) }
        switch folder {
        case .some(let folder): try? folder.remove()
        case .none: break
        }
    }
}
