@testable import CRIUProtocol

/// An answer of CRIU's.
struct CRIUTarget {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func follow() {
        let response: CRIUResponse
        do {
            response = try CRIUResponse(decoding: bytes)
        } catch {
            return expectOneLine("\(error)")
        }
        func decoded(_ bytes: [UInt8]) -> CRIUResponse? { try? CRIUResponse(decoding: bytes) }
        expect(decoded(bytes + bytes) == response, "what is said twice is said once")
        // Field 1000, a number: of a later version.
        expect(decoded(bytes + [0xC0, 0x3E, 0x01]) == response, "what isn't known is passed over")
        expect(decoded(bytes + [0x80]) == nil, "what ends inside a field is refused")
        if let version = response.version { expect(!(version < version), "a version isn't before itself") }
    }
}
