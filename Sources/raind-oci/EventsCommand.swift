import ContainerRuntime

/// `events`.
struct EventsCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        let text = invocation.arguments.value("interval") ?? "5s"
        guard let interval = Interval(text) else {
            throw RuntimeError(.usage, "--interval: expected a time such as 500ms, 5s or 1m, found \"\(text)\"")
        }
        var stream = try EventStream(invocation.id, in: invocation.store)
        guard !invocation.arguments.has("stats") else { return try print(try stream.statisticsDocument()) }
        while let document = try stream.next(intervalMilliseconds: interval.milliseconds) { try print(document) }
    }

    private func print(_ document: [UInt8]) throws(RuntimeError) {
        try Output.write(document + [UInt8(ascii: "\n")])
    }
}

/// A time on the command line, as Go's callers write it: `5s`, `500ms`, `1m`, `1h`.
struct Interval {
    /// The time, above 0.
    let milliseconds: Int32

    /// Reads one; nil for anything else.
    init?(_ text: String) {
        let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard let number = Int32(String(decoding: digits, as: UTF8.self)), number > 0 else { return nil }
        let unit: Int32
        switch String(decoding: text.utf8.dropFirst(digits.count), as: UTF8.self) {
        case "ms": unit = 1
        case "s": unit = 1000
        case "m": unit = 60_000
        case "h": unit = 3_600_000
        default: return nil
        }
        let (product, overflows) = number.multipliedReportingOverflow(by: unit)
        guard !overflows else { return nil }
        milliseconds = product
    }
}
