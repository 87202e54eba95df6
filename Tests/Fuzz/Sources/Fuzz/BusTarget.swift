@testable import DBus

/// A message of a bus, and an address of one.
struct BusTarget {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func follow() {
        followAddress()
        let length: Int?
        do {
            length = try BusMessage.length(of: bytes)
        } catch {
            return expectOneLine("\(error)")
        }
        guard let length else { return expect(bytes.count < BusMessage.prologueBytes, "the length is known") }
        expect((BusMessage.prologueBytes...BusMessage.maximumBytes).contains(length), "a length that can be: \(length)")
        do {
            let message = try BusMessage(decoding: bytes)
            expect(length == bytes.count, "a message is as long as it says")
            let again = try BusMessage(decoding: try message.encoded())
            expect(again == message, "written and read it is the same")
            let body = try message.body()
            var copy = message
            try copy.set(body: body)
            expect(copy.signature == message.signature, "the types of the body are those of its values")
            // NaN is not equal to itself.
            if !message.signature.utf8.contains(UInt8(ascii: "d")), !message.signature.utf8.contains(UInt8(ascii: "v"))
            {
                expect(try copy.body() == body, "the body is what was put in")
            }
        } catch {
            expectOneLine("\(error)")
        }
    }

    private func followAddress() {
        guard let text = String(validating: bytes, as: UTF8.self), let found = try? BusAddress.list(text) else {
            return
        }
        expect(!found.isEmpty, "an address, or an error")
        for address in found {
            let first = address.socketPath.utf8.first
            expect(first == UInt8(ascii: "/") || first == 0, "a path, or an abstract name")
            guard first == UInt8(ascii: "/") else { continue }
            let again = try? BusAddress.list(BusAddress(socketPath: address.socketPath).text)
            expect(again?.first?.socketPath == address.socketPath, "written and read it is the same")
        }
    }
}
