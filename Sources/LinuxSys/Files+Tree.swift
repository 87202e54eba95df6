import CLinux
import Glibc

/// A lock of flock(2) on an open file.
package enum FileLock: Sendable {
    /// LOCK_SH.
    case shared
    /// LOCK_EX.
    case exclusive
    /// LOCK_UN.
    case unlocked

    fileprivate var operation: CInt {
        switch self {
        case .shared: LOCK_SH
        case .exclusive: LOCK_EX
        case .unlocked: LOCK_UN
        }
    }
}

/// What renameat2(2) does about a name that exists.
package enum RenameMode: UInt32, Sendable {
    /// It is replaced, at once.
    case replace = 0
    /// RENAME_NOREPLACE: EEXIST.
    case noReplace = 1
    /// RENAME_EXCHANGE: both change names.
    case exchange = 2
}

/// What faccessat2(2) asks for.
package struct AccessMode: OptionSet, Sendable {
    /// R_OK, W_OK, X_OK.
    package let rawValue: CInt

    /// The mode of the bits `rawValue`.
    package init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: AccessMode...) {
        var bits: CInt = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// F_OK, which is no bit.
    package static let exists = AccessMode([])
    /// R_OK.
    package static let read = AccessMode(rawValue: R_OK)
    /// W_OK.
    package static let write = AccessMode(rawValue: W_OK)
    /// X_OK.
    package static let execute = AccessMode(rawValue: X_OK)
}

/// Names, what is behind them, and its attributes.
extension Files {
    /// statx(2) of `path`; a link at its end is followed unless `follow` is false. Nothing is mounted by looking.
    package static func status(
        _ path: String, in directory: BorrowedFD = .currentDirectory, follow: Bool = true
    ) throws(SyscallError) -> FileStatus {
        var status = clinux_file_status()
        let flags = CInt(CLINUX_AT_NO_AUTOMOUNT) | (follow ? 0 : AT_SYMLINK_NOFOLLOW)
        // SAFETY: the C string lives as long as the call, which fills in all of status.
        let result = unsafe path.withCText { unsafe clinux_statx(directory.rawValue, $0, flags, &status) }
        try check(result, "statx", subject(path, directory))
        return FileStatus(status)
    }

    /// statx(2) of an open descriptor, O_PATH ones too.
    package static func status(
        of fd: BorrowedFD, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> FileStatus {
        var status = clinux_file_status()
        // SAFETY: an empty C string, and a call that fills in all of status.
        try check(
            unsafe clinux_statx(fd.rawValue, "", CInt(CLINUX_AT_EMPTY_PATH), &status), "statx",
            subject() ?? fd.description)
        return FileStatus(status)
    }

    /// fstatfs(2): the file system and the mount that `fd` is on; O_PATH will do.
    package static func fileSystem(
        of fd: BorrowedFD, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> FileSystemStatus {
        var status = clinux_file_system_status()
        // SAFETY: a call that fills in all of status.
        try check(
            retryingInterrupts { unsafe clinux_fstatfs(fd.rawValue, &status) }, "fstatfs",
            subject() ?? fd.description)
        return FileSystemStatus(type: status.type, flags: status.flags)
    }

    /// readlinkat(2). With an empty path: of the link that the O_PATH descriptor `directory` is. ENAMETOOLONG over
    /// 4095 bytes; bytes that are not UTF-8 are replaced.
    package static func readLink(
        _ path: String, in directory: BorrowedFD = .currentDirectory
    ) throws(SyscallError) -> String {
        var result = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            // SAFETY: the C string lives as long as the call, which fills in the result's number of bytes.
            result = unsafe path.withCText {
                unsafe clinux_readlinkat(directory.rawValue, $0, buffer.baseAddress, 4096)
            }
            count = max(result, 0)
        }
        try check(result, "readlinkat", subject(path, directory))
        if result == 4096 {
            throw SyscallError(operation: "readlinkat", errno: .ENAMETOOLONG, subject: subject(path, directory))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// mkdirat(2). The umask takes from `mode`.
    package static func makeDirectory(
        _ path: String, in directory: BorrowedFD = .currentDirectory, mode: UInt32
    ) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe path.withCText { unsafe clinux_mkdirat(directory.rawValue, $0, mode) }
        try check(result, "mkdirat", subject(path, directory))
    }

    /// mknodat(2). The umask takes from `permissions`. `device` counts with the device types alone.
    package static func makeNode(
        _ path: String, in directory: BorrowedFD = .currentDirectory, type: FileType, permissions: UInt32,
        device: DeviceNumber = DeviceNumber(major: 0, minor: 0)
    ) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe path.withCText {
            unsafe clinux_mknodat(
                directory.rawValue, $0, type.modeBits | permissions, device.major, device.minor)
        }
        try check(result, "mknodat", subject(path, directory))
    }

    /// mknodat(2) of a FIFO. The umask takes from `permissions`.
    package static func makeFIFO(
        _ path: String, in directory: BorrowedFD = .currentDirectory, permissions: UInt32
    ) throws(SyscallError) {
        try makeNode(path, in: directory, type: .fifo, permissions: permissions)
    }

    /// symlinkat(2): `path` becomes a link that says `target`.
    package static func makeSymlink(
        _ path: String, in directory: BorrowedFD = .currentDirectory, to target: String
    ) throws(SyscallError) {
        // SAFETY: the C strings live as long as the call.
        let result = unsafe target.withCText(and: path) { unsafe clinux_symlinkat($0, directory.rawValue, $1) }
        try check(result, "symlinkat", subject(path, directory))
    }

    /// linkat(2): one more name for the file at `source`, which is not followed if it is a symbolic link.
    package static func link(
        _ source: String, in sourceDirectory: BorrowedFD = .currentDirectory, to path: String,
        in directory: BorrowedFD = .currentDirectory
    ) throws(SyscallError) {
        // SAFETY: the C strings live as long as the call.
        let result = unsafe source.withCText(and: path) {
            unsafe clinux_linkat(sourceDirectory.rawValue, $0, directory.rawValue, $1, 0)
        }
        try check(result, "linkat", subject(path, directory))
    }

    /// linkat(2) of what is open: a name for a file that was made without one (`OpenFlags.temporaryFile`). Takes a procfs at
    /// /proc.
    package static func link(
        _ file: BorrowedFD, to path: String, in directory: BorrowedFD = .currentDirectory
    ) throws(SyscallError) {
        // SAFETY: the C strings live as long as the call.
        let result = unsafe "/proc/self/fd/\(file.rawValue)".withCText(and: path) {
            unsafe clinux_linkat(AT_FDCWD, $0, directory.rawValue, $1, AT_SYMLINK_FOLLOW)
        }
        try check(result, "linkat", subject(path, directory))
    }

    /// unlinkat(2) of anything but a directory.
    package static func unlink(
        _ path: String, in directory: BorrowedFD = .currentDirectory
    ) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe path.withCText { unsafe clinux_unlinkat(directory.rawValue, $0, 0) }
        try check(result, "unlinkat", subject(path, directory))
    }

