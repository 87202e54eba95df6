import LinuxSys
import OCISpec

/// Stopping all processes of a container where they are, and letting them go on: the freezers of cgroup v1 and v2.
package enum Pause {
    /// Stops all processes of a container.
    /// - Throws: `RuntimeError` when it isn't running, and when its processes don't stand still within a second: they go
    ///   on then.
    package static func pause(_ id: String, in store: StateStore) throws(RuntimeError) {
        let folder = try store.open(id, locks: true)
        let container = try Container(folder)
        switch container.status {
        case .created, .running: break
        case .creating: throw RuntimeError(.state, "cannot pause a container that is being created")
        case .paused, .stopped: throw RuntimeError(.state, "container not running")
        }
        let groups = container.record.cgroups
        guard groups.groups.contains(where: \.canStand) else {
            throw RuntimeError(.state, "cannot pause a container that has no control group with a freezer")
        }
        do throws(SyscallError) {
            guard try groups.freeze() else {
                throw SyscallError(operation: "freeze", errno: .ETIMEDOUT, subject: "control groups of \(id)")
            }
        } catch {
            // Best effort: the failure that led here is the one to tell.
            try? groups.setFrozen(false)
            throw RuntimeError(error, in: "freeze cgroups")
        }
    }

    /// Lets the processes of a paused container go on.
    /// - Throws: `RuntimeError` when it isn't paused.
    package static func resume(_ id: String, in store: StateStore) throws(RuntimeError) {
        let folder = try store.open(id, locks: true)
        let container = try Container(folder)
        guard container.status == .paused else {
            throw RuntimeError(.state, container.status == .stopped ? "container not running" : "container not paused")
        }
        do throws(SyscallError) {
            try container.record.cgroups.setFrozen(false)
        } catch {
            throw RuntimeError(error, in: "thaw cgroups")
        }
    }
}
