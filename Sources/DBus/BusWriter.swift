/// Values in the form in which they travel (D-Bus Specification, "Marshaling (Wire Format)"), little endian.
struct BusWriter {
    /// What is written so far; the first byte counts as aligned.
    private(set) var bytes: [UInt8] = []

    /// The longest array, in bytes.
    static let maximumArrayBytes = 1 << 26

    mutating func align(_ alignment: Int) {
        while bytes.count % alignment != 0 { bytes.append(0) }
    }

    /// - Throws: `BusFailure.unsendable`.
    mutating func put(_ value: BusValue) throws(BusFailure) {
        switch value {
        case .byte(let byte): bytes.append(byte)
        case .boolean(let truth): put(UInt32(truth ? 1 : 0))
        case .int16(let number): put(UInt16(bitPattern: number))
        case .uint16(let number): put(number)
        case .int32(let number): put(UInt32(bitPattern: number))
        case .uint32(let number), .descriptor(let number): put(number)
        case .int64(let number): put(UInt64(bitPattern: number))
        case .uint64(let number): put(number)
        case .double(let number): put(number.bitPattern)
        case .string(let text): try put(text: text)
        case .objectPath(let path):
            guard BusSignature.isObjectPath(path) else {
                throw .unsendable("\"\(path)\" is not the path of an object")
            }
            try put(text: path)
        case .signature(let types): try put(signature: types)
        case .array(let element, let elements): try put(elements, of: element)
        case .structure(let members):
            guard !members.isEmpty else { throw .unsendable("a structure without members") }
            align(8)
            for member in members { try put(member) }
        case .dictionaryEntry(let key, let value):
            align(8)
            try put(key)
            try put(value)
        case .variant(let value):
            try put(signature: value.type)
            try put(value)
        }
    }

    mutating func put<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) {
        let size = Number.bitWidth / 8
        align(size)
        for shift in 0..<size { bytes.append(UInt8(truncatingIfNeeded: number >> (shift * 8))) }
    }

    private mutating func put(text: String) throws(BusFailure) {
        guard !text.utf8.contains(0) else { throw .unsendable("a text with a NUL: \"\(text)\"") }
        guard let count = UInt32(exactly: text.utf8.count) else { throw .unsendable("a text that is too long") }
        put(count)
        bytes += text.utf8
        bytes.append(0)
    }

    private mutating func put(signature: String) throws(BusFailure) {
        let types = Array(signature.utf8)
        guard BusSignature.isValid(types) else { throw .unsendable("\"\(signature)\" is not a signature") }
        bytes.append(UInt8(types.count))
        bytes += types
        bytes.append(0)
    }

    private mutating func put(_ elements: [BusValue], of element: String) throws(BusFailure) {
        guard BusSignature.isSingle(Array(("a" + element).utf8)), let first = element.utf8.first else {
            throw .unsendable("\"\(element)\" is not a type")
        }
        put(UInt32(0))
        let count = bytes.count
        // Not counted, and there also when nothing follows.
        align(BusSignature.alignment(of: first))
        let start = bytes.count
        for value in elements {
            guard value.type == element else {
                throw .unsendable("a value of type \(value.type) in an array of type \(element)")
            }
            try put(value)
        }
        let length = bytes.count - start
        guard length <= Self.maximumArrayBytes else { throw .unsendable("an array of \(length) bytes") }
        for shift in 0..<4 { bytes[count - 4 + shift] = UInt8(truncatingIfNeeded: length >> (shift * 8)) }
    }
}
