/// A message of rtnetlink(7) to the kernel, in the making: a header, a fixed part, and attributes.
package struct RouteMessage {
    /// The bytes so far; the length in the header is filled in by `finished`.
    private var bytes: [UInt8] = []

    /// RTM_* of linux/rtnetlink.h.
    package enum Kind: UInt16 {
        /// RTM_NEWLINK, which without NLM_F_CREATE changes a device.
        case changeLink = 16
        /// RTM_GETLINK.
        case getLink = 18
        /// RTM_NEWADDR.
        case newAddress = 20
        /// RTM_GETADDR.
        case getAddress = 22
    }

    /// NLM_F_* of netlink(7).
    enum Flag {
        static let request: UInt16 = 0x1
        static let acknowledge: UInt16 = 0x4
        static let exclusive: UInt16 = 0x200
        static let create: UInt16 = 0x400
        /// All there are.
        static let dump: UInt16 = 0x300
    }

    private init(_ kind: Kind, _ flags: UInt16) {
        bytes.reserveCapacity(128)
        append(UInt32(0))
        append(kind.rawValue)
        append(flags)
        // Sequence number and port.
        append(UInt32(0))
        append(UInt32(0))
    }

    /// One about a device: `struct ifinfomsg`.
    /// - Parameters:
    ///   - flags: IFF_* as they shall be.
    ///   - changed: which of them are meant.
    init(_ kind: Kind, device index: Int32, flags: UInt32 = 0, changed: UInt32 = 0) {
        self.init(kind, Flag.request | Flag.acknowledge)
        // AF_UNSPEC, a gap, and the type of hardware.
        append(UInt32(0))
        append(UInt32(bitPattern: index))
        append(flags)
        append(changed)
    }

    /// One that asks for all addresses: `struct ifaddrmsg`.
    init(allAddressesOf _: Void) {
        self.init(.getAddress, Flag.request | Flag.dump)
        append(UInt32(0))
        append(UInt32(0))
    }

    /// One that adds an address to a device: `struct ifaddrmsg`.
    init(adding address: NetworkAddress, to index: Int32) {
        self.init(.newAddress, Flag.request | Flag.acknowledge | Flag.create | Flag.exclusive)
        bytes += [address.family, address.prefixLength, UInt8(truncatingIfNeeded: address.flags), address.scope]
        append(UInt32(bitPattern: index))
    }

    /// Adds an attribute, `struct rtattr`.
    mutating func attribute(_ type: UInt16, _ value: [UInt8]) {
        append(UInt16(4 + value.count))
        append(type)
        bytes += value
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    /// Adds an attribute that is a number.
    mutating func attribute(_ type: UInt16, _ value: UInt32) {
        attribute(type, Self.bytes(of: value))
    }

    /// Adds an attribute that is a text, with the NUL that ends it.
    mutating func attribute(_ type: UInt16, _ value: String) {
        attribute(type, Array(value.utf8) + [0])
    }

    /// The message with its length and its number.
    func finished(sequence: UInt32) -> [UInt8] {
        var message = bytes
        message.replaceSubrange(0..<4, with: Self.bytes(of: UInt32(message.count)))
        message.replaceSubrange(8..<12, with: Self.bytes(of: sequence))
        return message
    }

    private mutating func append(_ number: UInt32) { bytes += Self.bytes(of: number) }

    private mutating func append(_ number: UInt16) {
        #if _endian(little)
            bytes += [UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8)]
        #else
            bytes += [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
        #endif
    }

    /// A number as the machine has it in memory.
    static func bytes(of number: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        for place in UInt32(0)..<4 {
            #if _endian(little)
                bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place)))
            #else
                bytes.append(UInt8(truncatingIfNeeded: number >> (24 - 8 * place)))
            #endif
        }
        return bytes
    }
}

/// A message of rtnetlink(7) from the kernel.
struct RouteAnswer {
    /// RTM_*, or NLMSG_*.
    let type: UInt16
    /// NLM_F_*.
    let flags: UInt16
    /// The number of the message that it answers.
    let sequence: UInt32
    /// What comes after the header.
    let payload: ArraySlice<UInt8>

    /// NLMSG_ERROR: an errno, negated; 0 is an acknowledgement. NLMSG_DONE begins with one, too.
    static let error: UInt16 = 2
    /// NLMSG_DONE: nothing comes after it.
    static let done: UInt16 = 3
    /// NLM_F_DUMP_INTR: something was changed meanwhile.
    static let interrupted: UInt16 = 0x10

    /// The messages of a packet; nil where it is none.
    static func all(in packet: [UInt8]) -> [RouteAnswer]? {
        var answers: [RouteAnswer] = []
        var rest = packet[...]
        while !rest.isEmpty {
            guard let length = number(rest, at: 0).map({ Int($0) }), length >= 16, length <= rest.count,
                let type = short(rest, at: 4), let flags = short(rest, at: 6), let sequence = number(rest, at: 8)
            else { return nil }
            let payload = rest.dropFirst(16).prefix(length - 16)
            answers.append(RouteAnswer(type: type, flags: flags, sequence: sequence, payload: payload))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return answers
    }

    /// The attributes behind a fixed part; nil where they are none.
    func attributes(after fixed: Int) -> [(type: UInt16, value: ArraySlice<UInt8>)]? {
        guard payload.count >= fixed else { return nil }
        var attributes: [(type: UInt16, value: ArraySlice<UInt8>)] = []
        var rest = payload.dropFirst(fixed)
        while !rest.isEmpty {
            guard let length = Self.short(rest, at: 0).map({ Int($0) }), length >= 4, length <= rest.count,
                let type = Self.short(rest, at: 2)
            else { return nil }
            // NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of the type.
            attributes.append((type & 0x3fff, rest.dropFirst(4).prefix(length - 4)))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return attributes
    }

    /// Four bytes as the machine has them in memory.
    static func number(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt32? {
        guard let first = short(bytes, at: offset), let second = short(bytes, at: offset + 2) else { return nil }
        #if _endian(little)
            return UInt32(first) | UInt32(second) << 16
        #else
            return UInt32(first) << 16 | UInt32(second)
        #endif
    }

    /// Two bytes as the machine has them in memory.
    static func short(_ bytes: ArraySlice<UInt8>, at offset: Int) -> UInt16? {
        guard offset >= 0, bytes.count >= offset + 2 else { return nil }
        let first = UInt16(bytes[bytes.startIndex + offset])
        let second = UInt16(bytes[bytes.startIndex + offset + 1])
        #if _endian(little)
            return first | second << 8
        #else
            return first << 8 | second
        #endif
    }
}
