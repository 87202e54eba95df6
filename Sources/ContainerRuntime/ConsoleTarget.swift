package import LinuxSys

/// Who gets the master of a process's terminal.
package enum ConsoleTarget: Sendable {
    /// Who listens on this UNIX socket.
    case socket(String)
    /// Who has the other end of this one.
    case descriptor(BorrowedFD)

    /// The connection that the master goes over.
    func connect() throws(SyscallError) -> OwnedFD {
        switch self {
        case .socket(let path): try Sockets.connect(path)
        case .descriptor(let descriptor): try Files.duplicate(descriptor)
        }
    }
}
