package import LinuxSys

/// A process as the kernel shows it right now, below /proc.
package struct InspectedProcess: ~Copyable, Sendable {
    /// Its number.
    package let pid: Int32
    /// Credentials and seccomp.
    package let status: ProcessStatus
    /// What security modules say.
    package let labels: ProcessLabels
    /// What it sees of the file tree.
    package let mounts: ProcessMounts
    /// The users of its user namespace.
    package let userMap: IDMap
    /// The groups of its user namespace.
    package let groupMap: IDMap
    /// `/proc/PID`, which stays that of this process also when its number is given to another.
    private let folder: OwnedFD

    /// Looks at a process. ESRCH or ENOENT if there is none, EACCES for another user's.
    package init(pid: Int32) throws(SyscallError) {
        let folder = try Files.open("/proc/\(pid)", [.readOnly, .directory])
        let files = ProcessFiles(pid: pid, folder: folder.borrowed)
        let status = try files.parsed("status") { ProcessStatus(parsing: $0) }
        let mounts = ProcessMounts(parsing: try files.read("mountinfo"))
        let userMap = try files.parsed("uid_map") { IDMap(parsing: $0) }
        let groupMap = try files.parsed("gid_map") { IDMap(parsing: $0) }
        self.pid = pid
        self.status = status
        self.mounts = mounts
        self.userMap = userMap
        self.groupMap = groupMap
        // Best effort: a kernel without any such module has the files and can't read them, or hasn't got them.
        labels = ProcessLabels(
            appArmor: try? files.read("attr/apparmor/current"), current: try? files.read("attr/current"),
            hasAppArmor: AppArmor.isEnabled)
        self.folder = folder
    }

    /// Whether something stands at a path of the process's own root; links lead nowhere out of it. ENOENT on the way says
    /// no; EACCES to whom may not look there.
    package func hasPath(_ path: String) throws(SyscallError) -> Bool {
        let root = try Files.open("root", in: folder.borrowed, [.path, .directory])
        do throws(SyscallError) {
            _ = try Files.open2(path, in: root.borrowed, [.path], resolve: .inRoot)
            return true
        } catch {
            guard error.errno == .ENOENT || error.errno == .ENOTDIR else { throw error }
            return false
        }
    }
}

/// The files of a process below /proc.
private struct ProcessFiles {
    let pid: Int32
    let folder: BorrowedFD

    func read(_ name: String) throws(SyscallError) -> [UInt8] {
        do throws(SyscallError) {
            return try Files.readFile(name, in: folder, limit: 16 << 20)
        } catch {
            throw SyscallError(operation: error.operation, errno: error.errno, subject: "/proc/\(pid)/\(name)")
        }
    }

    func parsed<Value>(_ name: String, _ parse: ([UInt8]) -> Value?) throws(SyscallError) -> Value {
        guard let value = parse(try read(name)) else {
            throw SyscallError(operation: "read", errno: .EINVAL, subject: "/proc/\(pid)/\(name)")
        }
        return value
    }
}
