import LinuxSys
import OCISpec
import RuntimePlan

/// The steps before the root is the container's own.
extension ContainerProcess {
    /// Does one of these steps.
    /// - Returns: false when the step is none of them.
    mutating func performRootfs(_ step: Step) throws(SyscallError) -> Bool {
        switch step {
        case .awaitIDMaps:
            guard case .mapsWritten = try receive() else {
                throw SyscallError(operation: "read channel", errno: .EPROTO, subject: "id maps written")
            }
        case .becomeNamespaceRoot: try becomeNamespaceRoot()
        case .unshareNamespaces(let types):
            try Processes.unshare(CloneFlags(of: types))
        case .bringUpLoopback: try Network.bringUpLoopback()
        case .joinNamespaces(let joined): try join(joined)
        case .enterCgroups: try enterCgroups()
        case .unshareCgroupNamespace: try Processes.unshare(.newCgroup)
        case .setHostPropagation(let propagation): try setPropagation(propagation)
        case .attachRoot(let path): try attachRoot(path)
        case .openProcfs: procfs = try Procfs.open()
        case .makeTimeNamespace(let offsets): try makeTimeNamespace(offsets)
        case .mount(let action): try mount(action)
        case .makeDevice(let node):
            let prepared = inheritance.sources.first { $0.purpose == node.index.map(SourceTree.Purpose.device) }
            try rootfs.makeDevice(
                node, inUserNamespace: plan.spec.bindsDevices, prepared: prepared?.tree, procfs: number(of: procfs))
        case .linkDevice(let path, let target): try rootfs.linkDevice(path, target: target)
        case .openTerminal(let size, let isConsole): try openTerminal(size, isConsole: isConsole)
        case .makeReadOnly(let path): try rootfs.makeReadOnly(path)
        case .mask(let path): try mask(path)
        case .makeWorkingDirectory(let path): try rootfs.makeWorkingDirectory(path)
        case .reportRootfs: try send(.rootfsReady)
        case .awaitRelease: try awaitRelease()
        case .pivotRoot(let usesPivot): try usesPivot ? pivotRoot() : moveRoot()
        case .setRootPropagation(let propagation): try setPropagation(propagation)
        case .makeReadOnlyAtEnd(let action): try rootfs.makeReadOnlyAtEnd(action)
        case .makeRootReadOnly:
            try Mounting.setAttributes(rootfs.root, set: .readOnly, subject: "/")
        default: return false
        }
        return true
    }

    /// Enters the namespaces that exist. Each path is opened before the first is entered, because a mount namespace
    /// changes what a path means.
    private func join(_ joined: [ProcessCreation.Joined]) throws(SyscallError) {
        var opened = OwnedFDList()
        for namespace in joined { opened.append(try namespace.open()) }
        for (place, namespace) in joined.enumerated() where isChanged(namespace.type) {
            let own = try Files.status("/proc/self/ns/\(namespace.type.procName)")
            let other = try Files.status(of: opened[place])
            guard !own.isSameFile(as: other) else {
                throw SyscallError(operation: "change the host's own", errno: .EBUSY, subject: namespace.place)
            }
        }
        for (place, namespace) in joined.enumerated() {
            let before = Clock.monotonicNanoseconds()
            try namespace.enter(opened[place])
            if namespace.type == .time {
                inheritance.progress.clockHasMoved(by: Clock.monotonicNanoseconds() - before)
            }
        }
    }

    /// unshare(2) makes a time namespace for children alone, and its clocks can be set as long as nobody is in it
    /// (time_namespaces(7)). Entered by setns(2): before Linux 6.3 an exec does not.
    private func makeTimeNamespace(_ offsets: [ClockOffset]) throws(SyscallError) {
        try Processes.unshare(.newTime)
        var lines = ""
        for offset in offsets { lines += offset.summary + "\n" }
        // The host's /proc: nothing of the container's is there yet.
        if !lines.isEmpty {
            let file = try Files.open("/proc/self/timens_offsets", .writeOnly)
            // In one write, which takes all or nothing.
            try Files.writeOnce(file.borrowed, Array(lines.utf8), subject: "/proc/self/timens_offsets")
        }
        let namespace = try Files.open("/proc/self/ns/time_for_children")
        let before = Clock.monotonicNanoseconds()
        try Processes.joinNamespace(namespace.borrowed, .newTime, subject: "/proc/self/ns/time_for_children")
        inheritance.progress.clockHasMoved(by: Clock.monotonicNanoseconds() - before)
    }

    /// Whether the config changes something in the namespace: a name, a kernel parameter.
    private func isChanged(_ type: OCISpec.NamespaceType) -> Bool {
        switch type {
        case .uts:
            plan.spec.hostname != nil || plan.spec.domainname != nil
                || hasSysctl { $0 == "kernel.domainname" || $0 == "kernel.hostname" }
        case .network: hasSysctl { $0.startsBytewise(with: "net.") }
        case .ipc:
            hasSysctl { key in
                key.startsBytewise(with: "fs.mqueue.")
                    || key.startsBytewise(with: "kernel.") && !key.endsBytewise(with: "name")
            }
        default: false
        }
    }

