import LosslessJSON
package import SecurityProfile
import Yams

/// The text of a manifest or of a seccomp list, YAML or JSON, read into the tree that both become.
package enum ManifestText {
    /// The longest text that is read, in bytes.
    package static let maximumByteCount = 1 << 20

    /// How many values a tree may have once each alias stands for what it names: a few lines of aliases of aliases can
    /// stand for billions.
    private static let maximumValueCount = 200_000

    /// How deep values may lie in each other. Nothing that a manifest can say lies deeper than a fourth of it.
    private static let maximumDepth = 32

    /// Reads a text; `source` names it in messages.
    ///
    /// What begins like a JSON document is read as one if it is one: YAML would take most of them too, but not the
    /// places and numbers of all.
    package static func parse(_ bytes: [UInt8], source: String) throws(ProfileError) -> ManifestNode {
        let first = bytes.first { !" \t\r\n".utf8.contains($0) }
        let isNamedJSON = source.hasSuffix(".json")
        if isNamedJSON || first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            do throws(JSON.SyntaxError) {
                return ManifestNode(try JSON(parsing: bytes), in: source)
            } catch {
                // A YAML mapping may begin with a brace too; what is meant to be JSON is told what is wrong as JSON.
                if isNamedJSON {
                    throw .manifest(
                        SourcePlace(source: source, line: error.location.line, column: error.location.column),
                        error.message, remedy: "it must be a JSON document")
                }
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .manifest(
                SourcePlace(source: source, line: line(ofInvalidIn: bytes), column: 1), "the line isn't UTF-8",
                remedy: "save the file as UTF-8")
        }
        guard let root = try roots(of: text, source, single: true).first else {
            throw .manifest(
                SourcePlace(source: source, line: 1, column: 1), "the file is empty",
                remedy: "a manifest has apiVersion, kind, metadata and spec")
        }
        var reader = YAMLTree(source: source, valuesLeft: maximumValueCount)
        return try reader.node(root, depth: maximumDepth)
    }

    /// Reads a text of several YAML documents, as Kubernetes' tools write them, or of one JSON document. What stands in
    /// them is others' and may lie deeper than in a manifest.
    package static func documents(_ bytes: [UInt8], source: String) throws(ProfileError) -> [ManifestNode] {
        let first = bytes.first { !" \t\r\n".utf8.contains($0) }
        if source.hasSuffix(".json") || first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            return [try parse(bytes, source: source)]
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            // Says which line it is.
            return [try parse(bytes, source: source)]
        }
        var reader = YAMLTree(source: source, valuesLeft: maximumValueCount)
        var documents: [ManifestNode] = []
        for root in try roots(of: text, source, single: false) {
            let document = try reader.node(root, depth: 2 * maximumDepth)
            // Nothing between two separators.
            if case .null = document.content { continue }
            documents.append(document)
        }
        return documents
    }

    private static func roots(of text: String, _ source: String, single: Bool) throws(ProfileError) -> [Node] {
        try YAMLShape.check(text, source, maximumDepth: 2 * maximumDepth)
        do {
            let parser = try Parser(yaml: text, resolver: .basic)
            if single { return try parser.singleRoot().map { [$0] } ?? [] }
            var roots: [Node] = []
            while let root = try parser.nextRoot() { roots.append(root) }
            return roots
        } catch let error as YamlError {
            throw ManifestText.error(error, source, text)
        } catch {
            throw .manifest(SourcePlace(source: source, line: 1, column: 1), "\(error)".onOneLine, remedy: nil)
        }
    }

    private static func line(ofInvalidIn bytes: [UInt8]) -> Int {
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { break }
            line += 1
        }
        return line
    }

    private static func error(_ error: YamlError, _ source: String, _ text: String) -> ProfileError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return .manifest(
                SourcePlace(source: source, line: mark.line, column: mark.column), problem,
                remedy: "it must be one YAML or JSON document")
        case .reader(let problem, let offset, _, _):
            // The offset counts characters, of which a line break of two bytes is one.
            let before = text.prefix(offset ?? 0).utf8
            let column =
                before.count
                - (before.lastIndex(of: UInt8(ascii: "\n")).map {
                    before.distance(from: before.startIndex, to: $0) + 1
                } ?? 0)
            return .manifest(
                SourcePlace(
                    source: source, line: before.count { $0 == UInt8(ascii: "\n") } + 1, column: column + 1), problem,
                remedy: "take the character out")
        case .duplicatedKeysInMapping(let keys, let context):
            return .manifest(
                SourcePlace(source: source, line: context.mark.line, column: context.mark.column),
                "\(keys.sorted().joined(separator: ", ").onOneLine) stands twice in one mapping",
                remedy: "keep one of the two")
        default:
            return .manifest(SourcePlace(source: source, line: 1, column: 1), "\(error)".onOneLine, remedy: nil)
        }
    }
}

