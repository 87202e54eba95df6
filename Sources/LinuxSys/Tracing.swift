import CLinux

/// ptrace(2), as far as looking at another process goes.
package enum Tracing {
    /// The seccomp filters that a process runs under, as the kernel has them: structs sock_filter of 8 bytes each, in the
    /// kernel's order of indices. None where it has no filter.
    ///
    /// The process is stopped meanwhile, for some microseconds; a call that it waits in is taken up again, but for those
    /// few that end with EINTR whenever a process was stopped (signal(7)). EACCES without CAP_SYS_ADMIN in the first user
    /// namespace, and for a caller that has a filter itself; EPERM where it may not be traced, or is already; EIO on a
    /// kernel without CONFIG_CHECKPOINT_RESTORE; ETIMEDOUT if it doesn't stand still within a second, because it is
    /// frozen; ESRCH when it is gone.
    package static func seccompFilters(of pid: Int32) throws(SyscallError) -> [[UInt8]] {
        let subject = "process \(pid)"
        let signal = try check(clinux_trace_stop(pid, 1000), "ptrace(SEIZE)", subject)
        // Best effort: a process that is gone needs no resuming, and any other goes on when we end.
        defer { _ = clinux_trace_resume(pid, signal) }
        var filters: [[UInt8]] = []
        while true {
            let count = clinux_trace_seccomp_filter(pid, UInt32(filters.count), nil)
            // EINVAL: it has none at all.
            if count == -Errno.ENOENT.rawValue || count == -Errno.EINVAL.rawValue { return filters }
            try check(count, "ptrace(SECCOMP_GET_FILTER)", subject)
            var bytes = [UInt8](repeating: 0, count: 8 * Int(count))
            let written = unsafe bytes.withUnsafeMutableBytes { buffer in
                // SAFETY: a filter never changes, and the place has its size.
                unsafe clinux_trace_seccomp_filter(pid, UInt32(filters.count), buffer.baseAddress)
            }
            try check(written, "ptrace(SECCOMP_GET_FILTER)", subject)
            filters.append(bytes)
        }
    }
}
