import LinuxSys
import OCISpec
import RuntimePlan

extension Execution {
    /// Makes the process that joins the container, and in the end makes the one that is to be in its pid namespace.
    func enterContainer() throws(SyscallError) {
        let own = try OwnNamespaces()
        let namespaces = try target.foreignNamespaces(made: CloneFlags(of: plan.spec.creation.new), own: own)
        let successor = try SharedProcessID()
        let pair = try Sockets.pair()
        let cloned = try cloneJoining()
        switch consume cloned {
        case .child:
            let channel = pair.keepSecond()
            run(enter(namespaces, telling: channel.borrowed), telling: channel, succeededBy: successor)
        case .parent(let process):
            let end = pair.keepFirst()
            // It has its own copies; with ours open nobody would ever read the end of file.
            entrance = CgroupEntrance()
            console = nil
            if isAttachedBySystemd { try attachToScope(process, telling: end.borrowed) }
            channel = .some(consume end)
            pid = process.pid
            joining = .some(consume process)
            self.successor = successor
        }
    }

    private func run(
        _ procfs: consuming OwnedFD?, telling channel: consuming OwnedFD, succeededBy successor: SharedProcessID
    ) -> Never {
        let result = channel.borrowed
        ContainerProcess.run(
            plan,
            ContainerProcess.Inheritance(
                channel: channel, startPipe: BorrowedFD(rawValue: -1), resultPipe: result, console: number(of: console),
                sources: [], rootTree: nil, progress: progress, preserved: options.preserved,
                activation: options.activation, record: target.record, procfs: procfs, successor: successor))
    }

    /// The process that joins is born in the container's cgroup2 group, and passes that on.
    private func cloneJoining() throws(SyscallError) -> CloneResult {
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

    /// Has systemd put the process that joins into the group, and lets it go on.
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

    /// Enters the container's groups and namespaces.
    /// - Returns: a procfs of the host's, where something is to be written there.
    private func enter(_ namespaces: CloneFlags, telling channel: BorrowedFD) -> OwnedFD? {
        // Behind the last step, as it is before the first.
        progress.enter(plan.containerSteps.count)
        do throws(SyscallError) {
            // What is in the container may look into whoever shares its namespaces (ptrace(2)); not into a process that
            // can't be dumped.
            try Processes.setDumpable(false)
            if isAttachedBySystemd {
                let packet = try Sockets.receive(channel, maximumBytes: StageMessage.cgroupsOpen.encoded.count)
                // End of file: the runtime has given up.
                guard StageMessage(decoding: packet.bytes) == .cgroupsOpen else { Processes.exitNow(1) }
            }
            try entrance.enter()
            let writesLabels = plan.spec.appArmorProfile != nil || plan.spec.seLinuxLabel != nil
            let procfs = writesLabels ? try Procfs.open() : nil
            try target.enter(namespaces)
            return procfs
        } catch {
            var failure = StageFailure(error)
            failure.name(.enterContainer)
            // Best effort: without a reader nobody is left to be told.
            try? Files.writeAll(channel, StageMessage.failure(failure).encoded)
            Processes.exitNow(1)
        }
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
