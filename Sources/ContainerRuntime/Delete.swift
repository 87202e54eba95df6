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
            // Nothing of the record can be used; the folder at least is ours.
            try remove(folder)
            return
        }
        switch container.status {
        case .stopped: break
        case .created: try end(container.record)
        case .creating, .running, .paused:
            guard force else {
                throw RuntimeError(
                    .state, "cannot delete container \(id) that is not stopped: \(container.status.rawValue)")
            }
            try end(container.record)
        }
        try delete(container.record, folder)
    }

    /// Removes what is left of a container whose process has ended.
    static func delete(_ record: ContainerRecord, _ folder: borrowing ContainerFolder) throws(RuntimeError) {
        do throws(SyscallError) {
            // What the process left behind: in a pid namespace of its own nothing, else its children.
            if !record.hasPIDNamespace { try endLeftOvers(record) }
            try record.cgroups.remove()
        } catch {
            throw RuntimeError(error)
        }
        runHooks(record)
        try remove(folder)
    }

    /// Runs the poststop hooks. The container is gone by then, so a hook that fails is told and nothing else comes of it
    /// (runtime.md, "Lifecycle").
    private static func runHooks(_ record: ContainerRecord) {
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
                if try record.cgroups.isFrozen() { try record.cgroups.setFrozen(false) }
                if !record.hasPIDNamespace { try endLeftOvers(record) }
                var entries = [PollEntry(process.borrowed, .readable)]
                guard try Poll.wait(&entries, timeoutMilliseconds: 10_000) > 0 else {
                    throw SyscallError(operation: "poll pidfd", errno: .ETIMEDOUT, subject: String(record.pid))
                }
            } else {
                try endLeftOvers(record)
            }
        } catch {
            throw RuntimeError(error)
        }
    }

    private static func openProcess(_ record: ContainerRecord) throws(SyscallError) -> OwnedFD? {
        do throws(SyscallError) {
            let process = try Processes.openPIDFD(record.pid)
            guard try Container.isAlive(record) else { return nil }
            return consume process
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
