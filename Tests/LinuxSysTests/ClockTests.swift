import LinuxSys
import Testing

@Suite struct ClockTests {
    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00.000000000Z"),
        (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
        (951_782_399, 1, "2000-02-28T23:59:59.000000001Z"),
        (951_782_400, 0, "2000-02-29T00:00:00.000000000Z"),
        (951_868_800, 0, "2000-03-01T00:00:00.000000000Z"),
        (1_709_164_800, 123_456_789, "2024-02-29T00:00:00.123456789Z"),
        (1_735_689_599, 0, "2024-12-31T23:59:59.000000000Z"),
        (4_107_542_400, 0, "2100-03-01T00:00:00.000000000Z"),
        (4_107_542_399, 0, "2100-02-28T23:59:59.000000000Z"),
        (-62_167_219_200, 0, "0000-01-01T00:00:00.000000000Z"),
        (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
    ])
    func timesAsTheStandardHasThem(seconds: Int64, nanoseconds: Int64, text: String) {
        #expect(Clock.rfc3339(seconds: seconds, nanoseconds: nanoseconds) == text)
    }

    /// In whatever zone the test runs: the form, and that a day later is another.
    @Test func timesOfSyslog() throws {
        let text = Clock.syslogText(seconds: 1_735_689_600)
        #expect(try #/(Dec 31|Jan  1) [0-2]\d:[0-5]\d:[0-5]\d/#.wholeMatch(in: text) != nil, "\(text)")
        #expect(
            Clock.syslogText(seconds: 1_735_689_600 + 20 * 86400).prefix(7).wholeMatch(of: #/Jan (20|21) ?/#) != nil)
        #expect(Clock.syslogText().utf8.count == 15)
    }

    @Test func clocksGoOn() {
        let first = Clock.monotonicNanoseconds()
        #expect(first > 0)
        #expect(Clock.monotonicNanoseconds() >= first)
        #expect(Clock.bootNanoseconds() >= first)
        // Later than the first line of this file, and of the form that was asked for.
        #expect(Clock.realtimeText() > "2026-01-01T00:00:00.000000000Z")
        #expect(Clock.realtimeText().utf8.count == 30)
    }
}
