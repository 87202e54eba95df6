import CLinux
import Glibc

/// Opening, reading and writing of files.
///
/// A path is taken from `directory`, by default the working directory. Everything opened is close-on-exec. EINTR is
/// tried again. An error carries the path, or the descriptor where there is no path.
package enum Files {
    /// openat(2).
    package static func open(
        _ path: String, in directory: BorrowedFD = .currentDirectory, _ flags: OpenFlags = .readOnly, mode: UInt32 = 0
    ) throws(SyscallError) -> OwnedFD {
        let bits = flags.rawValue | O_CLOEXEC | O_NOCTTY
        // SAFETY: the C string lives as long as the call.
        let result = retryingInterrupts {
            unsafe path.withCText { unsafe clinux_openat(directory.rawValue, $0, bits, mode) }
        }
        return OwnedFD(adopting: try check(result, "openat", subject(path, directory)))
    }

    /// openat2(2), Linux 5.6. A race with a rename or a mount elsewhere (EAGAIN) is tried again, 128 times at most.
    package static func open2(
        _ path: String, in directory: BorrowedFD, _ flags: OpenFlags = .readOnly, mode: UInt32 = 0,
        resolve: ResolveFlags
    ) throws(SyscallError) -> OwnedFD {
        // openat2 refuses O_NOCTTY beside O_PATH, which plain openat ignores.
        let added = flags.contains(.path) ? O_CLOEXEC : O_CLOEXEC | O_NOCTTY
        let bits = UInt64(UInt32(bitPattern: flags.rawValue | added))
        var attempts = 0
        while true {
            // SAFETY: the C string lives as long as the call.
            let result = unsafe path.withCText {
                unsafe clinux_openat2(directory.rawValue, $0, bits, UInt64(mode), resolve.rawValue)
            }
            attempts += 1
            if (result == -EAGAIN && attempts < 128) || result == -EINTR { continue }
            return OwnedFD(adopting: try check(result, "openat2", subject(path, directory)))
        }
    }

    /// read(2) of up to `buffer.count` bytes: how many came, 0 at the end.
    package static func read(
        _ fd: BorrowedFD, into buffer: UnsafeMutableRawBufferPointer, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> Int {
        // SAFETY: the caller's buffer is as long as it says.
        let result = retryingInterrupts { unsafe clinux_read(fd.rawValue, buffer.baseAddress, buffer.count) }
        return try check(result, "read", subject() ?? fd.description)
    }

    /// read(2) of up to `maximumBytes`: what came, nothing at the end.
    package static func read(
        _ fd: BorrowedFD, maximumBytes: Int, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> [UInt8] {
        var result = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: maximumBytes) { buffer, count in
            // SAFETY: the buffer is as long as is said, and the call fills in the result's number of bytes.
            result = retryingInterrupts { unsafe clinux_read(fd.rawValue, buffer.baseAddress, maximumBytes) }
            count = max(result, 0)
        }
        try check(result, "read", subject() ?? fd.description)
        return bytes
    }

    /// write(2) of `bytes`, once: how many were taken.
    package static func write(
        _ fd: BorrowedFD, _ bytes: [UInt8], subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> Int {
        let result = unsafe bytes.withUnsafeBytes { buffer in
            // SAFETY: the whole buffer.
            retryingInterrupts { unsafe clinux_write(fd.rawValue, buffer.baseAddress, buffer.count) }
        }
        return try check(result, "write", subject() ?? fd.description)
    }

    /// Everything up to the end of file. More than `limit` bytes: EFBIG, and what was read is dropped.
    package static func readAll(
        _ fd: BorrowedFD, limit: Int, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> [UInt8] {
        var bytes: [UInt8] = []
        // One byte over the limit is asked for, so that a longer file shows itself.
        let most = limit == .max ? limit : limit + 1
        // Most files are smaller than a page, and each page more of the heap costs a page fault.
        var capacity = min(most, 4096)
        while true {
            let start = bytes.count
            var result = 0
            let grown = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                // SAFETY: the first start bytes of capacity are copied; those read follow them, as far as there is room.
                unsafe bytes.withUnsafeBufferPointer { old in
                    _ = unsafe buffer.update(fromContentsOf: old)
                }
                count = start
                repeat {
                    let free = unsafe buffer.baseAddress.map { unsafe $0 + count }
                    let room = capacity - count
                    result = retryingInterrupts { unsafe clinux_read(fd.rawValue, free, room) }
                    count += max(result, 0)
                } while result > 0 && count < capacity
            }
            bytes = grown
            try check(result, "read", subject() ?? fd.description)
            if result == 0 { return bytes }
            if bytes.count > limit {
                throw SyscallError(operation: "read", errno: .EFBIG, subject: subject() ?? fd.description)
            }
            capacity = bytes.count > most / 2 ? most : bytes.count * 2
        }
    }

    /// The whole file at `path`, of at most `limit` bytes (else EFBIG). `flags` may add `noFollow`, for one.
    package static func readFile(
        _ path: String, in directory: BorrowedFD = .currentDirectory, limit: Int, flags: OpenFlags = .readOnly
    ) throws(SyscallError) -> [UInt8] {
        let fd = try open(path, in: directory, flags)
        return try readAll(fd.borrowed, limit: limit, subject: path)
    }

    /// The whole regular file at `path`, of at most `limit` bytes (else EFBIG). Anything else is told and not read: a FIFO has
    /// no writer perhaps, and a device may never end.
    /// - Throws: `SyscallError` EINVAL, or EISDIR, for what is no regular file.
    package static func readRegularFile(
        _ path: String, in directory: BorrowedFD = .currentDirectory, limit: Int, flags: OpenFlags = .readOnly
    ) throws(SyscallError) -> [UInt8] {
        let fd = try open(path, in: directory, flags.union(.nonBlocking))
        let status = try status(of: fd.borrowed, subject: path)
        guard status.type == .regular else {
            throw SyscallError(
                operation: "read", errno: status.type == .directory ? .EISDIR : .EINVAL,
                subject: "\(path) (\(status.type.phrase))")
        }
        guard status.size <= UInt64(limit) else {
            throw SyscallError(operation: "read", errno: .EFBIG, subject: path)
        }
        return try readAll(fd.borrowed, limit: limit, subject: path)
    }

    /// write(2) of `bytes`, once: how many were taken.
    package static func write(
        _ fd: BorrowedFD, _ bytes: UnsafeRawBufferPointer, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> Int {
        // SAFETY: the caller's buffer is as long as it says.
        let result = retryingInterrupts { unsafe clinux_write(fd.rawValue, bytes.baseAddress, bytes.count) }
        return try check(result, "write", subject() ?? fd.description)
    }

    /// write(2) of one byte, not tried again: exactly one system call, and no allocation unless it fails. EIO where the
    /// byte is not taken.
    package static func writeByte(_ fd: BorrowedFD, _ byte: UInt8) throws(SyscallError) {
        var byte = byte
        // SAFETY: one byte.
        if try check(unsafe clinux_write(fd.rawValue, &byte, 1), "write", fd.description) != 1 {
            throw SyscallError(operation: "write", errno: .EIO, subject: fd.description)
        }
    }

    /// read(2) of one byte, tried again only after EINTR; nil at the end of file. No allocation unless it fails.
    package static func readByte(_ fd: BorrowedFD) throws(SyscallError) -> UInt8? {
        var byte: UInt8 = 0
        // SAFETY: one byte.
        let result = retryingInterrupts { unsafe clinux_read(fd.rawValue, &byte, 1) }
        return try check(result, "read", fd.description) == 0 ? nil : byte
    }

    /// All of `bytes`, in as many calls of write(2) as it takes.
    package static func writeAll(
        _ fd: BorrowedFD, _ bytes: [UInt8], subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        var done = 0
        while done < bytes.count {
            let result = unsafe bytes.withUnsafeBytes { buffer in
                // SAFETY: the part of the buffer that is not written yet.
                retryingInterrupts {
                    unsafe clinux_write(fd.rawValue, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
                }
            }
            done += try check(result, "write", subject() ?? fd.description)
        }
    }

    /// All of the UTF-8 of `text`, in as many calls of write(2) as it takes.
    package static func writeAll(
        _ fd: BorrowedFD, _ text: String, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        try writeAll(fd, Array(text.utf8), subject: subject())
    }

    /// Opens `path` and writes `bytes` with one write(2), as the files of procfs, sysfs and cgroups want it. A count
    /// that is taken in part is the error EIO. `flags` should hold `create` and `truncate` for an ordinary file.
    package static func writeFile(
        _ path: String, in directory: BorrowedFD = .currentDirectory, _ bytes: [UInt8],
        flags: OpenFlags = .writeOnly, mode: UInt32 = 0o644
    ) throws(SyscallError) {
        let fd = try open(path, in: directory, flags.union(.writeOnly), mode: mode)
        try writeOnce(fd.borrowed, bytes, subject: path)
    }

    /// Opens `path` and writes the UTF-8 of `text` with one write(2), as for bytes.
    package static func writeFile(
        _ path: String, in directory: BorrowedFD = .currentDirectory, _ text: String,
        flags: OpenFlags = .writeOnly, mode: UInt32 = 0o644
    ) throws(SyscallError) {
        try writeFile(path, in: directory, Array(text.utf8), flags: flags, mode: mode)
    }

    /// `bytes` with one write(2). A count that is taken in part is the error EIO.
    package static func writeOnce(
        _ fd: BorrowedFD, _ bytes: [UInt8], subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        let result = unsafe bytes.withUnsafeBytes { buffer in
            // SAFETY: the whole buffer.
            retryingInterrupts { unsafe clinux_write(fd.rawValue, buffer.baseAddress, buffer.count) }
        }
        if try check(result, "write", subject() ?? fd.description) != bytes.count {
            throw SyscallError(operation: "write", errno: .EIO, subject: subject() ?? fd.description)
        }
    }

    /// Copies from one descriptor's offset to another's until the end of file, by sendfile(2): the bytes copied.
    /// `from` must be a file that can be mapped.
    @discardableResult
    package static func copy(
        from source: BorrowedFD, to destination: BorrowedFD, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> Int {
        var total = 0
        while true {
            let result = retryingInterrupts { clinux_sendfile(destination.rawValue, source.rawValue, 0x7fff_f000) }
            let count = try check(result, "sendfile", subject() ?? source.description)
            if count == 0 { return total }
            total += count
        }
    }

    /// What an error of a call on `path` below `directory` is about.
    static func subject(_ path: String, _ directory: BorrowedFD) -> String {
        path.isEmpty ? directory.description : path
    }
}
