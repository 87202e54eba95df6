import LinuxSys
import Testing

@testable import DBus

/// A connection whose other end is the test: what it answers is in the socket before it is asked.
struct ConnectionTests {
    static let soon: Int32 = 50

    private struct Ends: ~Copyable {
        let connection: BusConnection
        let other: OwnedFD

        init() throws {
            let pair = try Sockets.pair(.stream)
            let second = try Files.duplicate(pair.second.borrowed)
            connection = try BusConnection(adopting: pair.keepFirst())
            other = second
        }

        func say(_ bytes: [UInt8]) throws { try Sockets.send(other.borrowed, bytes) }

        func heard() throws -> [UInt8] { try Files.read(other.borrowed, maximumBytes: 1 << 16) }
    }

    private static func reply(to serial: UInt32, _ body: [BusValue] = []) throws -> [UInt8] {
        var reply = try BusMessage(.reply, serial: 77, body: body)
        reply.replySerial = serial
        return try reply.encoded()
    }

    private static func deadline() -> BusConnection.Deadline { BusConnection.Deadline(milliseconds: soon) }

    private static func ping() throws -> BusMessage {
        try BusMessage(calling: "Ping", of: "org.freedesktop.DBus.Peer", at: "/", destination: nil, [])
    }

    @Test func authenticatesWithoutANumber() throws {
        let ends = try Ends()
        try ends.say(Array("DATA\r\nOK 1234deadbeef\r\n".utf8))
        try ends.connection.authenticate(as: 1000, by: Self.deadline())
        #expect(String(decoding: try ends.heard(), as: UTF8.self) == "\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n")
    }

    @Test func authenticatesWithANumber() throws {
        let ends = try Ends()
        try ends.say(Array("REJECTED EXTERNAL\r\nOK 1234deadbeef\r\n".utf8))
        try ends.connection.authenticate(as: 1000, by: Self.deadline())
        #expect(
            String(decoding: try ends.heard(), as: UTF8.self)
                == "\0AUTH EXTERNAL\r\nAUTH EXTERNAL 31303030\r\nBEGIN\r\n")
    }

    @Test func authenticatesWithANumberAtOnce() throws {
        let ends = try Ends()
        try ends.say(Array("OK 1234deadbeef\r\n".utf8))
        try ends.connection.authenticate(as: 0, saysNumber: true, by: Self.deadline())
        #expect(String(decoding: try ends.heard(), as: UTF8.self) == "\0AUTH EXTERNAL 30\r\nBEGIN\r\n")
    }

    @Test func isRejected() throws {
        let ends = try Ends()
        try ends.say(Array("REJECTED EXTERNAL\r\nREJECTED EXTERNAL\r\n".utf8))
        #expect(throws: BusFailure.authentication("REJECTED EXTERNAL")) {
            try ends.connection.authenticate(as: 1000, by: Self.deadline())
        }
    }

    @Test func lineWithoutAnEnd() throws {
        let ends = try Ends()
        try ends.say([UInt8](repeating: 97, count: 20 << 10))
        #expect(throws: BusFailure.self) { try ends.connection.authenticate(as: 0, by: Self.deadline()) }
    }

    /// The answer to a call, among signals and answers to others, in pieces.
    @Test func findsItsAnswer() throws {
        let ends = try Ends()
        let answer = try MessageTests.signal().encoded() + Self.reply(to: 42) + Self.reply(to: 1, [.string("yes")])
        try ends.say(answer)
        #expect(try ends.connection.call(Self.ping(), by: Self.deadline()).body() == [.string("yes")])
        let call = try BusMessage(decoding: ends.heard())
        #expect(call.member == "Ping")
        #expect(call.serial == 1)
        // The signal that came before was kept.
        #expect(try ends.connection.signal(by: Self.deadline()).member == "JobRemoved")
    }

    @Test func isRefused() throws {
        let ends = try Ends()
        var error = try BusMessage(.error, serial: 3, body: [.string("Access denied")])
        error.replySerial = 1
        error.errorName = "org.freedesktop.DBus.Error.AccessDenied"
        try ends.say(error.encoded())
        #expect(throws: BusFailure.refused(name: "org.freedesktop.DBus.Error.AccessDenied", text: "Access denied")) {
            try ends.connection.call(Self.ping(), by: Self.deadline())
        }
    }

    @Test func waitsNoLongerThanIsSaid() throws {
        let ends = try Ends()
        #expect(throws: BusFailure.timeout) { try ends.connection.call(Self.ping(), by: Self.deadline()) }
        // Half a message is none.
        try ends.say(Array(try Self.reply(to: 2).dropLast(3)))
        #expect(throws: BusFailure.timeout) { try ends.connection.call(Self.ping(), by: Self.deadline()) }
        #expect(throws: BusFailure.timeout) { try ends.connection.signal(by: Self.deadline()) }
    }

    @Test func endsWithTheOther() throws {
        let ends = try Ends()
        try Sockets.finishWriting(ends.other.borrowed)
        #expect(throws: BusFailure.closed) { try ends.connection.call(Self.ping(), by: Self.deadline()) }
    }

    @Test func nonsense() throws {
        let ends = try Ends()
        try ends.say(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
        #expect(throws: BusFailure.self) { try ends.connection.call(Self.ping(), by: Self.deadline()) }
        let large = try Ends()
        try large.say([108, 2, 0, 1, 255, 255, 255, 127, 1, 0, 0, 0, 0, 0, 0, 0])
        #expect(throws: BusFailure.malformed("a message of 2147483663 bytes")) {
            try large.connection.call(Self.ping(), by: Self.deadline())
        }
    }
}
