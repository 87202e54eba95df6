import LinuxSys

/// How a word looks on a terminal (ECMA-48, "Select Graphic Rendition").
enum Style: String {
    /// A heading.
    case bold = "1"
    /// A refusal, a removed line.
    case red = "31"
    /// All is well, an added line.
    case green = "32"
    /// A warning.
    case yellow = "33"
    /// A place in a text.
    case cyan = "36"

    /// Whether what goes to standard output may have colours: it is a terminal that has them, and nobody has asked for
    /// none (`NO_COLOR` with any value, no-color.org).
    static let isUsed =
        Terminal.isTerminal(.standardOutput) && (Environment.value(of: "NO_COLOR") ?? "").isEmpty
        && !["", "dumb"].contains(Environment.value(of: "TERM") ?? "")

    /// The text in this style, where styles are used.
    func callAsFunction(_ text: String) -> String { Style.isUsed ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text }

    /// The lines of a difference: what goes is red, what comes is green.
    static func difference(_ text: [UInt8]) -> [UInt8] {
        guard isUsed else { return text }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            let style: Style? =
                switch line.first {
                case UInt8(ascii: "-"): .red
                case UInt8(ascii: "+"): .green
                case UInt8(ascii: "@"): .cyan
                default: nil
                }
            return style.map { Array("\u{1B}[\($0.rawValue)m".utf8) + line + Array("\u{1B}[0m".utf8) } ?? Array(line)
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}
