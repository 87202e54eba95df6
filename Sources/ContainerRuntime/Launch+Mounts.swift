import LinuxSys
import OCISpec
import RuntimePlan

/// A user namespace that mounts are mapped by, kept for the next mount of the same mapping.
struct MadeIDMap {
    /// The mapping.
    let namespace: MountIDMap.Namespace
    /// The user namespace.
    let descriptor: BorrowedFD
}

/// What the runtime does for mounts that the container's process may not do.
extension Launch {
    /// Clones the trees of the root and the bind mounts while this is still the caller: root in the container's user
    /// namespace may not be let through to them.
    ///
    /// It takes CAP_SYS_ADMIN over the mount namespace (open_tree(2)). Root of a user namespace has that where both were
    /// made together, as rootless podman does; where not, the container's process opens them.
    func openSources() throws(SyscallError) {
        guard options.isHostRoot || Credentials.userIDs().effective == 0 else { return }
        do throws(SyscallError) {
            rootTree = try openSource(plan.spec.root, recursive: true, follow: true)
        } catch {
            guard error.errno == .EPERM, !options.isHostRoot else { throw error }
            return
        }
        for action in plan.spec.mounts {
            guard let (path, recursive) = action.bindSource, try mountsSource(of: action),
                !sources.contains(where: { $0.purpose == .mount(action.index) })
            else { continue }
            sources.append(
                SourceTree(
                    purpose: .mount(action.index),
                    tree: try openSource(path, recursive: recursive, follow: !action.keepsSourceSymlink)))
        }
    }

    /// Prepares a mount that shows other owners: clones its source and lays the mapping over it, or, for a file system
    /// that the container's process makes, opens the user namespace.
    func mapIDs(of action: MountAction) throws(SyscallError) {
        guard let idMap = action.idMap, try mountsSource(of: action) else { return }
        let namespace = try userNamespace(idMap.namespace)
        guard let (path, recursive) = action.bindSource else {
            sources.append(SourceTree(purpose: .mount(action.index), tree: namespace))
            return
        }
        let tree = try openSource(path, recursive: recursive, follow: !action.keepsSourceSymlink)
        do throws(SyscallError) {
            try Mounting.setAttributes(
                tree, recursive: idMap.isRecursive, set: .idMapped, userNamespace: namespace, subject: path.string)
        } catch {
            throw SyscallError(
                operation: error.operation, errno: error.errno,
                subject: Self.describe(path, recursive: idMap.isRecursive))
        }
        sources.append(SourceTree(purpose: .mount(action.index), tree: tree))
    }

    /// Makes the config's device nodes for a container in a user namespace.
    func prepareDevices(_ devices: [DeviceNode]) throws(SyscallError) {
        let creation = plan.spec.creation
        var users = creation.userMap
        var groups = creation.groupMap
        if let joined = creation.joined.first(where: { $0.type == .user }) {
            (users, groups) = try UserNamespace.maps(of: joined.path)
        }
        var nodes: [PreparedDevices.Node] = []
        for device in devices {
            nodes.append(
                PreparedDevices.Node(
                    device: device, userID: try Self.hostID(of: device.userID, in: users, "user", device),
                    groupID: try Self.hostID(of: device.groupID, in: groups, "group", device)))
        }
        let trees = try PreparedDevices.make(nodes, label: plan.spec.mountLabel)
        for (place, tree) in trees.borrowed.enumerated() {
            guard let index = devices[place].index else { continue }
            sources.append(SourceTree(purpose: .device(index), tree: tree))
        }
        preparedDevices = consume trees
    }

    private static func hostID(
        of id: UInt32, in map: [IDMapping], _ kind: StaticString, _ device: DeviceNode
    ) throws(SyscallError) -> UInt32 {
        if let host = IDMapping.hostID(of: id, in: map) { return host }
        // Root of the host, whom the container sees as nobody: its own root has no id.
        if !device.givesOwner { return 0 }
        throw SyscallError(operation: "map ids", errno: .EINVAL, subject: "\(kind) \(id) of \(device.path.string)")
    }

    /// Whether there is something to mount: not where a link is made anew in its place.
    private func mountsSource(of action: MountAction) throws(SyscallError) -> Bool {
        guard action.copiesSymlink, let (path, _) = action.bindSource else { return true }
        return try Files.status(path.string, follow: false).type != .symbolicLink
    }

    private func openSource(
        _ path: HostPath, recursive: Bool, follow: Bool
    ) throws(SyscallError) -> BorrowedFD {
        let tree = try Rootfs.openSource(path, recursive: recursive, follow: follow)
        // A clone is a peer of what it was cloned from: what the container's mount namespace does to all its mounts has
        // to be done to these here.
        try Mounting.setAttributes(
            tree.borrowed, recursive: recursive, propagation: plan.spec.hostPropagation.mountPropagation,
            subject: path.string)
        let borrowed = tree.borrowed
        sourceDescriptors.append(tree)
        return borrowed
    }

    private func userNamespace(_ wanted: MountIDMap.Namespace) throws(SyscallError) -> BorrowedFD {
        if let made = idMaps.first(where: { $0.namespace == wanted }) { return made.descriptor }
        let descriptor: OwnedFD
        switch wanted {
        case .new(let users, let groups): descriptor = try UserNamespace.make(users: users, groups: groups)
        case .existing(let path): descriptor = try Files.open(path.string)
        }
        let borrowed = descriptor.borrowed
        sourceDescriptors.append(descriptor)
        idMaps.append(MadeIDMap(namespace: wanted, descriptor: borrowed))
        return borrowed
    }

    /// A source and the type of its file system: most that refuse a mapping do so for what they are.
    private static func describe(_ path: HostPath, recursive: Bool) -> String {
        // Best effort: the failure that led here is told, with the type or without it.
        guard let status = try? Files.status(path.string), let table = try? MountTable.read(),
            let mount = table.mounts.first(where: { $0.id == status.mountID })
        else { return path.string }
        return "\(path.string), of type \(mount.type)\(recursive ? ", or what is mounted below" : "")"
    }
}
