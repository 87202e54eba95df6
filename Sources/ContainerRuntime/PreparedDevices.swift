import LinuxSys
import RuntimePlan

/// Device nodes for a container in a user namespace, where nobody may make one (mknod(2)) and one that is bound from the
/// host has the host's mode and owner.
///
/// The runtime makes them in a tmpfs of its own, and clones a detached mount of each, which the container's process puts
/// in place. Before Linux 6.15 only what is attached can be cloned, so the tmpfs is attached in a mount namespace that
/// nobody sees: that of a process which ends when it has sent the clones. The tmpfs lives as long as they do.
enum PreparedDevices {
    /// A node.
    struct Node {
        /// What it is.
        let device: DeviceNode
        /// Its owner, on the host.
        let userID: UInt32
        /// Its group, on the host.
        let groupID: UInt32
    }

    /// Makes nodes.
    /// - Parameter label: the SELinux label of the tmpfs.
    /// - Returns: a detached mount of each, in order.
    static func make(_ nodes: [Node], label: MountLabel?) throws(SyscallError) -> OwnedFDList {
        let pair = try Sockets.pair()
        let result = try Processes.clone(.newMount)
        switch consume result {
        case .child:
            let end = pair.keepSecond()
            do throws(SyscallError) {
                try send(nodes, label, to: end.borrowed)
            } catch {
                // Best effort: without a reader nobody is left to be told.
                try? Sockets.send(end.borrowed, StageMessage.failure(StageFailure(error)).encoded)
            }
            Processes.exitNow(0)
        case .parent(let process):
            let end = pair.keepFirst()
            do throws(SyscallError) {
                let trees = try receive(nodes.count, from: end.borrowed)
                _ = try process.wait()
                return trees
            } catch {
                // Best effort: the failure above is the one to tell.
                try? process.signal(9)
                _ = try? process.wait()
                throw error
            }
        }
    }

    private static func receive(_ count: Int, from channel: BorrowedFD) throws(SyscallError) -> OwnedFDList {
        var trees = OwnedFDList()
        while trees.count < count {
            var packet = try Sockets.receive(
                channel, maximumBytes: StageMessage.maximumBytes, maximumDescriptors: 1)
            if case .failure(let failure) = StageMessage(decoding: packet.bytes) {
                throw SyscallError(
                    operation: failure.operation, errno: Errno(rawValue: failure.errno), subject: failure.subject)
            }
            guard let tree = packet.descriptors.popFirst() else {
                throw SyscallError(operation: "recvmsg", errno: .EPROTO, subject: "device node")
            }
            trees.append(tree)
        }
        return trees
    }

    /// What the process does: one message a node.
    private static func send(
        _ nodes: [Node], _ label: MountLabel?, to channel: BorrowedFD
    ) throws(SyscallError) {
        try Mounting.setAttributes(.currentDirectory, "/", recursive: true, propagation: .isPrivate)
        // Nobody but the host's root can walk it, and no more than the node itself is shown of it.
        var parameters = ["mode=700"]
        if let label { parameters.append(label.parameter) }
        let folder = try Rootfs.makeFilesystem(
            type: "tmpfs", source: "tmpfs", parameters: parameters, superblock: [],
            attributes: [.noSetUserID, .noExecute])
        let root = try Files.open("/", [.path, .directory])
        try Mounting.moveMount(folder.borrowed, to: root.borrowed)
        _ = Files.setUmask(0)
        for (place, node) in nodes.enumerated() {
            let name = String(place)
            let device = node.device
            try Files.makeNode(
                name, in: folder.borrowed, type: device.type.fileType, permissions: device.mode, device: device.number)
            try Files.changeOwner(name, in: folder.borrowed, uid: node.userID, gid: node.groupID)
            let tree = try Mounting.openTree(name, in: folder.borrowed, [.clone], subject: device.path.string)
            try Sockets.send(channel, StageMessage.ready.encoded, descriptors: [tree.borrowed])
        }
    }
}
