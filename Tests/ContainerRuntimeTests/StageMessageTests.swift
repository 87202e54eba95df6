import LinuxSys
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// What the two processes say to each other: the container's process may have been taken over, so the runtime reads its
/// packets as anybody's.
struct StageMessageTests {
    static func failure() -> StageFailure {
        var failure = StageFailure(errno: 1, operation: "mount", subject: "/proc", text: "")
        failure.step = "mount proc on /proc"
        failure.pointer = "/mounts/0"
        failure.hint = "a hint"
        return failure
    }

    static let messages: [StageMessage] = [
        .cloned(pid: 1), .cloned(pid: 0x0102_0304), .cloned(pid: .max), .mapsWritten, .cgroupsOpen, .rootfsReady,
        .release(filter: []), .release(filter: Array(repeating: 0xab, count: 8)),
        .release(filter: Array(repeating: 7, count: 4096 * 8)), .ready, .courier, .listener, .listenerPassed,
        .limitsSet,
        .failure(failure()),
        .failure(StageFailure(errno: 0, operation: "", subject: "", text: "exec: \"x\": is a directory")),
        .failure(StageFailure(errno: .max, operation: "\u{1F4E6}\n\0", subject: "", text: "")),
        .failure(StageFailure(errno: .min, operation: "a", subject: "b", text: "c")),
    ]

    @Test(arguments: messages)
    func packetsAreReadAsTheyWereWritten(message: StageMessage) {
        let packet = message.encoded
        #expect(StageMessage(decoding: packet) == message)
        #expect(packet.count <= StageMessage.maximumBytes)
    }

    @Test func everyMessageHasItsTag() {
        let tags = Self.messages.map { $0.encoded[0] }
        #expect(Set(tags) == Set(1...11))
    }

    /// No part of a packet is another message, nor is one with something behind it; but for a filter, whose length is
    /// the packet's.
    @Test(arguments: messages)
    func partsOfPacketsAreNone(message: StageMessage) {
        let packet = message.encoded
        let isFilter = if case .release = message { true } else { false }
        for count in 0..<packet.count where !isFilter || count == 0 || (count - 1) % 8 != 0 {
            #expect(StageMessage(decoding: Array(packet[..<count])) == nil, "\(count) of \(packet.count)")
        }
        #expect(StageMessage(decoding: packet + [0]) == nil)
        if !isFilter { #expect(StageMessage(decoding: packet + Array(repeating: 0, count: 8)) == nil) }
    }

    @Test func otherTagsAreNone() {
        for tag in [0] + Array(UInt8(12)...255) {
            #expect(StageMessage(decoding: [tag]) == nil)
            #expect(StageMessage(decoding: [tag] + Self.failure().encoded) == nil)
        }
        #expect(StageMessage(decoding: []) == nil)
    }

    /// A length that the packet does not have.
    @Test func lengthsThatLieAreNone() {
        let encoded = Self.failure().encoded
        // Behind the errno stands the first string's length.
        for length in [UInt32.max, 0x8000_0000, 0x7fff_ffff, UInt32(encoded.count), 0] {
            var bytes = encoded
            for (place, shift) in zip(4..<8, [0, 8, 16, 24] as [UInt32]) {
                bytes[place] = UInt8(truncatingIfNeeded: length >> shift)
            }
            #expect(StageFailure(decoding: bytes[...]) == nil, "\(length)")
        }
    }

    @Test func anyBytesAreReadOrNot() {
        var generator = SeededGenerator(state: 3)
        var read = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...60, using: &generator)
            var packet = (0..<count).map { _ in UInt8.random(in: 0...8, using: &generator) }
            if Bool.random(using: &generator) { packet.insert(6, at: 0) }
            if let message = StageMessage(decoding: packet) {
                read += 1
                // Whatever is read says the same again; texts may have had bytes that are none.
                #expect(StageMessage(decoding: message.encoded) == message)
            }
        }
        #expect(read > 0)
    }

    /// A failure is told whatever it is about: a subject longer than a packet is cut.
    @Test func longTextsAreCut() throws {
        let long = String(repeating: "\u{00e4}", count: 100_000)
        var failure = StageFailure(errno: 2, operation: long, subject: long, text: long)
        failure.step = long
        failure.pointer = long
        failure.hint = long
        let packet = StageMessage.failure(failure).encoded
        #expect(packet.count <= StageMessage.maximumBytes)
        guard case .failure(let read)? = StageMessage(decoding: packet) else {
            Issue.record("not read")
            return
        }
        #expect(read.errno == 2)
        for part in [read.step, read.pointer, read.hint, read.operation, read.subject, read.text] {
            #expect(part.utf8.count > 4000 && long.hasPrefix(part.dropLast()))
        }
    }

    /// The largest filter that the kernel takes, through a socket of the kind that is used.
    @Test func theLargestFilterFitsIntoAPacket() throws {
        let message = StageMessage.release(
            filter: Array(repeating: 0x5a, count: SeccompProgram.maximumInstructionCount * 8))
        #expect(message.encoded.count <= StageMessage.maximumBytes)
    }

    // MARK: From a failed step to a person

    @Test func failuresNameTheirStep() {
        var failure = StageFailure(SyscallError(operation: "fsopen", errno: .ENODEV, subject: "foofs"))
        failure.name(.attachRoot(HostPath("/srv/rootfs")))
        guard case .failure(let read)? = StageMessage(decoding: StageMessage.failure(failure).encoded) else {
            Issue.record("not read")
            return
        }
        let error = RuntimeError(read)
        #expect(error.kind == .system)
        #expect(error.errno == .ENODEV)
        #expect(error.text == "attach root /srv/rootfs (/root/path): fsopen foofs: ENODEV")
    }

    @Test func failuresOfCommandsStandAlone() {
        let text = "exec: \"x\": stat x: no such file or directory"
        var failure = StageFailure(CommandFailure(text: text))
        failure.name(.findExecutable("x"))
        let error = RuntimeError(failure)
        #expect(error.kind == .command)
        #expect(error.text == text)
    }

    @Test func failuresWithoutAStepAreStarts() {
        let error = RuntimeError(StageFailure(errno: 5, operation: "read", subject: "", text: ""))
        #expect(error.text == "start: read: EIO")
        #expect(error.pointer == nil)
    }
}
