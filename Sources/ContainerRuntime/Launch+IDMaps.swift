import LinuxSys
import OCISpec
import RuntimePlan

/// The id maps of a new user namespace (user_namespaces(7)).
extension Launch {
    /// Writes both maps, and tells the process: by itself where the kernel lets the caller; where it doesn't, a caller's
    /// own id alone once setgroups is denied, everything else by the programs that know what /etc/subuid and
    /// /etc/subgid give the caller.
    func writeIDMaps(_ users: [IDMapping], _ groups: [IDMapping]) throws(SyscallError) {
        let folder = "/proc/\(record.pid)"
        do throws(SyscallError) {
            try write(groups, to: folder + "/gid_map")
        } catch {
            guard error.errno == .EPERM, !options.isHostRoot else { throw error }
            if Self.isAlone(groups, Credentials.groupIDs().effective) {
                // Without privileges, only once no process of the namespace can leave a group that keeps it out of files.
                try Files.writeFile(folder + "/setgroups", "deny")
                try write(groups, to: folder + "/gid_map")
            } else {
                try IDMapProgram.groups.write(groups, of: record.pid)
            }
        }
        do throws(SyscallError) {
            try write(users, to: folder + "/uid_map")
        } catch {
            guard error.errno == .EPERM, !options.isHostRoot,
                !Self.isAlone(users, Credentials.userIDs().effective)
            else { throw error }
            try IDMapProgram.users.write(users, of: record.pid)
        }
        try send(.mapsWritten)
    }

    /// Whether a map has one id, the caller's own.
    private static func isAlone(_ map: [IDMapping], _ own: UInt32) -> Bool {
        map.count == 1 && map[0].size == 1 && map[0].hostID == own
    }

    private func write(_ map: [IDMapping], to path: String) throws(SyscallError) {
        guard !map.isEmpty else { return }
        var text = ""
        for range in map { text += "\(range.containerID) \(range.hostID) \(range.size)\n" }
        let file = try Files.open(path, .writeOnly)
        // The kernel takes a map in one write.
        try Files.writeOnce(file.borrowed, Array(text.utf8), subject: path)
    }
}
