internal import LosslessJSON

/// A part of a document that is read from a JSON object.
protocol SpecSection: Sendable {
    /// Reads what `object` says. What is wrong goes to `decoder`, and something stands in for it: the value is used
    /// only if there was no problem at all.
    init(_ object: JSON, with decoder: inout SpecDecoder)
}

/// Reads the fields of a document's objects and collects every problem instead of stopping at the first.
///
/// `null` counts as absent, and members that nobody asks for are passed over (config.md, "Extensibility"). Nothing is
/// built to know where a value stands: a value finds its own pointer when there is a problem to tell.
struct SpecDecoder {
    private(set) var problems: [Problem] = []

    /// Reads a whole document, and throws all that is wrong with it.
    static func decode<Section: SpecSection>(
        _ type: Section.Type, from json: JSON
    ) throws(SpecProblems) -> Section {
        let (section, problems) = read(type, from: json)
        guard let section, problems.isEmpty else { throw SpecProblems(problems) }
        return section
    }

    /// Reads what can be read of a document, nil for one that is no object, and tells what can't.
    static func read<Section: SpecSection>(
        _ type: Section.Type, from json: JSON
    ) -> (section: Section?, problems: [Problem]) {
        var decoder = SpecDecoder()
        guard json.kind == .object else {
            decoder.report(json, "expected an object, found \(json.kind.phrase)")
            return (nil, decoder.problems)
        }
        let section = Section(json, with: &decoder)
        return (section, decoder.problems)
    }

    // MARK: Strings

    mutating func string(_ name: StaticString, in object: JSON) -> String? {
        value(name, in: object).flatMap { string($0) }
    }

    mutating func requiredString(_ name: StaticString, in object: JSON) -> String {
        required(name, in: object, "a string").flatMap { string($0) } ?? ""
    }

    mutating func strings(_ name: StaticString, in object: JSON) -> [String]? {
        array(name, in: object) { decoder, element in decoder.string(element) }
    }

    /// A list that must be there and have an element.
    mutating func requiredStrings(_ name: StaticString, in object: JSON) -> [String] {
        guard let value = required(name, in: object, "an array of strings") else { return [] }
        if value.kind == .array, value.count == 0 { report(value, "expected at least one string, found none") }
        return strings(name, in: object) ?? []
    }

    // MARK: Truth values

    mutating func bool(_ name: StaticString, in object: JSON) -> Bool? {
        value(name, in: object).flatMap { bool($0) }
    }

    mutating func requiredBool(_ name: StaticString, in object: JSON) -> Bool {
        required(name, in: object, "true or false").flatMap { bool($0) } ?? false
    }

    // MARK: Integers

    mutating func integer<Integer: FixedWidthInteger>(
        _ name: StaticString, in object: JSON, from minimum: Integer = .min, to maximum: Integer = .max
    ) -> Integer? {
        value(name, in: object).flatMap { integer($0, from: minimum, to: maximum) }
    }

    mutating func requiredInteger<Integer: FixedWidthInteger>(_ name: StaticString, in object: JSON) -> Integer {
        required(name, in: object, "an integer").flatMap { integer($0, from: .min, to: .max) } ?? 0
    }

    mutating func integers<Integer: FixedWidthInteger>(_ name: StaticString, in object: JSON) -> [Integer]? {
        array(name, in: object) { decoder, element in decoder.integer(element, from: .min, to: .max) }
    }

    // MARK: Names of a fixed set

    mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: StaticString, in object: JSON, as type: Choice.Type = Choice.self
    ) -> Choice? {
        value(name, in: object).flatMap { choice($0) }
    }

    mutating func requiredChoice<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: StaticString, in object: JSON, standIn: Choice
    ) -> Choice {
        required(name, in: object, "a string").flatMap { choice($0) } ?? standIn
    }

    mutating func choices<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: StaticString, in object: JSON, as type: Choice.Type = Choice.self
    ) -> [Choice]? {
        array(name, in: object) { decoder, element in decoder.choice(element) }
    }

    // MARK: Objects

    mutating func section<Section: SpecSection>(
        _ name: StaticString, in object: JSON, as type: Section.Type = Section.self
    ) -> Section? {
        value(name, in: object).flatMap { section($0) }
    }

    mutating func sections<Section: SpecSection>(
        _ name: StaticString, in object: JSON, as type: Section.Type = Section.self
    ) -> [Section]? {
        array(name, in: object) { decoder, element in decoder.section(element) }
    }

    mutating func stringMap(_ name: StaticString, in object: JSON) -> [MapEntry<String>]? {
        map(name, in: object) { decoder, value in decoder.string(value) }
    }

    mutating func sectionMap<Section: SpecSection>(
        _ name: StaticString, in object: JSON, of type: Section.Type = Section.self
    ) -> [MapEntry<Section>]? {
        map(name, in: object) { decoder, value in decoder.section(value) }
    }

    // MARK: Problems

    /// Adds a problem with a value that is there.
    mutating func report(_ value: JSON, _ message: String) {
        problems.append(Problem(pointer: value.pointer.description, message: message, location: value.location))
    }

    // MARK: Values

    private func value(_ name: StaticString, in object: JSON) -> JSON? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    private mutating func required(_ name: StaticString, in object: JSON, _ phrase: String) -> JSON? {
        if let value = value(name, in: object) { return value }
        problems.append(
            Problem(
                pointer: object.pointer.appending(name.description).description,
                message: "missing, expected \(phrase)", location: object.location))
        return nil
    }

    private mutating func string(_ value: JSON) -> String? {
        guard let text = value.stringValue else {
            report(value, "expected a string, found \(value.kind.phrase)")
            return nil
        }
        // A NUL can only be written as an escape, and a string of this length between its quotes has none.
        if text.utf8.count != value.byteRange.count - 2, text.utf8.contains(0) {
            report(value, "expected a string without NUL bytes")
            return nil
        }
        return text
    }

    private mutating func bool(_ value: JSON) -> Bool? {
        guard let truth = value.boolValue else {
            report(value, "expected true or false, found \(value.kind.phrase)")
            return nil
        }
        return truth
    }

    private mutating func integer<Integer: FixedWidthInteger>(
        _ value: JSON, from minimum: Integer, to maximum: Integer
    ) -> Integer? {
        let number =
            if Integer.isSigned {
                value.int64Value.flatMap { Integer(exactly: $0) }
            } else {
                value.uint64Value.flatMap { Integer(exactly: $0) }
            }
        if let number, number >= minimum, number <= maximum { return number }
        guard let text = value.numberText else {
            report(value, "expected an integer, found \(value.kind.phrase)")
            return nil
        }
        report(value, "expected an integer from \(minimum) to \(maximum), found \(SpecDecoder.excerpt(of: text))")
        return nil
    }

    private mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(_ value: JSON) -> Choice? {
        guard let text = string(value) else { return nil }
        if let choice = Choice(rawValue: text), choice.rawValue.isSameASCII(as: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        let found = "found \(SpecDecoder.quoted(text))"
        if let name = NearestName.suggest(text, among: names) {
            report(value, "\(found), did you mean \(name)?")
        } else {
            report(value, "expected one of \(names.joined(separator: ", ")), \(found)")
        }
        return nil
    }

    private mutating func section<Section: SpecSection>(_ value: JSON) -> Section? {
        guard value.kind == .object else {
            report(value, "expected an object, found \(value.kind.phrase)")
            return nil
        }
        return Section(value, with: &self)
    }

    private mutating func array<Element>(
        _ name: StaticString, in object: JSON, _ decode: (inout SpecDecoder, JSON) -> Element?
    ) -> [Element]? {
        guard let value = value(name, in: object) else { return nil }
        guard value.kind == .array else {
            report(value, "expected an array, found \(value.kind.phrase)")
            return nil
        }
        var list: [Element] = []
        list.reserveCapacity(value.count)
        for element in value.elements {
            if let item = decode(&self, element) { list.append(item) }
        }
        return list
    }

    private mutating func map<Value>(
        _ name: StaticString, in object: JSON, _ decode: (inout SpecDecoder, JSON) -> Value?
    ) -> [MapEntry<Value>]? {
        guard let value = value(name, in: object) else { return nil }
        guard value.kind == .object else {
            report(value, "expected an object, found \(value.kind.phrase)")
            return nil
        }
        var entries: [MapEntry<Value>] = []
        entries.reserveCapacity(value.count)
        for member in value.members where !member.value.isNull {
            let key = member.name
            if key.utf8.contains(0) { report(member.value, "expected a name without NUL bytes") }
            if let item = decode(&self, member.value) { entries.append(MapEntry(key: key, value: item)) }
        }
        return entries
    }

    // MARK: Texts of messages

    /// What a document says, as a string in one line: control characters escaped, and cut where it is long.
    static func quoted(_ text: String) -> String {
        var writer = JSONWriter(.compact, reservingByteCount: 80)
        writer.string(excerpt(of: text))
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The start of a text that may be long.
    private static func excerpt(of text: String) -> String {
        let limit = 60
        return text.utf8.count <= limit ? text : String(text.unicodeScalars.prefix(limit)) + "..."
    }
}

extension JSON.Kind {
    /// How a message names a value of this kind.
    package var phrase: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
