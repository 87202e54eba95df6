import LinuxSys
import OCISpec

/// User namespaces that hold a mapping and no process.
enum UserNamespace {
    /// Makes one. It lives as long as its descriptor, or what was made with it.
    ///
    /// A user namespace begins with a process in it (clone(2)), and its maps are written through that process's folder
    /// in /proc. The process does nothing but wait for its end.
    /// - Throws: `SyscallError`; EPERM where the caller may not map these ids, EINVAL for mappings that overlap.
    static func make(users: [IDMapping], groups: [IDMapping]) throws(SyscallError) -> OwnedFD {
        let pair = try Sockets.pair()
        let result = try Processes.clone(.newUser)
        switch consume result {
        case .child:
            let end = pair.keepSecond()
            // Best effort: whether a byte comes or the end of the file, because the runtime is done or has died.
            _ = try? Files.readByte(end.borrowed)
            Processes.exitNow(0)
        case .parent(let process):
            let end = pair.keepFirst()
            let descriptor: OwnedFD
            do throws(SyscallError) {
                descriptor = try map(process.pid, users, groups)
            } catch {
                try end.close()
                // Best effort: the failure above is the one to tell.
                _ = try? process.wait()
                throw error
            }
            try end.close()
            _ = try process.wait()
            return descriptor
        }
    }

    private static func map(
        _ pid: Int32, _ users: [IDMapping], _ groups: [IDMapping]
    ) throws(SyscallError) -> OwnedFD {
        let folder = try Files.open("/proc/\(pid)", [.path, .directory])
        // The kernel takes a map in one write.
        try Files.writeFile("gid_map", in: folder.borrowed, text(groups))
        try Files.writeFile("uid_map", in: folder.borrowed, text(users))
        return try Files.open("ns/user", in: folder.borrowed)
    }

    private static func text(_ map: [IDMapping]) -> String {
        var text = ""
        for mapping in map { text += "\(mapping.containerID) \(mapping.hostID) \(mapping.size)\n" }
        return text
    }
}
