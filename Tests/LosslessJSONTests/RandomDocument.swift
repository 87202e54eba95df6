import LosslessJSON

/// A generator whose sequence is told by its seed (SplitMix64), so that a failure can be seen again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Makes documents of every shape and layout.
struct RandomDocument {
    var generator: SeededGenerator

    /// How the document is laid out.
    enum Layout: CaseIterable {
        /// No white space.
        case compact
        /// A space after commas and colons.
        case spaced
        /// Lines, indented by two or four spaces, or by a tab; line feeds alone, or after carriage returns.
        case indented
        /// Any white space anywhere.
        case chaotic
    }

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: depth > 0 ? 0...9 : 0...4, using: &generator) {
        case 0: return [.null, .bool(true), .bool(false)].randomElement(using: &generator) ?? .null
        case 1, 2: return .number(number())
        case 3, 4: return .string(string())
        case 5, 6: return .array((0..<Int.random(in: 0...4, using: &generator)).map { _ in value(depth: depth - 1) })
        default: return object(depth: depth)
        }
    }

    mutating func object(depth: Int) -> JSONValue {
        var value = JSONValue.object([])
        for _ in 0..<Int.random(in: 0...5, using: &generator) {
            value[string()] = self.value(depth: depth - 1)
        }
        return value
    }

    mutating func number() -> String {
        let texts = [
            "0", "-0", "1", "-1", "1.0", "1e2", "1E+2", "-1.50e-7", "18446744073709551615", "9223372036854775808",
            "1e400", "0.1", "123456789012345678901234567890", "0e0",
        ]
        return texts.randomElement(using: &generator) ?? "0"
    }

    mutating func string() -> String {
        let pieces = [
            "a", "b", "/", "~", "\"", "\\", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "e\u{301}", "€", "😀", "-", "0",
            "name",
        ]
        return (0..<Int.random(in: 0...4, using: &generator))
            .map { _ in pieces.randomElement(using: &generator) ?? "" }
            .joined()
    }

    /// A document of `value`, in a random layout and with random escapes.
    mutating func text(of value: JSONValue) -> [UInt8] {
        let layout = Layout.allCases.randomElement(using: &generator) ?? .compact
        let unit = ["  ", "    ", "\t"].randomElement(using: &generator) ?? ""
        let lineBreak = Bool.random(using: &generator) ? "\n" : "\r\n"
        var text: [UInt8] = []
        append(value, to: &text, layout, lineBreak, unit, 0)
        if layout == .indented { text += lineBreak.utf8 }
        return text
    }

    private mutating func append(
        _ value: JSONValue, to text: inout [UInt8], _ layout: Layout, _ lineBreak: String, _ unit: String, _ depth: Int
    ) {
        text += space(layout)
        switch value {
        case .null: text += "null".utf8
        case .bool(let value): text += (value ? "true" : "false").utf8
        case .number(let number): text += number.utf8
        case .string(let string): append(string, to: &text)
        case .array(let elements):
            text += "[".utf8
            for (position, element) in elements.enumerated() {
                if position > 0 { text += "\(space(layout)),".utf8 }
                text += line(layout, lineBreak, unit, depth + 1, isFirst: position == 0)
                append(element, to: &text, layout, lineBreak, unit, depth + 1)
            }
            if !elements.isEmpty { text += line(layout, lineBreak, unit, depth, isFirst: true) }
            text += "\(space(layout))]".utf8
        case .object(let members):
            text += "{".utf8
            for (position, member) in members.enumerated() {
                if position > 0 { text += "\(space(layout)),".utf8 }
                text += line(layout, lineBreak, unit, depth + 1, isFirst: position == 0)
                text += space(layout)
                append(member.name, to: &text)
                text += "\(space(layout)):".utf8
                if layout == .spaced || layout == .indented { text += " ".utf8 }
                append(member.value, to: &text, layout, lineBreak, unit, depth + 1)
            }
            if !members.isEmpty { text += line(layout, lineBreak, unit, depth, isFirst: true) }
            text += "\(space(layout))}".utf8
        }
        text += space(layout)
    }

    private mutating func line(
        _ layout: Layout, _ lineBreak: String, _ unit: String, _ depth: Int, isFirst: Bool
    ) -> String.UTF8View {
        switch layout {
        case .indented: (lineBreak + String(repeating: unit, count: depth)).utf8
        case .spaced: (isFirst ? "" : " ").utf8
        default: "".utf8
        }
    }

    private mutating func space(_ layout: Layout) -> String.UTF8View {
        guard layout == .chaotic else { return "".utf8 }
        return (["", "", "", " ", "\n", "\r\n", "\t", "  \n  "].randomElement(using: &generator) ?? "").utf8
    }

    private mutating func append(_ string: String, to text: inout [UInt8]) {
        text += "\"".utf8
        for scalar in string.unicodeScalars {
            let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if mustEscape || Int.random(in: 0...5, using: &generator) == 0 {
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16, uppercase: Bool.random(using: &generator))
                    text += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
                }
            } else {
                text += String(scalar).utf8
            }
        }
        text += "\"".utf8
    }
}

/// Every value of a document with the path to it, containers before what is in them.
func paths(in json: JSON, from path: [String] = []) -> [(path: [String], value: JSON)] {
    var found = [(path: path, value: json)]
    for member in json.members { found += paths(in: member.value, from: path + [member.name]) }
    for (index, element) in json.elements.enumerated() { found += paths(in: element, from: path + [String(index)]) }
    return found
}
