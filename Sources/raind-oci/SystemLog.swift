import LinuxSys
import OCISpec

/// The two logs that a system has for all of its programs: syslog(3)'s, and systemd's journal.
enum SystemLog {
    /// Longer messages are cut: a datagram of a UNIX socket has little more room, and a relay on the way may have less.
    private static let maximumBytes = 8192

    /// Sends a message to /dev/log, in the form of RFC 3164.
    static func writeSyslog(_ text: String, level: String, name: String) throws(SyscallError) {
        // LOG_USER, facility 1.
        let message = "<\(1 << 3 | severity(level))>\(Clock.syslogText()) \(name)[\(Processes.processID)]: \(cut(text))"
        do throws(SyscallError) {
            let socket = try Sockets.connect("/dev/log", .datagram)
            try Sockets.send(socket.borrowed, Array(message.utf8), subject: "/dev/log")
        } catch {
            guard error.errno == .EPROTOTYPE else { throw error }
            // Some daemons have a stream there, on which a NUL ends each message.
            let socket = try Sockets.connect("/dev/log", .stream)
            try Sockets.send(socket.borrowed, Array(message.utf8) + [0], subject: "/dev/log")
        }
    }

    /// Sends a message to the journal, in its own form: a line a field, since no value has a line break in it
    /// (systemd's JOURNAL_NATIVE_PROTOCOL).
    static func writeJournal(_ text: String, level: String, name: String) throws(SyscallError) {
        let path = "/run/systemd/journal/socket"
        let socket = try Sockets.connect(path, .datagram)
        let fields = "MESSAGE=\(cut(text))\nPRIORITY=\(severity(level))\nSYSLOG_IDENTIFIER=\(name)\n"
        try Sockets.send(socket.borrowed, Array(fields.utf8), subject: path)
    }

    /// syslog(3): LOG_ERR, LOG_WARNING, LOG_DEBUG.
    private static func severity(_ level: String) -> Int {
        switch level {
        case "error": 3
        case "warning": 4
        default: 7
        }
    }

    private static func cut(_ text: String) -> String {
        // A line break would begin another field, or another message.
        let line = text.oneLine
        return line.utf8.count <= maximumBytes ? line : String(decoding: line.utf8.prefix(maximumBytes), as: UTF8.self)
    }
}
