/// The name of a profile: `^[a-z0-9][a-z0-9_.-]{0,62}$`.
package struct ProfileName: Hashable, Sendable, CustomStringConvertible {
    /// The name as text.
    package let description: String

    /// Takes `text` for a name, or gives nil if it can be none.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= 63, ProfileName.isLetterOrDigit(first),
            bytes.allSatisfy({ ProfileName.isLetterOrDigit($0) || "_.-".utf8.contains($0) })
        else { return nil }
        description = text
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
