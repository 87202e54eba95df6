import LinuxSys
import OCISpec

/// Deleting a container: what create made goes, in the reverse order.
package enum Delete {
    /// Deletes a container that is created or stopped.
    /// - Parameter force: a running or paused one is killed first, and a container that does not exist, or is only partly
    ///   there, is no error.
    package static func delete(_ id: String, force: Bool, in store: StateStore) throws(RuntimeError) {
        try StateStore.check(id: id)
        let folder: ContainerFolder
        do throws(RuntimeError) {
            if force { try endCreator(id, in: store) }
            folder = try store.open(id, locks: true)
        } catch {
            if force, error.kind == .state { return }
            throw error
        }
        let container: Container
        do throws(RuntimeError) {
            container = try Container(folder)
        } catch {
            // What else there is can't be looked at, and must not be forgotten.
            guard force, error.kind == .state else { throw error }
            // Somebody else has deleted it while its record was waited for.
            if error.message == "container does not exist" { return }
            return try deleteDamaged(folder)
        }
        switch container.status {
        case .stopped:
            // One whose create has died may have a process all the same.
            if !container.record.isComplete { return try deleteUnfinished(container.record, folder) }
            // What is there all the same keeps the groups from going: its first process is not the one that is recorded.
            if force { try endStrays(container.record) }
        case .running where !force:
            // `kill ID KILL` comes back before the process has ended.
            guard try awaitEnd(container.record) else { throw notStopped(id, container.status) }
        case .creating where !force, .paused where !force: throw notStopped(id, container.status)
        case .created, .creating, .running, .paused:
            do throws(SyscallError) {
                try end(container.record)
            } catch {
                throw RuntimeError(error, in: "end processes")
            }
        }
        try delete(container.record, folder)
    }

    /// Deletes a container whose create has died.
    private static func deleteUnfinished(
        _ record: ContainerRecord, _ folder: borrowing ContainerFolder
    ) throws(RuntimeError) {
        var record = record
        do throws(SyscallError) {
            if record.scope == nil, try !areOwn(record.cgroups, of: record, folder) {
                // The create had not come to making them: they are another container's, which asked for the same path.
                record.cgroups = CgroupTree(groups: [])
                if record.pid != 0 { try end(ProcessIdentity(pid: record.pid, startTicks: record.startTicks)) }
            } else {
                try end(record)
            }
        } catch {
            throw RuntimeError(error, in: "end processes")
        }
        try delete(record, folder)
    }

    /// Whether control groups can be ended and removed with a container whose create has died. They are the container's
    /// where its process is in them: one that was not recorded any more has the container's FIFO open.
    private static func areOwn(
        _ groups: CgroupTree, of record: ContainerRecord, _ folder: borrowing ContainerFolder
    ) throws(SyscallError) -> Bool {
        var pauseMilliseconds: Int32 = 1
        while true {
            let pids = try groups.processes()
            if pids.isEmpty { return true }
            if pids.contains(record.pid), try Container.isAlive(record) { return true }
            do throws(SyscallError) {
                let pipe = try Files.status(ContainerFolder.startPipe, in: folder.folder.borrowed, follow: false)
                if pids.contains(where: { holds(pipe, $0) }) { return true }
            } catch {
                guard error.errno == .ENOENT else { throw error }
                // Not made yet, or gone since `start`: the config is written once there is a process.
                return try Files.exists(ContainerFolder.configFile, in: folder.folder.borrowed)
            }
            // One that is just ending has no files any more, and is in the group for another moment.
            guard pauseMilliseconds <= 256 else { return false }
            var nothing: [PollEntry] = []
            _ = try Poll.wait(&nothing, timeoutMilliseconds: pauseMilliseconds)
            pauseMilliseconds *= 2
        }
    }

    /// Whether a process has a file open.
    private static func holds(_ file: FileStatus, _ pid: Int32) -> Bool {
        // Best effort: whose descriptors can't be looked at is another user's, and what has ended holds nothing.
        guard let folder = try? Files.open("/proc/\(pid)/fd", [.directory]),
            let names = try? Files.list(folder.borrowed)
        else { return false }
        return names.contains { name in
            (try? Files.status(name, in: folder.borrowed))?.isSameFile(as: file) == true
        }
    }

    /// Deletes a container whose state is damaged, as far as it is known.
    private static func deleteDamaged(_ folder: borrowing ContainerFolder) throws(RuntimeError) {
        do throws(SyscallError) {
            try folder.checkContents()
        } catch {
            throw RuntimeError(error, in: "end processes")
        }
        let process = folder.process()
        // The record may be whole, and its process alone is not known. It was waited for already, and without the lock somebody
        // else would delete the container from under this call.
        if let record = try? folder.readRecord(waits: false) {
            do throws(SyscallError) {
                try end(process)
                try endLeftOvers(record)
            } catch {
                throw RuntimeError(error, in: "end processes")
            }
            return try delete(record, folder)
        }
        // Best effort: a config that is damaged, too, says nothing of where the groups are.
        let config = (try? folder.readConfigFile()) ?? nil
        do throws(SyscallError) {
            if let process, try Container.isRunning(process) {
                let groups = try CgroupTree(around: process.pid, id: folder.id, config: config)
                try end(process)
                try groups.killAll(signal: Signals.kill)
                try groups.remove()
            } else {
                try CgroupTree(id: folder.id, config: config).removeUnused()
            }
        } catch {
            throw RuntimeError(error, in: "end processes")
        }
        try remove(folder)
    }

    private static func notStopped(_ id: String, _ status: ContainerStatus) -> RuntimeError {
        RuntimeError(.state, "cannot delete container \(id) that is not stopped: \(status.rawValue)")
    }

    /// Waits for the end of a process that is just being ended, a second at most.
    /// - Returns: whether it has ended.
    private static func awaitEnd(_ record: ContainerRecord) throws(RuntimeError) -> Bool {
        do throws(SyscallError) {
            guard let process = try openProcess(record) else { return true }
            guard try ProcessIdentity.isEnding(pid: record.pid) else { return false }
            var entries = [PollEntry(process.borrowed, .readable)]
            for _ in 0..<5 {
                if try Poll.wait(&entries, timeoutMilliseconds: 200) > 0 { return true }
                if try isSpent(record) { return true }
            }
            return false
        } catch {
            throw RuntimeError(error, in: "await process")
        }
    }

    /// Whether nothing is left of a container's process but its number. The first of a pid namespace ends when all others have
    /// been collected, and who has joined by `exec --detach` is collected by its caller: whenever that may be. It has left
    /// its groups before it waits for that, and runs nothing any more.
    private static func isSpent(_ record: ContainerRecord) throws(SyscallError) -> Bool {
        guard !record.cgroups.groups.isEmpty, try ProcessIdentity.hasBegunToExit(pid: record.pid) else { return false }
        do throws(SyscallError) {
            return try record.cgroups.processes().isEmpty
        } catch {
            guard error.errno == .ENOENT || error.errno == .ENODEV else { throw error }
            return true
        }
    }

    /// Ends a create that is still at work, in a hook that hangs for one: it holds the lock as long as it lives.
    private static func endCreator(_ id: String, in store: StateStore) throws(RuntimeError) {
        let folder = try store.open(id, locks: false)
        // A record that can't be read names nobody; whether it can be deleted is found out under the lock.
        guard let record = try? folder.read(), !record.isComplete, record.creator.pid != Processes.processID else {
            return
        }
        do throws(SyscallError) {
            let process = try Processes.openPIDFD(record.creator.pid)
            // The pid may have been used again before it was opened; from here on the descriptor holds the process.
            guard try Container.isRunning(record.creator) else { return }
            try Processes.sendSignal(Signals.kill, to: process.borrowed)
        } catch {
            guard error.errno == .ESRCH else { throw RuntimeError(error, in: "end creator") }
        }
    }

    /// Removes what is left of a container whose process has ended.
    static func delete(_ record: ContainerRecord, _ folder: borrowing ContainerFolder) throws(RuntimeError) {
        do throws(SyscallError) {
            // What the process left behind: in a pid namespace of its own nothing, else its children.
            if !record.hasPIDNamespace { try endLeftOvers(record) }
            stopScope(of: record)
            try record.cgroups.remove()
            try record.resctrl?.remove(in: ResctrlGroup.mountPoint)
        } catch {
            throw RuntimeError(error, in: "remove cgroups")
        }
        runHooks(record)
        try remove(folder)
    }

    /// Has systemd end the scope. Where systemd can't be asked that is told and no more: the processes have ended, so the
    /// groups can be removed, and a scope without them ends by itself.
    private static func stopScope(of record: ContainerRecord) {
        guard let scope = record.scope else { return }
        do throws(SystemdFailure) {
            try scope.stop()
        } catch {
            Warning.write("delete \(record.id): \(RuntimeError(error, unit: scope.unit).text)")
        }
    }

    /// Runs the poststop hooks. The container is gone by then, so a hook that fails is told and nothing else comes of it
    /// (runtime.md, "Lifecycle").
    static func runHooks(_ record: ContainerRecord) {
        let hooks = ContainerHooks.decode(record, .poststop)
        guard !hooks.isEmpty else { return }
        for hook in hooks {
            do throws(RuntimeError) {
                try ContainerHooks.run([hook], .poststop, state: record.state(.stopped, pid: 0))
            } catch {
                Warning.write("delete \(record.id): \(error.text)")
            }
        }
    }

    private static func remove(_ folder: borrowing ContainerFolder) throws(RuntimeError) {
        do throws(SyscallError) {
            try folder.remove()
        } catch {
            throw RuntimeError(error, in: "remove state")
        }
    }

    /// Ends a container's processes and waits until its first is gone.
    private static func end(_ record: ContainerRecord) throws(SyscallError) {
        if record.pid != 0, let process = try openProcess(record) {
            try sendKill(to: process.borrowed)
            // A frozen process on v1 dies only once it is thawed.
            if try Container.isFrozen(record) { try record.cgroups.setFrozen(false) }
            // Of a restore that has died there is CRIU in the groups, too, which traces the container's processes: they end
            // no sooner than it does.
            if !record.hasPIDNamespace || !record.isComplete { try endLeftOvers(record) }
            try awaitEnd(of: process.borrowed, record)
        } else {
            try endLeftOvers(record)
        }
    }

    /// Kills a process, which may have ended since it was looked at.
    private static func sendKill(to process: BorrowedFD) throws(SyscallError) {
        do throws(SyscallError) {
            try Processes.sendSignal(Signals.kill, to: process)
        } catch {
            guard error.errno == .ESRCH else { throw error }
        }
    }

    /// Ends a process whose container's record is damaged, and waits until it is gone.
    private static func end(_ process: ProcessIdentity?) throws(SyscallError) {
        guard let process, let descriptor = try open(process) else { return }
        try sendKill(to: descriptor.borrowed)
        try awaitEnd(of: descriptor.borrowed, pid: process.pid)
    }

    /// Waits for the end of a container's process. What the container does against it, it does with processes that are
    /// still there: freezing groups of its own, for one. So they are ended again as long as it takes.
    private static func awaitEnd(of process: BorrowedFD, _ record: ContainerRecord) throws(SyscallError) {
        var entries = [PollEntry(process, .readable)]
        if try Poll.wait(&entries, timeoutMilliseconds: 200) > 0 { return }
        for _ in 0..<5 {
            try endLeftOvers(record)
            if try Poll.wait(&entries, timeoutMilliseconds: 100) > 0 { return }
            if try isSpent(record) { return }
        }
        try awaitEnd(of: process, pid: record.pid)
    }

    /// - Throws: `SyscallError` ETIMEDOUT: what is not gone must not be forgotten.
    private static func awaitEnd(of process: BorrowedFD, pid: Int32) throws(SyscallError) {
        var entries = [PollEntry(process, .readable)]
        guard try Poll.wait(&entries, timeoutMilliseconds: 10_000) > 0 else {
            throw SyscallError(operation: "poll pidfd", errno: .ETIMEDOUT, subject: String(pid))
        }
    }

    /// Ends a container's process, after a start that failed.
    static func endProcess(_ record: ContainerRecord) {
        // Best effort: the failure that led here is the one to tell.
        try? end(record)
    }

    private static func openProcess(_ record: ContainerRecord) throws(SyscallError) -> OwnedFD? {
        try open(ProcessIdentity(pid: record.pid, startTicks: record.startTicks))
    }

    /// A descriptor of a process; nil when it has ended.
    private static func open(_ process: ProcessIdentity) throws(SyscallError) -> OwnedFD? {
        do throws(SyscallError) {
            let descriptor = try Processes.openPIDFD(process.pid)
            // The pid may have been used again before it was opened; from here on the descriptor holds the process.
            guard try Container.isRunning(process) else { return nil }
            return consume descriptor
        } catch {
            if error.errno == .ESRCH { return nil }
            throw error
        }
    }

    private static func endStrays(_ record: ContainerRecord) throws(RuntimeError) {
        do throws(SyscallError) {
            if try !record.cgroups.processes().isEmpty { try endLeftOvers(record) }
        } catch {
            guard error.errno == .ENOENT || error.errno == .ENODEV else {
                throw RuntimeError(error, in: "end processes")
            }
        }
    }

    private static func endLeftOvers(_ record: ContainerRecord) throws(SyscallError) {
        do throws(SyscallError) {
            try record.cgroups.killAll(signal: 9)
        } catch {
            guard error.errno == .ENOENT || error.errno == .ENODEV || error.errno == .ESRCH else { throw error }
        }
    }
}
