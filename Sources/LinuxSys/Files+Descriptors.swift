import CLinux
import Glibc

/// What close_range(2) does to the descriptors.
package enum CloseRangeAction: UInt32, Sendable {
    /// They are closed.
    case close = 0
    /// CLOSE_RANGE_CLOEXEC (Linux 5.11): they will be at the next exec.
    case setCloseOnExec = 4
}

/// What can no longer be done to a memory file: F_ADD_SEALS of fcntl(2).
package struct Seals: OptionSet, Sendable {
    /// The F_SEAL_* bits.
    package let rawValue: CInt

    /// The seals of the bits `rawValue`.
    package init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: Seals...) {
        var bits: CInt = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// F_SEAL_SEAL: no more seals.
    package static let seal = Seals(rawValue: CLINUX_SEAL_SEAL)
    /// F_SEAL_SHRINK.
    package static let shrink = Seals(rawValue: CLINUX_SEAL_SHRINK)
    /// F_SEAL_GROW.
    package static let grow = Seals(rawValue: CLINUX_SEAL_GROW)
    /// F_SEAL_WRITE. EBUSY while there is a writable mapping.
    package static let write = Seals(rawValue: CLINUX_SEAL_WRITE)
    /// F_SEAL_FUTURE_WRITE (Linux 5.1).
    package static let futureWrite = Seals(rawValue: CLINUX_SEAL_FUTURE_WRITE)
    /// F_SEAL_EXEC (Linux 6.3).
    package static let execute = Seals(rawValue: CLINUX_SEAL_EXEC)
    /// The contents cannot change any more.
    package static let immutable: Seals = [.seal, .shrink, .grow, .write]
}

/// Descriptors as such, and files without a name.
extension Files {
    /// close_range(2), Linux 5.9, of `from` through `through`: one system call, no allocation unless it fails.
    /// `unshare` gives the caller a table of its own first (CLOSE_RANGE_UNSHARE).
    package static func closeRange(
        from first: UInt32, through last: UInt32 = .max, _ action: CloseRangeAction = .close, unshare: Bool = false
    ) throws(SyscallError) {
        try check(clinux_close_range(first, last, action.rawValue | (unshare ? 2 : 0)), "close_range")
    }

    /// Whether `fd` is close-on-exec; EBADF when it is not open.
    package static func isCloseOnExec(_ fd: BorrowedFD) throws(SyscallError) -> Bool {
        try check(clinux_get_descriptor_flags(fd.rawValue), "fcntl(F_GETFD)", fd.description) & FD_CLOEXEC != 0
    }

    /// Makes `fd` close-on-exec, or not.
    package static func setCloseOnExec(_ fd: BorrowedFD, _ closes: Bool) throws(SyscallError) {
        let flags = closes ? FD_CLOEXEC : 0
        try check(clinux_set_descriptor_flags(fd.rawValue, flags), "fcntl(F_SETFD)", fd.description)
    }

    /// Whether the descriptor is open.
    package static func isOpen(_ fd: BorrowedFD) -> Bool {
        clinux_get_descriptor_flags(fd.rawValue) >= 0
    }

    /// Whether the open file of `fd` takes what is written.
    package static func isWritable(_ fd: BorrowedFD) throws(SyscallError) -> Bool {
        let flags = try check(clinux_get_status_flags(fd.rawValue), "fcntl(F_GETFL)", fd.description)
        return flags & O_ACCMODE == O_WRONLY || flags & O_ACCMODE == O_RDWR
    }

    /// Makes the open file of `fd` non-blocking, or not; for all who share it.
    package static func setNonBlocking(_ fd: BorrowedFD, _ nonBlocking: Bool) throws(SyscallError) {
        let flags = try check(clinux_get_status_flags(fd.rawValue), "fcntl(F_GETFL)", fd.description)
        let wanted = nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
        try check(clinux_set_status_flags(fd.rawValue, wanted), "fcntl(F_SETFL)", fd.description)
    }

    /// A second descriptor for the same open file, close-on-exec, its number at least `minimum` (F_DUPFD_CLOEXEC).
    package static func duplicate(_ fd: BorrowedFD, atLeast minimum: Int32 = 3) throws(SyscallError) -> OwnedFD {
        OwnedFD(
            adopting: try check(clinux_duplicate(fd.rawValue, minimum), "fcntl(F_DUPFD_CLOEXEC)", fd.description))
    }

    /// dup3(2): `target` becomes a second descriptor for the same open file, and what it was is closed. It is
    /// inherited by exec unless `closeOnExec`. When both are the same number only the close-on-exec flag is set.
    package static func duplicate(
        _ fd: BorrowedFD, to target: Int32, closeOnExec: Bool = false
    ) throws(SyscallError) {
        if fd.rawValue == target {
            return try setCloseOnExec(fd, closeOnExec)
        }
        let result = retryingInterrupts { clinux_dup3(fd.rawValue, target, closeOnExec ? O_CLOEXEC : 0) }
        try check(result, "dup3", fd.description)
    }

