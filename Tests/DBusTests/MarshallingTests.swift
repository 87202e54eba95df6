import LinuxSys
import Testing

@testable import DBus

/// Values as they travel, and back.
struct MarshallingTests {
    static func bytes(_ values: BusValue...) throws -> [UInt8] {
        var writer = BusWriter()
        for value in values { try writer.put(value) }
        return writer.bytes
    }

    static func read(_ bytes: [UInt8], _ signature: String) throws -> [BusValue] {
        var reader = BusReader(bytes)
        let values = try reader.values(of: signature)
        #expect(reader.isAtEnd)
        return values
    }

    static let values: [BusValue] = [
        .byte(7), .boolean(true), .boolean(false), .int16(-2), .uint16(65535), .int32(-3), .uint32(.max), .int64(.min),
        .uint64(.max), .double(-0.5), .string(""), .string("a\u{e9}\u{1F600}"), .objectPath("/"), .objectPath("/a/b_1"),
        .signature(""), .signature("a(sv)"), .descriptor(3), .bytes([1, 2, 3]), .strings([]), .strings(["a", "bcd"]),
        .array(of: "t", []), .array(of: "t", [.uint64(1), .uint64(2)]),
        .array(of: "(sv)", [.structure([.string("Slice"), .variant(.string("a.slice"))])]),
        .array(of: "{sv}", [.dictionaryEntry(.string("a"), .variant(.array(of: "u", [.uint32(1)])))]),
        .array(of: "a(ss)", [.array(of: "(ss)", []), .array(of: "(ss)", [.structure([.string("x"), .string("y")])])]),
        .structure([.byte(1), .structure([.uint64(2)])]), .variant(.variant(.variant(.byte(1)))),
    ]

    @Test(arguments: values)
    func roundTrips(value: BusValue) throws {
        // Also behind a byte, from which each has to be aligned.
        #expect(try Self.read(Self.bytes(value), value.type) == [value])
        #expect(try Self.read(Self.bytes(.byte(9), value, .byte(9)), "y\(value.type)y") == [.byte(9), value, .byte(9)])
    }

    /// The bytes of the specification's own words: lengths without padding, padding of zeros, little endian.
    @Test func alignment() throws {
        #expect(try Self.bytes(.byte(1), .uint32(2)) == [1, 0, 0, 0, 2, 0, 0, 0])
        #expect(try Self.bytes(.string("foo")) == [3, 0, 0, 0, 102, 111, 111, 0])
        #expect(try Self.bytes(.signature("su")) == [2, 115, 117, 0])
        #expect(try Self.bytes(.variant(.uint16(258))) == [1, 113, 0, 0, 2, 1])
        // The padding before the first element isn't counted, and is there without elements, too.
        #expect(try Self.bytes(.array(of: "t", [.uint64(5)])) == [8, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0])
        #expect(try Self.bytes(.array(of: "t", [])) == [0, 0, 0, 0, 0, 0, 0, 0])
        #expect(try Self.bytes(.array(of: "y", [])) == [0, 0, 0, 0])
        #expect(try Self.bytes(.byte(1), .structure([.byte(2)])) == [1, 0, 0, 0, 0, 0, 0, 0, 2])
    }

    @Test(arguments: [
        BusValue.string("a\0b"), .objectPath(""), .objectPath("a"), .objectPath("/a/"), .objectPath("//"),
        .objectPath("/a-b"), .signature("a"), .signature("()"), .signature("{sv}"), .structure([]),
        .array(of: "s", [.byte(1)]), .array(of: "ss", []), .array(of: "", []),
    ])
    func whatCantBeSent(value: BusValue) {
        #expect(throws: BusFailure.self) { try Self.bytes(value) }
    }

    @Test(arguments: [
        ("", true), ("y", true), ("a(sv)", true), ("a{s(iav)}", true), ("(y(y))", true), ("a", false), ("aa", false),
        ("(", false), (")", false), ("()", false), ("(y", false), ("{sv}", false), ("a{sv", false), ("a{vs}", false),
        ("a{s}", false), ("a{svs}", false), ("z", false), ("a{(s)v}", false),
        (String(repeating: "a", count: 32) + "y", true), (String(repeating: "a", count: 33) + "y", false),
        (String(repeating: "(", count: 32) + "y" + String(repeating: ")", count: 32), true),
        (String(repeating: "(", count: 33) + "y" + String(repeating: ")", count: 33), false),
        (String(repeating: "y", count: 255), true), (String(repeating: "y", count: 256), false),
    ])
    func signatures(text: String, isValid: Bool) {
        #expect(BusSignature.isValid(Array(text.utf8)) == isValid)
    }

    /// What a hostile peer may send: no length is believed.
    @Test(
        arguments: [
            ("u", [1, 0, 0]), ("b", [2, 0, 0, 0]), ("s", [4, 0, 0, 0, 97, 0]), ("s", [255, 255, 255, 255, 97, 0]),
            ("s", [1, 0, 0, 0, 97, 98]), ("s", [1, 0, 0, 0, 0, 0]), ("s", [1, 0, 0, 0, 255, 0]), ("s", [0, 0, 0, 0]),
            ("o", [1, 0, 0, 0, 97, 0]), ("g", [1, 97, 0]), ("g", [255, 115]), ("v", [0, 0]), ("v", [2, 115, 115, 0]),
            ("v", [1, 122, 0, 0]), ("ay", [5, 0, 0, 0, 1]), ("ay", [255, 255, 255, 255]), ("ay", [0, 0, 0, 5, 1]),
            ("at", [4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]), ("at", [8, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
            ("as", [5, 0, 0, 0, 1, 0, 0, 0, 97, 0]), ("yu", [1, 0, 1, 0, 2, 0, 0, 0]), ("(y)", []),
            ("a{yy}", [1, 0, 0, 0]),
        ] as [(String, [UInt8])])
    func hostileBytes(signature: String, bytes: [UInt8]) {
        var reader = BusReader(bytes)
        #expect(throws: BusFailure.self) { try reader.values(of: signature) }
    }

    /// A variant of a variant of a variant: 64 deep is the end.
    @Test func depth() throws {
        func nested(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in [UInt8]([1, 118, 0]) } + [1, 121, 0, 7] }
        var reader = BusReader(nested(63))
        #expect(try reader.values(of: "v").count == 1)
        var tooDeep = BusReader(nested(65))
        #expect(throws: BusFailure.self) { try tooDeep.values(of: "v") }
        var muchTooDeep = BusReader(nested(100_000))
        #expect(throws: BusFailure.self) { try muchTooDeep.values(of: "v") }
    }

    /// Each value cut at each place, and each byte of it another: an error or a value, never a trap.
    @Test(arguments: values)
    func anythingIsReadOrRefused(value: BusValue) throws {
        let whole = try Self.bytes(value)
        for count in 0..<whole.count {
            var reader = BusReader(Array(whole[..<count]))
            #expect(throws: BusFailure.self) { try reader.values(of: value.type) }
        }
        for place in whole.indices {
            for bit in 0..<8 {
                var changed = whole
                changed[place] ^= 1 << UInt8(bit)
                var reader = BusReader(changed)
                guard let read = try? reader.values(of: value.type), reader.isAtEnd else { continue }
                #expect(read.map(\.type).joined() == value.type)
            }
        }
    }
}
