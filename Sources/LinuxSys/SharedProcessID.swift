import CLinux

/// A page that two processes share, in which the kernel writes the number of a process that one of them makes for the other:
/// a sibling of the one, a child of the other's. It takes no descriptor, and no call after the clone, which a filter could
/// forbid; and the process that is made does not have the page.
@safe package struct SharedProcessID: @unchecked Sendable {
    // SAFETY: mapped for as long as the process lives and never unmapped; written by the kernel alone, and read when whoever
    // called it has ended.
    private let number: UnsafeMutablePointer<CInt>

    /// Maps the page, which the next process that is cloned has too.
    /// - Throws: `SyscallError` when there is no memory.
    package init() throws(SyscallError) {
        var address: UnsafeMutableRawPointer?
        // SAFETY: address is written before the call returns.
        try check(unsafe clinux_map_shared(MemoryLayout<CInt>.size, &address), "mmap")
        guard let address = unsafe address else { throw SyscallError(operation: "mmap", errno: .ENOMEM) }
        unsafe number = address.bindMemory(to: CInt.self, capacity: 1)
    }

    /// The process that was made, in the pid namespace of its maker; nil while there is none.
    package var value: Int32? {
        // SAFETY: the mapping's only word.
        let pid = unsafe number.pointee
        return pid > 0 ? pid : nil
    }

    /// clone(2) with CLONE_PARENT and CLONE_PARENT_SETTID, like fork: the child is the caller's sibling.
    /// - Returns: true in the child, which must not ask for `value`.
    /// - Throws: `SyscallError` of clone(2), and of madvise(2), by which the child is kept from the page.
    package func cloneSibling() throws(SyscallError) -> Bool {
        // SAFETY: the mapping, which stays; a size in bytes means the pages that they are in.
        try check(unsafe clinux_keep_from_children(number, MemoryLayout<CInt>.size), "madvise(MADV_DONTFORK)")
        // SAFETY: the kernel writes one word of the mapping.
        return try check(unsafe clinux_clone_sibling(number), "clone") == 0
    }
}
