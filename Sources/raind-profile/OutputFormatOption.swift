import ArgumentParser
import LosslessJSON
import Yams

/// `-o`: how a result is printed.
struct OutputFormatOption: ParsableArguments {
    /// A form of output.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        /// Lines for people.
        case table
        /// A YAML document.
        case yaml
        /// A JSON document.
        case json
    }

    @Option(name: [.customShort("o"), .customLong("output")], help: "How to print it.")
    var format: Format = .table

    /// JSON, for commands that have more forms than these.
    static var json: OutputFormatOption { OutputFormatOption(.json) }

    /// YAML, for commands that have more forms than these.
    static var yaml: OutputFormatOption { OutputFormatOption(.yaml) }

    init() {}

    private init(_ format: Format) { self.format = format }

    /// Prints a document as YAML where that is asked for, else as JSON.
    func print(_ document: JSONValue) throws { try Output.write(try text(of: document, as: format)) }

    /// A document as YAML, or else as JSON, a line feed at its end.
    func text(of document: JSONValue, as format: Format) throws -> [UInt8] {
        switch format {
        case .yaml: Array(try Yams.serialize(node: node(document), width: -1, sortKeys: false).utf8)
        case .json, .table: document.text(.indented(spaces: 2)) + [UInt8(ascii: "\n")]
        }
    }

    private func node(_ value: JSONValue) -> Node {
        switch value {
        case .null: Node("null", Tag(.null))
        case .bool(let isTrue): Node(isTrue ? "true" : "false", Tag(.bool))
        case .number(let text): Node(text, Tag(.int))
        case .string(let text): node(text)
        case .array(let elements): Node(elements.map { node($0) })
        case .object(let members): Node(members.map { (node($0.name), node($0.value)) })
        }
    }

    /// A string: in quotes where a reader would take it for a number, a date or the like.
    private func node(_ text: String) -> Node {
        let isPlain = Resolver.default.resolveTag(of: Node(text)) == .str
        return Node(text, Tag(.str), isPlain ? .any : .doubleQuoted)
    }
}
