/// Reads a message in the wire format of protocol buffers, field by field. Nothing of it is believed: whatever the bytes
/// are, a field lies inside them or an error says why not.
struct ProtobufReader {
    /// A field's value.
    enum Value {
        /// A varint.
        case number(UInt64)
        /// A text, or a message.
        case bytes(ArraySlice<UInt8>)
        /// A number of four or eight bytes, which none of CRIU's messages has.
        case fixed
    }

    /// A field.
    struct Field {
        /// Its number.
        let number: Int
        /// Its value.
        let value: Value
    }

    private var rest: ArraySlice<UInt8>

    /// A reader of a whole message.
    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next field; nil at the end.
    mutating func next() throws(ProtobufError) -> Field? {
        guard !rest.isEmpty else { return nil }
        let key = try number()
        let field = key >> 3
        guard (1...0x1fff_ffff).contains(field) else { throw .fieldNumber(field) }
        let value: Value
        switch key & 7 {
        case 0: value = .number(try number())
        case 1: value = try fixed(8)
        case 2:
            let count = try number()
            guard count <= UInt64(rest.count) else { throw .truncated }
            value = .bytes(rest.prefix(Int(count)))
            rest = rest.dropFirst(Int(count))
        case 5: value = try fixed(4)
        default: throw .wireType(UInt8(key & 7))
        }
        return Field(number: Int(field), value: value)
    }

    private mutating func fixed(_ count: Int) throws(ProtobufError) -> Value {
        guard rest.count >= count else { throw .truncated }
        rest = rest.dropFirst(count)
        return .fixed
    }

    private mutating func number() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        for place in 0..<10 {
            guard let byte = rest.popFirst() else { throw .truncated }
            // The tenth byte has room for one bit.
            if place == 9, byte > 1 { throw .oversizedNumber }
            value |= UInt64(byte & 0x7f) << UInt64(7 * place)
            if byte & 0x80 == 0 { return value }
        }
        throw .oversizedNumber
    }
}

extension ProtobufReader.Field {
    /// The value of a bool field.
    var bool: Bool {
        get throws(ProtobufError) { try unsigned != 0 }
    }

    /// The value of an int32 or enum field.
    var int32: Int32 {
        get throws(ProtobufError) {
            // Ten bytes for a negative number; some writers leave the upper half out.
            let value = Int64(bitPattern: try unsigned)
            if let number = Int32(exactly: value) { return number }
            guard let low = UInt32(exactly: value) else { throw .outOfRange(field: number) }
            return Int32(bitPattern: low)
        }
    }

    /// The text of a string field; what is no UTF-8 in it is replaced.
    var string: String {
        get throws(ProtobufError) { String(decoding: try bytes, as: UTF8.self) }
    }

    /// The message of a message field.
    var message: ProtobufReader {
        get throws(ProtobufError) { ProtobufReader(try bytes) }
    }

    private var unsigned: UInt64 {
        get throws(ProtobufError) {
            guard case .number(let value) = value else { throw .unexpectedType(field: number) }
            return value
        }
    }

    private var bytes: ArraySlice<UInt8> {
        get throws(ProtobufError) {
            guard case .bytes(let bytes) = value else { throw .unexpectedType(field: number) }
            return bytes
        }
    }
}
