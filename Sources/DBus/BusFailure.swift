package import LinuxSys

/// Why nothing came of a word with a bus.
package enum BusFailure: Error, Equatable, Sendable {
    /// A system call failed.
    case system(SyscallError)
    /// The other side refused a call: the error's name, `org.freedesktop.DBus.Error.AccessDenied`, and its text.
    case refused(name: String, text: String)
    /// What came is not what the protocol lets come.
    case malformed(String)
    /// What is to be sent can't be: a string with a NUL, a name that is none.
    case unsendable(String)
    /// The bus does not believe who the caller is.
    case authentication(String)
    /// An address of no kind that is known here.
    case address(String)
    /// Nothing came in time.
    case timeout
    /// The connection has ended.
    case closed
}