    private func hasSysctl(_ matches: (String) -> Bool) -> Bool {
        plan.spec.sysctl.contains { matches(String($0.key.map { $0 == "/" ? "." : $0 })) }
    }

    /// Takes the ids of the namespace's root; where 0 is not mapped, the first that is.
    private func becomeNamespaceRoot() throws(SyscallError) {
        let creation = plan.spec.creation
        func root(of map: [IDMapping]) -> UInt32 {
            map.contains { $0.containerID == 0 } ? 0 : map.first?.containerID ?? 0
        }
        do throws(SyscallError) {
            try Credentials.setGroupIDs(IDs(all: root(of: creation.groupMap)))
            try Credentials.setUserIDs(IDs(all: root(of: creation.userMap)))
        } catch {
            // The maps of a namespace that was joined are not known; without root in them there is no better id.
            guard error.errno == .EINVAL, !creation.new.contains(.user) else { throw error }
        }
    }

    private func setPropagation(_ propagation: Propagation) throws(SyscallError) {
        try Mounting.setAttributes(
            .currentDirectory, "/", recursive: propagation.isRecursive, propagation: propagation.mountPropagation)
    }

    /// Mounts the root file system over itself: pivot_root(2) wants a mount.
    private mutating func attachRoot(_ path: HostPath) throws(SyscallError) {
        // Everything is made with the mode that is asked for, until the mounts are done.
        _ = Files.setUmask(0)
        let tree: OwnedFD
        if let inherited = inheritance.rootTree {
            // Over "/", the one folder that root of any user namespace reaches; paths still start below it.
            let folder = try Files.open("/", [.path, .directory])
            if plan.spec.rootPropagation?.kind == .shared { try makeParentPrivate(of: folder.borrowed) }
            try Mounting.moveMount(inherited, to: folder.borrowed)
            tree = try Files.duplicate(inherited)
        } else {
            let folder = try Files.open(path.string, [.path, .directory])
            if plan.spec.rootPropagation?.kind == .shared { try makeParentPrivate(of: folder.borrowed) }
            tree = try Mounting.openTree("", in: folder.borrowed, [.clone, .recursive, .emptyPath])
            try Mounting.moveMount(tree.borrowed, to: folder.borrowed)
        }
        rootfs.mount = consume tree
        // Opened while paths are the host's.
        let null = try Files.open("/dev/null", [.path])
        let status = try Files.status(of: null.borrowed)
        guard status.type == .characterDevice, status.representedDevice == DeviceNumber(major: 1, minor: 3) else {
            throw SyscallError(operation: "open", errno: .ENODEV, subject: "/dev/null")
        }
        self.null = consume null
    }

    /// pivot_root(2) refuses a new root whose parent mount is shared.
    private func makeParentPrivate(of folder: BorrowedFD) throws(SyscallError) {
        var current = try Files.open(".", in: folder, [.path, .directory])
        // Bounded by the depth of any path that can be opened.
        for _ in 0..<4096 {
            if try Files.status(of: current.borrowed).isMountRoot {
                try Mounting.setAttributes(current.borrowed, propagation: .isPrivate)
                return
            }
            current = try Files.open("..", in: current.borrowed, [.path, .directory])
        }
        throw SyscallError(operation: "open", errno: .ELOOP, subject: "..")
    }

    private mutating func mount(_ action: MountAction) throws(SyscallError) {
        switch action.source {
        case .filesystem(let type, let source, let parameters, let superblock):
            try rootfs.mountFilesystem(
                action, type: type, source: source, parameters: parameters, superblock: superblock,
                procfs: number(of: procfs), idMap: prepared(for: action), inUserNamespace: plan.spec.bindsDevices)
        case .bind(let path, let recursive):
            if action.copiesSymlink, try rootfs.copyLink(path, to: action.destination) { return }
            if let tree = prepared(for: action) {
                try rootfs.mountBind(action, tree)
            } else {
                guard action.idMap == nil else {
                    // A link when the runtime looked, which mounts none, and now something else.
                    throw SyscallError(operation: "open_tree", errno: .EAGAIN, subject: path.string)
                }
                let tree = try Rootfs.openSource(path, recursive: recursive, follow: !action.keepsSourceSymlink)
                try rootfs.mountBind(action, tree.borrowed)
            }
        case .cgroup:
            let hasNamespace = plan.spec.creation.has(.cgroup)
            var groups = inheritance.record.cgroups
            // A scope is made around this process: what it has of the record is older.
            if let unit = plan.unit {
                groups = try CgroupTree(of: unit.name, on: plan.spec.cgroup.layout, hasNamespace: hasNamespace)
            }
            try rootfs.mountCgroups(action, groups: groups, hasNamespace: hasNamespace)
            try rootfs.propagate(action)
        case .remount(let parameters):
            try rootfs.remount(action, parameters: parameters)
        }
    }