extension String {
    /// The text with line feeds and whatever else moves a terminal's cursor as blanks.
    fileprivate var onOneLine: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : $0 }))
    }
}

/// Turns Yams' tree into ours.
private struct YAMLTree {
    let source: String
    var valuesLeft: Int

    private func place(_ mark: Mark?) -> SourcePlace {
        SourcePlace(source: source, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    mutating func node(_ node: Node, depth: Int) throws(ProfileError) -> ManifestNode {
        let place = place(node.mark)
        valuesLeft -= 1
        guard depth > 0 else { throw YAMLShape.tooDeep(place) }
        guard valuesLeft > 0 else {
            throw .manifest(
                place, "there are too many values", remedy: "a manifest needs few; look at its aliases")
        }
        switch node {
        case .scalar(let scalar): return ManifestNode(try content(scalar, place), at: place)
        case .sequence(let sequence):
            var elements: [ManifestNode] = []
            for element in sequence { elements.append(try self.node(element, depth: depth - 1)) }
            return ManifestNode(.list(elements), at: place)
        case .mapping(let mapping):
            var entries: [ManifestNode.Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw .manifest(self.place(key.mark), "a key is no string", remedy: "write it as one")
                }
                entries.append(
                    ManifestNode.Entry(
                        key: name.string, place: self.place(key.mark),
                        value: try self.node(value, depth: depth - 1)))
            }
            return ManifestNode(.map(entries), at: place)
        case .alias:
            throw .manifest(place, "an alias leads nowhere", remedy: "write the value itself")
        }
    }

    private func content(_ scalar: Node.Scalar, _ place: SourcePlace) throws(ProfileError) -> ManifestNode.Content {
        switch scalar.tag.description {
        case "": return scalar.style == .plain || scalar.style == .any ? plain(scalar.string) : .string(scalar.string)
        case "!", "tag:yaml.org,2002:str": return .string(scalar.string)
        case let tag:
            throw .manifest(
                place, "a value has the tag \(tag.onOneLine)", remedy: "take the tag out, or put the value in quotes")
        }
    }

    /// What a scalar without quotes is: the core schema of YAML 1.2, in which `no` and `on` are strings. A number with
    /// a leading zero, octal to some readers and decimal to others, stays a string, so that whoever wants a number
    /// refuses it.
    private func plain(_ text: String) -> ManifestNode.Content {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
            guard !text.utf8.contains(UInt8(ascii: "+")), !text.utf8.contains(UInt8(ascii: "-")),
                let value = UInt64(text.dropFirst(2), radix: radix)
            else { return .string(text) }
            return .number(String(value))
        }
        return isDecimal(text) ? .number(text) : .string(text)
    }

    /// Whether a text is a number of JSON's form.
    private func isDecimal(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
            return false
        }
        // Best effort: what is no number of JSON's is a string.
        guard let json = try? JSON(parsing: Array(text.utf8)) else { return false }
        return json.kind == .number
    }
}
