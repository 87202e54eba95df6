/// Reads a value in GVariant's text format, as far as units have properties of such types: `'text'`, `true`, `5`,
/// `uint64 5`, `['a', 'b']`, `@as []`, `('a', 'b')`, `<'a'>` (GLib, "GVariant Text Format").
struct PropertyText {
    /// Why a text is no value.
    struct Failure: Error {
        /// What is wrong, for people.
        var message: String
    }

    private let bytes: [UInt8]
    private var place = 0

    /// How deep values may stand in one another.
    private static let maximumDepth = 16

    private init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The value that a text stands for.
    static func value(of text: String) throws(Failure) -> UnitProperty.Value {
        var reader = PropertyText(text)
        let value = try reader.value(depth: 0, type: nil)
        reader.skipSpace()
        guard reader.place == reader.bytes.count else { throw Failure(message: "expected one value") }
        return value
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 32 || (9...13).contains(byte) { place += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: scalar) else { return false }
        place += 1
        return true
    }

    /// - Parameter type: what a number or an empty array is, where something before it says so.
    private mutating func value(depth: Int, type: String?) throws(Failure) -> UnitProperty.Value {
        guard depth <= Self.maximumDepth else { throw Failure(message: "values more than \(Self.maximumDepth) deep") }
        skipSpace()
        switch next {
        case nil: throw Failure(message: "expected a value, found the end")
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            let text = try string()
            switch type ?? "s" {
            case "s": return .string(text)
            case "o": return .objectPath(text)
            case "g": return .signature(text)
            default: throw Failure(message: "expected a number, found a text")
            }
        case UInt8(ascii: "["): return try array(depth: depth, type: type)
        case UInt8(ascii: "("):
            place += 1
            var members: [UnitProperty.Value] = []
            while !take(")") {
                if !members.isEmpty {
                    guard take(",") else { throw Failure(message: "expected , or )") }
                    if take(")") { break }
                }
                members.append(try value(depth: depth + 1, type: nil))
            }
            guard !members.isEmpty else { throw Failure(message: "expected a value within ()") }
            return .tuple(members)
        case UInt8(ascii: "<"):
            place += 1
            let inner = try value(depth: depth + 1, type: nil)
            guard take(">") else { throw Failure(message: "expected >") }
            return .variant(inner)
        case UInt8(ascii: "@"):
            place += 1
            let declared = word()
            guard isType(declared) else { throw Failure(message: "@\(declared) is no type of a property's") }
            return try value(depth: depth + 1, type: declared)
        default: return try named(depth: depth, type: type)
        }
    }

    /// Whether it is a type that a value may be told to have: a basic one, or an array of it.
    private func isType(_ text: String) -> Bool {
        let element = text.utf8.drop { $0 == UInt8(ascii: "a") }
        guard text.utf8.count - element.count <= 2, element.count == 1 else { return false }
        return element.allSatisfy { "ybnqiuxtdsogv".utf8.contains($0) }
    }

