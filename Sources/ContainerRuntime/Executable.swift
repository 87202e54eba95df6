import LinuxSys

/// The user's program, looked for and looked at inside the container before it is executed, so that create can tell what
/// start would otherwise find out: callers read create's errors, and not all read start's.
struct Executable {
    /// The path to execute.
    let path: String

    /// The PATH of a process that has none (what execvp(3) would search, and the folders that hold a system's tools).
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Finds a program as execvp(3) does: a name with a slash is the path, another is looked for in PATH.
    /// - Throws: `CommandFailure` in the words that callers read.
    init(finding name: String, environment: [String]) throws(CommandFailure) {
        guard !name.utf8.contains(UInt8(ascii: "/")) else {
            path = name
            try Self.check(name, as: name)
            return
        }
        guard !name.isEmpty else { throw CommandFailure(text: "exec: \"\": executable file not found in $PATH") }
        let list = environment.last { $0.hasPrefix("PATH=") }?.dropFirst("PATH=".count) ?? Self.defaultPath[...]
        var refusal: CommandFailure?
        for folder in list.split(separator: ":", omittingEmptySubsequences: false) {
            let candidate = (folder.isEmpty ? "." : String(folder)) + "/" + name
            do throws(SyscallError) {
                let status = try Files.status(candidate)
                guard status.type == .regular else { continue }
                try Files.checkAccess(candidate, .execute)
            } catch {
                // What may not be executed is passed over, and told of if nothing else is found.
                if error.errno == .EACCES, refusal == nil { refusal = Self.refused(name) }
                continue
            }
            path = candidate
            try Self.checkLoader(candidate, as: name)
            return
        }
        throw refusal ?? CommandFailure(text: "exec: \"\(name)\": executable file not found in $PATH")
    }

    private static func refused(_ name: String) -> CommandFailure {
        CommandFailure(text: "exec: \"\(name)\": permission denied")
    }

    private static func check(_ path: String, as name: String) throws(CommandFailure) {
        do throws(SyscallError) {
            let status = try Files.status(path)
            if status.type == .directory { throw SyscallError(operation: "stat", errno: .EISDIR, subject: path) }
            // Any other kind of file execve(2) refuses, too, and to open one may wait for ever or do something.
            guard status.type == .regular else { throw SyscallError(operation: "stat", errno: .EACCES, subject: path) }
            try Files.checkAccess(path, .execute)
        } catch {
            switch error.errno {
            case .ENOENT, .ENOTDIR:
                throw CommandFailure(text: "exec: \"\(name)\": stat \(name): no such file or directory")
            case .EISDIR: throw CommandFailure(text: "exec: \"\(name)\": is a directory: permission denied")
            case .EACCES: throw refused(name)
            default: throw CommandFailure(text: "exec: \"\(name)\": \(error.operation): \(error.errno.name)")
            }
        }
        try checkLoader(path, as: name)
    }

    /// Looks whether what the kernel would load the program with is there: a script's interpreter, an ELF program's
    /// loader. execve(2) says ENOENT for either, which reads as if the program itself were missing.
    private static func checkLoader(_ path: String, as name: String) throws(CommandFailure) {
        // A file that may be executed and not be read is the kernel's to judge.
        // Not blocking: whoever shares the volume may put a FIFO in its place just now.
        guard let file = try? Files.open(path, [.readOnly, .nonBlocking]),
            (try? Files.status(of: file.borrowed).type) == .regular,
            let head = try? Files.readAll(file.borrowed, limit: headBytes)
        else { return }
        let loader: (kind: String, path: String)
        if head.starts(with: "#!".utf8) {
            let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
            let words = line.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
            guard let word = words.first else { return }
            loader = ("script interpreter", String(decoding: word, as: UTF8.self))
        } else if let path = elfLoader(head) {
            loader = ("dynamic loader", path)
        } else {
            return
        }
        do throws(SyscallError) {
            _ = try Files.status(loader.path)
        } catch {
            guard error.errno == .ENOENT || error.errno == .ENOTDIR else { return }
            throw CommandFailure(
                text: "exec: \"\(name)\": its \(loader.kind) \(loader.path): no such file or directory")
        }
    }

    /// Program headers lie at the beginning of every file that linkers make.
    private static let headBytes = 4096

    /// The path in the PT_INTERP header of an ELF file (elf(5)), nil for a static program or no ELF file.
    private static func elfLoader(_ head: [UInt8]) -> String? {
        guard head.count >= 64, head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { return nil }
        let isWide = head[4] == 2
        let isBigEndian = head[5] == 2
        func number(_ offset: Int, _ size: Int) -> Int? {
            guard offset >= 0, offset + size <= head.count else { return nil }
            var value = 0
            for place in 0..<size {
                let byte = Int(head[offset + (isBigEndian ? place : size - 1 - place)])
                guard value <= Int.max >> 8 else { return nil }
                value = value << 8 | byte
            }
            return value
        }
        guard let table = isWide ? number(32, 8) : number(28, 4), let size = number(isWide ? 54 : 42, 2),
            let count = number(isWide ? 56 : 44, 2), table < head.count
        else { return nil }
        for place in 0..<min(count, 64) {
            let header = table + place * size
            // 3 is PT_INTERP.
            guard number(header, 4) == 3, let offset = isWide ? number(header + 8, 8) : number(header + 4, 4),
                let length = isWide ? number(header + 32, 8) : number(header + 16, 4),
                length > 1, offset <= head.count, length <= head.count - offset
            else { continue }
            return String(decoding: head[offset..<(offset + length)].prefix { $0 != 0 }, as: UTF8.self)
        }
        return nil
    }
}

/// The user's command can't be run, in the words that callers read (the OCI runtimes' own).
struct CommandFailure: Error {
    /// The whole text.
    let text: String
}
