/// The log that CRIU writes while it works.
enum CRIULog {
    /// The error that everything else came of: the last one that is not told again by those who called, up to `Dumping
    /// FAILED`. Not the first: CRIU gets over some, and logs them as errors all the same.
    ///
    /// A line is `(00.017093) Error (criu/sk-inet.c:191): inet: Connected TCP socket, ..`, of restored processes with
    /// their pid after the time. What is told is the part after the place in CRIU's source.
    /// - Returns: nil where there is none.
    static func cause(in log: [UInt8]) -> String? {
        let mark = Array("Error (".utf8)
        var last: String?
        for line in log.split(separator: UInt8(ascii: "\n")).reversed() {
            guard let start = find(mark, in: line) else { continue }
            var text = line[start...]
            if let end = find(Array("): ".utf8), in: text) { text = text[(end + 3)...] }
            guard !text.isEmpty else { continue }
            let told = String(decoding: text, as: UTF8.self)
            last = last ?? told
            if !consequences.contains(where: { find(Array($0.utf8), in: text) != nil }) {
                return withoutVerdicts(told)
            }
        }
        return last.map(withoutVerdicts)
    }

    /// What CRIU's functions say when one that they have called has failed.
    private static let consequences = [
        "FAILED", " failed with ", " finished with error ", " exited, status=", "Unable to open fd=",
    ]

    /// The C library's words for an errno as its name: callers take those words for a verdict on the user's command.
    static func withoutVerdicts(_ text: String) -> String {
        var text = text
        for (words, name) in [
            ("No such file or directory", "ENOENT"), ("Permission denied", "EACCES"),
            ("Operation not permitted", "EPERM"), ("not found", "missing"),
        ] {
            text = replaced(words, by: name, in: text)
        }
        return text
    }

    /// Without regard to the case of ASCII letters, as the callers look for the words.
    private static func replaced(_ words: String, by name: String, in text: String) -> String {
        let wanted = words.utf8.map(lowercased)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            let end = place + wanted.count
            if end <= bytes.count, bytes[place..<end].map(lowercased) == wanted {
                result += Array(name.utf8)
                place = end
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    private static func find(_ mark: [UInt8], in line: ArraySlice<UInt8>) -> Int? {
        guard line.count >= mark.count else { return nil }
        return (line.startIndex...(line.endIndex - mark.count)).first { line[$0...].starts(with: mark) }
    }
}
