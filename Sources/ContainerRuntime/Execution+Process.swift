import LinuxSys
import OCISpec
import RuntimePlan

extension Execution {
    /// Makes the process: as quickly as the container's namespaces let it.
    func enterContainer() throws(SyscallError) {
        var own = try OwnNamespaces()
        let namespaces = try target.foreignNamespaces(made: CloneFlags(of: plan.spec.creation.new), own: own)
        if try canReturn(from: namespaces, to: own), try enterDirectly(namespaces, from: &own) { return }
        try enterByMiddle(namespaces)
    }

    /// Whether the runtime itself can enter these namespaces and come back.
    ///
    /// Nobody comes back from a user namespace; a time namespace, which few containers have, is left to the other way too.
    /// In the initial user namespace who may enter may also return: its root rules over all others. What is set of the
    /// process once it is in its groups can't be set without waiting for that, which only the other way does.
    private func canReturn(
        from namespaces: CloneFlags, to own: borrowing OwnNamespaces
    ) throws(SyscallError) -> Bool {
        let spec = plan.spec
        guard !namespaces.contains(.newUser), !namespaces.contains(.newTime) else { return false }
        guard spec.initialAffinity == nil, spec.finalAffinity == nil, spec.scheduler == nil else { return false }
        return try own.userIsInitial
    }

    /// Makes the process from within the container's namespaces, which the runtime enters for that one moment: the process
    /// has to be born in the pid namespace, and whoever may look into it there must find no other root behind it than the
    /// container's. The runtime itself is not seen from there, since its own pid namespace stays what it was.
    /// - Returns: false where no process can be born in the container's cgroup2 group; nothing was made then.
    private func enterDirectly(
        _ namespaces: CloneFlags, from own: inout OwnNamespaces
    ) throws(SyscallError) -> Bool {
        // Nobody who is in the container's cgroup namespace puts a process from outside of it into a group (cgroups(7),
        // nsdelegate).
        let later: CloneFlags = namespaces.contains(.newCgroup) ? .newCgroup : []
        let now = CloneFlags(rawValue: namespaces.rawValue & ~later.rawValue)
        try entrance.openFiles(of: groups)
        try entrance.openCounts(of: groups)
        let pair = try Sockets.pair()
        try own.keep(leavingFor: now)
        // What is in the container may look into whoever shares its namespaces (ptrace(2)); not into a process that can't
        // be dumped.
        try Processes.setDumpable(false)
        let cloned: CloneResult
        do throws(SyscallError) {
            try target.enter(now)
            cloned = try cloneIntoGroup()
        } catch {
            own.comeBack(for: "exec \(plan.id)", failing: 255)
            guard entrance.unifiedFolder != nil, error.operation == "clone3" else { throw error }
            // The process in between is to number what it makes as the host does.
            try own.bearChildrenHere()
            entrance = CgroupEntrance()
            try entrance.openFolder(of: groups)
            return false
        }
        switch consume cloned {
        case .child:
            own.forget()
            let channel = pair.keepSecond()
            enterRest(later, telling: channel.borrowed)
            run(telling: channel)
        case .parent(let process):
            own.comeBack(for: "exec \(plan.id)", failing: 255)
            try Processes.setDumpable(true)
            channel = pair.keepFirst()
            // It has its own copies; with ours open nobody would ever read the end of file.
            entrance = CgroupEntrance()
            console = nil
            pid = process.pid
            child = .some(consume process)
            return true
        }
    }

    private func cloneIntoGroup() throws(SyscallError) -> CloneResult {
        guard let folder = entrance.unifiedFolder else { return try Processes.clone([]) }
        return try Processes.clone3(cgroup: folder)
    }

    /// What is left of the entering to the process itself: the groups of v1, and the cgroup namespace.
    private func enterRest(_ namespaces: CloneFlags, telling channel: BorrowedFD) {
        // Behind the last step, as it is before the first.
        progress.enter(plan.containerSteps.count)
        do throws(SyscallError) {
            try entrance.enter()
            try entrance.checkCounts()
            try target.enter(namespaces)
        } catch {
            var failure = StageFailure(error)
            failure.name(.enterContainer)
            // Best effort: without a reader nobody is left to be told.
            try? Files.writeAll(channel, StageMessage.failure(failure).encoded)
            Processes.exitNow(1)
        }
    }

    private func run(telling channel: consuming OwnedFD) -> Never {
        let result = channel.borrowed
        ContainerProcess.run(
            plan,
            ContainerProcess.Inheritance(
                channel: channel, startPipe: BorrowedFD(rawValue: -1), resultPipe: result, console: number(of: console),
                sources: [], rootTree: nil, progress: progress, preserved: options.preserved,
                activation: options.activation, record: target.record))
    }

