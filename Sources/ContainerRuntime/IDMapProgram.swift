import LinuxSys
import OCISpec

/// newuidmap(1) and newgidmap(1), which map the ids that the system's administrator has given to a user.
struct IDMapProgram {
    /// The program's name.
    let name: String

    /// For user ids.
    static let users = IDMapProgram(name: "newuidmap")
    /// For group ids.
    static let groups = IDMapProgram(name: "newgidmap")

    /// Where it is looked for. Not in PATH: whoever calls the runtime may have set that for others.
    static let folders = ["/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin"]

    /// Has it write the map of a process's user namespace.
    /// - Throws: `SyscallError` about `newuidmap` or `newgidmap`: ENOENT where there is none, EPERM with what it said
    ///   where it refuses.
    func write(_ map: [IDMapping], of pid: Int32) throws(SyscallError) {
        var arguments = [name, String(pid)]
        for range in map { arguments += [String(range.containerID), String(range.hostID), String(range.size)] }
        for folder in Self.folders {
            do throws(SyscallError) {
                return try run(folder + "/" + name, arguments)
            } catch {
                guard error.operation == "execve", error.errno == .ENOENT else { throw error }
            }
        }
        throw SyscallError(operation: "execve", errno: .ENOENT, subject: name)
    }

    private func run(_ path: String, _ arguments: [String]) throws(SyscallError) {
        // Nothing of the caller's: no environment, no streams. A memory file takes whatever is said.
        let input = try Files.createMemoryFile("input")
        let output = try Files.createMemoryFile("output")
        var options = SpawnOptions()
        options.standardInput = input.borrowed
        options.standardOutput = output.borrowed
        options.standardError = output.borrowed
        let program = try PreparedExec(path: path, arguments: arguments, environment: [])
        let process = try Processes.spawn(program, options)
        let status = try process.wait()
        guard !status.isSuccess else { return }
        try Files.seek(output.borrowed, to: 0)
        let said = try Files.readAll(output.borrowed, limit: 1 << 16)
        throw SyscallError(operation: "run", errno: .EPERM, subject: name + Self.quote(said, status))
    }

    /// How it ended and what it said, in one line that no caller takes for a word about the container's program.
    static func quote(_ said: [UInt8], _ status: ExitStatus) -> String {
        var text = " (status \(status.shellCode))"
        for line in said.prefix(512).split(separator: UInt8(ascii: "\n")) {
            text += ": " + String(decoding: line, as: UTF8.self)
        }
        for (words, errno) in [
            ("Operation not permitted", Errno.EPERM), ("Permission denied", .EACCES),
            ("No such file or directory", .ENOENT),
        ] {
            text = text.replacing(words, by: errno.name)
        }
        return text
    }
}

extension String {
    /// The text with each occurrence of one written as another.
    fileprivate func replacing(_ words: String, by other: String) -> String {
        let text = Array(utf8)
        let pattern = Array(words.utf8)
        var bytes: [UInt8] = []
        var place = 0
        while place < text.count {
            if text[place...].starts(with: pattern) {
                bytes += other.utf8
                place += pattern.count
            } else {
                bytes.append(text[place])
                place += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
