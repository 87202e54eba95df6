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
    private var counts = OwnedFDList()
    private var limits: [UInt64] = []

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

    /// Opens the counts of processes of the v1 groups that have a limit, and of those above them: the kernel holds it
    /// against who is born in a group, and not against who enters it (pids.max, Documentation/cgroup-v1/pids.rst).
    mutating func openCounts(of tree: CgroupTree) throws(SyscallError) {
        for group in tree.groups where !group.isUnified && group.controllers.contains("pids") {
            var folder = group.folder
            while folder.utf8.count > group.mountPoint.utf8.count {
                if let limit = try Self.number(in: folder + "/pids.max") {
                    counts.append(try Files.open(folder + "/pids.current"))
                    limits.append(limit)
                }
                guard let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")) else { return }
                folder = String(decoding: folder.utf8[..<slash], as: UTF8.self)
            }
        }
    }

    /// The number that a file holds; nil for `max`.
    private static func number(in path: String) throws(SyscallError) -> UInt64? {
        number(try Files.readFile(path, limit: 32))
    }

    private static func number(_ line: [UInt8]) -> UInt64? {
        UInt64(String(decoding: line.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// Looks, in the groups, whether one more process was too many.
    /// - Throws: `SyscallError` EAGAIN, as clone(2) does.
    borrowing func checkCounts() throws(SyscallError) {
        for index in 0..<counts.count {
            let count = Self.number(try Files.readAll(counts[index], limit: 32, subject: "pids.current"))
            guard let count, count <= limits[index] else {
                throw SyscallError(operation: "clone", errno: .EAGAIN, subject: "pids.max of \(limits[index])")
            }
        }
    }
}
