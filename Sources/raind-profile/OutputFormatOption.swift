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

    /// Prints a document as YAML where that is asked for, else as JSON.
    func print(_ document: JSONValue) throws {
        switch format {
        case .yaml:
            // The text ends with a line feed, which printing adds again.
            try Output.print(
                String(try Yams.serialize(node: node(document), width: -1, sortKeys: false).dropLast()))
        case .json, .table:
            try Output.print(String(decoding: document.text(.indented(spaces: 2)), as: UTF8.self))
        }
    }

    private func node(_ value: JSONValue) -> Node {
        switch value {
        case .null: Node("null", Tag(.null))
        case .bool(let isTrue): Node(isTrue ? "true" : "false", Tag(.bool))
        case .number(let text): Node(text, Tag(.int))
        case .string(let text): Node(text, Tag(.str))
        case .array(let elements): Node(elements.map { node($0) })
        case .object(let members): Node(members.map { (Node($0.name), node($0.value)) })
        }
    }
}
