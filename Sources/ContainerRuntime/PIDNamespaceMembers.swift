import LinuxSys

/// The processes of a container that has a pid namespace of its own and no control group to ask: those in the namespace.
/// (Those of namespaces that the container itself has made below it are not among them.)
struct PIDNamespaceMembers {
    /// `pid:[4026531836]`.
    private let namespace: String

    /// The namespace of a process.
    /// - Throws: `SyscallError`: ESRCH or ENOENT where there is no such process, EACCES where the caller may not look at it.
    init(of pid: Int32) throws(SyscallError) {
        namespace = try Self.namespace(of: pid)
    }

    private static func namespace(of pid: Int32) throws(SyscallError) -> String {
        try Files.readLink("/proc/\(pid)/ns/pid")
    }

    /// Their ids in the caller's pid namespace, sorted.
    func pids() throws(SyscallError) -> [Int32] {
        let folder = try Files.open("/proc", [.directory])
        return try Files.list(folder.borrowed).compactMap { Int32($0) }.filter(contains).sorted()
    }

    private func contains(_ pid: Int32) -> Bool {
        // Best effort: what the caller may not look at is in no container of its own, and what is gone is in none.
        (try? Self.namespace(of: pid)) == namespace
    }

    /// Sends each a signal, pass after pass, as long as there are some that were not told.
    /// - Throws: `SyscallError`; EAGAIN where they multiply faster than they are told.
    func signal(_ signal: Int32) throws(SyscallError) {
        var told: [Int32] = []
        for _ in 0..<16 {
            let untold = try pids().filter { !told.contains($0) }
            if untold.isEmpty { return }
            for pid in untold {
                do throws(SyscallError) {
                    let process = try Processes.openPIDFD(pid)
                    // The pid may have been used again since; from here on the descriptor holds the process.
                    if contains(pid) { try Processes.sendSignal(signal, to: process.borrowed) }
                } catch {
                    guard error.errno == .ESRCH else { throw error }
                }
            }
            told += untold
        }
        throw SyscallError(operation: "signal", errno: .EAGAIN, subject: "every process of the container")
    }
}
