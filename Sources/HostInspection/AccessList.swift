import LinuxSys

/// The access control list of a file (acl(5)), as the kernel keeps it: who beside owner, group and others may do what.
enum AccessList {
    private static let attribute = "system.posix_acl_access"

    /// The list; nil where the mode says it all, and where the file system has no lists.
    static func read(_ file: BorrowedFD, subject: String) throws(SyscallError) -> [UInt8]? {
        do throws(SyscallError) {
            return try Files.extendedAttribute(attribute, of: file, subject: subject)
        } catch {
            guard error.errno == .ENOTSUP else { throw error }
            return nil
        }
    }

    /// Gives a file this list. Its mode changes with it.
    static func write(_ list: [UInt8], to file: BorrowedFD, subject: String) throws(SyscallError) {
        try Files.setExtendedAttribute(attribute, of: file, to: list, subject: subject)
    }

    /// The list that says what these permissions say. The kernel keeps it as the mode alone.
    static func of(permissions: UInt32) -> [UInt8] {
        // linux/posix_acl_xattr.h: the version, then tag, permissions and id of each entry, least byte first.
        var list: [UInt8] = [2, 0, 0, 0]
        for (tag, shift) in [(0x01, 6), (0x04, 3), (0x20, 0)] as [(UInt8, UInt32)] {
            list += [tag, 0, UInt8((permissions >> shift) & 7), 0, 0xFF, 0xFF, 0xFF, 0xFF]
        }
        return list
    }
}
