import Testing

@testable import CRIUProtocol

struct CRIUResponseTests {
    /// What a message of fields is read as.
    private func read(_ fill: (inout ProtobufWriter) -> Void) throws -> CRIUResponse {
        var writer = ProtobufWriter()
        fill(&writer)
        return try CRIUResponse(decoding: writer.bytes)
    }

    @Test func notification() throws {
        let response = try read { writer in
            writer.int32(1, 6)
            writer.bool(2, true)
            writer.message(5) { notify in
                notify.string(1, "setup-namespaces")
                notify.int32(2, 4711)
            }
        }
        #expect(response.type == .notify)
        #expect(response.isSuccess)
        #expect(response.notification == .init(script: "setup-namespaces", pid: 4711))
    }

    @Test func restored() throws {
        let response = try read { writer in
            writer.int32(1, 2)
            writer.bool(2, true)
            writer.message(4) { $0.int32(1, 12) }
        }
        #expect(response.type == .restore)
        #expect(response.restoredPID == 12)
    }

    @Test func failure() throws {
        let response = try read { writer in
            writer.int32(1, 1)
            writer.bool(2, false)
            writer.message(3) { $0.bool(1, false) }
            writer.int32(7, 52)
            writer.string(9, "Error (criu/cr-dump.c:1): \u{fc}")
        }
        #expect(response.type == .dump)
        #expect(!response.isSuccess)
        #expect(response.errno == 52)
        #expect(response.errorText == "Error (criu/cr-dump.c:1): ü")
    }

    @Test(
        arguments: [
            ([(1, 3), (2, 17), (4, 1)], "", CRIUVersion(3, 17, 1), "3.17.1"),
            ([(1, 3), (2, 0)], "", CRIUVersion(3, 0), "3.0"),
            // Not released: what the next minor version will have.
            ([(1, 3), (2, 17), (4, 1)], "v3.17.1-29-gcafe", CRIUVersion(3, 18), "3.18"),
        ] as [([(Int, Int32)], String, CRIUVersion, String)])
    func version(_ numbers: [(Int, Int32)], _ gitID: String, _ expected: CRIUVersion, _ text: String) throws {
        let response = try read { writer in
            writer.int32(1, 10)
            writer.bool(2, true)
            writer.message(10) { version in
                for (field, number) in numbers { version.int32(field, number) }
                version.string(3, gitID)
            }
        }
        #expect(response.version == expected)
        #expect(response.version?.description == text)
    }

    @Test func versionsCompareByNumber() {
        #expect(CRIUVersion(3, 9) < CRIUVersion(3, 16))
        #expect(CRIUVersion(3, 16) < CRIUVersion(3, 16, 1))
        #expect(CRIUVersion(3, 19) < CRIUVersion(4, 0))
    }

    @Test func features() throws {
        let response = try read { writer in
            writer.int32(1, 9)
            writer.bool(2, true)
            writer.message(8) { features in
                features.bool(1, true)
                features.bool(2, false)
                features.bool(3, true)
            }
        }
        #expect(response.features == CRIUFeatures(tracksMemory: true))
    }

    /// Later versions add fields, of any type.
    @Test func unknownFieldsArePassedOver() throws {
        let bytes: [UInt8] = [
            0x08, 1, 0x10, 1, 0xf8, 0x7f, 1, 0xa1, 6, 1, 2, 3, 4, 5, 6, 7, 8, 0xa5, 6, 1, 2, 3, 4, 0xa2, 6, 2, 0xff, 0,
        ]
        let response = try CRIUResponse(decoding: bytes)
        #expect(response.type == .dump)
        #expect(response.isSuccess)
    }

    @Test func unknownTypes() throws {
        #expect(try CRIUResponse(decoding: [0x08, 77, 0x10, 1]).type == .other(77))
        #expect(CRIUMessageType.other(77).number == 77)
    }

    @Test(
        arguments: [
            ([], .missing(field: 1)), ([0x08, 1], .missing(field: 2)), ([0x10, 1], .missing(field: 1)),
            ([0x08], .truncated), ([0x08, 0x80], .truncated),
            ([0x08, 1, 0x10, 1, 0x2a, 5, 1], .truncated),
            // A length of 2^64 - 1, and one of 2^63.
            ([0x08, 1, 0x10, 1, 0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], .truncated),
            ([0x08, 1, 0x10, 1, 0x2a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], .truncated),
            ([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], .oversizedNumber),
            ([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0], .oversizedNumber),
            ([0x00, 1], .fieldNumber(0)), ([0x80, 0x80, 0x80, 0x80, 0x10, 1], .fieldNumber(0x2000_0000)),
            ([0x0b], .wireType(3)), ([0x0c], .wireType(4)), ([0x0e], .wireType(6)), ([0x0f], .wireType(7)),
            ([0x09, 1, 2, 3], .truncated), ([0x0d, 1, 2], .truncated),
            ([0x0a, 1, 1], .unexpectedType(field: 1)), ([0x28, 1], .unexpectedType(field: 5)),
            ([0x0d, 1, 2, 3, 4], .unexpectedType(field: 1)),
            ([0x08, 0x80, 0x80, 0x80, 0x80, 0x10], .outOfRange(field: 1)),
            // Inside of a message the same is looked at.
            ([0x08, 2, 0x10, 1, 0x22, 0], .missing(field: 1)), ([0x08, 2, 0x10, 1, 0x22, 1, 0x08], .truncated),
            ([0x08, 10, 0x10, 1, 0x52, 2, 0x08, 3], .missing(field: 2)),
        ] as [([UInt8], ProtobufError)])
    func hostile(_ bytes: [UInt8], _ expected: ProtobufError) {
        #expect(throws: expected) { try CRIUResponse(decoding: bytes) }
    }

    /// Every beginning of a message is an answer or an error, and no end of the program.
    @Test func truncated() throws {
        var writer = ProtobufWriter()
        writer.int32(1, 6)
        writer.bool(2, true)
        writer.message(5) { notify in
            notify.string(1, "post-restore")
            notify.int32(2, -1)
        }
        let bytes = writer.bytes
        #expect(try CRIUResponse(decoding: bytes).notification?.pid == -1)
        for count in 0..<bytes.count where count != 4 {
            #expect(throws: ProtobufError.self, "\(count)") { try CRIUResponse(decoding: Array(bytes[..<count])) }
        }
    }

    /// Bytes from a generator with a fixed seed: the reader ends with each, within them.
    @Test func random() {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        func next() -> UInt8 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 24)
        }
        var failures = 0
        for _ in 0..<20_000 {
            let bytes = [0x08, 1, 0x10, 1] + (0..<Int(next() % 24)).map { _ in next() }
            do {
                _ = try CRIUResponse(decoding: bytes)
            } catch {
                failures += 1
                #expect(!error.description.isEmpty)
            }
        }
        #expect((1000..<20_000).contains(failures))
    }

    @Test func textsThatAreNone() throws {
        let response = try CRIUResponse(decoding: [0x08, 1, 0x10, 0, 0x4a, 2, 0xc3, 0x28])
        #expect(response.errorText == "\u{fffd}(")
    }
}
