extension JSONValue {
    /// Why a value has no canonical form.
    package enum CanonicalError: Error, Equatable, Sendable {
        /// The text is no number of RFC 8259, or one that is too large for a double.
        case number(String)
        /// An object has two members of this name.
        case duplicate(String)
    }

    /// The value's canonical text (RFC 8785): no white space, members sorted by the UTF-16 code units of their names,
    /// numbers as ECMAScript writes them.
    ///
    /// RFC 8785 makes a double of each number, so integers past 2^53 that differ can have one canonical text. A caller
    /// that makes a digest of such numbers (`18446744073709551615` in a seccomp condition) gives them as strings.
    package func canonicalText() throws(CanonicalError) -> [UInt8] {
        var bytes: [UInt8] = []
        try appendCanonical(to: &bytes)
        return bytes
    }

    private func appendCanonical(to bytes: inout [UInt8]) throws(CanonicalError) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .string(let text): JSONEscapes.appendQuoted(text.utf8, to: &bytes)
        case .number(let text):
            guard let parsed = try? JSON(parsing: Array(text.utf8)), parsed.numberText?.utf8.count == text.utf8.count,
                let value = Double(text), value.isFinite
            else { throw .number(text) }
            bytes += JSONValue.ecmaScriptText(of: value).utf8
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (position, element) in elements.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                try element.appendCanonical(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            let sorted = members.sorted { $0.name.utf16.lexicographicallyPrecedes($1.name.utf16) }
            bytes.append(UInt8(ascii: "{"))
            for (position, member) in sorted.enumerated() {
                if position > 0 {
                    guard !member.name.utf8.elementsEqual(sorted[position - 1].name.utf8) else {
                        throw .duplicate(member.name)
                    }
                    bytes.append(UInt8(ascii: ","))
                }
                JSONEscapes.appendQuoted(member.name.utf8, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                try member.value.appendCanonical(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// A finite number as ECMAScript's Number::toString writes it (ECMA-262, section 6.1.6.1.20): the shortest digits
    /// that read back as the same number.
    static func ecmaScriptText(of value: Double) -> String {
        // Swift finds the same digits, and lays them out differently.
        guard value != 0 else { return "0" }
        var digits: [UInt8] = []
        /// Where the point stands, in digits from the first one.
        var point = 0
        var hasPoint = false
        var exponent = 0
        let text = Array(value.magnitude.description.utf8)
        for (position, byte) in text.enumerated() {
            if byte == UInt8(ascii: "e") {
                exponent = Int(String(decoding: text[(position + 1)...], as: UTF8.self)) ?? 0
                break
            } else if byte == UInt8(ascii: ".") {
                hasPoint = true
            } else {
                if !digits.isEmpty || byte != UInt8(ascii: "0") {
                    digits.append(byte)
                    if !hasPoint { point += 1 }
                } else if hasPoint {
                    point -= 1
                }
            }
        }
        point += exponent
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }

        func string(_ digits: some Collection<UInt8>) -> String { String(decoding: digits, as: UTF8.self) }
        func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
        let sign = value < 0 ? "-" : ""
        switch point {
        case digits.count...max(21, digits.count) where point <= 21:
            return sign + string(digits) + zeros(point - digits.count)
        case 1...21:
            return sign + string(digits[..<point]) + "." + string(digits[point...])
        case -5...0:
            return sign + "0." + zeros(-point) + string(digits)
        default:
            let fraction = digits.count > 1 ? "." + string(digits[1...]) : ""
            return sign + string(digits[..<1]) + fraction + "e" + (point > 0 ? "+" : "-")
                + String((point - 1).magnitude)
        }
    }
}
