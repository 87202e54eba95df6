/// Checks a text and lists its values. It keeps its own stack, so that no input can exhaust the thread's.
struct JSONParser {
    private let bytes: [UInt8]
    private(set) var nodes: [JSONDocument.Node] = []
    private var offset = 0
    /// The indexes of the arrays and objects that are open.
    private var open: [Int] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        // A config.json has a value or name for each ten bytes or so; more than this grows by itself.
        nodes.reserveCapacity(min(bytes.count / 8 + 4, 8192))
        open.reserveCapacity(16)
    }

    mutating func parse() throws(JSON.SyntaxError) {
        guard bytes.count <= JSON.maximumByteCount else {
            throw error("the document is longer than \(JSON.maximumByteCount) bytes", at: 0)
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw error("a byte order mark stands before the document", at: 0)
        }
        skipWhiteSpace()
        guard offset < bytes.count else { throw error("the document is empty", at: offset) }
        repeat {
            try parseValue()
        } while try moveToNextValue()
    }

    /// Reads a scalar or an empty container, or goes into a container up to its first value.
    private mutating func parseValue() throws(JSON.SyntaxError) {
        while true {
            guard offset < bytes.count else { throw error("the document ends where a value is expected", at: offset) }
            let start = offset
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                try parseString()
                return
            case UInt8(ascii: "{"):
                if try openContainer(.object) { return }
                try parseName()
            case UInt8(ascii: "["):
                if try openContainer(.array) { return }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                try parseNumber()
                return
            case UInt8(ascii: "t"):
                try parseLiteral("true", .bool)
                return
            case UInt8(ascii: "f"):
                try parseLiteral("false", .bool)
                return
            case UInt8(ascii: "n"):
                try parseLiteral("null", .null)
                return
            default:
                throw error("expected a value, found \(describe(at: start))", at: start)
            }
        }
    }

    /// Closes what ends here, and goes to the next value if there is one. False at the end of the document.
    private mutating func moveToNextValue() throws(JSON.SyntaxError) -> Bool {
        while let container = open.last {
            nodes[container].addChild()
            skipWhiteSpace()
            let isObject = nodes[container].kind == .object
            let closer = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
            let byte = offset < bytes.count ? bytes[offset] : 0
            if byte == UInt8(ascii: ",") {
                let comma = offset
                offset += 1
                skipWhiteSpace()
                if offset < bytes.count, bytes[offset] == closer {
                    throw error("a comma stands before '\(Character(Unicode.Scalar(closer)))'", at: comma)
                }
                if isObject { try parseName() }
                return true
            }
            guard byte == closer else {
                let expected = isObject ? "',' or '}' after a member" : "',' or ']' after an element"
                throw error("expected \(expected), found \(describe(at: offset))", at: offset)
            }
            try closeContainer(container)
        }
        skipWhiteSpace()
        guard offset == bytes.count else {
            throw error("\(describe(at: offset)) stands after the end of the document", at: offset)
        }
        return false
    }

    /// Goes into an array or object. True if it is empty, and so was closed at once.
    private mutating func openContainer(_ kind: JSON.Kind) throws(JSON.SyntaxError) -> Bool {
        guard open.count < JSON.maximumDepth else {
            throw error("more than \(JSON.maximumDepth) arrays and objects stand inside each other", at: offset)
        }
        let container = nodes.count
        nodes.append(JSONDocument.Node(kind, offset..<offset + 1, index: container))
        open.append(container)
        offset += 1
        skipWhiteSpace()
        guard offset < bytes.count, bytes[offset] == (kind == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
            return false
        }
        try closeContainer(container)
        return true
    }

    private mutating func closeContainer(_ container: Int) throws(JSON.SyntaxError) {
        offset += 1
        nodes[container].close(at: offset, next: nodes.count)
        open.removeLast()
        if nodes[container].kind == .object { try refuseDuplicates(in: container) }
    }

    private mutating func parseName() throws(JSON.SyntaxError) {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
            throw error("expected a member's name in double quotes, found \(describe(at: offset))", at: offset)
        }
        try parseString()
        skipWhiteSpace()
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: ":") else {
            throw error("expected ':' after a member's name, found \(describe(at: offset))", at: offset)
        }
        offset += 1
        skipWhiteSpace()
    }

    private mutating func parseLiteral(_ text: String, _ kind: JSON.Kind) throws(JSON.SyntaxError) {
        let start = offset
        for byte in text.utf8 {
            guard offset < bytes.count, bytes[offset] == byte else {
                throw error("expected \(text)", at: start)
            }
            offset += 1
        }
        nodes.append(JSONDocument.Node(kind, start..<offset, index: nodes.count))
    }

    private mutating func parseNumber() throws(JSON.SyntaxError) {
        let start = offset
        if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "0") {
            offset += 1
            if offset < bytes.count, isDigit(bytes[offset]) { throw error("a number starts with 0", at: start) }
        } else {
            try parseDigits()
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            try parseDigits()
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
                offset += 1
            }
            try parseDigits()
        }
        nodes.append(JSONDocument.Node(.number, start..<offset, index: nodes.count))
    }

    private mutating func parseDigits() throws(JSON.SyntaxError) {
        guard offset < bytes.count, isDigit(bytes[offset]) else {
            throw error("expected a digit, found \(describe(at: offset))", at: offset)
        }
        repeat { offset += 1 } while offset < bytes.count && isDigit(bytes[offset])
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private mutating func parseString() throws(JSON.SyntaxError) {
        let start = offset
        var hasEscapes = false
        offset += 1
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                nodes.append(
                    JSONDocument.Node(.string, start..<offset, index: nodes.count, hasEscapes: hasEscapes))
                return
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try checkEscape()
            case 0..<0x20:
                throw error("\(describe(at: offset)) must be escaped in a string", at: offset)
            case 0x20..<0x80:
                offset += 1
            default:
                try checkUTF8()
            }
        }
        throw error("a string isn't closed", at: start)
    }

    /// Steps over an escape sequence, over two of them if they are a surrogate pair.
    private mutating func checkEscape() throws(JSON.SyntaxError) {
        let start = offset
        offset += 1
        guard offset < bytes.count else { return }
        switch bytes[offset] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            offset += 1
            let unit = try parseHexadecimal(start)
            if JSONEscapes.isLowSurrogate(unit) { throw error("a low surrogate has no high one before it", at: start) }
            guard JSONEscapes.isHighSurrogate(unit) else { return }
            let second = offset
            guard offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
                bytes[offset + 1] == UInt8(ascii: "u")
            else { throw error("a high surrogate has no low one after it", at: start) }
            offset += 2
            guard JSONEscapes.isLowSurrogate(try parseHexadecimal(second)) else {
                throw error("a high surrogate has no low one after it", at: start)
            }
        default:
            throw error("'\\' is followed by \(describe(at: offset)), which is no escape", at: start)
        }
    }

    private mutating func parseHexadecimal(_ start: Int) throws(JSON.SyntaxError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard offset < bytes.count, let digit = JSONEscapes.digit(bytes[offset]) else {
                throw error("'\\u' isn't followed by four hexadecimal digits", at: start)
            }
            unit = unit << 4 | digit
            offset += 1
        }
        return unit
    }

    /// Steps over a scalar of two to four bytes (Unicode 16, table 3-7: no overlong forms, no surrogates, none past
    /// U+10FFFF).
    private mutating func checkUTF8() throws(JSON.SyntaxError) {
        var second: ClosedRange<UInt8> = 0x80...0xBF
        let length: Int
        switch bytes[offset] {
        case 0xC2...0xDF: length = 2
        case 0xE0:
            length = 3
            second = 0xA0...0xBF
        case 0xED:
            length = 3
            second = 0x80...0x9F
        case 0xE1...0xEF: length = 3
        case 0xF0:
            length = 4
            second = 0x90...0xBF
        case 0xF1...0xF3: length = 4
        case 0xF4:
            length = 4
            second = 0x80...0x8F
        default: length = 0
        }
        var isWellFormed = length > 0 && bytes.count - offset >= length && second.contains(bytes[offset + 1])
        if isWellFormed {
            for position in offset + 2..<offset + max(length, 2) where bytes[position] & 0xC0 != 0x80 {
                isWellFormed = false
            }
        }
        guard isWellFormed else { throw error("the text isn't well-formed UTF-8", at: offset) }
        offset += length
    }

    /// Refuses an object in which two members have one name, compared as Unicode scalars, not as they are escaped.
    ///
    /// Readers disagree on which of the two counts (RFC 8259, section 4): what is checked here must be what any other
    /// program sees.
    private func refuseDuplicates(in container: Int) throws(JSON.SyntaxError) {
        let count = nodes[container].count
        guard count > 1 else { return }
        var name = container + 1
        guard count <= 24 else {
            // A set keeps a hostile object with many members from taking quadratic time.
            var seen = Set<[UInt8]>(minimumCapacity: count)
            while name < nodes[container].next {
                guard seen.insert(text(ofName: name)).inserted else { throw duplicate(name) }
                name = nodes[name + 1].next
            }
            return
        }
        while name < nodes[container].next {
            var earlier = container + 1
            while earlier < name {
                if isSame(earlier, name) { throw duplicate(name) }
                earlier = nodes[earlier + 1].next
            }
            name = nodes[name + 1].next
        }
    }

    private func isSame(_ first: Int, _ second: Int) -> Bool {
        if nodes[first].hasEscapes || nodes[second].hasEscapes { return text(ofName: first) == text(ofName: second) }
        let firstRange = nodes[first].range
        let secondRange = nodes[second].range
        guard firstRange.count == secondRange.count else { return false }
        for position in 0..<firstRange.count
        where bytes[firstRange.lowerBound + position] != bytes[secondRange.lowerBound + position] {
            return false
        }
        return true
    }

    private func text(ofName name: Int) -> [UInt8] {
        let range = nodes[name].range
        let content = bytes[range.lowerBound + 1..<range.upperBound - 1]
        return nodes[name].hasEscapes ? JSONEscapes.resolve(content) : Array(content)
    }

    private func duplicate(_ name: Int) -> JSON.SyntaxError {
        let range = nodes[name].range
        // A message is one line for people: a name of any length is not put into it, and none that a terminal obeys.
        let isShown = range.count <= 80 && !bytes[range].contains(0x7F) && !holdsC1Control(range)
        let name = isShown ? String(decoding: bytes[range], as: UTF8.self) : "of this name"
        return error("the member \(name) stands twice", at: range.lowerBound)
    }

    /// Whether one of U+0080 to U+009F is there, whose UTF-8 is C2 80 to C2 9F. (Those below U+0020 are escaped in JSON.)
    private func holdsC1Control(_ range: Range<Int>) -> Bool {
        range.dropLast().contains { bytes[$0] == 0xC2 && bytes[$0 + 1] < 0xA0 }
    }

    private mutating func skipWhiteSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): offset += 1
            default: return
            }
        }
    }

    /// What stands at `position`, for a message.
    private func describe(at position: Int) -> String {
        guard position < bytes.count else { return "the end of the document" }
        let byte = bytes[position]
        guard byte > 0x20, byte < 0x7F else {
            let digits = String(byte, radix: 16, uppercase: true)
            return "byte 0x\(digits.count < 2 ? "0" : "")\(digits)"
        }
        return "'\(Character(Unicode.Scalar(byte)))'"
    }

    private func error(_ message: String, at position: Int) -> JSON.SyntaxError {
        JSON.SyntaxError(
            message: message, location: JSONDocument.location(of: position, in: bytes), offset: position)
    }
}
