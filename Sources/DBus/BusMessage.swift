/// A message on a bus (D-Bus Specification, "Message Protocol").
package struct BusMessage: Sendable, Equatable {
    /// What a message is.
    package enum Kind: UInt8, Sendable {
        /// METHOD_CALL.
        case call = 1
        /// METHOD_RETURN.
        case reply = 2
        /// ERROR.
        case error = 3
        /// SIGNAL.
        case signal = 4
    }

    /// What it is.
    package var kind: Kind
    /// Its number, which is the sender's to choose; never 0.
    package var serial: UInt32
    /// The number of the call that this answers; nil for what answers none.
    package var replySerial: UInt32?
    /// The object that is called, or that sends the signal.
    package var path: String?
    /// The interface of the member.
    package var interface: String?
    /// The method's name, or the signal's.
    package var member: String?
    /// The error's name.
    package var errorName: String?
    /// Who it is for.
    package var destination: String?
    /// Who has sent it: the bus itself says so.
    package var sender: String?
    /// The types of the body.
    package private(set) var signature = ""
    /// The body as it travels.
    private var bodyBytes: [UInt8] = []

    /// The largest that is sent or taken, in bytes: nothing that systemd has to say to a runtime comes near.
    package static let maximumBytes = 1 << 24
    /// What has to be there to know how long a message is.
    static let prologueBytes = 16

    /// A call of a method.
    /// - Throws: `BusFailure.unsendable`.
    package init(
        calling member: String, of interface: String, at path: String, destination: String?, _ body: [BusValue]
    ) throws(BusFailure) {
        kind = .call
        serial = 0
        self.path = path
        self.interface = interface
        self.member = member
        self.destination = destination
        try set(body: body)
    }

    /// A message as given.
    package init(_ kind: Kind, serial: UInt32, body: [BusValue] = []) throws(BusFailure) {
        self.kind = kind
        self.serial = serial
        try set(body: body)
    }

    /// Sets what the message holds.
    /// - Throws: `BusFailure.unsendable`.
    package mutating func set(body: [BusValue]) throws(BusFailure) {
        var writer = BusWriter()
        for value in body { try writer.put(value) }
        signature = body.map(\.type).joined()
        guard BusSignature.isValid(Array(signature.utf8)) else { throw .unsendable("values of too many types") }
        bodyBytes = writer.bytes
    }

    /// What the message holds.
    /// - Throws: `BusFailure.malformed`.
    package func body() throws(BusFailure) -> [BusValue] {
        var reader = BusReader(bodyBytes)
        let values = try reader.values(of: signature)
        guard reader.isAtEnd else { throw .malformed("a body that is longer than its types") }
        return values
    }

    // MARK: Bytes

    /// NO_AUTO_START: what is not running is not started for a call.
    private static let noAutoStart: UInt8 = 2

    private enum Field {
        static let path: UInt8 = 1
        static let interface: UInt8 = 2
        static let member: UInt8 = 3
        static let errorName: UInt8 = 4
        static let replySerial: UInt8 = 5
        static let destination: UInt8 = 6
        static let sender: UInt8 = 7
        static let signature: UInt8 = 8
    }

    /// The message as it travels.
    /// - Throws: `BusFailure.unsendable`.
    package func encoded() throws(BusFailure) -> [UInt8] {
        var fields: [BusValue] = []
        func add(_ code: UInt8, _ value: BusValue?) {
            guard let value else { return }
            fields.append(.structure([.byte(code), .variant(value)]))
        }
        add(Field.path, path.map(BusValue.objectPath))
        add(Field.interface, interface.map(BusValue.string))
        add(Field.member, member.map(BusValue.string))
        add(Field.errorName, errorName.map(BusValue.string))
        add(Field.replySerial, replySerial.map(BusValue.uint32))
        add(Field.destination, destination.map(BusValue.string))
        add(Field.sender, sender.map(BusValue.string))
        add(Field.signature, signature.isEmpty ? nil : .signature(signature))
        var writer = BusWriter()
        for byte in [UInt8(ascii: "l"), kind.rawValue, Self.noAutoStart, 1] { try writer.put(.byte(byte)) }
        writer.put(UInt32(truncatingIfNeeded: bodyBytes.count))
        writer.put(serial)
        try writer.put(.array(of: "(yv)", fields))
        writer.align(8)
        guard writer.bytes.count + bodyBytes.count <= Self.maximumBytes else { throw .unsendable("too much") }
        return writer.bytes + bodyBytes
    }

    /// The length of the message that begins with these bytes, in bytes; nil where they are too few to know.
    /// - Throws: `BusFailure.malformed` for what no message begins with, and for more than is taken.
    package static func length(of start: [UInt8]) throws(BusFailure) -> Int? {
        guard start.count >= prologueBytes else { return nil }
        guard start[0] == UInt8(ascii: "l") else { throw .malformed("a message that is not little endian") }
        guard start[3] == 1 else { throw .malformed("version \(start[3]) of the protocol") }
        var reader = BusReader(start, at: 4)
        let bodyCount = Int(try reader.number() as UInt32)
        _ = try reader.number() as UInt32
        let fieldCount = Int(try reader.number() as UInt32)
        let length = prologueBytes + (fieldCount + 7) / 8 * 8 + bodyCount
        guard length <= maximumBytes else { throw .malformed("a message of \(length) bytes") }
        return length
    }

    /// The message that these bytes are, from the first to the last.
    /// - Throws: `BusFailure.malformed`.
    package init(decoding bytes: [UInt8]) throws(BusFailure) {
        guard let length = try Self.length(of: bytes), length == bytes.count else {
            throw .malformed("a message of another length")
        }
        guard let kind = Kind(rawValue: bytes[1]) else { throw .malformed("a message of kind \(bytes[1])") }
        self.kind = kind
        var reader = BusReader(bytes, at: 4)
        let bodyCount = Int(try reader.number() as UInt32)
        serial = try reader.number()
        guard serial != 0 else { throw .malformed("a message without a number") }
        let fields = try reader.values(of: "a(yv)")
        try reader.align(8)
        guard bytes.count - reader.place == bodyCount else { throw .malformed("a body of another length") }
        bodyBytes = Array(bytes[reader.place...])
        guard case .array(_, let list) = fields.first else { throw .malformed("a message without fields") }
        for field in list {
            guard case .structure(let parts) = field, parts.count == 2, case .byte(let code) = parts[0],
                case .variant(let value) = parts[1]
            else { throw .malformed("a field that is none") }
            try take(value, as: code)
        }
        guard signature.isEmpty == bodyBytes.isEmpty else {
            throw .malformed("a body without types, or types without one")
        }
        switch kind {
        case .call where path != nil && member != nil: break
        case .signal where path != nil && interface != nil && member != nil: break
        case .reply where replySerial != nil: break
        case .error where replySerial != nil && errorName != nil: break
        default: throw .malformed("a message without what its kind has to have")
        }
    }

    private mutating func take(_ value: BusValue, as code: UInt8) throws(BusFailure) {
        switch (code, value) {
        case (Field.path, .objectPath(let path)): self.path = path
        case (Field.interface, .string(let name)): interface = name
        case (Field.member, .string(let name)): member = name
        case (Field.errorName, .string(let name)): errorName = name
        case (Field.replySerial, .uint32(let serial)): replySerial = serial
        case (Field.destination, .string(let name)): destination = name
        case (Field.sender, .string(let name)): sender = name
        case (Field.signature, .signature(let types)): signature = types
        case (0...Field.signature, _): throw .malformed("the field \(code) of type \(value.type)")
        // Fields of later versions are passed over (D-Bus Specification, "Header Fields").
        default: break
        }
    }
}
