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

    /// Tells something: why nothing was done, or what a person should know.
    static func error(_ message: String) { plainError("raind-profile: " + message) }

    /// Prints to standard error without the program's name.
    static func plainError(_ text: String) { writeError(Array((text + "\n").utf8)) }

    /// Prints to standard error as it is.
    static func writeError(_ bytes: [UInt8]) {
        // Best effort: there is nowhere else to tell it.
        try? Files.writeAll(.standardError, bytes)
    }
}
