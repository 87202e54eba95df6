import LinuxSys

/// A procfs that nobody else can mount anything over, for everything that is written to or read from /proc on a
/// container's behalf (CVE-2025-52881).
enum Procfs {
    /// Opens one: a mount of our own; where this process may make none, a clone of the host's /proc without what is
    /// mounted in it.
    /// - Throws: `SyscallError` when neither can be had.
    static func open() throws(SyscallError) -> OwnedFD {
        do throws(SyscallError) {
            let context = try Mounting.openFileSystem("proc")
            try context.create()
            return try context.mount([.noSetUserID, .noDevice, .noExecute])
        } catch {
            // Refused in a user namespace where the host's own /proc is covered in part.
            guard error.errno == .EPERM else { throw error }
        }
        let clone = try Mounting.openTree("/proc", [.clone])
        guard try Files.fileSystem(of: clone.borrowed).type == FileSystemStatus.procfs else {
            throw SyscallError(operation: "open_tree", errno: .ENODEV, subject: "/proc is no procfs")
        }
        return clone
    }

    /// Writes to a file of it. No link that leads elsewhere and no other mount is passed.
    static func write(_ procfs: BorrowedFD, _ path: String, _ value: String) throws(SyscallError) {
        let file = try Files.open2(
            path, in: procfs, [.writeOnly], resolve: [.beneath, .noXDev, .noMagicLinks])
        try Files.writeAll(file.borrowed, Array(value.utf8))
    }
}
