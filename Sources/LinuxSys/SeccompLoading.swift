import CLinux

/// seccomp(2): filters and what the kernel can do with them.
package enum Seccomp {
    /// SECCOMP_FILTER_FLAG_NEW_LISTENER (Linux 5.0): notifications are read from the descriptor that `load` gives.
    package static let newListenerFlag: UInt32 = 0x8

    /// Puts the filter `program` (structs sock_filter of 8 bytes each, at most 65535) on the calling thread, for good:
    /// SECCOMP_SET_MODE_FILTER with `flags` (SECCOMP_FILTER_FLAG_*). With NEW_LISTENER the descriptor of its
    /// notifications, close-on-exec; else nil.
    ///
    /// It is one system call and allocates nothing unless it fails. EACCES without CAP_SYS_ADMIN and no_new_privs;
    /// EINVAL for a program that the kernel does not accept, or a flag that it does not know; EBUSY for a second
    /// listener; ESRCH when another thread could not be synchronised (TSYNC).
    package static func load(program: [UInt8], flags: UInt32) throws(SyscallError) -> OwnedFD? {
        let result = unsafe program.withUnsafeBytes { bytes in
            // SAFETY: the whole program; the kernel copies it.
            unsafe clinux_seccomp_load(bytes.baseAddress, bytes.count, flags)
        }
        try check(result, "seccomp(SET_MODE_FILTER)")
        if flags & newListenerFlag != 0 { return OwnedFD(adopting: result) }
        if result > 0 {
            throw SyscallError(operation: "seccomp(SET_MODE_FILTER)", errno: .ESRCH, subject: "thread \(result)")
        }
        return nil
    }

    /// Whether this kernel knows flags of SECCOMP_SET_MODE_FILTER, and in this combination. Nothing is loaded.
    package static func areFlagsAvailable(_ flags: UInt32) -> Bool {
        clinux_seccomp_flags_available(flags) >= 0
    }

    /// SECCOMP_GET_ACTION_AVAIL, Linux 4.14: whether this kernel knows `action` (SECCOMP_RET_*).
    package static func isActionAvailable(_ action: UInt32) -> Bool {
        clinux_seccomp_action_available(action) >= 0
    }
}
