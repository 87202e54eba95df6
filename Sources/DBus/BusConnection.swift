package import LinuxSys

/// A connection to a bus, or to one program that speaks as one alone (systemd's private socket).
///
/// Written here because there is no library to link into a static program: libsystemd comes as a shared object alone, and
/// libdbus refers to it.
package final class BusConnection {
    private let socket: OwnedFD
    private var serial: UInt32 = 0
    /// What was received and not read yet.
    private var received: [UInt8] = []
    /// Signals that came while something else was waited for.
    private var signals: [BusMessage] = []
    /// Who is at the other end, as of when it began to listen; the process is 0 where it is in another pid namespace.
    package let peer: PeerCredentials

    /// The most signals that are kept.
    private static let maximumSignals = 4096
    /// The longest line of the beginning.
    private static let maximumLineBytes = 16 << 10

    /// Connects, and says who is calling. The bus is asked to take what the kernel tells it: a number of one's own may be
    /// another's to the bus, where it lives in another user namespace.
    /// - Parameters:
    ///   - userID: what is said where the bus insists on a number.
    ///   - saysNumber: says it, and BEGIN, at once. What follows BEGIN in the same read systemd's private socket leaves lying
    ///     until something else comes, so BEGIN has to be there before the answer is.
    ///   - milliseconds: how long sending may take, and the beginning.
    /// - Throws: `BusFailure`.
    package convenience init(
        to address: BusAddress, as userID: UInt32, saysNumber: Bool = false, timeoutMilliseconds milliseconds: Int32
    ) throws(BusFailure) {
        try self.init(adopting: try Self.connect(to: address, timeoutMilliseconds: milliseconds))
        try authenticate(as: userID, saysNumber: saysNumber, by: Deadline(milliseconds: milliseconds))
    }

    private static func connect(
        to address: BusAddress, timeoutMilliseconds milliseconds: Int32
    ) throws(BusFailure) -> OwnedFD {
        do throws(SyscallError) {
            return try Sockets.connect(address.socketPath, timeoutMilliseconds: milliseconds)
        } catch {
            throw .system(error)
        }
    }

    /// A connection on which the beginning is done.
    package init(adopting socket: consuming OwnedFD) throws(BusFailure) {
        do throws(SyscallError) {
            peer = try Sockets.peer(of: socket.borrowed)
        } catch {
            throw .system(error)
        }
        self.socket = socket
    }

    /// A moment after which nothing is waited for any more.
    package struct Deadline: Sendable {
        private let nanoseconds: Int64

        /// So many milliseconds from now.
        package init(milliseconds: Int32) {
            nanoseconds = Clock.monotonicNanoseconds() + Int64(milliseconds) * 1_000_000
        }

        /// How many are left, 0 at the least.
        fileprivate var milliseconds: Int32 {
            Int32(clamping: max(0, (nanoseconds - Clock.monotonicNanoseconds() + 999_999) / 1_000_000))
        }
    }

    // MARK: The beginning

    /// The SASL profile of D-Bus (D-Bus Specification, "Authentication Protocol"): EXTERNAL, without an identity of its
    /// own, then with a number.
    package func authenticate(
        as userID: UInt32, saysNumber: Bool = false, by deadline: Deadline
    ) throws(BusFailure) {
        // The digits of the number in ASCII, and those in hexadecimal.
        let number = String(userID).utf8.map { String($0, radix: 16) }.joined()
        try send(Array("\0AUTH EXTERNAL\(saysNumber ? " \(number)\r\nBEGIN" : "")\r\n".utf8))
        var line = try line(by: deadline)
        if line.utf8.elementsEqual("DATA".utf8) {
            try send(Array("DATA\r\n".utf8))
            line = try self.line(by: deadline)
        }
        if !Self.isOK(line), !saysNumber {
            try send(Array("AUTH EXTERNAL \(number)\r\n".utf8))
            line = try self.line(by: deadline)
        }
        guard Self.isOK(line) else { throw .authentication(line) }
        if !saysNumber { try send(Array("BEGIN\r\n".utf8)) }
    }

    private static func isOK(_ line: String) -> Bool {
        line.utf8.starts(with: "OK ".utf8) || line.utf8.elementsEqual("OK".utf8)
    }

    private func line(by deadline: Deadline) throws(BusFailure) -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = received[..<end].filter { $0 != UInt8(ascii: "\r") }
                received.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            guard received.count < Self.maximumLineBytes else { throw .malformed("a line without an end") }
            try receive(by: deadline)
        }
    }

    // MARK: Calls

    /// Calls a method and waits for the answer.
    /// - Throws: `BusFailure`; `refused` with what the other side says.
    package func call(_ message: BusMessage, by deadline: Deadline) throws(BusFailure) -> BusMessage {
        var message = message
        serial += 1
        message.serial = serial
        try send(try message.encoded())
        while true {
            let answer = try next(by: deadline)
            switch answer.kind {
            case .signal:
                guard signals.count < Self.maximumSignals else { throw .malformed("too many signals") }
                signals.append(answer)
            case .reply where answer.replySerial == serial: return answer
            case .error where answer.replySerial == serial:
                // The first string of the body is for people, where there is one.
                let text = answer.signature.utf8.first == UInt8(ascii: "s") ? try answer.body().first?.text : nil
                throw .refused(name: answer.errorName ?? "", text: text ?? "")
            // An answer to what nobody waits for any more, or a call of what isn't offered here.
            default: continue
            }
        }
    }

    /// The next signal.
    /// - Throws: `BusFailure`.
    package func signal(by deadline: Deadline) throws(BusFailure) -> BusMessage {
        if !signals.isEmpty { return signals.removeFirst() }
        while true {
            let message = try next(by: deadline)
            if message.kind == .signal { return message }
        }
    }

    // MARK: Bytes

    private func send(_ bytes: [UInt8]) throws(BusFailure) {
        do throws(SyscallError) {
            try Sockets.send(socket.borrowed, bytes, subject: "bus")
        } catch {
            switch error.errno {
            case .EPIPE, .ECONNRESET: throw .closed
            case .EAGAIN: throw .timeout
            default: throw .system(error)
            }
        }
    }

    private func next(by deadline: Deadline) throws(BusFailure) -> BusMessage {
        while true {
            if let length = try BusMessage.length(of: Array(received.prefix(BusMessage.prologueBytes))),
                received.count >= length
            {
                let bytes = Array(received[..<length])
                received.removeFirst(length)
                return try BusMessage(decoding: bytes)
            }
            try receive(by: deadline)
        }
    }

    private func receive(by deadline: Deadline) throws(BusFailure) {
        let bytes: [UInt8]
        do throws(SyscallError) {
            var entries = [PollEntry(socket.borrowed, .readable)]
            guard try Poll.wait(&entries, timeoutMilliseconds: deadline.milliseconds) > 0 else {
                throw BusTimeout.error
            }
            bytes = try Files.read(socket.borrowed, maximumBytes: 1 << 14, subject: "bus")
        } catch {
            if error == BusTimeout.error { throw .timeout }
            throw error.errno == .ECONNRESET ? .closed : .system(error)
        }
        guard !bytes.isEmpty else { throw .closed }
        received += bytes
    }
}

private enum BusTimeout {
    static let error = SyscallError(operation: "poll", errno: .ETIMEDOUT, subject: "bus")
}
