import LinuxSys
import OCISpec

/// The user's program, looked for and looked at inside the container before it is executed, so that create can tell what
/// start would otherwise find out: callers read create's errors, and not all read start's.
struct Executable {
    /// The path to execute.
    let path: String

    /// The PATH of a process that has none (what execvp(3) would search, and the folders that hold a system's tools).
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Finds a program as execvp(3) does: a name with a slash is the path, another is looked for in PATH.
    /// - Parameter user: who is to execute it, `1000:1000`, for messages; empty where nobody is told.
    /// - Throws: `CommandFailure` in the words that callers read.
    init(finding name: String, environment: [String], user: @autoclosure () -> String = "") throws(CommandFailure) {
        guard !name.utf8.contains(UInt8(ascii: "/")) else {
            path = name
            try Self.check(name, user)
            return
        }
        guard !name.isEmpty else { throw CommandFailure(text: "exec: \"\": executable file not found in $PATH") }
        let list = environment.last { $0.startsBytewise(with: "PATH=") }?.bytewiseSuffix(from: 5) ?? Self.defaultPath
        var refused: String?
        for folder in list.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            let candidate = (folder.isEmpty ? "." : String(Substring(folder))) + "/" + name
            do throws(SyscallError) {
                let status = try Files.status(candidate)
                guard status.type == .regular else { continue }
                try Files.checkAccess(candidate, .execute)
            } catch {
                // What may not be executed is passed over, and told of if nothing else is found.
                if error.errno == .EACCES, refused == nil { refused = candidate }
                continue
            }
            path = candidate
            try Self.checkLoader(candidate, as: name)
            return
        }
        guard let refused else { throw CommandFailure(text: "exec: \"\(name)\": executable file not found in $PATH") }
        throw CommandFailure(
            text: "exec: \"\(name)\": permission denied",
            hint: ExecutionObstacle(user: user(), errno: .EACCES).reason(for: refused))
    }

    private static func check(_ path: String, _ user: () -> String) throws(CommandFailure) {
        do throws(SyscallError) {
            let status = try Files.status(path)
            if status.type == .directory { throw SyscallError(operation: "stat", errno: .EISDIR, subject: path) }
            // Any other kind of file execve(2) refuses, too, and to open one may wait for ever or do something.
            guard status.type == .regular else { throw SyscallError(operation: "stat", errno: .EACCES, subject: path) }
            try Files.checkAccess(path, .execute)
        } catch {
            let text =
                switch error.errno {
                case .ENOENT, .ENOTDIR: "stat \(path): no such file or directory"
                case .EISDIR: "is a directory: permission denied"
                case .EACCES: "permission denied"
                default: "\(error.operation): \(error.errno.name)"
                }
            var failure = CommandFailure(text: "exec: \"\(path)\": \(text)")
            if error.errno != .EISDIR {
                failure.hint = ExecutionObstacle(user: user(), errno: error.errno).reason(for: path)
                // Which says nothing more.
                if failure.hint == "\(path) is missing" { failure.hint = nil }
            }
            throw failure
        }
        try checkLoader(path, as: path)
    }

    /// Looks whether what the kernel would load the program with is there: a script's interpreter, an ELF program's
    /// loader. execve(2) says ENOENT for either, which reads as if the program itself were missing.
    private static func checkLoader(_ path: String, as name: String) throws(CommandFailure) {
        // A file that may be executed and not be read is the kernel's to judge.
        // Not blocking: whoever shares the volume may put a FIFO in its place just now.
        guard let file = try? Files.open(path, [.readOnly, .nonBlocking]),
            let type = try? Files.status(of: file.borrowed).type, type == .regular,
            let head = try? Files.readAll(file.borrowed, limit: headBytes)
        else { return }
        let loader: (kind: String, path: String)
        if let line = ScriptLine(head) {
            loader = ("script interpreter", line.interpreter)
        } else if let path = ELFHeader(head)?.loader(in: head) {
            loader = ("dynamic loader", path)
        } else {
            return
        }
        do throws(SyscallError) {
            _ = try Files.status(loader.path)
        } catch {
            guard error.errno == .ENOENT || error.errno == .ENOTDIR else { return }
            var failure = CommandFailure(
                text: "exec: \"\(name)\": its \(loader.kind) \(loader.path): no such file or directory")
            if loader.path.utf8.last == 0x0d { failure.hint = ExecutionObstacle.carriageReturn(path) }
            throw failure
        }
    }

    /// Program headers lie at the beginning of every file that linkers make.
    private static let headBytes = 4096
}

/// The user's command can't be run, in the words that callers read (the OCI runtimes' own).
struct CommandFailure: Error {
    /// The whole text.
    let text: String
    /// Why, where that is known beyond the text; none of the words that callers look for.
    var hint: String?
}
