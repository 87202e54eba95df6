import Testing

@testable import LinuxSys

/// rtnetlink(7): what is said, what is understood, and what the kernel says of the devices that are always there.
struct RouteTests {
    static func header(_ length: UInt32, type: UInt16, flags: UInt16 = 0, sequence: UInt32 = 1) -> [UInt8] {
        RouteMessage.bytes(of: length)
            + [UInt8(truncatingIfNeeded: type), UInt8(type >> 8), UInt8(truncatingIfNeeded: flags), UInt8(flags >> 8)]
            + RouteMessage.bytes(of: sequence) + [0, 0, 0, 0]
    }

    @Test func messagesAreReadAsTheyWereWritten() throws {
        var message = RouteMessage(.changeLink, device: 7, flags: 1, changed: 3)
        message.attribute(3, "eth0")
        message.attribute(28, UInt32(5))
        let bytes = message.finished(sequence: 9)
        // 16 and 16, "eth0" with its NUL and padding, a number.
        #expect(bytes.count == 16 + 16 + 12 + 8)
        let answers = try #require(RouteAnswer.all(in: bytes))
        #expect(answers.count == 1 && answers[0].type == 16 && answers[0].sequence == 9)
        #expect(RouteAnswer.number(answers[0].payload, at: 4) == 7)
        let attributes = try #require(answers[0].attributes(after: 16))
        #expect(attributes.map(\.type) == [3, 28])
        #expect(Array(attributes[0].value) == Array("eth0\0".utf8))
        #expect(RouteAnswer.number(attributes[1].value, at: 0) == 5)
    }

    @Test func packetsThatAreNone() {
        #expect(RouteAnswer.all(in: [])?.isEmpty == true)
        for bytes in [
            [1], Self.header(15, type: 3), Self.header(17, type: 3), Self.header(.max, type: 3),
            Self.header(0, type: 3),
            Self.header(16, type: 3) + [1, 2, 3],
        ] {
            #expect(RouteAnswer.all(in: bytes) == nil, "\(bytes)")
        }
        // The last message's padding may be left out.
        #expect(RouteAnswer.all(in: Self.header(17, type: 2) + [1])?.count == 1)
    }

    @Test func attributesThatAreNone() throws {
        for bytes in [[1], [3, 0, 1, 0], [0, 0, 1, 0], [9, 0, 1, 0, 1, 2, 3, 4], [4, 0, 1, 0, 4]] as [[UInt8]] {
            let packet = Self.header(UInt32(16 + bytes.count), type: 20) + bytes
            let answer = try #require(RouteAnswer.all(in: packet)?.first)
            #expect(answer.attributes(after: 0) == nil, "\(bytes)")
            #expect(answer.attributes(after: 100) == nil)
            let address = Self.header(UInt32(24 + bytes.count), type: 20) + [UInt8](repeating: 0, count: 8) + bytes
            let told = try #require(RouteAnswer.all(in: address)?.first)
            #expect(NetworkAddress(told) == nil)
        }
    }

    /// What became of an address isn't asked for again, and a label follows the device's name.
    @Test func addressesAreAddedAgain() throws {
        // struct ifaddrmsg: IPv4, /24, flags, scope, device 2; IFA_LOCAL, IFA_LABEL, IFA_FLAGS, IFA_CACHEINFO.
        let payload: [UInt8] =
            [2, 24, 0x80, 0] + RouteMessage.bytes(of: 2) + [8, 0, 2, 0, 10, 9, 0, 2]
            + [11, 0, 3, 0] + Array("va:xy\0\0\0".utf8)
            + [8, 0, 8, 0] + RouteMessage.bytes(of: 0x2c3)
            + [20, 0, 6, 0] + RouteMessage.bytes(of: .max) + RouteMessage.bytes(of: .max)
            + RouteMessage.bytes(of: 77) + RouteMessage.bytes(of: 88)
        let packet = Self.header(UInt32(16 + payload.count), type: 20) + payload
        let told = try #require(RouteAnswer.all(in: packet)?.first)
        let address = try #require(NetworkAddress(told))
        #expect(address.isPermanent && address.isGlobal && address.deviceIndex == 2 && address.prefixLength == 24)
        let device = NetworkDevice(index: 9, name: "net1", isUp: false)
        let again = address.message(for: device, onceNamed: "va").finished(sequence: 1)
        let answer = try #require(RouteAnswer.all(in: again)?.first)
        #expect(RouteAnswer.number(answer.payload, at: 4) == 9)
        var found: [UInt16: [UInt8]] = [:]
        for (type, value) in try #require(answer.attributes(after: 8)) { found[type] = Array(value) }
        #expect(found[2] == [10, 9, 0, 2])
        #expect(found[3] == Array("net1:xy\0".utf8))
        // NODAD and NOPREFIXROUTE; not PERMANENT, TENTATIVE, SECONDARY.
        #expect(found[8] == RouteMessage.bytes(of: 0x202))
        #expect(
            found[6] == RouteMessage.bytes(of: .max) + RouteMessage.bytes(of: .max) + [UInt8](repeating: 0, count: 8))
        // One that does not fit is the kernel's to choose.
        let long = NetworkDevice(index: 9, name: "n23456789012345", isUp: false)
        let other = try #require(
            RouteAnswer.all(in: address.message(for: long, onceNamed: "va").finished(sequence: 1))?.first)
        #expect(other.attributes(after: 8)?.contains { $0.type == 3 } == false)
    }

    @Test func theLoopbackDevice() throws {
        var socket = try RouteSocket()
        let device = try socket.device(named: "lo")
        #expect(device.name == "lo" && device.index > 0)
        #expect(try socket.device(at: device.index) == device)
        for address in try socket.addresses(of: device) { #expect(address.deviceIndex == device.index) }
    }

    @Test func devicesThatAreMissing() throws {
        var socket = try RouteSocket()
        for name in ["raind-nosuch", "n234567890123456789"] {
            let error = #expect(throws: SyscallError.self) { try socket.device(named: name) }
            #expect([.ENODEV, .ERANGE, .EINVAL].contains(error?.errno), "\(name)")
            #expect(error?.subject == name)
        }
    }
}
