import CLinux

extension Files {
    /// lseek(2) to `offset` bytes from the start.
    package static func seek(_ fd: BorrowedFD, to offset: Int64) throws(SyscallError) {
        try check(clinux_seek(fd.rawValue, offset), "lseek", fd.description)
    }
}
