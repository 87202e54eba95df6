/// A signal, by the numbers of x86_64 and aarch64 (signal(7); asm-generic/signal.h).
package struct Signal: RawRepresentable, Hashable, Sendable {
    /// The number: 0, which only asks whether a process is there, to 64.
    package let rawValue: Int32

    /// The signal of a number, or nil for one that is none.
    package init?(rawValue: Int32) {
        guard rawValue >= 0, rawValue <= Signal.lastRealtime else { return nil }
        self.rawValue = rawValue
    }

    private init(_ number: Int32) { rawValue = number }

    /// The signal that a person or an engine writes: a number, or a name with or without `SIG`, in upper or lower
    /// case: `9`, `KILL`, `sigkill`, `RTMIN+3`, `SIGRTMAX-1`. Nil if there is none of that name or number.
    package init?(parsing text: String) {
        if let number = text.decimalASCII {
            guard number <= UInt64(Signal.lastRealtime) else { return nil }
            rawValue = Int32(number)
            return
        }
        var name = text.uppercasedASCII
        if name.utf8.starts(with: "SIG".utf8) { name = String(name.dropFirst(3)) }
        if let number = Signal.names.firstIndex(where: { $0.isSameASCII(as: name) }), number > 0 {
            rawValue = Int32(number)
        } else if let number = Signal.secondNames(name) ?? Signal.realtime(name) {
            rawValue = number
        } else {
            return nil
        }
    }

    /// The name with `SIG`: `SIGTERM`, `SIGRTMIN+3`. Signals without a name (0, 32 and 33) are their number.
    package var name: String {
        if rawValue > 0, rawValue < Signal.names.count { return "SIG" + Signal.names[Int(rawValue)] }
        if rawValue == Signal.firstRealtime { return "SIGRTMIN" }
        if rawValue == Signal.lastRealtime { return "SIGRTMAX" }
        return rawValue > Signal.firstRealtime ? "SIGRTMIN+\(rawValue - Signal.firstRealtime)" : String(rawValue)
    }

    /// SIGKILL, which no process can catch.
    package static let kill = Signal(9)
    /// SIGTERM, which asks to end.
    package static let terminate = Signal(15)

    /// The first real-time signal that programs may use: the C library keeps 32 and 33 for itself.
    private static let firstRealtime: Int32 = 34
    /// The last real-time signal.
    private static let lastRealtime: Int32 = 64

    private static func secondNames(_ name: String) -> Int32? {
        switch name {
        case "IOT": 6
        case "CLD": 17
        case "POLL": 29
        case "UNUSED": 31
        default: nil
        }
    }

    private static func realtime(_ name: String) -> Int32? {
        let isFromFirst = name.utf8.starts(with: "RTMIN".utf8)
        guard isFromFirst || name.utf8.starts(with: "RTMAX".utf8) else { return nil }
        let offset = name.utf8.dropFirst(5)
        let base = isFromFirst ? firstRealtime : lastRealtime
        guard let sign = offset.first else { return base }
        guard sign == UInt8(ascii: isFromFirst ? "+" : "-"),
            let distance = String(offset.dropFirst()).flatMap(\.decimalASCII),
            distance <= UInt64(lastRealtime - firstRealtime)
        else { return nil }
        return isFromFirst ? base + Int32(distance) : base - Int32(distance)
    }

    /// The names without `SIG`, by number.
    private static let names: [String] = [
        "",
        "HUP",
        "INT",
        "QUIT",
        "ILL",
        "TRAP",
        "ABRT",
        "BUS",
        "FPE",
        "KILL",
        "USR1",
        "SEGV",
        "USR2",
        "PIPE",
        "ALRM",
        "TERM",
        "STKFLT",
        "CHLD",
        "CONT",
        "STOP",
        "TSTP",
        "TTIN",
        "TTOU",
        "URG",
        "XCPU",
        "XFSZ",
        "VTALRM",
        "PROF",
        "WINCH",
        "IO",
        "PWR",
        "SYS",
    ]
}

extension Signal: CustomStringConvertible {
    /// The name, as in ``name``.
    package var description: String { name }
}
