import ContainerRuntime
import LinuxSys
import LosslessJSON

/// What `--log` names: a message an error, in the form that callers take apart.
struct ErrorLog {
    private let destination: Destination
    private let isJSON: Bool

    private enum Destination {
        /// A file, to which lines are appended.
        case file(String)
        /// syslog(3)'s socket, with the name that messages go under.
        case syslog(String)
        /// The journal's socket, with the name that messages go under.
        case journal(String)
    }

    /// The log that the options ask for; nil for none.
    init?(_ global: ParsedArguments) throws(RuntimeError) {
        let format = global.value("log-format") ?? "text"
        guard ["text", "json"].contains(format) else {
            throw RuntimeError(.usage, "--log-format: expected text or json, found \(format)")
        }
        if let level = global.value("log-level"), !["error", "warning", "debug"].contains(level) {
            throw RuntimeError(.usage, "--log-level: expected error, warning or debug, found \(level)")
        }
        isJSON = format == "json"
        guard let value = global.value("log"), !value.isEmpty else { return nil }
        if value.hasPrefix("syslog:") {
            destination = .syslog(try Self.name(value.dropFirst("syslog:".count)))
        } else if value.hasPrefix("journald:") {
            destination = .journal(try Self.name(value.dropFirst("journald:".count)))
        } else {
            let file = value.hasPrefix("file:") ? String(value.dropFirst("file:".count)) : value
            // The working folder is the bundle's by the time of an error.
            destination = .file(try file.absoluteForCaller)
        }
    }

    /// The name that messages go under, this program's unless another is given.
    private static func name(_ text: Substring) throws(RuntimeError) -> String {
        guard !text.isEmpty else { return "raind-oci" }
        // RFC 3164, 4.1.3: more ends the name, or the line.
        guard text.utf8.count <= 128, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"[]:".utf8.contains($0) })
        else {
            throw RuntimeError(.usage, "--log: a name has no blanks and none of []:, found \(text)")
        }
        return String(text)
    }

    /// Writes a message.
    func write(level: String, _ text: String) throws(SyscallError) {
        switch destination {
        case .file(let path):
            let file = try Files.open(path, [.writeOnly, .create, .append], mode: 0o644)
            try Files.writeAll(file.borrowed, line(level, text) + "\n")
        case .syslog(let name):
            try SystemLog.writeSyslog(isJSON ? line(level, text) : text, level: level, name: name)
        case .journal(let name): try SystemLog.writeJournal(text, level: level, name: name)
        }
    }

    private func line(_ level: String, _ text: String) -> String {
        guard isJSON else {
            let quoted = String(decoding: JSONValue.string(text).text(), as: UTF8.self)
            return "time=\"\(Clock.realtimeText())\" level=\(level) msg=\(quoted)"
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("level", level)
        writer.member("msg", text)
        writer.member("time", Clock.realtimeText())
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
