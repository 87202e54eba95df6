import LinuxSys

/// What a container's process gets into its control groups by.
///
/// A process that writes to `cgroup.procs` makes the kernel wait until no process of the machine is just being made,
/// which takes milliseconds (cgroup_threadgroup_rwsem). So the container's process is born in its cgroup2 group
/// (CLONE_INTO_CGROUP), and enters those of v1 itself: `0` to `tasks` is the writer's own thread, its only one, for which
/// nothing has to wait. The kernel asks for the rights of whoever opened the file.
struct CgroupEntrance: ~Copyable {
    private var files = OwnedFDList()
    private var folder: OwnedFD?
    private var isBornInUnified = true

    /// None.
    init() {}

    /// Opens the cgroup2 group's folder, for a process to be born in.
    mutating func openFolder(of tree: CgroupTree) throws(SyscallError) {
        guard let unified = tree.unified else { return }
        folder = try Files.open(unified.folder, [.path, .directory])
    }

    /// The cgroup2 group's folder.
    var unifiedFolder: BorrowedFD? {
        switch folder {
        case .some(let folder): folder.borrowed
        case .none: nil
        }
    }

    /// The cgroup2 group is entered like the others, where no process can be born in it.
    mutating func entersUnifiedLater() { isBornInUnified = false }

    /// Opens the files of the groups that the process was not born in.
    mutating func openFiles(of tree: CgroupTree) throws(SyscallError) {
        for group in tree.groups {
            if group.isUnified {
                if !isBornInUnified { files.append(try Files.open(group.folder + "/cgroup.procs", [.writeOnly])) }
            } else {
                files.append(try Files.open(group.folder + "/tasks", [.writeOnly]))
            }
        }
    }

    /// Puts the caller into the groups.
    borrowing func enter() throws(SyscallError) {
        for index in 0..<files.count { try Files.writeByte(files[index], UInt8(ascii: "0")) }
    }

    /// The files, each of which takes a process that writes `0` to it.
    var descriptors: [BorrowedFD] { files.borrowed }
}
