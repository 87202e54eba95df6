/// A value of a parsed JSON document (RFC 8259), without loss: members keep their order, numbers keep their text, and
/// every value knows the bytes that it was read from.
///
/// A `JSON` is a reference into its document, two words wide: copying it copies no text. Strings are decoded when they
/// are asked for. The document is parsed and checked as a whole first, so nothing below a `JSON` can be malformed.
///
/// ```swift
/// let config = try JSON(parsing: bytes)
/// let type = config["mounts"]?[index: 3]?["type"]?.stringValue
/// ```
package struct JSON: Sendable {
    let document: JSONDocument
    let index: Int

    init(document: JSONDocument, index: Int) {
        self.document = document
        self.index = index
    }

    /// Parses a whole document.
    ///
    /// Refused, each with its place: whatever RFC 8259 doesn't allow, a byte order mark, text that isn't well-formed
    /// UTF-8, escapes of lone surrogates, two members of one name in one object, more than ``maximumDepth`` arrays and
    /// objects inside each other, and more than ``maximumByteCount`` bytes.
    package init(parsing bytes: [UInt8]) throws(SyntaxError) {
        self.init(document: try JSONDocument(parsing: bytes), index: 0)
    }

    /// How many arrays and objects may stand inside each other, the outermost counted.
    package static let maximumDepth = 128

    /// The longest document that is read, in bytes: 256 MiB.
    package static let maximumByteCount = 1 << 28

    /// The six kinds of value (RFC 8259, section 3).
    package enum Kind: UInt8, Sendable {
        case null
        case bool
        case number
        case string
        case array
        case object

        /// Written out: what the standard library has for types with a raw value goes through its generic witnesses.
        package static func == (left: Kind, right: Kind) -> Bool { left.rawValue == right.rawValue }

        /// As above.
        package static func != (left: Kind, right: Kind) -> Bool { left.rawValue != right.rawValue }
    }

    /// A place in a text.
    package struct Location: Equatable, Sendable {
        /// The line, from 1. A line ends with a line feed.
        package let line: Int
        /// The column, from 1, in bytes.
        package let column: Int

        /// Makes the place at `line` and `column`, both from 1.
        package init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    /// Why a text is no JSON document.
    package struct SyntaxError: Error, Equatable, Sendable {
        /// What is wrong, in one line without a place.
        package let message: String
        /// Where it is wrong.
        package let location: Location
        /// Where it is wrong, in bytes from 0.
        package let offset: Int

        /// Makes an error.
        package init(message: String, location: Location, offset: Int) {
            self.message = message
            self.location = location
            self.offset = offset
        }
    }

    /// What kind of value this is.
    package var kind: Kind { node.kind }

    /// The bytes of the document that are this value, without the white space around it.
    package var byteRange: Range<Int> { node.range }

    /// The text of this value as it stands in the document.
    package var bytes: ArraySlice<UInt8> { document.bytes[node.range] }

    /// The text of the whole document.
    package var documentBytes: [UInt8] { document.bytes }

    /// The outermost value of the document.
    package var root: JSON { JSON(document: document, index: 0) }

    /// Where this value starts. It is found by reading the document from its start: meant for messages.
    package var location: Location { document.location(of: node.range.lowerBound) }

    /// Whether this is `null`.
    package var isNull: Bool { node.kind == .null }

    /// The truth value, or nil if this is none.
    package var boolValue: Bool? {
        // `true` and `false` differ in their first byte.
        node.kind == .bool ? document.bytes[node.range.lowerBound] == UInt8(ascii: "t") : nil
    }

    /// The number's text as it stands in the document, or nil if this is no number.
    package var numberText: String? {
        node.kind == .number ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// The string with its escapes resolved, or nil if this is no string.
    ///
    /// Compare UTF-8 bytes where identity matters: Swift's `==` takes canonically equivalent strings for equal.
    package var stringValue: String? {
        node.kind == .string ? document.string(at: index) : nil
    }

    /// The string with its escapes resolved, as UTF-8, or nil if this is no string.
    package var utf8Value: [UInt8]? {
        node.kind == .string ? document.utf8(at: index) : nil
    }

    /// Whether this is a string of exactly these bytes, compared without making a copy of it.
    package func isString(_ text: StaticString) -> Bool {
        node.kind == .string && document.matches(text, at: index)
    }

    /// How many elements an array or members an object has; 0 for any other kind.
    package var count: Int { node.count }

    var node: JSONDocument.Node { document.nodes[index] }
}

extension JSON.Location: CustomStringConvertible {
    /// `LINE:COLUMN`.
    package var description: String { "\(line):\(column)" }
}

extension JSON.SyntaxError: CustomStringConvertible {
    /// `LINE:COLUMN: MESSAGE`.
    package var description: String { "\(location): \(message)" }
}
