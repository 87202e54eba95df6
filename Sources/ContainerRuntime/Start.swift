import LinuxSys
import OCISpec
import RuntimePlan

/// Starting a created container.
///
/// `start` is not the parent of the container's process, so it learns what became of it through two FIFOs in the state
/// folder, which the process holds open. It opens `result` for reading, then writes a byte into `start`. The process
/// writes a failure into `result`, or one byte just before the exec, which closes its end. So the end of file after that
/// byte is success, also when the program has ended by now; a failure is told as it is; the end of file without
/// either is a process that died.
package enum Start {
    /// The byte that says that the exec comes next.
    static let lastStep: UInt8 = 0x01
    /// The byte that says that the process may go on.
    static let go: UInt8 = 0x02

    /// Starts a container.
    /// - Parameter host: the service manager's socket: a container that has one of the runtime's is waited for until it says
    ///   that it is ready, or has ended.
    /// - Throws: `RuntimeError` when it is not in the state created, and when its program could not be executed.
    package static func start(_ id: String, in store: StateStore, notifying host: String? = nil) throws(RuntimeError) {
        let folder = try store.open(id, locks: true)
        let container = try Container(folder)
        switch container.status {
        case .created: break
        case .paused: throw RuntimeError(.state, "cannot start a container in the paused state")
        case .stopped: throw RuntimeError(.state, "cannot start a container that has stopped")
        case .running: throw RuntimeError(.state, "cannot start an already running container")
        case .creating: throw RuntimeError(.state, "cannot start a container that is being created")
        }
        let notification: ServiceNotification?
        do throws(SyscallError) {
            // Before the program, which may be ready at once.
            if let host {
                notification = try ServiceNotification.open(container.record, in: folder.folder.borrowed, to: host)
            } else {
                notification = nil
            }
        } catch {
            throw RuntimeError(error, in: "open notification socket")
        }
        try start(container.record, folder)
        switch notification {
        case .some(let notification): notification.forwardOrWarn(mainPID: container.record.pid)
        case .none: break
        }
    }

    /// Starts the container of an open folder; its state is known to be created.
    static func start(_ record: ContainerRecord, _ folder: borrowing ContainerFolder) throws(RuntimeError) {
        let result: [UInt8]
        do throws(SyscallError) {
            // Opened first: what the process writes once it goes on must have a reader. Not blocking, since a process
            // that is dead opens its end no more.
            let reader = try Files.open(
                ContainerFolder.resultPipe, in: folder.folder.borrowed, [.readOnly, .nonBlocking])
            let writer = try Files.open(
                ContainerFolder.startPipe, in: folder.folder.borrowed, [.writeOnly, .nonBlocking])
            // From here on the container is no longer created, whatever comes of it.
            try Files.unlink(ContainerFolder.startPipe, in: folder.folder.borrowed)
            try Files.writeAll(writer.borrowed, [go])
            // The hooks that come next may take as long as they like; `delete --force` need not wait for them.
            try folder.unlock()
            try Files.setNonBlocking(reader.borrowed, false)
            result = try Files.readAll(reader.borrowed, limit: 1 << 16)
            // Best effort: it is gone where the container was deleted meanwhile.
            try? Files.unlink(ContainerFolder.resultPipe, in: folder.folder.borrowed)
        } catch {
            // Nobody has the other end open any more: before the look, or between that and the word.
            if error.errno == .ENXIO || error.errno == .EPIPE {
                throw RuntimeError(.state, "cannot start a container that has stopped")
            }
            throw RuntimeError(error, in: "release process")
        }
        try check(result, record)
        do throws(RuntimeError) {
            try ContainerHooks.run(
                ContainerHooks.decode(record, .poststart), .poststart, state: record.state(.running, pid: record.pid))
        } catch {
            // Its caller takes the container for one that was not started (runtime.md, "Lifecycle").
            Delete.endProcess(record)
            throw error
        }
    }

    private static func check(_ result: [UInt8], _ record: ContainerRecord) throws(RuntimeError) {
        if result == [lastStep] { return }
        // The last step's byte comes before the exec that then failed.
        let packet = result.first == lastStep ? Array(result.dropFirst()) : result
        if case .failure(let failure) = StageMessage(decoding: packet) { throw RuntimeError(failure) }
        var error = RuntimeError(.system, "the container's process died before it executed its program")
        error.step = Step.awaitExecution.summary
        error.explain(record.cgroups.outOfMemory())
        throw error
    }
}
