import OCISpec

/// Sockets that a service manager hands over, from descriptor 3 on (sd_listen_fds(3)).
package struct SocketActivation: Sendable {
    /// How many there are.
    package let count: Int
    /// `LISTEN_FDNAMES`, as it came; nil where it is not set.
    package let names: String?

    /// Sockets as given.
    package init(count: Int, names: String?) {
        self.count = count
        self.names = names
    }

    /// The variables that tell a process of them, in place of any in `environment`.
    func announced(in environment: [String], to pid: Int32) -> [String] {
        var variables = environment.filter { variable in
            !["LISTEN_FDS=", "LISTEN_PID=", "LISTEN_FDNAMES="].contains { variable.startsBytewise(with: $0) }
        }
        variables += ["LISTEN_FDS=\(count)", "LISTEN_PID=\(pid)"]
        if let names { variables.append("LISTEN_FDNAMES=" + names) }
        return variables
    }
}
