import LinuxSys

/// A procfs that nobody else can mount anything over, for everything that is written to or read from /proc on a
/// container's behalf (CVE-2025-52881).
enum Procfs {
    /// Opens one: a mount of our own; where this process may make none, a clone of the host's /proc without what is
    /// mounted in it; where that is refused too, the host's.
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
        let host: OwnedFD
        do throws(SyscallError) {
            host = try Mounting.openTree("/proc", [.clone])
        } catch {
            // What covers a part of it may not be left behind, and an ordinary user clones nothing; `write` passes nothing that
            // covers a part either.
            guard error.errno == .EINVAL || error.errno == .EPERM else { throw error }
            return try checked(try Files.open("/proc", [.path, .directory]))
        }
        return try checked(host)
    }

    private static func checked(_ folder: consuming OwnedFD) throws(SyscallError) -> OwnedFD {
        // PROC_ROOT_INO: the root, not a folder of it.
        guard try Files.fileSystem(of: folder.borrowed).type == FileSystemStatus.procfs,
            try Files.status(of: folder.borrowed).inode == 1
        else { throw SyscallError(operation: "open", errno: .ENODEV, subject: "/proc is no procfs") }
        return folder
    }

    /// Writes to a file of it. No link that leads elsewhere and no other mount is passed.
    static func write(_ procfs: BorrowedFD, _ path: String, _ value: String) throws(SyscallError) {
        let file = try Files.open2(
            path, in: procfs, [.writeOnly], resolve: [.beneath, .noXDev, .noMagicLinks])
        do throws(SyscallError) {
            // At once: of a part the kernel would make another value.
            try Files.writeOnce(file.borrowed, Array(value.utf8))
        } catch {
            throw SyscallError(operation: error.operation, errno: error.errno, subject: "/proc/" + path)
        }
    }
}
