import LinuxSys

/// What the program prints. Results go to standard output, everything said about them to standard error.
enum Output {
    /// Prints a result as it is.
    static func write(_ bytes: [UInt8]) throws(CommandFailure) {
        do { try Files.writeAll(.standardOutput, bytes, subject: "standard output") } catch {
            throw .failed("\(error)")
        }
    }

    /// Prints lines of a result.
    static func print(_ text: String) throws(CommandFailure) { try write(Array((text + "\n").utf8)) }

    /// Tells why nothing was done.
    static func error(_ message: String) { plainError("raind-profile: " + message) }

    /// Tells something that a person should know and that stops nothing.
    static func note(_ message: String) { plainError("raind-profile: note: " + message) }

    /// Tells that something won't work as it is.
    static func warning(_ message: String) { plainError("raind-profile: warning: " + message) }

    /// Prints to standard error without the program's name.
    static func plainError(_ text: String) {
        // Best effort: there is nowhere else to tell it.
        try? Files.writeAll(.standardError, text + "\n")
    }
}
