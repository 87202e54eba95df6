/// A parsed document: its text, and its values as a flat list in the order of the text.
///
/// A container is followed by what is inside it, a member's name by the member's value. A container's `next` leads past
/// all of that, so that siblings are walked without looking at what is below them.
final class JSONDocument: Sendable {
    let bytes: [UInt8]
    let nodes: [Node]

    init(parsing bytes: [UInt8]) throws(JSON.SyntaxError) {
        var parser = JSONParser(bytes)
        try parser.parse()
        self.bytes = bytes
        nodes = parser.nodes
    }

    /// A value, or the name of a member, in 16 bytes.
    struct Node: Sendable {
        private var start: UInt32
        private var end: UInt32
        private var nextIndex: UInt32
        /// From the low end: three bits of kind, one that tells of escapes, 28 of the count of children.
        private var details: UInt32

        private static let kindMask: UInt32 = 0b0111
        private static let escapeBit: UInt32 = 0b1000
        private static let countShift: UInt32 = 4

        init(_ kind: JSON.Kind, _ range: Range<Int>, index: Int, hasEscapes: Bool = false) {
            start = UInt32(truncatingIfNeeded: range.lowerBound)
            end = UInt32(truncatingIfNeeded: range.upperBound)
            nextIndex = UInt32(truncatingIfNeeded: index + 1)
            details = UInt32(kind.rawValue) | (hasEscapes ? Node.escapeBit : 0)
        }

        /// The bytes of the value, a string's quotes counted.
        var range: Range<Int> { Int(start)..<Int(end) }

        /// The index of the first node after this one and all that is inside it.
        var next: Int { Int(nextIndex) }

        var kind: JSON.Kind {
            switch details & Node.kindMask {
            case 0: .null
            case 1: .bool
            case 2: .number
            case 3: .string
            case 4: .array
            default: .object
            }
        }

        /// Whether a string's text holds a backslash.
        var hasEscapes: Bool { details & Node.escapeBit != 0 }

        /// The number of elements or members.
        var count: Int { Int(details >> Node.countShift) }

        mutating func addChild() { details &+= 1 << Node.countShift }

        mutating func close(at end: Int, next: Int) {
            self.end = UInt32(truncatingIfNeeded: end)
            nextIndex = UInt32(truncatingIfNeeded: next)
        }
    }

    /// What stands between the quotes of the string at `index`, escapes unresolved.
    func content(at index: Int) -> ArraySlice<UInt8> {
        let range = nodes[index].range
        return bytes[range.lowerBound + 1..<range.upperBound - 1]
    }

    func string(at index: Int) -> String {
        nodes[index].hasEscapes
            ? String(decoding: JSONEscapes.resolve(content(at: index)), as: UTF8.self)
            : String(decoding: content(at: index), as: UTF8.self)
    }

    func utf8(at index: Int) -> [UInt8] {
        nodes[index].hasEscapes ? JSONEscapes.resolve(content(at: index)) : Array(content(at: index))
    }

    func matches(_ text: StaticString, at index: Int) -> Bool {
        // SAFETY: the buffer of a static string lives as long as the program, and is read only inside the closure.
        text.withUTF8Buffer { buffer in
            if nodes[index].hasEscapes {
                return unsafe JSONEscapes.resolve(content(at: index)).elementsEqual(buffer)
            }
            let range = nodes[index].range
            guard range.count - 2 == buffer.count else { return false }
            let start = range.lowerBound + 1
            for position in 0..<buffer.count where unsafe bytes[start + position] != buffer[position] {
                return false
            }
            return true
        }
    }

    func matches(_ text: String, at index: Int) -> Bool {
        nodes[index].hasEscapes
            ? JSONEscapes.resolve(content(at: index)).elementsEqual(text.utf8)
            : content(at: index).elementsEqual(text.utf8)
    }

    func location(of offset: Int) -> JSON.Location { JSONDocument.location(of: offset, in: bytes) }

    static func location(of offset: Int, in bytes: [UInt8]) -> JSON.Location {
        var line = 1
        var lineStart = 0
        for position in 0..<offset where bytes[position] == UInt8(ascii: "\n") {
            line += 1
            lineStart = position + 1
        }
        return JSON.Location(line: line, column: offset - lineStart + 1)
    }
}
