import LinuxSys

/// Why a program can't be executed, beyond the errno: looked for only once something has failed.
///
/// What is told is what the calling process sees with the rights that it has just now, and only what is certain. The texts
/// hold none of the words that callers take for a verdict of their own on the command (those stand before the reason).
struct ExecutionObstacle {
    /// The user and the group that the program was to run as, `1000:1000`.
    let user: String
    /// What execve(2), or the look before it, has failed with.
    let errno: Errno

    /// What keeps `path` from being executed; nil where nothing certain can be said.
    func reason(for path: String) -> String? {
        switch errno {
        case .ETXTBSY: return "\(path) is open for writing"
        case .E2BIG: return "the arguments and the environment are longer than the kernel takes"
        case .EAGAIN: return "the user has as many processes as RLIMIT_NPROC lets be"
        case .EACCES, .EPERM, .ENOENT, .ENOTDIR, .ELOOP, .ENOEXEC, .ELIBBAD, .ENAMETOOLONG, .EINVAL: break
        default: return nil
        }
        return obstacle(of: path, depth: 0)
    }

    /// - Parameter depth: how many scripts and loaders have led here.
    private func obstacle(of path: String, depth: Int) -> String? {
        // The kernel goes on from script to script five times.
        guard depth <= 5 else { return "its scripts name each other as interpreters" }
        let file: (path: String, status: FileStatus)
        switch PathWalk.follow(path, as: user) {
        case .leads(let place, let status): file = (place, status)
        case .ends(let reason): return reason
        case .unknown: return nil
        }
        if let refusal = refusal(file.path, file.status) { return refusal }
        // A file that may be executed and not be read keeps its secret.
        guard file.status.type == .regular, let head = try? Self.head(of: file.path) else { return nil }
        return obstacle(in: head, of: file.path, depth: depth)
    }

    private static func head(of path: String) throws(SyscallError) -> [UInt8] {
        // Not blocking: whoever shares the volume may put a FIFO in its place just now.
        let file = try Files.open(path, [.readOnly, .nonBlocking])
        return try Files.read(file.borrowed, maximumBytes: 4096)
    }

    /// Why the file itself is refused.
    private func refusal(_ path: String, _ status: FileStatus) -> String? {
        switch status.type {
        case .regular: break
        case .directory: return "\(path) is a directory"
        default: return "\(path) is neither a program nor a script, but a file of another type"
        }
        do throws(SyscallError) {
            try Files.checkAccess(path, .execute)
            return nil
        } catch {
            guard error.errno == .EACCES else { return nil }
        }
        let mode = "\(path) has the mode \(Self.text(of: status))"
        guard let file = try? Files.open(path, .path),
            let fileSystem = try? Files.fileSystem(of: file.borrowed), fileSystem.isNoExecute
        else {
            return status.permissions & 0o111 == 0
                ? mode + ": nobody may execute it" : mode + ", and is to be executed by \(user)"
        }
        // Both would have to be mended.
        let also = status.permissions & 0o111 == 0 ? "; and \(mode): nobody may execute it" : ""
        // Without a procfs in the container the mount has no name.
        guard let point = try? MountTable.read().mounts.last(where: { $0.id == status.mountID })?.point else {
            return "\(path) is on a mount with noexec" + also
        }
        return "\(path) is on the mount \(point), which has noexec" + also
    }

    /// The mode and the owner of a file, as `0750 of 0:0`.
    static func text(of status: FileStatus) -> String {
        let digits = String(status.permissions, radix: 8)
        let zeros = String(repeating: "0", count: max(0, 4 - digits.utf8.count))
        return "\(zeros)\(digits) and the owner \(status.uid):\(status.gid)"
    }

    // MARK: What the file is

    private func obstacle(in head: [UInt8], of path: String, depth: Int) -> String? {
        if head.starts(with: "#!".utf8) { return scriptObstacle(in: head, of: path, depth: depth) }
        if let format = ELFHeader(head) {
            if let foreign = foreign(format, path) { return foreign }
            guard let loader = format.loader(in: head) else { return nil }
            return obstacle(of: loader, depth: depth + 1).map { "its dynamic loader: " + $0 }
        }
        // Another format may be registered by binfmt_misc(5); only the kernel's word that there is none makes it certain.
        guard errno == .ENOEXEC || errno == .ELIBBAD else { return nil }
        if head.isEmpty { return "\(path) is empty" }
        if head.starts(with: [0xef, 0xbb, 0xbf, 0x23, 0x21]) {
            return "a byte order mark stands before the #! of \(path)"
        }
        if head.starts(with: "MZ".utf8) { return "\(path) is a program for Windows" }
        return "\(path) is neither an ELF program nor a script that begins with #!"
    }

    private func scriptObstacle(in head: [UInt8], of path: String, depth: Int) -> String? {
        guard let interpreter = ScriptLine(head)?.interpreter else {
            return errno == .ENOEXEC ? "the #! of \(path) names no interpreter" : nil
        }
        guard let reason = obstacle(of: interpreter, depth: depth + 1) else { return nil }
        if interpreter.utf8.last == 0x0d { return Self.carriageReturn(path) }
        return "its script interpreter: " + reason
    }

    /// What is wrong with a script that was written on Windows.
    static func carriageReturn(_ path: String) -> String {
        "the first line of \(path) ends with a carriage return, which the kernel takes for a part of the interpreter's name"
    }

    private func foreign(_ format: ELFHeader, _ path: String) -> String? {
        guard errno == .ENOEXEC || errno == .ELIBBAD else { return nil }
        // ET_EXEC and ET_DYN are programs.
        if format.type != 2, format.type != 3 { return "\(path) is an ELF file, but not a program" }
        if format.isNative { return nil }
        if format.isOfThisProcessor { return "\(path) is a program of 32 bits, which this kernel doesn't run" }
        return "\(path) is a program for \(format.machineName), and this machine is \(ELFHeader.nativeMachineName)"
    }
}
