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
}
