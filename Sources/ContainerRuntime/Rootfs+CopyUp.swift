import LinuxSys
import RuntimePlan

extension Rootfs {
    /// Copies what a folder holds into another: what `tmpcopyup` asks of a new tmpfs, of which nobody knows yet.
    ///
    /// Both sides are walked by descriptors and no link is followed, so that whatever an image puts there stays inside.
    /// Modes, owners and link texts are kept; sockets, which nobody could answer any more, are left out.
    static func copyContents(
        of source: BorrowedFD, to target: BorrowedFD, path: String, depth: Int = 0
    ) throws(SyscallError) {
        // Two descriptors are open for each folder on the way.
        guard depth < 128 else { throw SyscallError(operation: "copy", errno: .ELOOP, subject: path) }
        let folder = try Files.open(".", in: source, [.readOnly, .directory])
        for name in try Files.list(folder.borrowed, subject: path) {
            try copyEntry(name, in: folder.borrowed, to: target, path: path + "/" + name, depth: depth)
        }
    }

    private static func copyEntry(
        _ name: String, in folder: BorrowedFD, to target: BorrowedFD, path: String, depth: Int
    ) throws(SyscallError) {
        let status = try Files.status(name, in: folder, follow: false)
        switch status.type {
        case .directory:
            let from = try Files.open(name, in: folder, [.path, .directory, .noFollow])
            try Files.makeDirectory(name, in: target, mode: 0o700)
            let made = try Files.open(name, in: target, [.readOnly, .directory, .noFollow])
            try copyContents(of: from.borrowed, to: made.borrowed, path: path, depth: depth + 1)
            try copyOwner(status, to: made.borrowed, path: path)
            try Files.changeMode(of: made.borrowed, permissions: status.permissions, subject: path)
        case .regular:
            // Not blocking: a FIFO may have taken its place.
            let from = try Files.open(name, in: folder, [.readOnly, .noFollow, .nonBlocking])
            guard try Files.status(of: from.borrowed).type == .regular else {
                throw SyscallError(operation: "copy", errno: .EAGAIN, subject: path)
            }
            let made = try Files.open(name, in: target, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o600)
            try Files.copy(from: from.borrowed, to: made.borrowed, subject: path)
            try copyOwner(status, to: made.borrowed, path: path)
            try Files.changeMode(of: made.borrowed, permissions: status.permissions, subject: path)
        case .symbolicLink:
            try Files.makeSymlink(name, in: target, to: try Files.readLink(name, in: folder))
            let made = try Files.open(name, in: target, [.path, .noFollow])
            try copyOwner(status, to: made.borrowed, path: path)
        case .characterDevice, .blockDevice, .fifo:
            try Files.makeNode(
                name, in: target, type: status.type, permissions: status.permissions, device: status.representedDevice)
            let made = try Files.open(name, in: target, [.path, .noFollow])
            try copyOwner(status, to: made.borrowed, path: path)
        case .socket, .other: break
        }
    }

    private static func copyOwner(_ status: FileStatus, to made: BorrowedFD, path: String) throws(SyscallError) {
        do throws(SyscallError) {
            try Files.changeOwner(of: made, uid: status.uid, gid: status.gid, subject: path)
        } catch {
            // An owner that this user namespace has no number for becomes the container's root.
            guard error.errno == .EINVAL else { throw error }
        }
    }
}
