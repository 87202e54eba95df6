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

    /// The same on one line.
    var onOneLine: JSONStyle {
        var style = self
        style.indentation = nil
        return style
    }
}

extension JSONStyle {
    /// The style of a document, told from its first lines: from what stands before, in and after the first member, so
    /// that values that are changed later don't take part.
    init(of document: JSON) {
        let root = document.root
        self = .compact
        let first = root.firstChildOffset
        if let first {
            let space = JSONLayout.whiteSpace(before: first, in: document.documentBytes)
            if let line = JSONLayout.lastLine(of: space) {
                self = .indented(Array(line))
                let margin = JSONLayout.whiteSpace(before: root.byteRange.lowerBound, in: document.documentBytes)
                let outer = JSONLayout.lastLine(of: margin) ?? margin
                if line.starts(with: outer) { indentation = Array(line.dropFirst(outer.count)) }
                let lineFeed = line.startIndex - 1
                if lineFeed > space.startIndex, document.documentBytes[lineFeed - 1] == UInt8(ascii: "\r") {
                    lineBreak = [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
                }
            }
        }
        colon = JSONLayout.firstColon(in: document) ?? colon
        guard indentation == nil else { return }
        afterComma = colon.last == UInt8(ascii: " ") ? [UInt8(ascii: " ")] : []
        if root.count > 1 {
            let second = JSONLayout.children(of: root)[1].start
            let space = JSONLayout.whiteSpace(before: second, in: document.documentBytes)
            if JSONLayout.lastLine(of: space) == nil { afterComma = Array(space) }
        }
    }
}

/// Where the white space of a document lies.
enum JSONLayout {
    /// A member or element: where it starts (a member with its name), and where it ends.
    struct Child {
        let start: Int
        let end: Int
    }

    static func children(of container: JSON) -> [Child] {
        if container.kind == .object {
            return container.members.map { Child(start: $0.nameRange.lowerBound, end: $0.value.byteRange.upperBound) }
        }
        return container.elements.map { Child(start: $0.byteRange.lowerBound, end: $0.byteRange.upperBound) }
    }

    /// The white space that ends at `offset`.
    static func whiteSpace(before offset: Int, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        var start = offset
        while start > 0, isWhiteSpace(bytes[start - 1]) { start -= 1 }
        return bytes[start..<offset]
    }

    /// What stands after the last line feed of `text`, or nil if there is none.
    static func lastLine(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        text.lastIndex(of: UInt8(ascii: "\n")).map { text[($0 + 1)...] }
    }

    /// The colon of the first member in the document with the white space around it, if it is on one line.
    static func firstColon(in document: JSON) -> [UInt8]? {
        let nodes = document.document.nodes
        guard let container = nodes.firstIndex(where: { $0.kind == .object && $0.count > 0 }) else { return nil }
        return colon(betweenName: nodes[container + 1].range, andValue: nodes[container + 2].range, in: document)
    }

    static func colon(
        betweenName name: Range<Int>, andValue value: Range<Int>, in document: JSON
    ) -> [UInt8]? {
        let colon = document.documentBytes[name.upperBound..<value.lowerBound]
        return colon.contains(UInt8(ascii: "\n")) ? nil : Array(colon)
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
            || byte == UInt8(ascii: "\t")
    }
}

extension JSON {
    /// Where the first element, or the name of the first member, starts.
    var firstChildOffset: Int? { count > 0 ? document.nodes[index + 1].range.lowerBound : nil }
}
