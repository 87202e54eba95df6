import LinuxSys

@testable import ContainerRuntime

/// A packet of the conversation between the runtime and the container's process, which may have been made to lie.
struct StageTarget {
    let packet: [UInt8]

    init(_ packet: [UInt8]) { self.packet = packet }

    func follow() {
        guard let message = StageMessage(decoding: packet) else { return }
        expect(message.encoded.count <= max(packet.count * 3, StageMessage.maximumBytes), "a packet has room for it")
        if case .failure(let failure) = message {
            expectOneLine(RuntimeError(failure).text)
            expect(message.encoded.count <= StageMessage.maximumBytes, "a failure always fits into a packet")
            // A text that is no UTF-8 or too long is another one; that one stays.
            guard case .failure(let again) = StageMessage(decoding: message.encoded) else {
                return expect(false, "a failure can be read again")
            }
            expect(again.errno == failure.errno, "the errno stays")
            expect(
                StageMessage(decoding: StageMessage.failure(again).encoded) == .failure(again),
                "read twice it is the same")
        } else {
            expect(message.encoded == packet, "a message has one form")
        }
        expectPassed(message.encoded)
    }

    /// Sent and received it is the same; with more descriptors than are asked for it is refused, and none is left open.
    private func expectPassed(_ bytes: [UInt8]) {
        guard bytes.count <= StageMessage.maximumBytes, let pair = try? Sockets.pair() else { return }
        let own = pair.first.borrowed
        do {
            let count = Int(packet.last ?? 0) % 4
            try Sockets.send(own, bytes, descriptors: (0..<count).map { _ in own })
            let received = try StageMessage.receivePacket(from: pair.second.borrowed, maximumDescriptors: 2)
            expect(count <= 2 && received.bytes == bytes, "what is sent arrives")
            expect(received.descriptors.count == count, "\(count) descriptors arrive")
        } catch {
            expect(
                error.errno == .EMSGSIZE && Int(packet.last ?? 0) % 4 == 3, "it is refused for what is wrong: \(error)")
        }
    }
}
