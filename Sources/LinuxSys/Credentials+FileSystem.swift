import CLinux

extension Credentials {
    /// Does something with the file system ids, and so the rights to files, of another user: setfsuid(2), setfsgid(2).
    /// The caller's own come back afterwards. Supplementary groups stay the caller's.
    /// - Throws: what `body` throws; EPERM when the ids could not be taken on.
    package static func withFileSystemIDs(
        userID: UInt32, groupID: UInt32, _ body: () throws(SyscallError) -> Void
    ) throws(SyscallError) {
        let oldGroup = UInt32(bitPattern: clinux_setfsgid(groupID))
        let oldUser = UInt32(bitPattern: clinux_setfsuid(userID))
        defer {
            // The user first: with it come the rights that the group's change takes.
            _ = clinux_setfsuid(oldUser)
            _ = clinux_setfsgid(oldGroup)
        }
        // The calls tell no failure; setting the same again returns what it is now.
        guard UInt32(bitPattern: clinux_setfsuid(userID)) == userID else {
            throw SyscallError(operation: "setfsuid", errno: .EPERM, subject: String(userID))
        }
        try body()
    }
}
