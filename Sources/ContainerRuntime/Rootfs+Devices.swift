import LinuxSys
import OCISpec
import RuntimePlan

extension Rootfs {
    /// Makes a device node, whose mode the umask, 0 at this stage, leaves as it is; or mounts one where this user namespace
    /// may make none.
    /// - Parameters:
    ///   - inUserNamespace: mknod(2) of a device is refused outside the initial user namespace.
    ///   - prepared: the node that the runtime has made; without one it is the host's own.
    func makeDevice(
        _ node: DeviceNode, inUserNamespace: Bool, prepared: BorrowedFD?, procfs: BorrowedFD
    ) throws(SyscallError) {
        let entry = try openParent(node.path)
        if inUserNamespace && node.type != .fifo {
            try mountDevice(node, prepared, at: entry)
            return
        }
        do throws(SyscallError) {
            try Files.makeNode(
                entry.name, in: entry.folder.borrowed, type: node.type.fileType, permissions: node.mode,
                device: node.number)
        } catch {
            guard error.errno == .EEXIST else { throw error }
            try takeDevice(node, at: entry, procfs: procfs)
            return
        }
        guard node.userID != 0 || node.groupID != 0 else { return }
        let made = try Files.open(entry.name, in: entry.folder.borrowed, [.path, .noFollow])
        try Files.changeOwner(of: made.borrowed, uid: node.userID, gid: node.groupID, subject: node.path.string)
    }

    /// What is there already serves if it is the very device, and gets the mode and the owner that the config names;
    /// anything else at its place is an error (config-linux.md, "Devices").
    private func takeDevice(
        _ node: DeviceNode, at entry: borrowing Entry, procfs: BorrowedFD
    ) throws(SyscallError) {
        let found = try Files.open(entry.name, in: entry.folder.borrowed, [.path, .noFollow])
        let status = try Files.status(of: found.borrowed)
        guard node.isSame(as: status) else {
            throw SyscallError(operation: "mknodat", errno: .EEXIST, subject: node.path.string)
        }
        if node.givesOwner, status.uid != node.userID || status.gid != node.groupID {
            try Files.changeOwner(
                of: found.borrowed, uid: node.userID, gid: node.groupID, subject: node.path.string)
        }
        guard node.givesMode, status.permissions != node.mode else { return }
        do throws(SyscallError) {
            try Files.changeModeOfPath(found.borrowed, permissions: node.mode, subject: node.path.string)
        } catch {
            // Before Linux 6.6: through the private procfs, whose link leads to the descriptor and nowhere else.
            guard error.errno == .ENOSYS else { throw error }
            try Files.changeMode("thread-self/fd/\(found.borrowed.rawValue)", in: procfs, permissions: node.mode)
        }
    }

    private func mountDevice(
        _ node: DeviceNode, _ prepared: BorrowedFD?, at entry: borrowing Entry
    ) throws(SyscallError) {
        do throws(SyscallError) {
            let status = try Files.status(entry.name, in: entry.folder.borrowed, follow: false)
            // A mount point of a run before, or the device itself.
            guard status.type == .regular && status.size == 0 || node.isSame(as: status) else {
                throw SyscallError(operation: "mount device", errno: .EEXIST, subject: node.path.string)
            }
        } catch {
            guard error.errno == .ENOENT else { throw error }
            try make(entry.name, in: entry.folder.borrowed, as: .file)
        }
        let target = try Files.open(entry.name, in: entry.folder.borrowed, [.path, .noFollow])
        if let prepared {
            try Mounting.moveMount(prepared, to: target.borrowed, subject: node.path.string)
            return
        }
        let tree = try Mounting.openTree(node.path.string, [.clone])
        guard node.isSame(as: try Files.status(of: tree.borrowed)) else {
            throw SyscallError(operation: "open_tree", errno: .ENODEV, subject: node.path.string)
        }
        try Mounting.moveMount(tree.borrowed, to: target.borrowed, subject: node.path.string)
    }

    /// Makes a link in `/dev`; what an image has at its place stays, but for `ptmx`, which has to be the container's
    /// own.
    func linkDevice(_ path: ContainerPath, target: String) throws(SyscallError) {
        let entry = try openParent(path)
        do throws(SyscallError) {
            try Files.makeSymlink(entry.name, in: entry.folder.borrowed, to: target)
        } catch {
            guard error.errno == .EEXIST else { throw error }
            guard entry.name == "ptmx" else { return }
            try Files.unlink(entry.name, in: entry.folder.borrowed)
            try Files.makeSymlink(entry.name, in: entry.folder.borrowed, to: target)
        }
    }
}

extension DeviceNode {
    /// Its number.
    var number: DeviceNumber { DeviceNumber(major: major, minor: minor) }

    fileprivate func isSame(as status: FileStatus) -> Bool {
        status.type == type.fileType && (type == .fifo || status.representedDevice == number)
    }
}

extension DeviceType {
    /// The type of the node.
    var fileType: FileType {
        switch self {
        case .block: .blockDevice
        case .character, .unbufferedCharacter: .characterDevice
        case .fifo: .fifo
        }
    }
}