    /// unlinkat(2) of an empty directory (AT_REMOVEDIR).
    package static func removeDirectory(
        _ path: String, in directory: BorrowedFD = .currentDirectory
    ) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe path.withCText { unsafe clinux_unlinkat(directory.rawValue, $0, AT_REMOVEDIR) }
        try check(result, "rmdir", subject(path, directory))
    }

    /// renameat2(2).
    package static func rename(
        _ source: String, in sourceDirectory: BorrowedFD = .currentDirectory, to path: String,
        in directory: BorrowedFD = .currentDirectory, mode: RenameMode = .replace
    ) throws(SyscallError) {
        // SAFETY: the C strings live as long as the call.
        let result = unsafe source.withCText(and: path) {
            unsafe clinux_renameat2(sourceDirectory.rawValue, $0, directory.rawValue, $1, mode.rawValue)
        }
        try check(result, "renameat2", subject(path, directory))
    }

    /// fchownat(2) of `path`; a link at its end is followed only if `follow` is true. An id of nil stays.
    package static func changeOwner(
        _ path: String, in directory: BorrowedFD = .currentDirectory, uid: UInt32?, gid: UInt32?, follow: Bool = false
    ) throws(SyscallError) {
        let flags = follow ? 0 : AT_SYMLINK_NOFOLLOW
        // SAFETY: the C string lives as long as the call.
        let result = unsafe path.withCText {
            unsafe clinux_fchownat(directory.rawValue, $0, uid ?? .max, gid ?? .max, flags)
        }
        try check(result, "fchownat", subject(path, directory))
    }

    /// fchownat(2) of an open descriptor, O_PATH ones too. An id of nil stays.
    package static func changeOwner(
        of fd: BorrowedFD, uid: UInt32?, gid: UInt32?, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        // SAFETY: an empty C string.
        let result = unsafe clinux_fchownat(fd.rawValue, "", uid ?? .max, gid ?? .max, CInt(CLINUX_AT_EMPTY_PATH))
        try check(result, "fchownat", subject() ?? fd.description)
    }

    /// fchmodat(2): follows a link at the end of `path`, so `path` must be the caller's own.
    package static func changeMode(
        _ path: String, in directory: BorrowedFD = .currentDirectory, permissions: UInt32
    ) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe path.withCText { unsafe clinux_fchmodat(directory.rawValue, $0, permissions) }
        try check(result, "fchmodat", subject(path, directory))
    }

    /// fchmod(2); an O_PATH descriptor gives EBADF.
    package static func changeMode(
        of fd: BorrowedFD, permissions: UInt32, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        try check(clinux_fchmod(fd.rawValue, permissions), "fchmod", subject() ?? fd.description)
    }

    /// fchmodat2(2), Linux 6.6 (before: ENOSYS): the mode of what an O_PATH descriptor stands for.
    package static func changeModeOfPath(
        _ fd: BorrowedFD, permissions: UInt32, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        // SAFETY: an empty C string.
        let result = unsafe clinux_fchmodat2(fd.rawValue, "", permissions, CInt(CLINUX_AT_EMPTY_PATH))
        try check(result, "fchmodat2", subject() ?? fd.description)
    }

    /// ftruncate(2) to `size` bytes.
    package static func truncate(
        _ fd: BorrowedFD, size: Int64, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        try check(
            retryingInterrupts { clinux_ftruncate(fd.rawValue, size) }, "ftruncate", subject() ?? fd.description)
    }

    /// fsync(2) of a file or a directory.
    package static func synchronize(
        _ fd: BorrowedFD, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        try check(retryingInterrupts { clinux_fsync(fd.rawValue) }, "fsync", subject() ?? fd.description)
    }

    /// flock(2): waits for the lock. It belongs to the open file, so to all duplicates of the descriptor.
    package static func lock(
        _ fd: BorrowedFD, _ lock: FileLock, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        try check(
            retryingInterrupts { clinux_flock(fd.rawValue, lock.operation) }, "flock", subject() ?? fd.description)
    }

    /// flock(2) with LOCK_NB: false when somebody else holds it.
    package static func tryLock(
        _ fd: BorrowedFD, _ lock: FileLock, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> Bool {
        let result = clinux_flock(fd.rawValue, lock.operation | LOCK_NB)
        if result == -EWOULDBLOCK { return false }
        try check(result, "flock", subject() ?? fd.description)
        return true
    }

    /// The names in a directory, without `.` and `..`, in no order, read from its start (the offset of `directory` is
    /// moved). Bytes that are not UTF-8 are replaced, so such a name cannot be opened.
    package static func list(
        _ directory: BorrowedFD, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> [String] {
        if lseek(directory.rawValue, 0, SEEK_SET) < 0 {
            throw SyscallError(
                operation: "lseek", errno: Errno(rawValue: errno), subject: subject() ?? directory.description)
        }
        var names: [String] = []
        // linux_dirent64: d_ino (8), d_off (8), d_reclen (2), d_type (1), d_name, NUL.
        let nameOffset = 19
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let result = unsafe buffer.withUnsafeMutableBytes { bytes in
                // SAFETY: the whole buffer.
                unsafe clinux_getdents64(directory.rawValue, bytes.baseAddress, bytes.count)
            }
            let end = try check(result, "getdents64", subject() ?? directory.description)
            if end == 0 { return names }
            var record = 0
            while record + nameOffset < end {
                let length = Int(buffer[record + 16]) | Int(buffer[record + 17]) << 8
                if length <= nameOffset || record + length > end { break }
                let name = buffer[(record + nameOffset)..<(record + length)].prefix { $0 != 0 }
                if name.elementsEqual([0x2e]) == false, name.elementsEqual([0x2e, 0x2e]) == false {
                    names.append(String(decoding: name, as: UTF8.self))
                }
                record += length
            }
        }
    }

    /// faccessat2(2), Linux 5.8, with the effective ids: throws EACCES, ENOENT ...
    package static func checkAccess(
        _ path: String, in directory: BorrowedFD = .currentDirectory, _ mode: AccessMode, follow: Bool = true
    ) throws(SyscallError) {
        let flags = AT_EACCESS | (follow ? 0 : AT_SYMLINK_NOFOLLOW) | (path.isEmpty ? CInt(CLINUX_AT_EMPTY_PATH) : 0)
        // SAFETY: the C string lives as long as the call.
        let result = unsafe path.withCText { unsafe clinux_faccessat2(directory.rawValue, $0, mode.rawValue, flags) }
        try check(result, "faccessat2", subject(path, directory))
    }

    /// Whether there is something at `path`; a link counts as itself. Any failure but ENOENT and ENOTDIR is thrown.
    package static func exists(
        _ path: String, in directory: BorrowedFD = .currentDirectory
    ) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            _ = try status(path, in: directory, follow: false)
            return true
        } catch {
            if error.errno == .ENOENT || error.errno == .ENOTDIR { return false }
            throw error
        }
    }

    /// chdir(2).
    package static func changeDirectory(_ path: String) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        try check(unsafe path.withCText { unsafe clinux_chdir($0) }, "chdir", path)
    }

    /// fchdir(2); O_PATH will do.
    package static func changeDirectory(
        to fd: BorrowedFD, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        try check(clinux_fchdir(fd.rawValue), "fchdir", subject() ?? fd.description)
    }

    /// chroot(2). The working directory stays where it is.
    package static func changeRoot(_ path: String) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        try check(unsafe path.withCText { unsafe clinux_chroot($0) }, "chroot", path)
    }

    /// getcwd(2). A directory outside the root is the error ENOENT, as in libc, not a path that says so.
    package static func workingDirectory() throws(SyscallError) -> String {
        var result = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
            // SAFETY: a call that fills in the result's number of bytes, the last of them a NUL.
            result = unsafe clinux_getcwd(buffer.baseAddress, 4096)
            count = max(result - 1, 0)
        }
        try check(result, "getcwd")
        if bytes.first != UInt8(ascii: "/") {
            throw SyscallError(operation: "getcwd", errno: .ENOENT)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// umask(2): the mask that was. It cannot fail.
    @discardableResult
    package static func setUmask(_ mask: UInt32) -> UInt32 {
        UInt32(bitPattern: clinux_umask(mask))
    }
}
