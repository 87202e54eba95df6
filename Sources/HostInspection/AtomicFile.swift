import LinuxSys

/// A file that is read whole and replaced whole: who reads it meanwhile, or after a crash, sees the old content or the
/// new one.
///
/// The new content is written beside the file under another name, put on the disk, and renamed over it. Mode, owner and
/// access control list stay. What a rename would silently break is refused: a symbolic link would become a file, other
/// names of a file with several would keep the old content, and what somebody else wrote meanwhile would be lost.
package struct AtomicFile: ~Copyable {
    private let path: String
    private let name: String
    private let directory: OwnedFD
    private let status: FileStatus?
    private let accessList: [UInt8]?

    /// The file's content when it was opened; nil if there was no file.
    package let bytes: [UInt8]?

    /// Opens the file at `path` and reads it, at most `limit` bytes. A file that isn't there is an error unless
    /// `mayBeNew`.
    package static func open(
        _ path: String, limit: Int, mayBeNew: Bool = false
    ) throws(AtomicFileError) -> AtomicFile {
        let (folder, name) = split(path)
        guard !name.isEmpty else { throw .notAFile(path) }
        do throws(SyscallError) {
            let directory = try Files.open(folder, [.readOnly, .directory])
            let opened = try read(name, in: directory.borrowed, path, limit: limit, mayBeNew: mayBeNew)
            if let opened, opened.status.type != .regular { throw SyscallError(operation: "open", errno: .EINVAL) }
            return AtomicFile(path: path, name: name, directory: directory, opened)
        } catch {
            switch error.errno {
            case .ELOOP: throw .symbolicLink(path)
            case .EFBIG: throw .tooLarge(path, limit)
            case .EINVAL: throw .notAFile(path)
            default: throw .system(error)
            }
        }
    }

    private init(path: String, name: String, directory: consuming OwnedFD, _ opened: Content?) {
        self.path = path
        self.name = name
        self.directory = directory
        status = opened?.status
        accessList = opened?.accessList
        bytes = opened?.bytes
    }

    /// A file as it is read.
    private struct Content {
        let status: FileStatus
        let accessList: [UInt8]?
        let bytes: [UInt8]
    }

    /// The file as it is, or nil if it isn't there and needn't be.
    private static func read(
        _ name: String, in directory: BorrowedFD, _ path: String, limit: Int, mayBeNew: Bool
    ) throws(SyscallError) -> Content? {
        do throws(SyscallError) {
            // Not blocking, so that a FIFO in the file's place can't hold us up.
            let file = try Files.open(name, in: directory, [.readOnly, .noFollow, .nonBlocking])
            let status = try Files.status(of: file.borrowed, subject: path)
            guard status.type == .regular else { return Content(status: status, accessList: nil, bytes: []) }
            return Content(
                status: status, accessList: try AccessList.read(file.borrowed, subject: path),
                bytes: try Files.readAll(file.borrowed, limit: limit, subject: path))
        } catch {
            if error.errno == .ENOENT, mayBeNew { return nil }
            throw SyscallError(operation: error.operation, errno: error.errno, subject: path)
        }
    }

    /// Refuses a file that can't be replaced without breaking something.
    package borrowing func checkReplaceable() throws(AtomicFileError) {
        guard let status else { return }
        guard status.linkCount == 1 else { throw .manyNames(path, status.linkCount) }
    }

    /// Puts `content` in the file's place. A new file gets the mode 0644 less the umask, or `newFilePermissions`
    /// whatever the umask is.
    package borrowing func replace(
        with content: [UInt8], newFilePermissions: UInt32? = nil
    ) throws(AtomicFileError) {
        try checkReplaceable()
        do throws(SyscallError) {
            // What would end us in between waits, so that no temporary file is left.
            let mask = try Signals.block(.all)
            // Best effort: the mask was in force before.
            defer { _ = try? Signals.setMask(mask) }
            let temporary = try writeTemporary(content, newFilePermissions)
            do throws(SyscallError) {
                guard try isUnchanged() else { throw SyscallError(operation: "rename", errno: .ESTALE) }
                try Files.rename(
                    temporary, in: directory.borrowed, to: name, in: directory.borrowed,
                    mode: status == nil ? .noReplace : .replace)
            } catch {
                // Best effort: the error above is what matters.
                try? Files.unlink(temporary, in: directory.borrowed)
                throw error
            }
        } catch {
            switch (error.operation, error.errno) {
            case (_, .ESTALE), (_, .EEXIST): throw .changedMeanwhile(path)
            case ("openat", .EACCES), ("openat", .EPERM), ("openat", .EROFS):
                throw .folderNotWritable(path, error.errno)
            case (_, .EBUSY): throw .mountPoint(path)
            case ("fchownat", .EPERM): throw .ownerNotKept(path, error.errno)
            // Told by the path that was given, not by names in the folder.
            default: throw .system(SyscallError(operation: error.operation, errno: error.errno, subject: path))
            }
        }
        try synchronizeDirectory()
    }

    /// Whether the file is the one that was read, and says what it said then. Times don't tell: they stand still for
    /// some milliseconds, and whoever writes can set them back.
    private func isUnchanged() throws(SyscallError) -> Bool {
        guard let status, let bytes else { return true }
        do throws(SyscallError) {
            let now = try AtomicFile.read(name, in: directory.borrowed, path, limit: bytes.count, mayBeNew: true)
            guard let now, now.status.isSameFile(as: status), now.bytes == bytes else { return false }
            return now.status.linkCount == 1 && now.accessList == accessList && now.status.hasSameAccess(as: status)
        } catch {
            // Longer than it was, or a link in its place.
            guard error.errno == .EFBIG || error.errno == .ELOOP else { throw error }
            return false
        }
    }

    /// The rename itself must be on the disk too.
    private func synchronizeDirectory() throws(AtomicFileError) {
        do throws(SyscallError) {
            try Files.synchronize(directory.borrowed, subject: path)
        } catch {
            // Some network file systems put folders on the disk by themselves, and don't know the call for them.
            guard error.errno == .EINVAL else { throw .notOnDisk(path, error.errno) }
        }
    }

    /// Writes the content to a new file beside the old one, with its mode and owner, and gives its name.
    private func writeTemporary(_ content: [UInt8], _ newFilePermissions: UInt32?) throws(SyscallError) -> String {
        var attempt = 0
        while true {
            // Not made of the file's own name, which may be as long as a name can be.
            let temporary = ".raind-profile.\(Processes.processID).\(attempt)"
            do throws(SyscallError) {
                let mode: UInt32 = status == nil ? 0o644 : 0o600
                let file = try Files.open(
                    temporary, in: directory.borrowed, [.writeOnly, .create, .exclusive, .noFollow], mode: mode)
                do throws(SyscallError) {
                    try Files.writeAll(file.borrowed, content, subject: path)
                    if let status {
                        let made = try Files.status(of: file.borrowed, subject: path)
                        if made.uid != status.uid || made.gid != status.gid {
                            try Files.changeOwner(of: file.borrowed, uid: status.uid, gid: status.gid, subject: path)
                        }
                        // A folder's default list would let in whom the old file kept out.
                        if try AccessList.read(file.borrowed, subject: path) != accessList {
                            let list = accessList ?? AccessList.of(permissions: status.permissions)
                            try AccessList.write(list, to: file.borrowed, subject: path)
                        }
                        // After the owner and the list: changing those changes the mode.
                        try Files.changeMode(of: file.borrowed, permissions: status.permissions, subject: path)
                    } else if let newFilePermissions {
                        try Files.changeMode(of: file.borrowed, permissions: newFilePermissions, subject: path)
                    }
                    try Files.synchronize(file.borrowed, subject: path)
                } catch {
                    // Best effort: the error above is what matters.
                    try? Files.unlink(temporary, in: directory.borrowed)
                    throw error
                }
                return temporary
            } catch {
                // Left over by a run that was killed, and of a process that had our number.
                guard error.errno == .EEXIST, attempt < 100 else { throw error }
                attempt += 1
            }
        }
    }

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let folder = slash == path.utf8.startIndex ? "/" : String(path[..<slash])
        return (folder, String(path[path.utf8.index(after: slash)...]))
    }
}

extension FileStatus {
    fileprivate func hasSameAccess(as other: FileStatus) -> Bool {
        permissions == other.permissions && uid == other.uid && gid == other.gid
    }
}
