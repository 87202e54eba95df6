import LinuxSys

extension CgroupTree {
    /// The kernel's list of the files that whoever may manage a group has to own (cgroups(7), "Cgroups delegation").
    static let delegatedFiles = "/sys/kernel/cgroup/delegate"

    /// Gives the container's cgroup2 group to a user, to make groups in it and to share out what it has, not to have more:
    /// the folder, and of its files those that the kernel lists (config-linux.md, "Cgroup ownership").
    /// - Parameters:
    ///   - userID: the user, as the host knows it.
    ///   - list: the file that lists the names.
    func delegate(to userID: UInt32, list: String = delegatedFiles) throws(SyscallError) {
        guard let unified else { return }
        let folder = try Files.open(unified.folder, [.directory])
        try Files.changeOwner(of: folder.borrowed, uid: userID, gid: nil, subject: unified.folder)
        for name in try Self.namesOfDelegatedFiles(list) {
            do throws(SyscallError) {
                try Files.changeOwner(name, in: folder.borrowed, uid: userID, gid: nil)
            } catch {
                // Not every group has all of them.
                guard error.errno == .ENOENT else { throw error }
            }
        }
    }

    private static func namesOfDelegatedFiles(_ list: String) throws(SyscallError) -> [String] {
        let text: [UInt8]
        do throws(SyscallError) {
            text = try Files.readFile(list, limit: 1 << 16)
        } catch {
            guard error.errno == .ENOENT else { throw error }
            return ["cgroup.procs", "cgroup.subtree_control", "cgroup.threads"]
        }
        return text.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Says why no process can be put in the cgroup2 group, where that is because of its type: one below a group for threads
    /// takes none.
    /// - Throws: `SyscallError` ENOTSUP.
    func checkType() throws(SyscallError) {
        if let unified { try Self.checkType(of: unified) }
    }

    /// The same of any cgroup2 group.
    static func checkType(of group: Group) throws(SyscallError) {
        guard type(of: group) == "domain invalid" else { return }
        throw SyscallError(operation: "enter domain invalid cgroup", errno: .ENOTSUP, subject: group.folder)
    }

    /// Says why a cgroup2 group has no limits of a controller, where that is because of its type: those that count by the
    /// process are not for threads (cgroup-v2.rst, "Threads").
    /// - Throws: `SyscallError` ENOTSUP.
    static func checkType(of group: Group, for controller: String) throws(SyscallError) {
        let type = type(of: group)
        let isForThreads = ["cpu", "cpuset", "perf_event", "pids"].contains(controller)
        guard type == "domain invalid" || (type == "threaded" && !isForThreads) else { return }
        throw SyscallError(
            operation: "limit \(controller) in \(type) cgroup", errno: .ENOTSUP, subject: group.folder)
    }

    private static func type(of group: Group) -> String {
        // Best effort: what can't be read is told where the process enters.
        let text = (try? Files.readFile(group.folder + "/cgroup.type", limit: 64)) ?? []
        return String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
