/// How a text is laid out between its values.
struct JSONStyle: Sendable, Equatable {
    /// The white space of one level, or nil where a value stands on one line.
    var indentation: [UInt8]?
    /// What ends a line.
    var lineBreak: [UInt8]
    /// The colon between a name and its value, with the white space around it.
    var colon: [UInt8]
    /// The white space after a comma on one line.
    var afterComma: [UInt8]

    static let compact = JSONStyle(indentation: nil, lineBreak: [], colon: [UInt8(ascii: ":")], afterComma: [])

    static func indented(_ indentation: [UInt8]) -> JSONStyle {
        JSONStyle(
            indentation: indentation, lineBreak: [UInt8(ascii: "\n")], colon: [UInt8(ascii: ":"), UInt8(ascii: " ")],
            afterComma: [UInt8(ascii: " ")])
    }
}
