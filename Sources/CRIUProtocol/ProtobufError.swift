/// Why bytes are no message in the wire format of protocol buffers, or not the message that was expected.
package enum ProtobufError: Error, Equatable {
    /// They end inside a field.
    case truncated
    /// A number has more than the ten bytes that 64 bits take, or more bits than that.
    case oversizedNumber
    /// A field's number is 0, or more than 2^29 - 1.
    case fieldNumber(UInt64)
    /// A wire type that proto2 messages without groups don't have: 3, 4, 6 or 7.
    case wireType(UInt8)
    /// A field has another wire type than its own in the message.
    case unexpectedType(field: Int)
    /// A field that every message of the type has is missing.
    case missing(field: Int)
    /// A number is outside of what its field takes.
    case outOfRange(field: Int)
}

extension ProtobufError: CustomStringConvertible {
    /// What is wrong, in words that follow "the answer".
    package var description: String {
        switch self {
        case .truncated: "ends inside a field"
        case .oversizedNumber: "has a number of more than 64 bits"
        case .fieldNumber(let number): "has a field numbered \(number)"
        case .wireType(let type): "has a field of wire type \(type)"
        case .unexpectedType(let field): "has field \(field) of another type than its own"
        case .missing(let field): "lacks field \(field)"
        case .outOfRange(let field): "has a number in field \(field) that is none of the field's"
        }
    }
}
