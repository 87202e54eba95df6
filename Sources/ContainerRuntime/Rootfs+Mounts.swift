import LinuxSys
import OCISpec
import RuntimePlan

extension Rootfs {
    /// Mounts a new instance of a file system.
    /// - Parameters:
    ///   - idMap: the user namespace that is laid over it; nil where its owners are shown as they are.
    ///   - inUserNamespace: what is copied up comes without device nodes, which nobody may make there.
    mutating func mountFilesystem(
        _ action: MountAction, type: String, source: String, parameters: [String], superblock: [String],
        procfs: BorrowedFD, idMap: BorrowedFD?, inUserNamespace: Bool
    ) throws(SyscallError) {
        // A link as /proc or /sys would send what is later written below them elsewhere (CVE-2019-19921).
        let isKernelView = type == "proc" || type == "sysfs"
        let target = try openTarget(of: action, as: .directory, refusesLinks: isKernelView)
        try refuseProcfsTarget(target.borrowed, action.destination, isProcfs: type == "proc")
        var parameters = parameters
        if action.inheritsMode {
            // The image's own mode of the folder, as it is seen by whoever made the image.
            let mode = try Files.status(of: target.borrowed).permissions
            parameters.insert("mode=" + String(mode, radix: 8), at: 0)
        }
        // A message queue's file system takes no label as it is mounted.
        if let label = action.label, type != "mqueue" { parameters.append(label.parameter) }
        if Self.exceedsMountAPI(source, parameters) {
            // What is in place can't be mapped any more (mount_setattr(2)).
            guard action.idMap == nil else {
                throw SyscallError(operation: "mount_setattr", errno: .EINVAL, subject: "\(type), of too long a value")
            }
            try mountByPath(
                action, type: type, source: source, parameters: parameters, superblock: superblock,
                target: target.borrowed, procfs: procfs)
            return
        }
        let mount = try Self.makeFilesystem(
            type: type, source: source, parameters: parameters, superblock: superblock,
            attributes: action.initialAttributes)
        if let label = action.label, type == "mqueue" {
            let root = try Files.open(".", in: mount.borrowed, [.readOnly, .directory])
            try Self.setFileLabel(label.label, of: root.borrowed)
        }
        if action.copiesUp {
            try Copy.contents(
                of: target.borrowed, to: mount.borrowed, path: action.destination.string,
                leavingOutDevices: inUserNamespace)
        }
        // After the copying: through the mapping root may own nothing.
        if action.idMap != nil {
            guard let idMap else { throw SyscallError(operation: "mount_setattr", errno: .EBADF, subject: type) }
            try Mounting.setAttributes(mount.borrowed, set: .idMapped, userNamespace: idMap, subject: type)
        }
        try attach(mount.borrowed, to: target.borrowed, action)
        finishLater(mount, action)
    }

    /// Makes a source that is a link again at the destination, `copy-symlink`.
    /// - Returns: false for a source that is no link.
    func copyLink(_ source: HostPath, to destination: ContainerPath) throws(SyscallError) -> Bool {
        guard try Files.status(source.string, follow: false).type == .symbolicLink else { return false }
        let target = try Files.readLink(source.string)
        let entry = try openParent(destination)
        do throws(SyscallError) {
            try Files.makeSymlink(entry.name, in: entry.folder.borrowed, to: target)
        } catch {
            // A container that is made again finds its own.
            guard error.errno == .EEXIST,
                try Files.status(entry.name, in: entry.folder.borrowed, follow: false).type == .symbolicLink,
                try Files.readLink(entry.name, in: entry.folder.borrowed) == target
            else { throw error }
        }
        return true
    }

    /// fsconfig(2) takes no value of more than 255 bytes, which overlay's `lowerdir` often has.
    private static func exceedsMountAPI(_ source: String, _ parameters: [String]) -> Bool {
        source.utf8.count > 255
            || parameters.contains { parameter in
                let name = parameter.utf8.prefix { $0 != UInt8(ascii: "=") }.count
                return parameter.utf8.count - name - 1 > 255
            }
    }

