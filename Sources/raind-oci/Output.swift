import ContainerRuntime
import LinuxSys

/// Standard output.
enum Output {
    /// Writes a text.
    /// - Throws: `RuntimeError`: a caller must not take half an answer for the whole.
    static func write(_ text: String) throws(RuntimeError) {
        try write(Array(text.utf8))
    }

    /// Writes bytes.
    static func write(_ bytes: [UInt8]) throws(RuntimeError) {
        do throws(SyscallError) {
            try Files.writeAll(.standardOutput, bytes)
        } catch {
            throw RuntimeError(error, in: "write output")
        }
    }
}
