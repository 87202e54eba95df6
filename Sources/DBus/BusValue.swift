/// A value of a type of D-Bus's (D-Bus Specification, "Type System").
package indirect enum BusValue: Sendable, Equatable {
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
    /// `t`.
    case uint64(UInt64)
    /// `d`.
    case double(Double)
    /// `s`: UTF-8 without NUL.
    case string(String)
    /// `o`: the path of an object.
    case objectPath(String)
    /// `g`: any number of complete types.
    case signature(String)
    /// `h`: a place in the descriptors that come with the message. None are taken.
    case descriptor(UInt32)
    /// `a` and the type of the elements, which an empty one has, too.
    case array(of: String, [BusValue])
    /// `(`, the types of the members, `)`.
    case structure([BusValue])
    /// `{`, the types of both, `}`: an element of an array.
    case dictionaryEntry(BusValue, BusValue)
    /// `v`: a value with its type.
    case variant(BusValue)

    /// The value's complete type.
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
        case .descriptor: "h"
        case .array(let element, _): "a" + element
        case .structure(let members): "(" + members.map(\.type).joined() + ")"
        case .dictionaryEntry(let key, let value): "{" + key.type + value.type + "}"
        case .variant: "v"
        }
    }

    /// An array of bytes.
    package static func bytes(_ bytes: [UInt8]) -> BusValue { .array(of: "y", bytes.map(BusValue.byte)) }

    /// An array of strings.
    package static func strings(_ strings: [String]) -> BusValue { .array(of: "s", strings.map(BusValue.string)) }
}

extension BusValue {
    /// The text of a string, an object path or a signature; nil for all others.
    package var text: String? {
        switch self {
        case .string(let text), .objectPath(let text), .signature(let text): text
        default: nil
        }
    }
}
