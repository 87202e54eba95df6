import LinuxSys

/// A container's control groups, opened by the runtime for the process that is to be in them.
///
/// A process that writes to `cgroup.procs` makes the kernel wait until no process of the machine is just being made,
/// which takes milliseconds (cgroup_threadgroup_rwsem). So the container's process is born in its cgroup2 group
/// (CLONE_INTO_CGROUP), and enters those of v1 itself: `0` to `tasks` is the writer's own thread, its only one, for which
/// nothing has to wait. The kernel asks for the rights of whoever opened the file.
struct CgroupEntrance: ~Copyable {
    private var files = OwnedFDList()
    private var folder: OwnedFD?
    private var unified: String?

    /// No groups.
    init() {}

    /// Opens what it takes to enter the groups.
    init(_ tree: CgroupTree) throws(SyscallError) {
        for group in tree.groups {
            if group.isUnified {
                unified = group.folder
                folder = try Files.open(group.folder, [.path, .directory])
            } else {
                files.append(try Files.open(group.folder + "/tasks", [.writeOnly]))
            }
        }
    }

    /// The cgroup2 group's folder, for a process to be born in.
    var unifiedFolder: BorrowedFD? {
        switch folder {
        case .some(let folder): folder.borrowed
        case .none: nil
        }
    }

    /// Opens the cgroup2 group to be entered like the others, where no process can be born in it.
    mutating func enterUnifiedLater() throws(SyscallError) {
        guard let unified, folder != nil else { return }
        folder = nil
        files.append(try Files.open(unified + "/cgroup.procs", [.writeOnly]))
    }

    /// What `enter` writes to.
    var descriptors: [BorrowedFD] { files.borrowed }

    /// Enters the groups that the caller was not born in.
    func enter() throws(SyscallError) {
        for file in files.borrowed { try Files.writeByte(file, UInt8(ascii: "0")) }
    }

    /// Hands the groups over, and keeps none.
    mutating func take() -> CgroupEntrance {
        let taken = consume self
        self = CgroupEntrance()
        return taken
    }
}
