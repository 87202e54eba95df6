/// A JSON value that stands by itself, to be built and written.
package indirect enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number by its text, which must be one of RFC 8259, section 6: it is written as it is.
    case number(String)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object, its members in their order. Their names must differ.
    case object([(name: String, value: JSONValue)])

    /// An integer.
    package static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

    /// An array of strings.
    package static func strings(_ values: some Sequence<String>) -> JSONValue { .array(values.map { .string($0) }) }

    /// Copies a parsed value: order, number text and strings stay; white space and the form of escapes don't.
    package init(_ json: JSON) {
        switch json.kind {
        case .null: self = .null
        case .bool: self = .bool(json.boolValue ?? false)
        case .number: self = .number(String(decoding: json.bytes, as: UTF8.self))
        case .string: self = .string(json.stringValue ?? "")
        case .array: self = .array(json.elements.map { JSONValue($0) })
        case .object: self = .object(json.members.map { ($0.name, JSONValue($0.value)) })
        }
    }

    /// The value of the member of this name. Setting it changes the member in its place or adds it at the end, nil
    /// takes it out; anything but an object becomes one when a member is set.
    package subscript(_ name: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
        }
        set {
            var members: [(name: String, value: JSONValue)] = []
            if case .object(let existing) = self { members = existing }
            let position = members.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
            switch (position, newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): members.remove(at: position)
            case (nil, let value?): members.append((name, value))
            case (nil, nil): return
            }
            self = .object(members)
        }
    }
}

extension JSONValue: Equatable {
    /// Whether both are built alike: members in one order, numbers with one text, strings of the same bytes.
    package static func == (first: JSONValue, second: JSONValue) -> Bool {
        switch (first, second) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number(let one), .number(let other)): one == other
        case (.string(let one), .string(let other)): one.utf8.elementsEqual(other.utf8)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)):
            one.count == other.count
                && zip(one, other).allSatisfy { $0.name.utf8.elementsEqual($1.name.utf8) && $0.value == $1.value }
        default: false
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    /// A string.
    package init(stringLiteral value: String) { self = .string(value) }
    /// `true` or `false`.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer.
    package init(integerLiteral value: Int) { self = .integer(value) }
}
