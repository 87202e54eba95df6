import LosslessJSON

/// A JSON document laid out for people: a line for each value, its text as it was.
struct ReadableJSON {
    /// The text, a line feed at its end.
    private(set) var text: [UInt8] = []

    /// Lays out a document.
    init(_ document: JSON) {
        append(document, indentation: "")
        text.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ value: JSON, indentation: String) {
        guard value.kind == .object || value.kind == .array, value.count > 0 else {
            text += value.bytes
            return
        }
        let isObject = value.kind == .object
        let inner = indentation + "  "
        var separator = isObject ? "{" : "["
        func begin() -> [UInt8] { Array((separator + "\n" + inner).utf8) }
        if isObject {
            for member in value.members {
                text += begin() + value.documentBytes[member.nameRange] + Array(": ".utf8)
                append(member.value, indentation: inner)
                separator = ","
            }
        } else {
            for element in value.elements {
                text += begin()
                append(element, indentation: inner)
                separator = ","
            }
        }
        text += Array(("\n" + indentation + (isObject ? "}" : "]")).utf8)
    }
}
