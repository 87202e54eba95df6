import LinuxSys
import LosslessJSON
import OCISpec

/// A container that a process is to join.
package final class ExecTarget {
    /// Where its state is kept.
    let store: StateStore
    /// What the state folder remembers of it.
    let record: ContainerRecord
    /// The config that it was created with.
    package let config: [UInt8]
    /// Its process, which can't be mistaken for another any more.
    let pidfd: OwnedFD

    /// Looks a container up.
    /// - Parameter ignoresPause: one that is paused may be joined: what joins it waits with it.
    /// - Throws: `RuntimeError` where there is none, and where its state lets nobody join.
    package init(_ id: String, in store: StateStore, ignoresPause: Bool) throws(RuntimeError) {
        let folder = try store.open(id, locks: false)
        let found = try folder.read()
        if found.isComplete {
            record = found
        } else {
            let container = try Container(found, folder)
            // One whose create is just done is whole by now; else it is as it was seen, and not what it becomes meanwhile.
            guard container.record.isComplete else { throw Self.refusal(of: container.status) }
            record = container.record
        }
        let descriptor: OwnedFD?
        do throws(SyscallError) {
            descriptor = try Processes.openPIDFD(record.pid)
        } catch {
            guard error.errno == .ESRCH else { throw RuntimeError(error, in: "open process") }
            descriptor = nil
        }
        // Looked at with the descriptor open, which holds the process: the pid can't come to be another's any more.
        let status = try Container(record, folder).status
        switch status {
        case .created, .running: break
        case .paused where ignoresPause: break
        case .paused, .creating, .stopped: throw Self.refusal(of: status)
        }
        guard let descriptor else { throw Self.refusal(of: .stopped) }
        pidfd = descriptor
        self.store = store
        config = try folder.readConfig()
    }

    private static func refusal(of status: ContainerStatus) -> RuntimeError {
        switch status {
        case .paused:
            RuntimeError(.state, "cannot exec in a paused container (use --ignore-paused to override)")
        case .creating: RuntimeError(.state, "cannot exec in a container that is being created")
        case .created, .running, .stopped: RuntimeError(.state, "cannot exec in a stopped container")
        }
    }

    /// The namespaces of its process that aren't the caller's own: one's own user namespace can't be entered again, and
    /// the others take rights that an ordinary user need not have.
    /// - Parameters:
    ///   - made: those that were made for the container. They are not looked at (a look costs as much as the whole
    ///     joining); nobody but the container's own is in them, and to enter one's own again does nothing.
    ///   - own: the caller's own.
    func foreignNamespaces(made: CloneFlags, own: borrowing OwnNamespaces) throws(SyscallError) -> CloneFlags {
        var flags = CloneFlags(rawValue: made.rawValue & ~CloneFlags.newUser.rawValue)
        let others = try Files.open("/proc/" + String(decimal: UInt64(record.pid)) + "/ns", [.path, .directory])
        for type in LinuxSys.NamespaceType.allCases where !flags.contains(type.cloneFlag) {
            // nil: the kernel has no namespaces of this type.
            guard let status = try own.status(of: type) else { continue }
            let other = try Files.status(type.procName, in: others.borrowed)
            if !other.isSameFile(as: status) { flags.formUnion(type.cloneFlag) }
        }
        return flags
    }

    /// Enters these namespaces: all by one call, which the kernel does whole or not at all.
    ///
    /// A container's user namespace need not own all of its others. Those that are the host's are entered before it
    /// where the kernel refuses the one call.
    func enter(_ namespaces: CloneFlags) throws(SyscallError) {
        guard !namespaces.isEmpty else { return }
        do throws(SyscallError) {
            return try Processes.joinNamespace(pidfd.borrowed, namespaces, subject: "the container's namespaces")
        } catch {
            guard error.errno == .EPERM, namespaces.contains(.newUser), namespaces != .newUser else { throw error }
        }
        var later: CloneFlags = .newUser
        for type in LinuxSys.NamespaceType.allCases where type != .user && namespaces.contains(type.cloneFlag) {
            do throws(SyscallError) {
                try enter(type)
            } catch {
                guard error.errno == .EPERM else { throw error }
                later.formUnion(type.cloneFlag)
            }
        }
        try enter(.user)
        later.remove(.newUser)
        for type in LinuxSys.NamespaceType.allCases where later.contains(type.cloneFlag) { try enter(type) }
    }

    private func enter(_ type: LinuxSys.NamespaceType) throws(SyscallError) {
        try Processes.joinNamespace(
            pidfd.borrowed, type.cloneFlag, subject: "the container's \(type.procName) namespace")
    }
}

extension ContainerFolder {
    /// The config that the container was created with.
    func readConfig() throws(RuntimeError) -> [UInt8] {
        guard let config = try readConfigFile() else {
            throw RuntimeError(.state, "\(Self.configFile) is missing in the container's state")
        }
        return config
    }
}