    private mutating func word() -> String {
        let start = place
        while let byte = next, byte > 32, !",[](){}<>'\"".utf8.contains(byte) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func named(depth: Int, type: String?) throws(Failure) -> UnitProperty.Value {
        let word = word()
        switch word {
        case "true", "false":
            guard (type ?? "b") == "b" else { throw Failure(message: "expected a value of type \(type ?? "")") }
            return .boolean(word == "true")
        case "boolean": return try value(depth: depth + 1, type: "b")
        case "byte": return try value(depth: depth + 1, type: "y")
        case "int16": return try value(depth: depth + 1, type: "n")
        case "uint16": return try value(depth: depth + 1, type: "q")
        case "int32": return try value(depth: depth + 1, type: "i")
        case "uint32": return try value(depth: depth + 1, type: "u")
        case "int64": return try value(depth: depth + 1, type: "x")
        case "uint64": return try value(depth: depth + 1, type: "t")
        case "double": return try value(depth: depth + 1, type: "d")
        case "string": return try value(depth: depth + 1, type: "s")
        case "objectpath": return try value(depth: depth + 1, type: "o")
        case "signature": return try value(depth: depth + 1, type: "g")
        default: return try number(word, type)
        }
    }

    private func number(_ word: String, _ type: String?) throws(Failure) -> UnitProperty.Value {
        guard let first = word.utf8.first, "0123456789+-.".utf8.contains(first) else {
            throw Failure(message: "expected a value such as 'text', true or uint64 5, found \"\(word)\"")
        }
        let isFraction = word.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }
        let isHexadecimal = word.utf8.starts(with: "0x".utf8)
        func whole<Number: FixedWidthInteger>(_: Number.Type) throws(Failure) -> Number {
            let number = isHexadecimal ? Number(word.dropFirst(2), radix: 16) : Number(word)
            guard let number else {
                throw Failure(message: "expected a number of type \(type ?? "i"), found \"\(word)\"")
            }
            return number
        }
        switch type ?? (isFraction && !isHexadecimal ? "d" : "i") {
        case "y": return .byte(try whole(UInt8.self))
        case "n": return .int16(try whole(Int16.self))
        case "q": return .uint16(try whole(UInt16.self))
        case "i": return .int32(try whole(Int32.self))
        case "u": return .uint32(try whole(UInt32.self))
        case "x": return .int64(try whole(Int64.self))
        case "t": return .uint64(try whole(UInt64.self))
        case "d":
            guard let number = Double(word), number.isFinite else {
                throw Failure(message: "expected a number, found \"\(word)\"")
            }
            return .double(number)
        default: throw Failure(message: "expected a value of type \(type ?? ""), found \"\(word)\"")
        }
    }

    private mutating func array(depth: Int, type: String?) throws(Failure) -> UnitProperty.Value {
        place += 1
        var element: String?
        if let type {
            guard type.utf8.first == UInt8(ascii: "a") else {
                throw Failure(message: "expected a value of type \(type), found an array")
            }
            element = String(type.dropFirst())
        }
        var elements: [UnitProperty.Value] = []
        while !take("]") {
            if !elements.isEmpty {
                guard take(",") else { throw Failure(message: "expected , or ]") }
            }
            // The first element's type is that of all: `[uint32 1, 2]`.
            let known = element.flatMap { $0.utf8.first == UInt8(ascii: "(") ? nil : $0 }
            let value = try value(depth: depth + 1, type: known)
            let found = value.type
            guard found == element ?? found else { throw Failure(message: "an array of values of several types") }
            element = found
            elements.append(value)
        }
        guard let element else { throw Failure(message: "an empty array needs its type before it: @as []") }
        return .array(of: element, elements)
    }

    private mutating func string() throws(Failure) -> String {
        let quote = bytes[place]
        place += 1
        var text: [UInt8] = []
        while let byte = next {
            place += 1
            if byte == quote {
                guard let valid = String(validating: text, as: UTF8.self), !text.contains(0) else {
                    throw Failure(message: "a text that is not UTF-8")
                }
                return valid
            }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let escaped = next else { break }
            place += 1
            switch escaped {
            case UInt8(ascii: "a"): text.append(7)
            case UInt8(ascii: "b"): text.append(8)
            case UInt8(ascii: "t"): text.append(9)
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "v"): text.append(11)
            case UInt8(ascii: "f"): text.append(12)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "u"): try append(scalarOf: 4, to: &text)
            case UInt8(ascii: "U"): try append(scalarOf: 8, to: &text)
            default: text.append(escaped)
            }
        }
        throw Failure(message: "a text without its closing quote")
    }

    private mutating func append(scalarOf digits: Int, to text: inout [UInt8]) throws(Failure) {
        guard bytes.count - place >= digits,
            let number = UInt32(String(decoding: bytes[place..<place + digits], as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(number), number != 0
        else { throw Failure(message: "an escape that stands for no character") }
        place += digits
        text += String(Character(scalar)).utf8
    }
}
