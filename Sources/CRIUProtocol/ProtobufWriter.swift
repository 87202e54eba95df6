/// Writes a message in the wire format of protocol buffers (protobuf.dev, "Encoding"), field by field.
struct ProtobufWriter {
    /// The message so far.
    private(set) var bytes: [UInt8] = []

    /// A flag.
    mutating func bool(_ field: Int, _ value: Bool) {
        key(field, .number)
        bytes.append(value ? 1 : 0)
    }

    /// An int32 or an enum's number: negative ones take ten bytes, as the format has it.
    mutating func int32(_ field: Int, _ value: Int32) {
        key(field, .number)
        number(UInt64(bitPattern: Int64(value)))
    }

    /// A uint32.
    mutating func uint32(_ field: Int, _ value: UInt32) {
        key(field, .number)
        number(UInt64(value))
    }

    /// A text.
    mutating func string(_ field: Int, _ value: String) {
        key(field, .bytes)
        number(UInt64(value.utf8.count))
        bytes += Array(value.utf8)
    }

    /// A message inside this one.
    mutating func message(_ field: Int, _ fill: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        fill(&inner)
        key(field, .bytes)
        number(UInt64(inner.bytes.count))
        bytes += inner.bytes
    }

    private enum WireType: UInt64 {
        case number = 0
        case bytes = 2
    }

    private mutating func key(_ field: Int, _ type: WireType) {
        number(UInt64(field) << 3 | type.rawValue)
    }

    /// A varint: seven bits a byte, the lowest first.
    private mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
