extension String {
    /// The text in one line that no terminal obeys: control characters (C0, DEL, and C1, whose UTF-8 is C2 80 to C2 9F)
    /// are escaped as in JSON. Paths and names come from anywhere, and callers read the last line of what is told.
    package var oneLine: String {
        var before: UInt8 = 0
        let isPlain = utf8.allSatisfy { byte in
            defer { before = byte }
            return byte >= 0x20 && byte != 0x7F && !(before == 0xC2 && byte < 0xA0)
        }
        guard !isPlain else { return self }
        var text = ""
        for scalar in unicodeScalars {
            guard scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) else {
                text.unicodeScalars.append(scalar)
                continue
            }
            text += (scalar.value < 0x10 ? "\\u000" : "\\u00") + String(scalar.value, radix: 16)
        }
        return text
    }

    /// The text, cut in the middle where it is longer than so many bytes: a name in a config can be as long as the config, and an
    /// error is for people to read.
    package func shortened(to most: Int) -> String {
        guard utf8.count > most else { return self }
        let bytes = Array(utf8)
        // Neither end within a character: bytes 10xxxxxx go on with one.
        var head = most * 3 / 4
        while head > 0, bytes[head] & 0xC0 == 0x80 { head -= 1 }
        var tail = bytes.count - most / 4
        while tail < bytes.count, bytes[tail] & 0xC0 == 0x80 { tail += 1 }
        let start = String(decoding: bytes[..<head], as: UTF8.self)
        let end = String(decoding: bytes[tail...], as: UTF8.self)
        return "\(start)... (\(tail - head) bytes) ...\(end)"
    }
}
