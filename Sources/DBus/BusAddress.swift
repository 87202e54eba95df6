import LinuxSys

/// Where a bus listens (D-Bus Specification, "Server Addresses").
package struct BusAddress: Sendable, Equatable {
    /// The socket's path; one that begins with a NUL is a name in the abstract namespace.
    package var socketPath: String
    /// The address as it was given, one alone.
    package var text: String

    /// The address of a socket in the file system.
    package init(socketPath: String) {
        self.socketPath = socketPath
        text = "unix:path=" + Self.escaped(socketPath)
    }

    private init(socketPath: String, text: String) {
        self.socketPath = socketPath
        self.text = text
    }

    /// Reads addresses with `;` between them, of which each is to be tried. Those of sockets that aren't UNIX sockets are
    /// passed over.
    /// - Throws: `BusFailure.address` where none is left, and for one that can't be read.
    package static func list(_ text: String) throws(BusFailure) -> [BusAddress] {
        var found: [BusAddress] = []
        for part in text.utf8.split(separator: UInt8(ascii: ";")) {
            guard let colon = part.firstIndex(of: UInt8(ascii: ":")) else { throw .address(text) }
            guard part[..<colon].elementsEqual("unix".utf8) else { continue }
            for pair in part[part.index(after: colon)...].split(separator: UInt8(ascii: ",")) {
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")),
                    let value = unescaped(pair[pair.index(after: equals)...])
                else { throw .address(text) }
                let key = pair[..<equals]
                let whole = String(decoding: part, as: UTF8.self)
                if key.elementsEqual("path".utf8), value.utf8.first == UInt8(ascii: "/") {
                    found.append(BusAddress(socketPath: value, text: whole))
                } else if key.elementsEqual("abstract".utf8), !value.isEmpty {
                    found.append(BusAddress(socketPath: "\0" + value, text: whole))
                }
            }
        }
        guard !found.isEmpty else { throw .address(text) }
        return found
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_/.\\*".utf8.contains(byte)
        }
    }

    private static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        let digits = Array("0123456789abcdef".utf8)
        for byte in text.utf8 {
            if isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unescaped(_ text: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            // A name in the abstract namespace begins with one, and no path has one.
            guard byte != 0 else { return nil }
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit),
                high | low != 0
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
