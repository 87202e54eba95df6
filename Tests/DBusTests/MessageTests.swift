import Testing

@testable import DBus

/// Messages as they travel, and back.
struct MessageTests {
    static func call() throws -> BusMessage {
        var call = try BusMessage(
            calling: "StopUnit", of: "org.freedesktop.systemd1.Manager", at: "/org/freedesktop/systemd1",
            destination: "org.freedesktop.systemd1", [.string("a.scope"), .string("replace")])
        call.serial = 5
        return call
    }

    static func signal() throws -> BusMessage {
        var signal = try BusMessage(
            .signal, serial: 9,
            body: [.uint32(1), .objectPath("/org/freedesktop/systemd1/job/1"), .string("a.scope"), .string("done")])
        signal.path = "/org/freedesktop/systemd1"
        signal.interface = "org.freedesktop.systemd1.Manager"
        signal.member = "JobRemoved"
        signal.sender = ":1.0"
        return signal
    }

    @Test func roundTrips() throws {
        for message in [try Self.call(), try Self.signal()] {
            let bytes = try message.encoded()
            #expect(try BusMessage.length(of: bytes) == bytes.count)
            #expect(try BusMessage(decoding: bytes) == message)
            #expect(try BusMessage(decoding: bytes).body() == message.body())
        }
    }

    /// The bytes of a call of Hello, as the specification lays them out.
    @Test func bytesOfACall() throws {
        var hello = try BusMessage(calling: "Hello", of: "a.b", at: "/", destination: nil, [])
        hello.serial = 1
        #expect(
            try hello.encoded() == [
                108, 1, 2, 1, 0, 0, 0, 0, 1, 0, 0, 0, 46, 0, 0, 0,
                1, 1, 111, 0, 1, 0, 0, 0, 47, 0, 0, 0, 0, 0, 0, 0,
                2, 1, 115, 0, 3, 0, 0, 0, 97, 46, 98, 0, 0, 0, 0, 0,
                3, 1, 115, 0, 5, 0, 0, 0, 72, 101, 108, 108, 111, 0, 0, 0,
            ])
    }

    @Test func lengthIsKnownFromTheBeginning() throws {
        let bytes = try Self.call().encoded()
        #expect(try BusMessage.length(of: Array(bytes.prefix(15))) == nil)
        #expect(try BusMessage.length(of: Array(bytes.prefix(16))) == bytes.count)
        // Nothing of the kind begins so.
        for (place, byte) in [(0, UInt8(ascii: "B")), (0, 0), (3, 2), (7, 255), (15, 255), (7, 1), (15, 1)] {
            var changed = bytes
            changed[place] = byte
            #expect(throws: BusFailure.self) { try BusMessage.length(of: changed) }
        }
    }

    @Test func whatIsMissing() throws {
        var noMember = try Self.signal()
        noMember.member = nil
        var noPath = try Self.signal()
        noPath.path = nil
        let noSerial = try BusMessage(.reply, serial: 1)
        var noName = try BusMessage(.error, serial: 1)
        noName.replySerial = 1
        let zero = try Self.call()
        for message in [noMember, noPath, noSerial, noName] {
            let bytes = try message.encoded()
            #expect(throws: BusFailure.self) { try BusMessage(decoding: bytes) }
        }
        var bytes = try zero.encoded()
        bytes[8] = 0
        #expect(throws: BusFailure.self) { try BusMessage(decoding: bytes) }
        bytes[8] = 5
        bytes[1] = 7
        #expect(throws: BusFailure.self) { try BusMessage(decoding: bytes) }
    }

    /// Cut at each place, and each bit of it another: an error or a message, never a trap.
    @Test func anythingIsReadOrRefused() throws {
        let whole = try Self.signal().encoded()
        for count in 0..<whole.count {
            #expect(throws: BusFailure.self) { try BusMessage(decoding: Array(whole[..<count])) }
        }
        var read = 0
        for place in whole.indices {
            for bit in 0..<8 {
                var changed = whole
                changed[place] ^= 1 << UInt8(bit)
                if let message = try? BusMessage(decoding: changed) {
                    _ = try? message.body()
                    read += 1
                }
            }
        }
        // Most bits of texts make another text.
        #expect(read > whole.count)
    }

    /// A field that a later version may have is passed over; one of another type is refused.
    @Test func fields() throws {
        func message(_ field: BusValue) throws -> [UInt8] {
            var writer = BusWriter()
            for byte: UInt8 in [108, 2, 0, 1] { try writer.put(.byte(byte)) }
            writer.put(UInt32(0))
            writer.put(UInt32(1))
            try writer.put(
                .array(of: "(yv)", [.structure([.byte(5), .variant(.uint32(4))]), field]))
            writer.align(8)
            return writer.bytes
        }
        #expect(
            try BusMessage(decoding: message(.structure([.byte(200), .variant(.strings(["x"]))]))).replySerial == 4)
        for field: BusValue in [
            .structure([.byte(7), .variant(.uint32(1))]), .structure([.byte(0), .variant(.uint32(1))]),
            .structure([.byte(8), .variant(.signature("s"))]),
        ] {
            let bytes = try message(field)
            #expect(throws: BusFailure.self) { try BusMessage(decoding: bytes) }
        }
    }
}
