package import LosslessJSON

/// A value of a manifest or a seccomp list, with the place it was read from.
///
/// Manifests are YAML or JSON, and both become this tree, so that what reads a manifest is written once.
package struct ManifestNode: Sendable {
    /// What the value is.
    package indirect enum Content: Sendable {
        /// Nothing: `null`, `~` or an empty value.
        case null
        /// `true` or `false`.
        case bool(Bool)
        /// A number by its text.
        case number(String)
        /// A string.
        case string(String)
        /// A list.
        case list([ManifestNode])
        /// A mapping, its entries in their order.
        case map([Entry])
    }

    /// An entry of a mapping.
    package struct Entry: Sendable {
        /// The key.
        package let key: String
        /// Where the key stands.
        package let place: SourcePlace
        /// The value.
        package let value: ManifestNode

        /// Makes an entry.
        package init(key: String, place: SourcePlace, value: ManifestNode) {
            self.key = key
            self.place = place
            self.value = value
        }
    }

    /// What the value is.
    package let content: Content
    /// Where the value starts.
    package let place: SourcePlace

    /// Makes a node.
    package init(_ content: Content, at place: SourcePlace) {
        self.content = content
        self.place = place
    }

    /// Takes over a parsed JSON value; `source` names its document in messages. Nil is a bundle's configuration: its
    /// name is told by whoever has it, and its places have JSON pointers.
    package init(_ json: JSON, in source: String?) {
        self.init(json, in: source, tellingColumns: true)
    }

    /// Takes over a value that was made of what stands at `place`.
    init(_ value: JSONValue, at place: SourcePlace) {
        self.place = place
        switch value {
        case .null: content = .null
        case .bool(let value): content = .bool(value)
        case .number(let text): content = .number(text)
        case .string(let text): content = .string(text)
        case .array(let elements): content = .list(elements.map { ManifestNode($0, at: place) })
        case .object(let members):
            content = .map(
                members.map { Entry(key: $0.name, place: place, value: ManifestNode($0.value, at: place)) })
        }
    }

    init(_ json: JSON, in source: String?, tellingColumns: Bool) {
        place = SourcePlace(source: source, json: json, tellingColumns: tellingColumns)
        switch json.kind {
        case .null: content = .null
        case .bool: content = .bool(json.boolValue ?? false)
        case .number: content = .number(json.numberText ?? "0")
        case .string: content = .string(json.stringValue ?? "")
        case .array: content = .list(json.elements.map { ManifestNode($0, in: source, tellingColumns: tellingColumns) })
        case .object:
            content = .map(
                json.members.map {
                    Entry(
                        key: $0.name,
                        place: SourcePlace(
                            source: source, json: json, offset: $0.nameRange.lowerBound,
                            tellingColumns: tellingColumns),
                        value: ManifestNode($0.value, in: source, tellingColumns: tellingColumns))
                })
        }
    }
}

/// Where something stands, for messages: `FILE:LINE:COLUMN` in a manifest, `LINE:COLUMN: POINTER` in a bundle.
package struct SourcePlace: Sendable, CustomStringConvertible {
    private enum Position: Sendable {
        case lineAndColumn(Int, Int)
        // Lines are counted only when a message needs them: nearly no place is ever told.
        case offset(Int, in: JSON)
        // What is built in was read from another form of its file, in which the lines alone are the same.
        case line(offset: Int, in: JSON)
    }

    /// The file, or another name for the text; nil for a bundle's configuration.
    package let source: String?
    private let position: Position

    /// The place at `line` and `column`, both from 1.
    package init(source: String, line: Int, column: Int) {
        self.source = source
        position = .lineAndColumn(line, column)
    }

    /// The line, from 1.
    package var line: Int { lineAndColumn.line }

    /// The column, from 1; nil where the line alone is known.
    package var column: Int? { lineAndColumn.column }

    init(source: String?, json: JSON, offset: Int? = nil, tellingColumns: Bool = true) {
        self.source = source
        let offset = offset ?? json.byteRange.lowerBound
        position = tellingColumns ? .offset(offset, in: json) : .line(offset: offset, in: json)
    }

    /// The line and the column, in bytes, both from 1; no column where the line alone is known.
    package var lineAndColumn: (line: Int, column: Int?) {
        switch position {
        case .lineAndColumn(let line, let column): return (line, column)
        case .line(let offset, let json): return (SourcePlace.line(of: offset, in: json), nil)
        case .offset(let offset, let json):
            let before = json.documentBytes[..<offset]
            return (
                SourcePlace.line(of: offset, in: json),
                offset - (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1)
            )
        }
    }

    private static func line(of offset: Int, in json: JSON) -> Int {
        json.documentBytes[..<offset].count { $0 == UInt8(ascii: "\n") } + 1
    }

    /// The JSON pointer, where the text is JSON.
    package var pointer: JSONPointer? {
        switch position {
        case .lineAndColumn, .line: nil
        case .offset(_, let json): json.pointer
        }
    }

    /// `FILE:LINE:COLUMN`, or `LINE:COLUMN: POINTER`.
    package var description: String {
        let (line, column) = lineAndColumn
        let file = source.map { $0 + ":" } ?? ""
        return "\(file)\(line)" + (column.map { ":\($0)" } ?? "")
            + (source == nil ? pointer.map { ": \($0)" } ?? "" : "")
    }
}

extension SourcePlace: Equatable {
    /// Whether both are the same line and column of one source.
    package static func == (first: SourcePlace, second: SourcePlace) -> Bool {
        first.source == second.source && first.lineAndColumn == second.lineAndColumn
    }
}
