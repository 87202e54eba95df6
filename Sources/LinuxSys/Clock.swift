import CLinux
import Glibc

/// The kernel's clocks.
package enum Clock {
    /// Nanoseconds since some point in the past; not moved by setting the time (CLOCK_MONOTONIC).
    package static func monotonicNanoseconds() -> Int64 { nanoseconds(CLOCK_MONOTONIC) }

    /// Nanoseconds since the system was started, suspension included (CLOCK_BOOTTIME).
    package static func bootNanoseconds() -> Int64 { nanoseconds(CLOCK_BOOTTIME) }

    /// Nanoseconds since 1970 in UTC (CLOCK_REALTIME).
    package static func realtimeNanoseconds() -> Int64 { nanoseconds(CLOCK_REALTIME) }

    /// The time of day in UTC as RFC 3339 has it, with nine digits of fraction: `2026-01-02T03:04:05.000000006Z`.
    package static func realtimeText() -> String {
        let now = realtimeNanoseconds()
        return rfc3339(seconds: now / 1_000_000_000, nanoseconds: now % 1_000_000_000)
    }

    /// The local time as RFC 3164 has it: `Jan  2 03:04:05`.
    package static func syslogText() -> String {
        syslogText(seconds: realtimeNanoseconds() / 1_000_000_000)
    }

    /// `seconds` since 1970, as RFC 3164 has it, in local time (localtime(3)).
    package static func syslogText(seconds: Int64) -> String {
        let part = Self.localParts(seconds)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func digits(_ number: CInt, _ filler: String = "0") -> String { (number < 10 ? filler : "") + String(number) }
        // The names are English whatever the locale is.
        let month = months.indices.contains(part.month) ? months[part.month] : months[0]
        let day = digits(part.day, " ")
        return "\(month) \(day) \(digits(part.hour)):\(digits(part.minute)):\(digits(part.second))"
    }

    private static func localParts(
        _ seconds: Int64
    ) -> (month: Int, day: CInt, hour: CInt, minute: CInt, second: CInt) {
        var time = time_t(seconds)
        // SAFETY: the structure has a pointer to the zone's name, which is not used; both live as long as the call, which
        // fills in all of it.
        var parts = unsafe tm()
        unsafe localtime_r(&time, &parts)
        return unsafe (Int(parts.tm_mon), parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec)
    }

    private static func nanoseconds(_ clock: CInt) -> Int64 {
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        // SAFETY: both are written by the call, which cannot fail for these clocks.
        _ = unsafe clinux_clock(clock, &seconds, &nanoseconds)
        return seconds * 1_000_000_000 + nanoseconds
    }

    /// `seconds` and `nanoseconds` since 1970 in UTC, as RFC 3339 has it; for the years 0000 through 9999.
    package static func rfc3339(seconds: Int64, nanoseconds: Int64) -> String {
        var day = seconds / 86400
        var second = seconds % 86400
        if second < 0 {
            second += 86400
            day -= 1
        }
        // The calendar repeats every 400 years of 146,097 days. Years begin in March, so that the leap day is last.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)

        var text: [UInt8] = []
        text.reserveCapacity(30)
        func append(_ value: Int64, _ digits: Int, _ end: Unicode.Scalar) {
            var rest = value
            let start = text.count
            for _ in 0..<digits {
                text.append(UInt8(ascii: "0") + UInt8(rest % 10))
                rest /= 10
            }
            text[start...].reverse()
            text.append(UInt8(ascii: end))
        }
        append(year, 4, "-")
        append(month, 2, "-")
        append(dayOfMonth, 2, "T")
        append(second / 3600, 2, ":")
        append(second / 60 % 60, 2, ":")
        append(second % 60, 2, ".")
        append(nanoseconds, 9, "Z")
        return String(decoding: text, as: UTF8.self)
    }
}
