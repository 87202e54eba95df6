import HostInspection
import LinuxSys
import SecurityProfile

/// A folder that a command writes files into.
struct OutputFolder {
    /// Its absolute path, without a slash at the end.
    let path: String

    /// Takes a path, relative to the current folder or absolute.
    init(_ path: String) throws(CommandFailure) {
        var absolute = path
        if path.utf8.first != UInt8(ascii: "/") {
            let current = try failing { () throws(SyscallError) in try Files.workingDirectory() }
            absolute = path == "." ? current : current + "/" + path
        }
        while absolute.utf8.count > 1, absolute.utf8.last == UInt8(ascii: "/") { absolute.removeLast() }
        self.path = absolute == "/" ? "" : absolute
    }

    /// Writes a file, in the place of one of the same name; the folder is made if it isn't there.
    func write(_ bytes: [UInt8], as name: String) throws(CommandFailure) {
        if !path.isEmpty {
            try failing { () throws(SyscallError) in
                do throws(SyscallError) {
                    try Files.makeDirectory(path, mode: 0o755)
                } catch {
                    guard error.errno == .EEXIST else { throw error }
                }
            }
        }
        try failing { () throws(AtomicFileError) in
            let file = try AtomicFile.open(path + "/" + name, limit: BundleRewriter.maximumByteCount, mayBeNew: true)
            try file.checkReplaceable()
            if file.bytes != bytes { try file.replace(with: bytes) }
        }
    }
}
