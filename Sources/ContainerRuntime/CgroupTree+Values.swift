import LinuxSys
import OCISpec
import RuntimePlan

/// The values of a container's groups.
extension CgroupTree {
    /// Sets values that are asked for together.
    /// - Throws: `SyscallError` of the first that can't be set.
    func set(_ writes: [CgroupWrite]) throws(SyscallError) {
        for write in writes { try set(write, among: writes) }
    }

    /// Sets one value.
    /// - Parameter writes: the others that are asked for with it. The kernel holds some against each other, a limit of
    ///   memory against that of memory and swap, a quota against the burst, and which has to be first depends on what they
    ///   are now.
    /// - Throws: `SyscallError`; EBUSY where more than the limit is in use, or where a group above can't pass the
    ///   controller on.
    func set(_ write: CgroupWrite, among writes: [CgroupWrite]) throws(SyscallError) {
        do throws(SyscallError) {
            try put(write)
        } catch {
            guard error.errno == .EINVAL else { throw error }
            for other in writes
            where other != write && other.hierarchy == write.hierarchy && other.controller == write.controller {
                // Best effort: each of them has a turn of its own, which tells.
                try? put(other)
            }
            do throws(SyscallError) {
                try put(write)
            } catch let second {
                _ = second
                throw error
            }
        }
    }

    private func put(_ write: CgroupWrite) throws(SyscallError) {
        let group = groups[write.hierarchy]
        if let usageFile = write.usageFile { try check(write, above: usageFile, of: group) }
        do throws(SyscallError) {
            try Files.writeFile(group.folder + "/" + write.file, value(of: write, in: group))
            if write.isOfPartition { try checkPartition(group.folder + "/" + write.file) }
        } catch {
            guard error.errno == .ENOENT else { throw error }
            try putElsewhere(write, in: group, error)
        }
    }

    /// The kernel takes the word, and says in the file that the group is no partition: its processors would be anybody's.
    private func checkPartition(_ path: String) throws(SyscallError) {
        // The file says `root invalid (REASON)` (cgroup-v2.rst, "cpuset.cpus.partition").
        let text = try Files.readFile(path, limit: 4096).prefix { $0 != UInt8(ascii: "\n") }
        let state = String(decoding: text, as: UTF8.self)
        guard state.contains(" invalid") else { return }
        throw SyscallError(operation: "make a partition: " + state, errno: .EINVAL, subject: path)
    }

    /// The file is missing: the value may have another, or need none, or the group's controller was not passed on.
    private func putElsewhere(
        _ write: CgroupWrite, in group: Group, _ missing: SyscallError
    ) throws(SyscallError) {
        if let fallback = write.fallback {
            do throws(SyscallError) {
                return try Files.writeFile(group.folder + "/" + fallback.file, fallback.value)
            } catch {
                guard error.errno == .ENOENT else { throw error }
            }
        }
        if write.isNeedlessWithoutSwap {
            if write.value == "max" || write.value == "-1" { return }
            if try Self.hasNoSwap() { return }
        }
        guard group.isUnified else { throw missing }
        try Self.checkType(of: group, for: write.controller)
        try Self.passOn(write.controller, to: group)
        throw missing
    }

    private func value(of write: CgroupWrite, in group: Group) throws(SyscallError) -> String {
        guard write.keepsFirstWord else { return write.value }
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") }
        let now = try Files.readFile(group.folder + "/" + write.file, limit: 4096).prefix { !isSpace($0) }
        guard !now.isEmpty else { return write.value }
        return String(decoding: now + write.value.utf8.drop { !isSpace($0) }, as: UTF8.self)
    }

    /// Refuses a limit that is less than what is in use, where the write asks for that.
    func check(_ write: CgroupWrite) throws(SyscallError) {
        if let usageFile = write.usageFile { try check(write, above: usageFile, of: groups[write.hierarchy]) }
    }

    /// Refuses a limit that is less than what is in use, as v1 does by itself: v2 ends processes for it.
    private func check(_ write: CgroupWrite, above usageFile: String, of group: Group) throws(SyscallError) {
        let path = group.folder + "/" + usageFile
        let text: [UInt8]
        do throws(SyscallError) {
            text = try Files.readFile(path, limit: 4096)
        } catch {
            // Without an account there is nothing in use; whether there may be a limit is told when it is written.
            if error.errno == .ENOENT { return }
            throw error
        }
        guard let usage = UInt64(String(decoding: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)) else {
            throw SyscallError(operation: "read", errno: .EPROTO, subject: path)
        }
        guard let limit = UInt64(write.value), limit < usage else { return }
        throw SyscallError(operation: "compare with \(usage) bytes in use", errno: .EBUSY, subject: path)
    }

    /// Whether no page of the machine's can go to swap: /proc/swaps has a heading, and then a line a swap.
    private static func hasNoSwap() throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            return try Files.readFile("/proc/swaps", limit: 1 << 16).count { $0 == UInt8(ascii: "\n") } <= 1
        } catch {
            // A kernel without swap has no such file; what can't be read for another reason may well have some.
            guard error.errno == .ENOENT else { throw error }
            return true
        }
    }

    /// Passes a controller on from the top of the hierarchy to a group, to find out why the group does not have it.
    /// - Throws: `SyscallError` with the group that can't; EBUSY for one with processes of its own (cgroups(7), "no
    ///   internal processes").
    private static func passOn(_ controller: String, to group: Group) throws(SyscallError) {
        guard controller != "cgroup" else { return }
        var folder = group.mountPoint
        for name in group.path.bytewiseParts(separatedBy: "/") {
            do throws(SyscallError) {
                try passOn(controller, from: folder)
            } catch {
                throw SyscallError(operation: "pass on \(controller)", errno: error.errno, subject: folder)
            }
            folder += "/" + name
        }
    }

    private static func passOn(_ controller: String, from folder: String) throws(SyscallError) {
        let file = folder + "/cgroup.subtree_control"
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") }
        let passed = try Files.readFile(file, limit: 4096).split(whereSeparator: isSpace)
        if passed.contains(where: { $0.elementsEqual(controller.utf8) }) { return }
        // Of some controllers the kernel would have the groups below be for threads from then on.
        if hasProcesses(folder) { throw SyscallError(operation: "write", errno: .EBUSY, subject: file) }
        try Files.writeFile(file, "+" + controller)
    }
}