    /// pipe2(2): both ends close-on-exec.
    package static func pipe() throws(SyscallError) -> PipeEnds {
        var ends: (CInt, CInt) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &ends) { bytes in
            // SAFETY: two descriptors' worth of memory.
            unsafe clinux_pipe2(bytes.baseAddress?.assumingMemoryBound(to: CInt.self), O_CLOEXEC)
        }
        try check(result, "pipe2")
        return PipeEnds(reading: OwnedFD(adopting: ends.0), writing: OwnedFD(adopting: ends.1))
    }

    /// eventfd2(2), close-on-exec: becomes readable when somebody counts it up.
    package static func makeEventDescriptor() throws(SyscallError) -> OwnedFD {
        OwnedFD(adopting: try check(clinux_eventfd(), "eventfd2"))
    }

    /// memfd_create(2): a file in memory that seals can be added to. Its execute permission is settled by
    /// `executable` on Linux 6.3 and later (MFD_EXEC or MFD_NOEXEC_SEAL), which older ones do not know.
    package static func createMemoryFile(_ name: String, executable: Bool = false) throws(SyscallError) -> OwnedFD {
        let flags = CLINUX_MFD_CLOEXEC | CLINUX_MFD_ALLOW_SEALING
        let execution = executable ? CLINUX_MFD_EXEC : CLINUX_MFD_NOEXEC_SEAL
        // SAFETY: the C string lives as long as the call.
        var result = unsafe name.withCText { unsafe clinux_memfd_create($0, flags | execution) }
        if result == -EINVAL {
            result = unsafe name.withCText { unsafe clinux_memfd_create($0, flags) }
        }
        return OwnedFD(adopting: try check(result, "memfd_create", name))
    }

    /// F_ADD_SEALS of a memory file that is open for writing.
    package static func addSeals(_ fd: BorrowedFD, _ seals: Seals) throws(SyscallError) {
        try check(clinux_add_seals(fd.rawValue, seals.rawValue), "fcntl(F_ADD_SEALS)", fd.description)
    }

    /// F_GET_SEALS; EINVAL for a file that has none.
    package static func seals(of fd: BorrowedFD) throws(SyscallError) -> Seals {
        Seals(rawValue: try check(clinux_get_seals(fd.rawValue), "fcntl(F_GET_SEALS)", fd.description))
    }

    /// fgetxattr(2): nil where there is no such attribute.
    package static func extendedAttribute(
        _ name: String, of fd: BorrowedFD, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> [UInt8]? {
        var result = 0
        // The largest that the kernel has (XATTR_SIZE_MAX).
        let value = unsafe [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
            // SAFETY: the C string lives as long as the call, which fills in the result's number of bytes.
            result = unsafe name.withCText { unsafe clinux_fgetxattr(fd.rawValue, $0, buffer.baseAddress, 65536) }
            count = max(result, 0)
        }
        if result == -ENODATA { return nil }
        try check(result, "fgetxattr(\(name))", subject() ?? fd.description)
        return value
    }

    /// flistxattr(2): the names of the attributes that the caller may see. ENOTSUP where the file system has none.
    package static func listExtendedAttributes(
        of fd: BorrowedFD, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> [String] {
        var result = 0
        // The longest list that the kernel has (XATTR_LIST_MAX).
        let list = unsafe [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
            // SAFETY: the call fills in the result's number of bytes.
            result = unsafe clinux_flistxattr(fd.rawValue, buffer.baseAddress, 65536)
            count = max(result, 0)
        }
        try check(result, "flistxattr", subject() ?? fd.description)
        return list.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// fsetxattr(2): made, or replaced.
    package static func setExtendedAttribute(
        _ name: String, of fd: BorrowedFD, to value: [UInt8], subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        let result = unsafe name.withCText { name in
            unsafe value.withUnsafeBytes { bytes in
                // SAFETY: the C string and the whole value live as long as the call.
                unsafe clinux_fsetxattr(fd.rawValue, name, bytes.baseAddress, bytes.count, 0)
            }
        }
        try check(result, "fsetxattr(\(name))", subject() ?? fd.description)
    }
}

/// The two ends of a pipe.
package struct PipeEnds: ~Copyable, Sendable {
    /// Where what was written comes out.
    package let reading: OwnedFD
    /// Where it goes in.
    package let writing: OwnedFD

    /// Keeps where to read, and closes where to write.
    package consuming func keepReading() -> OwnedFD { reading }

    /// Keeps where to write, and closes where to read.
    package consuming func keepWriting() -> OwnedFD { writing }
}
