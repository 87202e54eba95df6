import LinuxSys
import OCISpec
import RuntimePlan

extension Rootfs {
    /// Makes a device node, whose mode the umask, 0 at this stage, leaves as it is; or binds the host's where this user namespace may make none.
    /// - Parameter inUserNamespace: mknod(2) of a device is refused outside the initial user namespace.
    func makeDevice(_ node: DeviceNode, inUserNamespace: Bool) throws(SyscallError) {
        let entry = try openParent(node.path)
        if inUserNamespace && node.type != .fifo {
            try bindDevice(node)
            return
        }
        do throws(SyscallError) {
            try Files.makeNode(
                entry.name, in: entry.folder.borrowed, type: node.type.fileType, permissions: node.mode,
                device: node.number)
        } catch {
            guard error.errno == .EEXIST else { throw error }
            // What is there already serves if it is the very device; anything else at its place is an error.
            let status = try Files.status(entry.name, in: entry.folder.borrowed, follow: false)
            guard status.type == node.type.fileType,
                node.type == .fifo || status.representedDevice == node.number
            else { throw error }
            return
        }
        guard node.userID != 0 || node.groupID != 0 else { return }
        let made = try Files.open(entry.name, in: entry.folder.borrowed, [.path, .noFollow])
        try Files.changeOwner(of: made.borrowed, uid: node.userID, gid: node.groupID, subject: node.path.string)
    }

    private func bindDevice(_ node: DeviceNode) throws(SyscallError) {
        let tree = try Mounting.openTree(node.path.string, [.clone])
        let status = try Files.status(of: tree.borrowed)
        guard status.type == node.type.fileType, status.representedDevice == node.number else {
            throw SyscallError(operation: "open_tree", errno: .ENODEV, subject: node.path.string)
        }
        let target = try openOrMake(node.path, as: .file)
        try Mounting.moveMount(tree.borrowed, to: target.borrowed)
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
    fileprivate var number: DeviceNumber { DeviceNumber(major: major, minor: minor) }
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
