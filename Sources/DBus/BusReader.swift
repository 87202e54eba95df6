/// Reads values from what somebody else has sent: each length is held against what is left, and what the specification
/// does not let be is refused.
struct BusReader {
    private let bytes: [UInt8]
    /// The next byte's place; the first of all counts as aligned.
    private(set) var place: Int

    /// How deep values may stand in one another, variants included (D-Bus Specification, "Message Protocol").
    static let maximumDepth = 64

    /// - Parameter place: where to begin; alignment counts from the first byte all the same.
    init(_ bytes: [UInt8], at place: Int = 0) {
        self.bytes = bytes
        self.place = place
    }

    /// Whether nothing is left.
    var isAtEnd: Bool { place == bytes.count }

    /// Reads a value of each type of a signature.
    mutating func values(of signature: String) throws(BusFailure) -> [BusValue] {
        let types = Array(signature.utf8)
        guard BusSignature.isValid(types) else { throw .malformed("a signature that is none") }
        var found: [BusValue] = []
        var next = 0
        while next < types.count { found.append(try value(of: types, at: &next, depth: 0)) }
        return found
    }

    /// Reads a value, and moves past its type. The types are known to be a signature.
    private mutating func value(of types: [UInt8], at next: inout Int, depth: Int) throws(BusFailure) -> BusValue {
        guard depth <= Self.maximumDepth else { throw .malformed("values more than \(Self.maximumDepth) deep") }
        let type = types[next]
        let start = next
        next += 1
        switch type {
        case UInt8(ascii: "y"): return .byte(try byte())
        case UInt8(ascii: "b"):
            let number: UInt32 = try number()
            guard number <= 1 else { throw .malformed("a boolean of \(number)") }
            return .boolean(number == 1)
        case UInt8(ascii: "n"): return .int16(Int16(bitPattern: try number()))
        case UInt8(ascii: "q"): return .uint16(try number())
        case UInt8(ascii: "i"): return .int32(Int32(bitPattern: try number()))
        case UInt8(ascii: "u"): return .uint32(try number())
        case UInt8(ascii: "h"): return .descriptor(try number())
        case UInt8(ascii: "x"): return .int64(Int64(bitPattern: try number()))
        case UInt8(ascii: "t"): return .uint64(try number())
        case UInt8(ascii: "d"): return .double(Double(bitPattern: try number()))
        case UInt8(ascii: "s"): return .string(try text(count: Int(number() as UInt32)))
        case UInt8(ascii: "o"):
            let path = try text(count: Int(number() as UInt32))
            guard BusSignature.isObjectPath(path) else { throw .malformed("an object path that is none") }
            return .objectPath(path)
        case UInt8(ascii: "g"): return .signature(try signature())
        case UInt8(ascii: "v"):
            let inner = Array(try signature().utf8)
            guard BusSignature.isSingle(inner) else { throw .malformed("a variant without a type, or of several") }
            var first = 0
            return .variant(try value(of: inner, at: &first, depth: depth + 1))
        case UInt8(ascii: "a"): return try array(of: types, at: &next, depth: depth)
        case UInt8(ascii: "("):
            try align(8)
            var members: [BusValue] = []
            while types[next] != UInt8(ascii: ")") { members.append(try value(of: types, at: &next, depth: depth + 1)) }
            next += 1
            return .structure(members)
        case UInt8(ascii: "{"):
            try align(8)
            let key = try value(of: types, at: &next, depth: depth + 1)
            let member = try value(of: types, at: &next, depth: depth + 1)
            next += 1
            return .dictionaryEntry(key, member)
        default: throw .malformed("the type \(types[start])")
        }
    }

    private mutating func array(of types: [UInt8], at next: inout Int, depth: Int) throws(BusFailure) -> BusValue {
        let start = next
        // From the array's own letter: only an array's elements may be entries of a dictionary.
        guard let end = BusSignature.end(ofTypeAt: start - 1, in: types) else {
            throw .malformed("an array of no type")
        }
        let length = Int(try number() as UInt32)
        guard length <= BusWriter.maximumArrayBytes else { throw .malformed("an array of \(length) bytes") }
        try align(BusSignature.alignment(of: types[start]))
        guard length <= bytes.count - place else { throw .malformed("an array beyond the end") }
        let last = place + length
        var elements: [BusValue] = []
        // Every type takes a byte at least.
        while place < last {
            var element = start
            elements.append(try value(of: types, at: &element, depth: depth + 1))
        }
        guard place == last else { throw .malformed("an array whose last element is cut") }
        next = end
        return .array(of: String(decoding: types[start..<end], as: UTF8.self), elements)
    }

    // MARK: Parts

    /// Moves to a multiple; what is left out has to be zero.
    mutating func align(_ alignment: Int) throws(BusFailure) {
        while place % alignment != 0 {
            guard try byte() == 0 else { throw .malformed("padding that is not zero") }
        }
    }

    mutating func byte() throws(BusFailure) -> UInt8 {
        guard place < bytes.count else { throw .malformed("an early end") }
        place += 1
        return bytes[place - 1]
    }

    mutating func number<Number: FixedWidthInteger & UnsignedInteger>() throws(BusFailure) -> Number {
        let size = Number.bitWidth / 8
        try align(size)
        guard size <= bytes.count - place else { throw .malformed("an early end") }
        var number: Number = 0
        for shift in 0..<size { number |= Number(bytes[place + shift]) << (shift * 8) }
        place += size
        return number
    }

    private mutating func text(count: Int) throws(BusFailure) -> String {
        // A NUL follows, which is not counted.
        guard count < bytes.count - place else { throw .malformed("a text beyond the end") }
        let text = bytes[place..<place + count]
        guard bytes[place + count] == 0, !text.contains(0) else {
            throw .malformed("a text with a NUL, or without one")
        }
        place += count + 1
        guard let valid = String(validating: text, as: UTF8.self) else { throw .malformed("a text that is not UTF-8") }
        return valid
    }

    private mutating func signature() throws(BusFailure) -> String {
        let text = try text(count: Int(byte()))
        guard BusSignature.isValid(Array(text.utf8)) else { throw .malformed("a signature that is none") }
        return text
    }
}