    /// Makes the process, as a child of the runtime's (CLONE_PARENT), from one in between that enters the container for
    /// good.
    private func enterByMiddle(_ namespaces: CloneFlags) throws(SyscallError) {
        let answers = try Sockets.pair()
        let pair = try Sockets.pair()
        let cloned = try cloneMiddle()
        switch consume cloned {
        case .child:
            guard isJoining(namespaces, telling: answers.keepSecond()) else { Processes.exitNow(0) }
            run(telling: pair.keepSecond())
        case .parent(let process):
            let end = answers.keepFirst()
            channel = pair.keepFirst()
            // It has its own copies; with ours open nobody would ever read the end of file.
            entrance = CgroupEntrance()
            console = nil
            if isAttachedBySystemd { try attachToScope(process, telling: end.borrowed) }
            var answer = try Sockets.receive(
                end.borrowed, maximumBytes: StageMessage.maximumBytes, maximumDescriptors: 1)
            switch StageMessage(decoding: answer.bytes) {
            case .cloned(let pid):
                self.middle = .some(consume process)
                guard let pidfd = answer.descriptors.popFirst() else {
                    throw SyscallError(operation: "recvmsg", errno: .EPROTO, subject: "pidfd")
                }
                child = ChildProcess(pid: pid, pidfd: pidfd)
                self.pid = pid
            case .failure(let failure):
                _ = try process.wait()
                throw SyscallError(
                    operation: failure.operation, errno: Errno(rawValue: failure.errno), subject: failure.subject)
            default:
                let status = try process.wait()
                if case .signaled(Signals.kill, _) = status { middleWasKilled = true }
                throw SyscallError(
                    operation: "clone", errno: .EPROTO, subject: "the process in between ended with \(status.shellCode)"
                )
            }
        }
    }

    /// The process in between is born in the container's cgroup2 group, and passes that on.
    private func cloneMiddle() throws(SyscallError) -> CloneResult {
        try entrance.openFiles(of: groups)
        guard let folder = entrance.unifiedFolder else { return try Processes.clone([]) }
        do throws(SyscallError) {
            return try Processes.clone3(cgroup: folder)
        } catch {
            // A group with groups below it takes no process (cgroups(7), "no internal processes"): the container has moved
            // its own.
            if error.errno == .EBUSY || error.errno == .ENOTSUP {
                groups = try groups.withUnified(of: target.record.pid)
            }
            // Who is not root moves a process only within what is delegated to it, and a session is not: systemd moves it,
            // which has made the scope for the same user.
            isAttachedBySystemd = error.errno == .EACCES && target.record.scope?.isStarted == true
        }
        // Refused by a filter or an old kernel, or another group than the one that was opened: the slow way tells.
        entrance = CgroupEntrance()
        if !isAttachedBySystemd {
            entrance.entersUnifiedLater()
            try entrance.openFiles(of: groups)
        }
        return try Processes.clone([])
    }

    /// Has systemd put the process in between into the group, and lets it go on.
    private func attachToScope(
        _ process: borrowing ChildProcess, telling answers: BorrowedFD
    ) throws(SyscallError) {
        do throws(SyscallError) {
            do throws(SystemdFailure) {
                try attach(process.pid)
            } catch {
                throw SyscallError(
                    operation: error.operation, errno: error.errno ?? .EACCES, subject: target.record.scope?.unit ?? "")
            }
            try Files.writeAll(answers, StageMessage.cgroupsOpen.encoded)
        } catch {
            // Best effort: the failure that led here is the one to tell.
            try? process.signal(Signals.kill)
            _ = try? process.wait()
            throw error
        }
    }

    private func attach(_ pid: Int32) throws(SystemdFailure) {
        guard let scope = target.record.scope, let own = target.record.cgroups.unified, let group = groups.unified
        else { return }
        let subgroup = group.path.bytewiseSuffix(from: own.path.utf8.count)
        try SystemdConnection(to: scope.instance, remembered: scope.address)
            .attach(pid, to: scope.unit, subgroup: subgroup.isEmpty ? "/" : subgroup)
    }

    /// What the process in between does. It returns twice: true in the process that has joined.
    private func isJoining(_ namespaces: CloneFlags, telling answers: consuming OwnedFD) -> Bool {
        do throws(SyscallError) {
            // What is in the container may look into whoever shares its namespaces (ptrace(2)); not into a process that
            // can't be dumped.
            try Processes.setDumpable(false)
            if isAttachedBySystemd {
                let packet = try Sockets.receive(answers.borrowed, maximumBytes: StageMessage.cgroupsOpen.encoded.count)
                // End of file: the runtime has given up.
                guard StageMessage(decoding: packet.bytes) == .cgroupsOpen else { Processes.exitNow(1) }
            }
            try entrance.enter()
            try target.enter(namespaces)
            let result = try Processes.clone(.parent)
            switch consume result {
            case .child: return true
            case .parent(let process):
                try Sockets.send(
                    answers.borrowed, StageMessage.cloned(pid: process.pid).encoded,
                    descriptors: [process.pidfd.borrowed])
            }
        } catch {
            // Best effort: without a reader nobody is left to be told.
            try? Sockets.send(answers.borrowed, StageMessage.failure(StageFailure(error)).encoded)
        }
        return false
    }
}

extension CgroupTree {
    /// The same groups, but for the cgroup2 group that a process is in.
    fileprivate func withUnified(of pid: Int32) throws(SyscallError) -> CgroupTree {
        let text = try Files.readFile("/proc/\(pid)/cgroup", limit: 1 << 16)
        let line = text.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: "0::".utf8) }
        guard let line else { return self }
        let path = String(decoding: line.dropFirst(3), as: UTF8.self)
        return CgroupTree(
            groups: groups.map { group in
                guard group.isUnified else { return group }
                return Group(
                    mountPoint: group.mountPoint, path: path, isUnified: true, controllers: group.controllers)
            })
    }
}