    /// Mounts by mount(2), which takes a path: the target's below the private procfs, the one place where a descriptor
    /// becomes a path.
    private mutating func mountByPath(
        _ action: MountAction, type: String, source: String, parameters: [String], superblock: [String],
        target: BorrowedFD, procfs: BorrowedFD
    ) throws(SyscallError) {
        let before = try Files.status(of: target).mountID
        let folder = try Files.open(".", [.path, .directory])
        try Files.changeDirectory(to: procfs)
        try Mounting.legacyMount(
            source: source, target: "thread-self/fd/\(target.rawValue)", type: type,
            data: Self.mountData(superblock + parameters), subject: action.destination.string)
        try Files.changeDirectory(to: folder.borrowed)
        // Resolved once more, since a descriptor stays below what is mounted over it: the path may lead to another mount by
        // now. That of this target has the folder around it that the target has.
        let mount = try openTarget(of: action)
        let status = try Files.status(of: mount.borrowed)
        let around = try Files.status("..", in: target)
        let aroundMount = try Files.status("..", in: mount.borrowed)
        guard status.isMountRoot, status.mountID != before, aroundMount.isSameFile(as: around),
            aroundMount.mountID == around.mountID
        else {
            throw SyscallError(operation: "mount", errno: .EXDEV, subject: action.destination.string)
        }
        try Mounting.setAttributes(
            mount.borrowed, set: action.initialAttributes, subject: action.destination.string)
        try propagate(mount.borrowed, action)
        finishLater(mount, action)
    }

    /// Parameters as mount(2) takes them: a label has commas of its own, and stands in quotes.
    static func mountData(_ parameters: [String]) -> String {
        var data = ""
        for parameter in parameters {
            if !data.isEmpty { data += "," }
            if MountLabel.isGiven(by: parameter), let equals = parameter.utf8.firstIndex(of: UInt8(ascii: "=")) {
                let value = parameter[parameter.utf8.index(after: equals)...]
                data += "\(parameter[...equals])\"\(value)\""
            } else {
                data += parameter
            }
        }
        return data
    }

    /// Gives an open file an SELinux label (xattr(7), `security.selinux`).
    static func setFileLabel(_ label: String, of file: BorrowedFD) throws(SyscallError) {
        // With the NUL at its end, as the kernel itself writes it.
        try Files.setExtendedAttribute("security.selinux", of: file, to: Array(label.utf8) + [0])
    }

    /// A detached mount of a new instance of a file system.
    static func makeFilesystem(
        type: String, source: String, parameters: [String], superblock: [String],
        attributes: LinuxSys.MountAttributes
    ) throws(SyscallError) -> OwnedFD {
        let context = try Mounting.openFileSystem(type)
        if !source.isEmpty { try context.set("source", source) }
        for flag in superblock { try context.set(flag: flag) }
        try set(parameters, in: context)
        try context.create()
        return try context.mount(attributes)
    }

    /// Mounts a part of the host's tree.
    /// - Parameter tree: a detached clone of it.
    func mountBind(_ action: MountAction, _ tree: BorrowedFD) throws(SyscallError) {
        let isDirectory = try Files.status(of: tree).type == .directory
        let target = try openTarget(of: action, as: isDirectory ? .directory : .file)
        let isProcfs = try Files.fileSystem(of: tree).type == FileSystemStatus.procfs
        try refuseProcfsTarget(target.borrowed, action.destination, isProcfs: isProcfs)
        // Set before the mount is in place: there is no moment at which it can be seen without its attributes.
        try change(tree, action)
        try attach(tree, to: target.borrowed, action)
    }

    /// A detached clone of a part of the host's tree.
    /// - Parameter follow: false takes a link at the end of the path itself.
    static func openSource(_ path: HostPath, recursive: Bool, follow: Bool = true) throws(SyscallError) -> OwnedFD {
        var flags: TreeFlags = [.clone]
        if recursive { flags.insert(.recursive) }
        if !follow { flags.insert(.noFollow) }
        return try Mounting.openTree(path.string, flags)
    }

    /// Gives the mount at the destination other attributes, and its file system other parameters.
    ///
    /// What isn't named stays: in a user namespace mounts keep flags that are locked (mount_namespaces(7)), and only who
    /// asks for their end is refused.
    mutating func remount(_ action: MountAction, parameters: [String]) throws(SyscallError) {
        let target = try openTarget(of: action)
        guard try Files.status(of: target.borrowed).isMountRoot else {
            throw SyscallError(operation: "mount_setattr", errno: .EINVAL, subject: action.destination.string)
        }
        try change(target.borrowed, action)
        try propagate(target.borrowed, action)
        let isReadOnly = try Files.fileSystem(of: target.borrowed).isReadOnly
        // Cleared of the mount and still there: it is the file system that is read-only.
        let opensUp = action.change.clearing.contains(.readOnly) && isReadOnly
        if opensUp || !parameters.isEmpty {
            let context = try Mounting.pickFileSystem("", in: target.borrowed)
            if opensUp { try context.set(flag: "rw") }
            try Self.set(parameters, in: context)
            try context.reconfigure()
        }
        finishLater(target, action)
    }

