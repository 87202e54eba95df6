/// Changes single values of a document and leaves every other byte as it was.
package enum JSONEdit {
    /// One change. A path is the names from the outermost value on; in an array a name is an index, and `-` or the
    /// array's count the place after its last element.
    package enum Change: Sendable, Equatable {
        /// Puts `value` at `path`.
        ///
        /// An existing value is replaced, its bytes alone. A new member or element is added at the end, in the layout
        /// of what stands there. Parents that are missing, or are `null`, become objects.
        case set(path: [String], value: JSONValue)
        /// Takes out the member or element at `path`, with one comma. Nothing happens if there is none.
        case remove(path: [String])
    }

    /// Why a change can't be made.
    package enum EditError: Error, Equatable, Sendable {
        /// The value at `path` would have to be an object or an array, and is neither.
        case notAContainer(path: [String])
        /// The last step of `path` leads into an array and is no index of it.
        case notAnIndex(path: [String])
        /// The outermost value can't be removed.
        case wholeDocument
        /// The value for `path` is no JSON: a number's text is malformed, an object has one name twice, or it is too
        /// deep.
        case invalidValue(path: [String])
        /// The result is too deep or too long.
        case invalidResult(JSON.SyntaxError)
    }

    /// Makes the changes one after the other, each on the result of those before it.
    ///
    /// A value that is set is laid out as the document is: its indentation, line ends and the space after a colon, or
    /// on one line where its container stands on one line. The layout doesn't depend on the value that it replaces, so
    /// doing the same changes again changes nothing.
    package static func apply(_ changes: [Change], to document: JSON) throws(EditError) -> [UInt8] {
        var document = document.root
        for change in changes {
            let splice: Splice?
            switch change {
            case .set(let path, let value):
                try check(value, for: path)
                splice = try set(value, at: path, in: document)
            case .remove(let path):
                splice = try remove(path, from: document)
            }
            guard let splice else { continue }
            var bytes = document.documentBytes
            bytes.replaceSubrange(splice.range, with: splice.text)
            do {
                document = try JSON(parsing: bytes)
            } catch {
                throw .invalidResult(error)
            }
        }
        return document.documentBytes
    }

    /// Bytes of the document, and what takes their place.
    private struct Splice {
        let range: Range<Int>
        let text: [UInt8]
    }

    /// How a value stands among the lines: on one line with its neighbours, or on a line that starts with `margin`.
    private struct Place {
        let style: JSONStyle
        let margin: [UInt8]

        /// A place after `space`, the white space before a member or element.
        init(after space: ArraySlice<UInt8>, _ style: JSONStyle) {
            if style.indentation != nil, let line = JSONLayout.lastLine(of: space) {
                self.style = style
                margin = Array(line)
            } else {
                self.style = style.onOneLine
                margin = []
            }
        }

        init(outermost style: JSONStyle) {
            self.style = style
            margin = []
        }

        func text(of value: JSONValue) -> [UInt8] {
            var writer = JSONWriter(style: style, margin: margin)
            writer.value(value)
            return writer.bytes
        }
    }

    /// Refuses what would not come back as it is: a number's text could hold anything.
    private static func check(_ value: JSONValue, for path: [String]) throws(EditError) {
        guard let parsed = try? JSON(parsing: value.text()), JSONValue(parsed) == value else {
            throw .invalidValue(path: path)
        }
    }

    private static func set(
        _ value: JSONValue, at path: [String], in document: JSON
    ) throws(EditError) -> Splice {
        let style = JSONStyle(of: document)
        var target = document
        for (depth, name) in path.enumerated() {
            let rest = path[(depth + 1)...]
            switch target.kind {
            case .object:
                guard let child = target[name] else {
                    return add(nested(value, below: rest), named: name, to: target, style)
                }
                target = child
            case .array:
                if let index = JSON.index(name), index < target.count, let child = target[index: index] {
                    target = child
                } else if name == "-" || JSON.index(name) == target.count {
                    return add(nested(value, below: rest), named: nil, to: target, style)
                } else {
                    throw .notAnIndex(path: Array(path[...depth]))
                }
            case .null:
                let text = place(of: target, style).text(of: nested(value, below: path[depth...]))
                return Splice(range: target.byteRange, text: text)
            default:
                throw .notAContainer(path: Array(path[..<depth]))
            }
        }
        return Splice(range: target.byteRange, text: place(of: target, style).text(of: value))
    }

    private static func nested(_ value: JSONValue, below path: ArraySlice<String>) -> JSONValue {
        path.reversed().reduce(value) { .object([(name: $1, value: $0)]) }
    }

    private static func place(of value: JSON, _ style: JSONStyle) -> Place {
        guard value.index > 0 else { return Place(outermost: style) }
        return Place(after: JSONLayout.whiteSpace(before: value.itemOffset, in: value.documentBytes), style)
    }

    /// Adds a member or, without a name, an element at the end of a container.
    private static func add(
        _ value: JSONValue, named name: String?, to container: JSON, _ style: JSONStyle
    ) -> Splice {
        let children = JSONLayout.children(of: container)
        guard let last = children.last else { return fill(container, with: value, named: name, style) }
        let bytes = container.documentBytes
        var separator = [UInt8(ascii: ",")]
        let space = JSONLayout.whiteSpace(before: last.start, in: bytes)
        if children.count > 1 {
            separator = Array(bytes[children[children.count - 2].end..<last.start])
        } else if space.contains(UInt8(ascii: "\n")) {
            separator += space
        } else {
            separator += style.afterComma
        }
        // An empty line before the last member is not repeated.
        if separator.count(where: { $0 == UInt8(ascii: "\n") }) > 1, let line = JSONLayout.lastLine(of: space) {
            separator = [UInt8(ascii: ",")] + (style.lineBreak.isEmpty ? [UInt8(ascii: "\n")] : style.lineBreak) + line
        }
        let place = Place(after: JSONLayout.whiteSpace(before: separator.count, in: separator), style)
        var text = separator
        if let name {
            JSONEscapes.appendQuoted(name.utf8, to: &text)
            text += lastColon(in: container) ?? style.colon
        }
        return Splice(range: last.end..<last.end, text: text + place.text(of: value))
    }

    /// Gives an empty container its first member or element.
    private static func fill(
        _ container: JSON, with value: JSONValue, named name: String?, _ style: JSONStyle
    ) -> Splice {
        let text = place(of: container, style).text(
            of: name.map { .object([(name: $0, value: value)]) } ?? .array([value]))
        return Splice(range: container.byteRange, text: text)
    }

    private static func lastColon(in object: JSON) -> [UInt8]? {
        var last: JSON.Member?
        for member in object.members { last = member }
        return last.flatMap {
            JSONLayout.colon(betweenName: $0.nameRange, andValue: $0.value.byteRange, in: object)
        }
    }

    private static func remove(_ path: [String], from document: JSON) throws(EditError) -> Splice? {
        guard let name = path.last else { throw .wholeDocument }
        var container = document
        for step in path.dropLast() {
            guard let child = container.child(step) else { return nil }
            container = child
        }
        guard let value = container.child(name) else { return nil }
        let children = JSONLayout.children(of: container)
        guard let position = children.firstIndex(where: { $0.end == value.byteRange.upperBound }) else { return nil }
        let range =
            if children.count == 1 {
                container.byteRange.lowerBound + 1..<container.byteRange.upperBound - 1
            } else if position == 0 {
                children[0].start..<children[1].start
            } else {
                children[position - 1].end..<children[position].end
            }
        return Splice(range: range, text: [])
    }
}

extension JSON {
    /// Where this value's member, or this element, starts.
    fileprivate var itemOffset: Int {
        // A name stands just before its value. An element that follows a string might seem to: a colon tells.
        guard index > 1, document.nodes[index - 1].kind == .string else { return byteRange.lowerBound }
        let between = document.bytes[document.nodes[index - 1].range.upperBound..<byteRange.lowerBound]
        return between.contains(UInt8(ascii: ":")) ? document.nodes[index - 1].range.lowerBound : byteRange.lowerBound
    }
}
