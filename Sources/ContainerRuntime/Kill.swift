import LinuxSys
import OCISpec

/// Sending a signal to a container.
package enum Kill {
    /// Sends a signal to a container's process, or to all of them.
    /// - Parameters:
    ///   - signal: its number.
    ///   - all: every process of the container. For a stopped container that is no error.
    /// - Throws: `RuntimeError` `container not running` when it is stopped.
    package static func send(_ signal: Int32, to id: String, all: Bool, in store: StateStore) throws(RuntimeError) {
        let container = try Container(id, in: store)
        let record = container.record
        guard container.status != .stopped else {
            if all { return try killLeftOvers(record, signal) }
            throw RuntimeError(.state, "container not running")
        }
        // Neither created nor running yet (runtime.md, "Kill"): delete --force is what ends a create.
        guard record.pid != 0, container.status != .creating else {
            throw RuntimeError(.state, "container not running")
        }
        do throws(SyscallError) {
            // Without a pid namespace of its own a container has no process whose end ends the others.
            if all || (signal == 9 && !record.hasPIDNamespace) {
                try record.cgroups.killAll(signal: signal)
                if !record.cgroups.groups.isEmpty { return }
            }
            if all, signal != Signals.kill, record.hasPIDNamespace {
                return try PIDNamespaceMembers(of: record.pid).signal(signal)
            }
            let process = try Processes.openPIDFD(record.pid)
            // The pid may have been used again before it was opened; from here on the descriptor holds the process.
            guard try Container.isAlive(record) else {
                throw SyscallError(operation: "pidfd_open", errno: .ESRCH, subject: String(record.pid))
            }
            try Processes.sendSignal(signal, to: process.borrowed)
            if signal == 9, container.status == .paused { try thaw(record) }
        } catch {
            if error.errno == .ESRCH || error.operation == "readlinkat" && error.errno == .ENOENT {
                throw RuntimeError(.state, "container not running")
            }
            throw RuntimeError(error, in: "send signal")
        }
    }

    /// A frozen process on v1 dies only once it is thawed. On v2 it dies at once, and systemd removes the scope of a container
    /// that has ended, its control group included.
    private static func thaw(_ record: ContainerRecord) throws(SyscallError) {
        do throws(SyscallError) {
            try record.cgroups.setFrozen(false)
        } catch {
            guard error.errno == .ENOENT || error.errno == .ENODEV else { throw error }
        }
    }

    private static func killLeftOvers(_ record: ContainerRecord, _ signal: Int32) throws(RuntimeError) {
        do throws(SyscallError) {
            try record.cgroups.killAll(signal: signal)
        } catch {
            if error.errno == .ENOENT || error.errno == .ENODEV || error.errno == .ESRCH { return }
            throw RuntimeError(error, in: "end processes")
        }
    }
}
