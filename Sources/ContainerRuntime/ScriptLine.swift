/// The first line of a script: `#!INTERPRETER ARGUMENT` (execve(2), "Interpreter scripts").
struct ScriptLine {
    /// The interpreter's path.
    let interpreter: String

    /// Reads the line at the beginning of a file; nil where there is none, or where it names no interpreter.
    init?(_ head: [UInt8]) {
        guard head.starts(with: "#!".utf8) else { return nil }
        let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        let words = line.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
        guard let word = words.first else { return nil }
        interpreter = String(decoding: word, as: UTF8.self)
    }
}
