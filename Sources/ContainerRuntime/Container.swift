import LinuxSys
package import OCISpec

/// A container that was created: what its record says, and what its process and control groups show now.
package struct Container: Sendable {
    /// Its record.
    package let record: ContainerRecord
    /// Where it is in its life.
    package let status: ContainerStatus

    /// Looks a container up.
    /// - Throws: `RuntimeError` `container does not exist`.
    package init(_ id: String, in store: StateStore) throws(RuntimeError) {
        let folder = try store.open(id, locks: false)
        try self.init(folder)
    }

    /// A container by its open folder.
    init(_ folder: borrowing ContainerFolder) throws(RuntimeError) {
        try self.init(try folder.read(), folder)
    }

    /// A container by its record and its open folder.
    ///
    /// A create that has done its work ends right after: one that was still at work as the record was read, and is gone as it
    /// is looked for, may have left a whole container. The record is read again then.
    init(_ record: ContainerRecord, _ folder: borrowing ContainerFolder) throws(RuntimeError) {
        var record = record
        var isBeingCreated = false
        if !record.isComplete {
            do throws(SyscallError) {
                isBeingCreated = try Self.isRunning(record.creator)
            } catch {
                throw RuntimeError(error, in: "read status")
            }
            if !isBeingCreated { record = try folder.read() }
        }
        self.record = record
        do throws(SyscallError) {
            // A create that died has made nothing that could be started.
            status = record.isComplete ? try Self.status(of: record, folder) : isBeingCreated ? .creating : .stopped
        } catch {
            throw RuntimeError(error, in: "read status")
        }
    }

    /// Where a container is that was created.
    private static func status(
        of record: ContainerRecord, _ folder: borrowing ContainerFolder
    ) throws(SyscallError) -> ContainerStatus {
        // The process last: one that is deleted meanwhile has lost its FIFO and its groups by then, and would seem to have been
        // started. What is seen before of a process that is there still, it was then.
        let wasStarted = try !folder.hasStartPipe()
        let isFrozen = try isFrozen(record)
        guard try isAlive(record) else { return .stopped }
        return isFrozen ? .paused : wasStarted ? .running : .created
    }

    /// Whether the process of the record is there and not a zombie. A pid alone proves nothing: another process may have
    /// it by now.
    static func isAlive(_ record: ContainerRecord) throws(SyscallError) -> Bool {
        try isRunning(ProcessIdentity(pid: record.pid, startTicks: record.startTicks))
    }

    /// Whether a process is there and not a zombie.
    static func isRunning(_ process: ProcessIdentity) throws(SyscallError) -> Bool {
        guard let found = try ProcessIdentity.read(pid: process.pid) else { return false }
        return found.identity == process && found.state != UInt8(ascii: "Z") && found.state != UInt8(ascii: "X")
    }

    /// Whether a container is frozen.
    static func isFrozen(_ record: ContainerRecord) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            return try record.cgroups.isFrozen()
        } catch {
            // A group that somebody else has removed is not frozen.
            if error.errno == .ENOENT || error.errno == .ENODEV { return false }
            throw error
        }
    }

    /// The pid that callers see: 0 once it is stopped.
    package var visiblePID: Int32 { status == .stopped ? 0 : record.pid }
}

extension Container {
    /// The name of who created it, its number where the host has no name for it.
    private var ownerName: String {
        // Not looked up: `state` is called often, mostly for root's.
        record.owner == 0 ? "root" : PasswordFile.name(of: record.owner) ?? String(record.owner)
    }

    /// The state document (runtime.md, "State"), with the members that callers of `state` read besides.
    package var state: State {
        State(
            ociVersion: record.ociVersion, id: record.id, status: status, pid: visiblePID, bundle: record.bundle,
            annotations: record.annotations.map { MapEntry(key: $0.name, value: $0.value) }, rootfs: record.rootfs,
            created: record.created, owner: ownerName,
            // Not looked for in every container: `state` is called often.
            oom: record.hasMemoryLimit ? record.cgroups.outOfMemory() : nil)
    }
}
