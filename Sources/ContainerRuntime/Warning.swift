import LinuxSys
import OCISpec

/// Something that the caller should know and that stops nothing: a line on standard error.
package enum Warning {
    /// Writes a warning.
    package static func write(_ text: String) {
        // Best effort: without a standard error there is nobody to tell.
        try? Files.writeAll(.standardError, "raind-oci: warning: \(text.oneLine.shortened(to: 4096))\n")
    }
}
