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
            guard force else { throw error }
            // Somebody else has deleted it while its record was waited for.
            if error.message == "container does not exist" { return }
            // Nothing of the record can be used; the process is known all the same, and the folder is ours.
            try end(folder.process())
            try remove(folder)
            return
        }
        switch container.status {
        // One whose create has died may have a process all the same.
        case .stopped: if !container.record.isComplete { try end(container.record) }
        case .created: try end(container.record)
        case .running where !force:
            // `kill ID KILL` comes back before the process has ended.
            guard try awaitEnd(container.record) else { throw notStopped(id, container.status) }
        case .creating, .running, .paused:
            guard force else { throw notStopped(id, container.status) }
            try end(container.record)
        }
        try delete(container.record, folder)
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
            return try Poll.wait(&entries, timeoutMilliseconds: 1000) > 0
        } catch {
            throw RuntimeError(error)
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
            guard error.errno == .ESRCH else { throw RuntimeError(error) }
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
            throw RuntimeError(error)
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
            throw RuntimeError(error)
        }
    }

    /// Ends a container's processes and waits until its first is gone.
    private static func end(_ record: ContainerRecord) throws(RuntimeError) {
        do throws(SyscallError) {
            if record.pid != 0, let process = try openProcess(record) {
                try Processes.sendSignal(9, to: process.borrowed)
                // A frozen process on v1 dies only once it is thawed.
                if try Container.isFrozen(record) { try record.cgroups.setFrozen(false) }
                if !record.hasPIDNamespace { try endLeftOvers(record) }
                try awaitEnd(of: process.borrowed, pid: record.pid)
            } else {
                try endLeftOvers(record)
            }
        } catch {
            throw RuntimeError(error)
        }
    }

    /// Ends a process whose container's record is damaged, and waits until it is gone.
    private static func end(_ process: ProcessIdentity?) throws(RuntimeError) {
        do throws(SyscallError) {
            guard let process, let descriptor = try open(process) else { return }
            try Processes.sendSignal(Signals.kill, to: descriptor.borrowed)
            try awaitEnd(of: descriptor.borrowed, pid: process.pid)
        } catch {
            throw RuntimeError(error)
        }
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

    private static func endLeftOvers(_ record: ContainerRecord) throws(SyscallError) {
        do throws(SyscallError) {
            try record.cgroups.killAll(signal: 9)
        } catch {
            guard error.errno == .ENOENT || error.errno == .ENODEV || error.errno == .ESRCH else { throw error }
        }
    }
}
