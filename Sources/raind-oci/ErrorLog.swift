import ContainerRuntime
import LinuxSys
import LosslessJSON

/// The file that `--log` names: one line an error, in the form that callers take apart.
struct ErrorLog {
    private let path: String
    private let isJSON: Bool

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
        if value.hasPrefix("journald:") || value.hasPrefix("syslog:") {
            throw RuntimeError(.usage, "--log: only files are supported by this version, found \(value)")
        }
        let file = value.hasPrefix("file:") ? String(value.dropFirst("file:".count)) : value
        // The working folder is the bundle's by the time of an error.
        path = try file.absoluteForCaller
    }

    /// Appends a line.
    func write(level: String, _ text: String) throws(SyscallError) {
        let line: String
        if isJSON {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("level", level)
            writer.member("msg", text)
            writer.member("time", Clock.realtimeText())
            writer.endObject()
            line = String(decoding: writer.bytes, as: UTF8.self)
        } else {
            let quoted = String(decoding: JSONValue.string(text).text(), as: UTF8.self)
            line = "time=\"\(Clock.realtimeText())\" level=\(level) msg=\(quoted)"
        }
        let file = try Files.open(path, [.writeOnly, .create, .append], mode: 0o644)
        try Files.writeAll(file.borrowed, line + "\n")
    }
}
