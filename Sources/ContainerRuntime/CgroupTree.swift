import LinuxSys
import OCISpec
import RuntimePlan

/// A container's control groups: a folder in each hierarchy.
struct CgroupTree {
    /// One group.
    struct Group {
        /// Where its hierarchy is mounted.
        let mountPoint: String
        /// The group's path below the mount, absolute.
        let path: String
        /// Whether its hierarchy is cgroup2.
        let isUnified: Bool
        /// The hierarchy's controllers.
        let controllers: [String]

        /// The group's folder.
        let folder: String

        init(mountPoint: String, path: String, isUnified: Bool, controllers: [String]) {
            self.mountPoint = mountPoint
            self.path = path
            self.isUnified = isUnified
            self.controllers = controllers
            folder = mountPoint + path
        }

        /// The name of the folder that its hierarchy is mounted on.
        var hierarchyName: String {
            let bytes = Array(mountPoint.utf8)
            let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
            return String(decoding: bytes[start...], as: UTF8.self)
        }

        /// A new v1 cpuset is unusable until it has CPUs and memory nodes.
        var needsCPUSet: Bool { !isUnified && controllers.contains("cpuset") }

        /// Whether its processes can be made to stand still.
        var canStand: Bool { isUnified || controllers.contains("freezer") }

        /// The folder that the group's folder is in.
        var parent: String {
            let bytes = Array(folder.utf8)
            guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return mountPoint }
            return String(decoding: bytes[..<slash], as: UTF8.self)
        }
    }

    /// The groups, in the order of `CgroupLayout.hierarchies`.
    let groups: [Group]

    /// Makes the groups, parents included.
    /// - Throws: `SyscallError`; EBUSY when a group has processes of somebody else's.
    /// - Returns: the groups.
    static func make(_ groups: [Group]) throws(SyscallError) -> [Group] {
        for (place, group) in groups.enumerated() {
            do throws(SyscallError) {
                try make(group)
            } catch {
                // What was made before belongs to nobody now.
                CgroupTree(groups: Array(groups[..<place])).removeAtFailure()
                throw error
            }
        }
        return groups
    }

    /// Whether the caller may make all of them, as far as can be told without trying.
    var canBeMade: Bool {
        groups.allSatisfy { group in
            var folder = group.parent
            while folder.utf8.count >= group.mountPoint.utf8.count {
                do throws(SyscallError) {
                    try Files.checkAccess(folder, [.write, .execute])
                    return true
                } catch {
                    guard error.errno == .ENOENT else { return false }
                }
                guard let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")) else { return false }
                folder = String(folder[..<slash])
            }
            return false
        }
    }

    private static func make(_ group: Group) throws(SyscallError) {
        do throws(SyscallError) {
            try makeLast(group)
        } catch {
            switch error.errno {
            case .ENOENT: try makeEach(group)
            case .EEXIST:
                try checkUnused(group)
                if group.needsCPUSet { try inheritCPUSet(from: group.parent, to: group.folder) }
            default: throw error
            }
        }
    }

    /// Makes the group whose parent is there already, as is the rule.
    private static func makeLast(_ group: Group) throws(SyscallError) {
        if group.isUnified, !enableControllers(group.controllers, in: group.parent) { enableFromTheTop(group) }
        try makeFolder(group.folder, in: group.parent, of: group)
        // Right below the top nothing above it can stand still.
        if group.canStand, group.parent != group.mountPoint { try checkMoves(group) }
    }

    /// Makes a v1 group in the place of one that systemd has made in another hierarchy, where systemd has not made it too.
    static func complete(_ group: Group) throws(SyscallError) {
        try makeEach(group)
        if group.needsCPUSet { try inheritCPUSet(from: group.parent, to: group.folder) }
    }

    /// Makes the group and whatever parent of it is missing. Where that fails, what was made goes again.
    private static func makeEach(_ group: Group) throws(SyscallError) {
        var made: [String] = []
        do throws(SyscallError) {
            try makeEach(group, &made)
        } catch {
            // Best effort: a parent that has got another group meanwhile is in use.
            for folder in made.reversed() { try? Files.removeDirectory(folder) }
            throw error
        }
    }

    private static func makeEach(_ group: Group, _ made: inout [String]) throws(SyscallError) {
        var folder = group.mountPoint
        for name in group.path.bytewiseParts(separatedBy: "/") {
            // Best effort: what can't be passed on is told of when a value of it can't be set.
            if group.isUnified { _ = enableControllers(group.controllers, in: folder) }
            let next = folder + "/" + name
            do throws(SyscallError) {
                try makeFolder(next, in: folder, of: group)
                made.append(next)
            } catch {
                guard error.errno == .EEXIST else { throw error }
            }
            folder = next
        }
        if group.canStand { try checkMoves(group) }
    }

    /// Makes a group's folder as it can be used, or none.
    private static func makeFolder(_ folder: String, in parent: String, of group: Group) throws(SyscallError) {
        try Files.makeDirectory(folder, mode: 0o755)
        guard group.needsCPUSet else { return }
        do throws(SyscallError) {
            try inheritCPUSet(from: parent, to: folder)
        } catch {
            // Best effort: the failure that led here is the one to tell.
            try? Files.removeDirectory(folder)
            throw error
        }
    }

    /// A process in a group that is frozen, by itself or by one above it, would never tell that it is ready.
    private static func checkMoves(_ group: Group) throws(SyscallError) {
        do throws(SyscallError) {
            guard try stands(group) else { return }
            throw SyscallError(operation: "cgroup is frozen", errno: .EBUSY, subject: group.folder)
        } catch {
            // Best effort: a group that was there before has what keeps it, and an error tells of it all the same.
            try? Files.removeDirectory(group.folder)
            throw error
        }
    }

    private static func checkUnused(_ group: Group) throws(SyscallError) {
        if group.isUnified { try checkType(of: group) }
        // Below it, too: limits and the end of this container would be those of every other one there.
        guard try processes(in: group.folder).isEmpty else {
            throw SyscallError(operation: "cgroup in use", errno: .EBUSY, subject: group.folder)
        }
        if group.canStand, try stands(group) {
            throw SyscallError(operation: "cgroup is frozen", errno: .EBUSY, subject: group.folder)
        }
    }

    /// Lets the children of a group have its controllers (cgroups(7), "cgroup.subtree_control"); whether each could be
    /// passed on.
    private static func enableControllers(_ controllers: [String], in folder: String) -> Bool {
        var all = ""
        for controller in controllers { all += all.isEmpty ? "+" + controller : " +" + controller }
        // Best effort: as below. At once, which the kernel does whole or not at all.
        if (try? Files.writeFile(folder + "/cgroup.subtree_control", all)) != nil { return true }
        // Of a group with processes it would take those that threads can share (cpu, pids): the groups below would be for
        // threads from then on, and none could have a process.
        if hasProcesses(folder) { return false }
        for controller in controllers {
            // Best effort: what can't be passed on is told of when a value of it can't be set.
            try? Files.writeFile(folder + "/cgroup.subtree_control", "+" + controller)
        }
        return false
    }

    /// Whether a group has processes of its own, which matters to all but the hierarchy's root.
    static func hasProcesses(_ folder: String) -> Bool {
        // The root has no type.
        guard (try? Files.exists(folder + "/cgroup.type")) == true else { return false }
        // A group whose processes can't be listed is threaded: it has some, or its neighbours have.
        return (try? Files.readFile(folder + "/cgroup.procs", limit: 1 << 24).isEmpty) != true
    }

    /// A parent that somebody else has made may have no controllers to pass on, because its own parents don't.
    private static func enableFromTheTop(_ group: Group) { enableFromTheTop(group.controllers, to: group) }

    /// Passes controllers on from the top of the hierarchy to a group.
    static func enableFromTheTop(_ controllers: [String], to group: Group) {
        var folder = group.mountPoint
        for name in group.path.bytewiseParts(separatedBy: "/") {
            // Best effort: what can't be passed on is told of when a value of it can't be set.
            _ = enableControllers(controllers, in: folder)
            folder += "/" + name
        }
    }

    /// A new v1 cpuset has no CPU and no memory node, and takes no process, until it is given some (cpuset(7)).
    private static func inheritCPUSet(from parent: String, to child: String) throws(SyscallError) {
        for file in ["/cpuset.cpus", "/cpuset.mems"] {
            let own = try Files.readFile(child + file, limit: 1 << 16)
            guard own.allSatisfy({ $0 == UInt8(ascii: "\n") }) else { continue }
            let inherited = try Files.readFile(parent + file, limit: 1 << 16)
            try Files.writeFile(child + file, String(decoding: inherited, as: UTF8.self))
        }
    }

    /// The group that has a controller.
    func group(of controller: String) -> Group? {
        groups.first { $0.controllers.contains(controller) }
    }

    /// The group in the cgroup2 hierarchy.
    var unified: Group? { groups.first { $0.isUnified } }

    /// Removes the groups and those below them, whoever made them: a group below the container's lives by its limits and
    /// ends with it. A group whose last process has just ended stays
    /// busy for a moment, so each removal is tried again for a while.
    /// - Throws: `SyscallError`, EBUSY when processes are left.
    func remove() throws(SyscallError) {
        var failure: SyscallError?
        for group in groups {
            do throws(SyscallError) {
                // What one has waited for in vain keeps the others, too.
                try Self.remove(group.folder, waits: failure?.errno != .EBUSY)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    private static func remove(_ folder: String, waits: Bool) throws(SyscallError) {
        var pauseMilliseconds: Int32 = 1
        while true {
            do throws(SyscallError) {
                try Files.removeDirectory(folder)
                return
            } catch {
                if error.errno == .ENOENT { return }
                guard error.errno == .EBUSY else { throw error }
                if try Files.status(folder).linkCount != 2 {
                    try removeBelow(folder)
                    if (try? Files.removeDirectory(folder)) != nil { return }
                }
                guard waits, pauseMilliseconds <= 512 else { throw error }
                var nothing: [PollEntry] = []
                _ = try Poll.wait(&nothing, timeoutMilliseconds: pauseMilliseconds)
                pauseMilliseconds *= 2
            }
        }
    }

    /// Removes what can be removed after a create that failed.
    func removeAtFailure() {
        // Best effort: the failure that led here is the one to tell.
        try? remove()
    }
}
