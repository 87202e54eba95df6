import LinuxSys
import OCISpec
import RuntimePlan

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

    /// The maps of one that exists, as the caller's own user namespace sees them.
    ///
    /// They are read through a process in it, which does nothing but wait.
    static func maps(of path: HostPath) throws(SyscallError) -> (users: [IDMapping], groups: [IDMapping]) {
        let namespace = try Files.open(path.string)
        let pair = try Sockets.pair()
        let result = try Processes.clone([])
        switch consume result {
        case .child:
            let end = pair.keepSecond()
            do throws(SyscallError) {
                // The others in there are not to look into what is still the runtime.
                try Processes.setDumpable(false)
                try Processes.joinNamespace(namespace.borrowed, .newUser, subject: path.string)
                try Sockets.send(end.borrowed, StageMessage.ready.encoded)
                // Best effort: whether a byte comes or the end of the file, because the runtime is done or has died.
                _ = try? Files.readByte(end.borrowed)
            } catch {
                // Best effort: without a reader nobody is left to be told.
                try? Sockets.send(end.borrowed, StageMessage.failure(StageFailure(error)).encoded)
            }
            Processes.exitNow(0)
        case .parent(let process):
            let end = pair.keepFirst()
            do throws(SyscallError) {
                let packet = try Sockets.receive(end.borrowed, maximumBytes: StageMessage.maximumBytes)
                if case .failure(let failure) = StageMessage(decoding: packet.bytes) {
                    throw SyscallError(
                        operation: failure.operation, errno: Errno(rawValue: failure.errno), subject: failure.subject)
                }
                let users = try Files.readFile("/proc/\(process.pid)/uid_map", limit: 1 << 16)
                let groups = try Files.readFile("/proc/\(process.pid)/gid_map", limit: 1 << 16)
                try end.close()
                _ = try process.wait()
                return (parse(users), parse(groups))
            } catch {
                // Best effort: the failure above is the one to tell.
                try? process.signal(9)
                _ = try? process.wait()
                throw error
            }
        }
    }

    /// The lines of /proc/PID/uid_map (user_namespaces(7)).
    static func parse(_ text: [UInt8]) -> [IDMapping] {
        var map: [IDMapping] = []
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let numbers = line.split(separator: UInt8(ascii: " ")).compactMap {
                UInt32(String(decoding: $0, as: UTF8.self))
            }
            if numbers.count == 3 {
                map.append(IDMapping(containerID: numbers[0], hostID: numbers[1], size: numbers[2]))
            }
        }
        return map
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