    /// What the runtime has made ready for a mount.
    private func prepared(for action: MountAction) -> BorrowedFD? {
        inheritance.sources.first { $0.purpose == .mount(action.index) }?.tree
    }

    private mutating func mask(_ path: ContainerPath) throws(SyscallError) {
        try rootfs.mask(path, null: number(of: null), cover: &cover, label: plan.spec.mountLabel)
    }

    /// A terminal from the container's own devpts. Its end for the container is opened through the master (TIOCGPTPEER)
    /// and mounted by its descriptor: a path below /dev/pts is the image's to play with (CVE-2025-52565).
    private mutating func openTerminal(_ size: TerminalSize?, isConsole: Bool) throws(SyscallError) {
        // In a container that is there, its root is this process's already.
        if !isConsole { rootfs.mount = try Files.open("/", [.path, .directory]) }
        let folder = try rootfs.open(ContainerPath("/dev/pts"))
        guard try Files.fileSystem(of: folder.borrowed).type == FileSystemStatus.devpts else {
            throw SyscallError(operation: "open terminal", errno: .ENODEV, subject: "/dev/pts is no devpts")
        }
        let master = try Terminal.openMaster(devpts: folder.borrowed)
        let end = try Terminal.openPeer(of: master.borrowed)
        if let size {
            try Terminal.setWindowSize(
                of: end.borrowed, to: WindowSize(rows: size.rows, columns: size.columns))
        }
        if isConsole {
            let tree = try Mounting.openTree("", in: end.borrowed, [.clone, .emptyPath])
            let console = try rootfs.openOrMake(ContainerPath("/dev/console"), as: .file, refusesLinks: true)
            try Mounting.moveMount(tree.borrowed, to: console.borrowed)
        }
        let name = "/dev/pts/\(try Terminal.number(of: master.borrowed))"
        let number = UInt32(bitPattern: inheritance.console.rawValue)
        try Sockets.send(inheritance.console, Array(name.utf8), descriptors: [master.borrowed])
        // Whoever listens may wait for the end of file; and no hook has any business with the connection.
        try Files.closeRange(from: number, through: number)
        terminal = consume end
    }

    private mutating func awaitRelease() throws(SyscallError) {
        guard case .release(let filter) = try receive() else {
            throw SyscallError(operation: "read channel", errno: .EPROTO, subject: "release")
        }
        self.filter = filter
    }

    /// The old root is pivoted over the new one and taken off: no folder in the image is needed, and none is left.
    private func pivotRoot() throws(SyscallError) {
        let old = try Files.open("/", [.path, .directory])
        try Files.changeDirectory(to: rootfs.root)
        try Mounting.pivotRoot(newRoot: ".", putOld: ".")
        // pivot_root leaves the working folder on the new root, under the old one; go to the old to take it off.
        try Files.changeDirectory(to: old.borrowed)
        // Nothing of what happens to the old tree from here on may reach the host.
        try Mounting.setAttributes(old.borrowed, recursive: true, propagation: .slave, subject: "/")
        try Mounting.unmount(".", [.detach])
        try Files.changeDirectory("/")
    }

    /// The host's mounts stay below a root that was moved over them. The kernel lets a user namespace mount a procfs or
    /// sysfs where the mount namespace has one in full view (mount_too_revealing() of fs/namespace.c), so the host's would
    /// undo every mask and read-only path of the container's: they go.
    private func removeKernelViews() throws(SyscallError) {
        // In a user namespace the host's mounts can't be taken off (mount_namespaces(7), "locked").
        guard inheritance.rootTree == nil, !plan.spec.creation.has(.user) else {
            throw SyscallError(operation: "move root", errno: .EINVAL, subject: "in a user namespace")
        }
        let prefix = try Files.readLink("/proc/self/fd/\(rootfs.root.rawValue)")
        var views: [String] = []
        for mount in try MountTable.read().mounts where mount.type == "proc" || mount.type == "sysfs" {
            if mount.point != prefix, !mount.point.startsBytewise(with: prefix + "/") { views.append(mount.point) }
        }
        // The innermost first. Private, so that the host keeps its own.
        for view in views.reversed() {
            try Mounting.setAttributes(
                .currentDirectory, view, recursive: true, propagation: .isPrivate)
            try Mounting.unmount(view, [.detach])
        }
    }

    /// For a root that is an initramfs, where pivot_root(2) fails: the new root is moved over the old.
    private func moveRoot() throws(SyscallError) {
        let old = try Files.open("/", [.path, .directory])
        try removeKernelViews()
        try Files.changeDirectory(to: rootfs.root)
        try Mounting.moveMount(rootfs.root, to: old.borrowed)
        try Files.changeRoot(".")
        try Files.changeDirectory("/")
    }
}
