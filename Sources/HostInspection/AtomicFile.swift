import LinuxSys

/// A file that is read whole and replaced whole: who reads it meanwhile, or after a crash, sees the old content or the
/// new one.
///
/// The new content is written beside the file under another name, put on the disk, and renamed over it. Mode and owner
/// stay. What a rename would silently break is refused: a symbolic link would become a file, and other names of a file
/// with several would keep the old content.
package struct AtomicFile: ~Copyable {
    private let path: String
    private let name: String
    private let directory: OwnedFD
    private let status: FileStatus?

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
            if let opened, opened.0.type != .regular { throw SyscallError(operation: "open", errno: .EINVAL) }
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

    private init(path: String, name: String, directory: consuming OwnedFD, _ opened: (FileStatus, [UInt8])?) {
        self.path = path
        self.name = name
        self.directory = directory
        status = opened?.0
        bytes = opened?.1
    }

    /// The file as it is, or nil if it isn't there and needn't be.
    private static func read(
        _ name: String, in directory: BorrowedFD, _ path: String, limit: Int, mayBeNew: Bool
    ) throws(SyscallError) -> (FileStatus, [UInt8])? {
        do throws(SyscallError) {
            // Not blocking, so that a FIFO in the file's place can't hold us up.
            let file = try Files.open(name, in: directory, [.readOnly, .noFollow, .nonBlocking])
            let status = try Files.status(of: file.borrowed, subject: path)
            guard status.type == .regular else { return (status, []) }
            return (status, try Files.readAll(file.borrowed, limit: limit, subject: path))
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

    /// Puts `content` in the file's place. A new file gets the mode 0644 less the umask.
    package borrowing func replace(with content: [UInt8]) throws(AtomicFileError) {
        try checkReplaceable()
        do throws(SyscallError) {
            let temporary = try writeTemporary(content)
            do throws(SyscallError) {
                guard try isUnchanged() else { throw SyscallError(operation: "rename", errno: .ESTALE, subject: path) }
                try Files.rename(
                    temporary, in: directory.borrowed, to: name, in: directory.borrowed,
                    mode: status == nil ? .noReplace : .replace)
            } catch {
                // Best effort: the error above is what matters.
                try? Files.unlink(temporary, in: directory.borrowed)
                throw error
            }
            // The rename itself must be on the disk too.
            try Files.synchronize(directory.borrowed, subject: path)
        } catch {
            if error.errno == .ESTALE || error.errno == .EEXIST { throw .changedMeanwhile(path) }
            throw .system(error)
        }
    }

    private func isUnchanged() throws(SyscallError) -> Bool {
        guard let status else { return true }
        return try Files.status(name, in: directory.borrowed, follow: false).isSameFile(as: status)
    }

    /// Writes the content to a new file beside the old one, with its mode and owner, and gives its name.
    private func writeTemporary(_ content: [UInt8]) throws(SyscallError) -> String {
        var attempt = 0
        while true {
            let temporary = ".\(name).\(Processes.processID).\(attempt)"
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
                        // After the owner: changing that takes bits of the mode away.
                        try Files.changeMode(of: file.borrowed, permissions: status.permissions, subject: path)
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
