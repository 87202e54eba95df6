import CLinux
import Glibc

/// What prctl(2), personality(2) and prlimit(2) change.
extension Processes {
    /// PR_SET_PDEATHSIG: the signal that the caller gets when its parent's thread ends; 0 for none. Cleared by a change
    /// of ids, and by exec of a set-user-id program.
    package static func setParentDeathSignal(_ signal: Int32) throws(SyscallError) {
        try check(clinux_prctl(PR_SET_PDEATHSIG, UInt(bitPattern: Int(signal)), 0, 0, 0), "prctl(PR_SET_PDEATHSIG)")
    }

    /// PR_GET_DUMPABLE. False also for the value 2 (readable by root only).
    package static func isDumpable() throws(SyscallError) -> Bool {
        try check(clinux_prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), "prctl(PR_GET_DUMPABLE)") == 1
    }

    /// PR_SET_DUMPABLE: whether others of the same user may look into the process. Back to true after exec.
    package static func setDumpable(_ dumpable: Bool) throws(SyscallError) {
        try check(clinux_prctl(PR_SET_DUMPABLE, dumpable ? 1 : 0, 0, 0, 0), "prctl(PR_SET_DUMPABLE)")
    }

    /// PR_GET_NO_NEW_PRIVS.
    package static func hasNoNewPrivileges() throws(SyscallError) -> Bool {
        try check(clinux_prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), "prctl(PR_GET_NO_NEW_PRIVS)") == 1
    }

    /// PR_SET_NO_NEW_PRIVS: for good, and for all children. One system call, no allocation unless it fails.
    package static func setNoNewPrivileges() throws(SyscallError) {
        try check(clinux_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)")
    }

    /// PR_GET_CHILD_SUBREAPER.
    package static func isChildSubreaper() throws(SyscallError) -> Bool {
        var value: CInt = 0
        // SAFETY: prctl writes an int to the address.
        let result = unsafe withUnsafeMutablePointer(to: &value) {
            clinux_prctl(PR_GET_CHILD_SUBREAPER, UInt(bitPattern: $0), 0, 0, 0)
        }
        try check(result, "prctl(PR_GET_CHILD_SUBREAPER)")
        return value != 0
    }

    /// PR_SET_CHILD_SUBREAPER: whether orphans among the descendants become children of the caller.
    package static func setChildSubreaper(_ reaper: Bool) throws(SyscallError) {
        try check(clinux_prctl(PR_SET_CHILD_SUBREAPER, reaper ? 1 : 0, 0, 0, 0), "prctl(PR_SET_CHILD_SUBREAPER)")
    }

    /// PR_SET_NAME: what `ps` shows, cut after 15 bytes.
    package static func setName(_ name: String) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        try check(unsafe name.withCText { unsafe clinux_set_name($0) }, "prctl(PR_SET_NAME)", name)
    }

    /// personality(2): the execution domain that was.
    @discardableResult
    package static func setPersonality(_ persona: UInt32) throws(SyscallError) -> UInt32 {
        UInt32(bitPattern: try check(clinux_personality(UInt(persona)), "personality", "\(persona)"))
    }

    /// prlimit(2): the soft and the hard limit of `resource` (RLIMIT_*); UInt64.max is no limit. pid 0 is the caller.
    package static func setLimit(
        of pid: Int32 = 0, resource: Int32, soft: UInt64, hard: UInt64
    ) throws(SyscallError) {
        try check(clinux_set_rlimit(pid, resource, soft, hard), "prlimit", "resource \(resource)")
    }

    /// prlimit(2): the soft and the hard limit of `resource` (RLIMIT_*); UInt64.max is no limit. pid 0 is the caller.
    package static func limit(
        of pid: Int32 = 0, resource: Int32
    ) throws(SyscallError) -> (soft: UInt64, hard: UInt64) {
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        // SAFETY: both are written by the call alone.
        try check(unsafe clinux_get_rlimit(pid, resource, &soft, &hard), "prlimit", "resource \(resource)")
        return (soft, hard)
    }
}