    /// Gives a mount the attributes that its options name.
    private func change(_ mount: BorrowedFD, _ action: MountAction) throws(SyscallError) {
        let set = action.initialAttributes
        let clear = LinuxSys.MountAttributes(rawValue: action.change.clearing.rawValue)
        if !set.isEmpty || !clear.isEmpty {
            try Mounting.setAttributes(mount, set: set, clear: clear, subject: action.destination.string)
        }
        guard !action.recursiveChange.isEmpty else { return }
        try Mounting.setAttributes(
            mount, recursive: true, set: LinuxSys.MountAttributes(rawValue: action.recursiveChange.setting.rawValue),
            clear: LinuxSys.MountAttributes(rawValue: action.recursiveChange.clearing.rawValue),
            subject: action.destination.string)
    }

    private static func set(
        _ parameters: [String], in context: borrowing FileSystemContext
    ) throws(SyscallError) {
        for parameter in parameters {
            if let equals = parameter.utf8.firstIndex(of: UInt8(ascii: "=")) {
                try context.set(
                    String(parameter[..<equals]), String(parameter[parameter.utf8.index(after: equals)...]))
            } else {
                try context.set(flag: parameter)
            }
        }
    }

    /// Keeps a mount that is to be read-only at the end.
    private mutating func finishLater(_ mount: consuming OwnedFD, _ action: MountAction) {
        guard action.readOnlyAtEnd else { return }
        unfinished.append(mount)
        unfinishedPlaces.append(action.index)
    }

    /// Makes a mount read-only, once what is in it is made.
    func makeReadOnlyAtEnd(_ action: MountAction) throws(SyscallError) {
        for (number, place) in unfinishedPlaces.enumerated() where place == action.index {
            return try Mounting.setAttributes(
                unfinished[number], set: .readOnly, subject: action.destination.string)
        }
        throw SyscallError(operation: "mount_setattr", errno: .EBADF, subject: action.destination.string)
    }

    /// Puts a detached mount in place.
    private func attach(
        _ mount: BorrowedFD, to target: BorrowedFD, _ action: MountAction
    ) throws(SyscallError) {
        try Mounting.moveMount(mount, to: target, subject: action.destination.string)
        try propagate(mount, action)
    }

    /// Gives the mount at the destination the propagation that its options name.
    func propagate(_ action: MountAction) throws(SyscallError) {
        guard !action.propagations.isEmpty else { return }
        let target = try openTarget(of: action)
        try propagate(target.borrowed, action)
    }

    private func propagate(_ mount: BorrowedFD, _ action: MountAction) throws(SyscallError) {
        for propagation in action.propagations {
            try Mounting.setAttributes(
                mount, recursive: propagation.isRecursive, propagation: propagation.mountPropagation,
                subject: action.destination.string)
        }
    }

    /// Refuses a target that lies in procfs, by name or through a link: a mount there sends writes of labels and
    /// parameters elsewhere (CVE-2019-16884, CVE-2023-27561, CVE-2025-52881). The files that lxcfs and its like stand in
    /// for are let through.
    private func refuseProcfsTarget(
        _ target: BorrowedFD, _ destination: ContainerPath, isProcfs: Bool
    ) throws(SyscallError) {
        guard try Files.fileSystem(of: target).type == FileSystemStatus.procfs else { return }
        if Self.procfsFiles.contains(destination.normalized) { return }
        if isProcfs && destination.normalized == "/proc" { return }
        throw SyscallError(operation: "mount inside procfs", errno: .EPERM, subject: destination.string)
    }

    private static let procfsFiles = [
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime",
        "/proc/loadavg", "/proc/slabinfo", "/proc/net/dev", "/proc/sys/kernel/ns_last_pid",
        "/proc/sys/crypto/fips_enabled",
    ]
}

extension MountAction {
    /// The attributes that the mount has from its first moment: what is to be read-only at the end is not yet.
    fileprivate var initialAttributes: LinuxSys.MountAttributes {
        let all = LinuxSys.MountAttributes(rawValue: change.setting.rawValue)
        return readOnlyAtEnd ? all.subtracting(.readOnly) : all
    }
}
