import OCISpec

/// A property of a unit, as systemd takes it over D-Bus (org.freedesktop.systemd1(5)).
package struct UnitProperty: Sendable, Equatable {
    /// A value, of the types that properties of units have.
    package indirect enum Value: Sendable, Equatable {
        /// `y`.
        case byte(UInt8)
        /// `b`.
        case boolean(Bool)
        /// `n`.
        case int16(Int16)
        /// `q`.
        case uint16(UInt16)
        /// `i`.
        case int32(Int32)
        /// `u`.
        case uint32(UInt32)
        /// `x`.
        case int64(Int64)
        /// `t`; the largest stands for no limit.
        case uint64(UInt64)
        /// `d`.
        case double(Double)
        /// `s`.
        case string(String)
        /// `o`.
        case objectPath(String)
        /// `g`.
        case signature(String)
        /// `a` and the type of the elements.
        case array(of: String, [Value])
        /// `(`, the types of the members, `)`.
        case tuple([Value])
        /// `v`.
        case variant(Value)
    }

    /// The property's name, `MemoryMax`.
    package var name: String
    /// Its value.
    package var value: Value
    /// What of the config asks for it; nil where nothing does.
    package var pointer: String?
    /// Whether the same thing is written into the control group besides, so that a systemd that does not know the property
    /// yet is no reason to fail.
    package var isWrittenToo: Bool

    /// A property as given.
    package init(_ name: String, _ value: Value, pointer: String? = nil, isWrittenToo: Bool = false) {
        self.name = name
        self.value = value
        self.pointer = pointer
        self.isWrittenToo = isWrittenToo
    }

    /// `MemoryMax=67108864`.
    package var summary: String { "\(name)=\(value.summary)" }
}

extension UnitProperty.Value {
    /// The type's signature (D-Bus Specification, "Type System").
    package var type: String {
        switch self {
        case .byte: "y"
        case .boolean: "b"
        case .int16: "n"
        case .uint16: "q"
        case .int32: "i"
        case .uint32: "u"
        case .int64: "x"
        case .uint64: "t"
        case .double: "d"
        case .string: "s"
        case .objectPath: "o"
        case .signature: "g"
        case .array(let element, _): "a" + element
        case .tuple(let members): "(" + members.map { $0.type }.joined() + ")"
        case .variant: "v"
        }
    }

    /// The value for people.
    package var summary: String {
        switch self {
        case .byte(let number): String(number)
        case .boolean(let truth): truth ? "true" : "false"
        case .int16(let number): String(number)
        case .uint16(let number): String(number)
        case .int32(let number): String(number)
        case .uint32(let number): String(number)
        case .int64(let number): String(number)
        case .uint64(let number): number == .max ? "infinity" : String(number)
        case .double(let number): "\(number)"
        case .string(let text), .objectPath(let text), .signature(let text): text
        case .array("y", let bytes): bytes.map { $0.hexadecimal }.joined()
        case .array(_, let elements): "[" + elements.map { $0.summary }.joined(separator: ", ") + "]"
        case .tuple(let members): "(" + members.map { $0.summary }.joined(separator: ", ") + ")"
        case .variant(let value): value.summary
        }
    }

    private var hexadecimal: String {
        guard case .byte(let byte) = self else { return summary }
        return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
