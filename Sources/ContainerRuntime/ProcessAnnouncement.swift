import LinuxSys

/// How the caller learns which process was made.
struct ProcessAnnouncement {
    /// The file that gets the process id; nil for none.
    let pidFile: String?
    /// The UNIX socket that gets a pidfd; nil for none.
    let pidfdSocket: String?

    /// Tells.
    /// - Parameter kind: the word that goes with the pidfd: `standard` for a container's first process, `setns` for one
    ///   that has joined it.
    func tell(pid: Int32, pidfd: BorrowedFD, as kind: StaticString) throws(SyscallError) {
        if let pidfdSocket {
            let socket = try Sockets.connect(pidfdSocket)
            try Sockets.send(socket.borrowed, Array("\(kind)".utf8), descriptors: [pidfd])
        }
        guard let pidFile else { return }
        // Renamed into place: whoever waits for the file never reads half a number.
        let temporary = pidFile + ".\(pid).new"
        try Files.writeFile(temporary, String(pid), flags: [.writeOnly, .create, .exclusive], mode: 0o644)
        do throws(SyscallError) {
            try Files.rename(temporary, to: pidFile)
        } catch {
            // Best effort: the failed rename is the error to tell.
            try? Files.unlink(temporary)
            throw error
        }
    }
}
