package import LosslessJSON

/// Where something that is told of stands: in a file by line and column, in a JSON document by its pointer too, and in a
/// profile that has no file of its own by the pointer into what `show -o json` prints of it.
package struct LintPlace: Hashable, Sendable {
    /// The file, or the profile's name.
    package let source: String
    /// Whether `source` is a file.
    package let isFile: Bool
    /// The line, from 1; nil where there is no file.
    package let line: Int?
    /// The column, in bytes, from 1; nil where there is no file, and for what is built in.
    package let column: Int?
    /// The JSON pointer (RFC 6901); nil in YAML.
    package let pointer: String?

    /// The place of a value in the document of a file.
    package init(_ json: JSON, in source: String) {
        self.source = source
        isFile = true
        let location = json.location
        line = location.line
        column = location.column
        pointer = "\(json.pointer)"
    }

    /// The place of a node. `source` names the document where the node doesn't.
    package init(_ place: SourcePlace, in source: String) {
        self.source = place.source ?? source
        isFile = true
        let position = place.lineAndColumn
        line = position.line
        column = position.column
        pointer = place.pointer.map { "\($0)" }
    }

    /// A place in a profile that is known by its name.
    package init(profile name: String, pointer: String) {
        source = name
        isFile = false
        line = nil
        column = nil
        self.pointer = pointer
    }
}

extension LintPlace: CustomStringConvertible {
    /// `FILE:LINE:COLUMN`, and the pointer where there is one.
    package var description: String {
        var text = source
        if let line { text += ":\(line)" }
        if let column { text += ":\(column)" }
        if let pointer, !pointer.isEmpty { text += isFile ? " \(pointer)" : pointer }
        return text
    }

    /// The members of a document: `file` or `profile`, `line`, `column`, `pointer`.
    package var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [(isFile ? "file" : "profile", .string(source))]
        if let line { members.append(("line", .integer(line))) }
        if let column { members.append(("column", .integer(column))) }
        if let pointer { members.append(("pointer", .string(pointer))) }
        return .object(members)
    }
}
