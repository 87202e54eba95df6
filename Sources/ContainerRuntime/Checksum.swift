/// A sum that tells texts apart and sees what was damaged. It is no protection against who means to: that is the owner of
/// the folder that the text is in.
enum Checksum {
    /// The sum of a text.
    static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
        unsafe bytes.withUnsafeBytes { bytes in
            var place = 0
            while place + 8 <= bytes.count {
                // SAFETY: eight bytes of the buffer.
                let word = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                sum = (sum ^ word) &* 0x9e37_79b9_7f4a_7c15
                sum ^= sum >> 29
                place += 8
            }
            while place < bytes.count {
                // SAFETY: a byte of the buffer.
                sum = (sum ^ UInt64(unsafe bytes[place])) &* 0x100_0000_01b3
                place += 1
            }
        }
        return sum
    }
}
