/// Writes a JSON text from its start to its end, without building a tree first.
///
/// The caller keeps the order: a name before each value in an object, an end for each begin.
///
/// ```swift
/// var writer = JSONWriter(.indented(spaces: 2))
/// writer.beginObject()
/// writer.member("pid", 42)
/// writer.endObject()
/// ```
package struct JSONWriter: Sendable {
    /// How the text is laid out.
    package enum Layout: Sendable {
        /// No white space at all.
        case compact
        /// A line for each member and element, as deep as it lies times `spaces`. The text has no line feed at its end.
        case indented(spaces: Int)
    }

    /// The text so far.
    package private(set) var bytes: [UInt8] = []

    let style: JSONStyle
    /// The white space that each line starts with, whatever its depth.
    let margin: [UInt8]
    private var depth = 0
    private var needsComma = false
    private var followsName = false

    /// Makes a writer with nothing written.
    package init(_ layout: Layout = .compact, reservingByteCount byteCount: Int = 1024) {
        switch layout {
        case .compact: style = .compact
        case .indented(let spaces): style = .indented([UInt8](repeating: UInt8(ascii: " "), count: spaces))
        }
        margin = []
        bytes.reserveCapacity(byteCount)
    }

    init(style: JSONStyle, margin: [UInt8]) {
        self.style = style
        self.margin = margin
    }

    /// Writes `{`.
    package mutating func beginObject() { begin(UInt8(ascii: "{")) }

    /// Writes `}`.
    package mutating func endObject() { end(UInt8(ascii: "}")) }

    /// Writes `[`.
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }

    /// Writes `]`.
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Writes a member's name; its value comes next.
    package mutating func name(_ name: String) {
        startItem()
        appendQuoted(name.utf8)
        bytes.append(contentsOf: style.colon)
        followsName = true
    }

    /// Writes `null`.
    package mutating func null() { raw("null") }

    /// Writes `true` or `false`.
    package mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    /// Writes an integer.
    @inlinable
    package mutating func int(_ value: some FixedWidthInteger) {
        integer(magnitude: UInt64(value.magnitude), isNegative: value < 0)
    }

    /// Writes an integer of at most 64 bits. (Not by way of a string: the standard library's is general, and large.)
    @usableFromInline
    mutating func integer(magnitude: UInt64, isNegative: Bool) {
        startItem()
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        bytes.appendDecimal(magnitude)
    }

    /// Writes a string.
    package mutating func string(_ value: String) {
        startItem()
        appendQuoted(value.utf8)
    }

    /// Writes bytes that the kernel or a user gave as a string. What isn't well-formed UTF-8 in them becomes U+FFFD, as
    /// JSON has no way to say it.
    package mutating func string(utf8 value: some Collection<UInt8>) { string(String(decoding: value, as: UTF8.self)) }

    /// Writes a number by its text, which must be one of RFC 8259, section 6.
    package mutating func number(_ text: String) { raw(text) }

    /// Writes a value that was built.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let text): number(text)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                name(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// Writes a parsed value exactly as it stands in its document, white space inside it and all.
    package mutating func verbatim(_ json: JSON) {
        startItem()
        bytes.append(contentsOf: json.bytes)
    }

    /// Writes a member that is a string.
    package mutating func member(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    /// Writes a member that is an integer.
    @inlinable
    package mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        self.name(name)
        int(value)
    }

    /// Writes a member that is a truth value.
    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        bool(value)
    }

    private mutating func raw(_ text: String) {
        startItem()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func begin(_ bracket: UInt8) {
        startItem()
        bytes.append(bracket)
        depth += 1
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        depth -= 1
        // Nothing was written since the beginning if no comma is due: `{}` and `[]` stay together.
        if needsComma { breakLine() }
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func startItem() {
        if followsName {
            followsName = false
            needsComma = true
            return
        }
        if needsComma {
            bytes.append(UInt8(ascii: ","))
            if style.indentation == nil { bytes.append(contentsOf: style.afterComma) }
        }
        if depth > 0 { breakLine() }
        needsComma = true
    }

    private mutating func breakLine() {
        guard let indentation = style.indentation else { return }
        bytes.append(contentsOf: style.lineBreak)
        bytes.append(contentsOf: margin)
        for _ in 0..<depth { bytes.append(contentsOf: indentation) }
    }

    private mutating func appendQuoted(_ text: String.UTF8View) { JSONEscapes.appendQuoted(text, to: &bytes) }
}
