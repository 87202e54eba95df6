import LinuxSys

/// The caller's own namespaces, and the way back to them for a process that leaves them for a moment.
///
/// The way back is the descriptors of all that setns(2) and unshare(2) take away: the namespaces themselves, and with that of
/// mounts the root and the working folder. The pid namespace is not among them: a process keeps its own.
struct OwnNamespaces: ~Copyable {
    private let procfs: OwnedFD
    private var kept = OwnedFDList()
    private var root: OwnedFD?
    private var folder: OwnedFD?

    init() throws(SyscallError) {
        procfs = try Files.open("/proc/self/ns", [.path, .directory])
    }

    /// What stat(2) tells of one; nil where the kernel has none of this type.
    borrowing func status(of type: LinuxSys.NamespaceType) throws(SyscallError) -> FileStatus? {
        do throws(SyscallError) {
            return try Files.status(type.procName, in: procfs.borrowed)
        } catch {
            guard error.errno == .ENOENT else { throw error }
            return nil
        }
    }

    /// Keeps what is left for namespaces of these types.
    mutating func keep(leavingFor types: CloneFlags) throws(SyscallError) {
        for type in LinuxSys.NamespaceType.allCases where type != .pid && types.contains(type.cloneFlag) {
            kept.append(try Files.open(type.procName, in: procfs.borrowed))
        }
        guard types.contains(.newMount) else { return }
        root = try Files.open("/", [.path, .directory])
        folder = try Files.open(".", [.path, .directory])
    }

    /// Enters them again. Where the kernel refuses that the process ends at once: whatever it did next it would do
    /// somewhere else.
    /// - Parameters:
    ///   - command: with the container's id, for the message.
    ///   - status: the command's exit status for an error.
    borrowing func comeBack(for command: String, failing status: Int32) {
        do throws(SyscallError) {
            for index in 0..<kept.count { try Processes.joinNamespace(kept[index]) }
            guard root != nil else { return }
            try Files.changeDirectory(to: number(of: root))
            try Files.changeRoot(".")
            try Files.changeDirectory(to: number(of: folder))
        } catch {
            // Best effort: nobody is left to be told of a standard error that can't be written to.
            try? Files.writeAll(
                .standardError, "raind-oci: \(command): return to own namespaces: \(error)\n")
            Processes.exitNow(status)
        }
    }
}
