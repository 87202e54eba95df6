import LinuxSys
import LosslessJSON

/// A process that cannot be mistaken for another: its pid, and when it started.
struct ProcessIdentity: Equatable, Sendable {
    /// The process id in the caller's pid namespace.
    let pid: Int32
    /// The start in clock ticks after boot (proc(5), field 22 of stat).
    let startTicks: UInt64

    /// A process as given.
    init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }

    /// What `encoded` gave; nil for anything else.
    init?(decoding bytes: [UInt8]) {
        guard bytes.last == UInt8(ascii: "\n") else { return nil }
        let words = bytes.dropLast().split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        // Earlier versions wrote no sum.
        guard words.count == 2 || words.count == 3, let pid = Int32(String(decoding: words[0], as: UTF8.self)), pid > 0,
            let startTicks = UInt64(String(decoding: words[1], as: UTF8.self))
        else { return nil }
        self.init(pid: pid, startTicks: startTicks)
        guard words.count == 2 || encoded == bytes else { return nil }
    }

    /// Both numbers in a line, and a sum of them: one bit is the difference between this process and another, or none.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendDecimal(UInt64(pid))
        bytes.append(UInt8(ascii: " "))
        bytes.appendDecimal(startTicks)
        let sum = Checksum.of(bytes[...])
        // The sign keeps it apart from the number, should the blank be damaged.
        bytes.append(UInt8(ascii: " "))
        bytes.append(UInt8(ascii: "#"))
        bytes.appendDecimal(sum)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// Whether the process that has a pid now has a SIGKILL waiting for it, or is on its way out already.
    static func isEnding(pid: Int32) throws(SyscallError) -> Bool {
        guard let text = try status(pid: pid) else { return true }
        for line in text.split(separator: UInt8(ascii: "\n")) {
            // Signal 9 is the ninth bit (proc(5)). What has begun to exit has given back its memory.
            if line.starts(with: "SigPnd:".utf8) || line.starts(with: "ShdPnd:".utf8),
                let set = UInt64(String(decoding: line.dropFirst(8), as: UTF8.self), radix: 16), set & 1 << 8 != 0
            {
                return true
            }
        }
        return !hasMemory(text)
    }

    /// Whether the process that has a pid now has begun to exit, and can execute nothing of its program any more. One that a
    /// SIGKILL waits for still may have to.
    static func hasBegunToExit(pid: Int32) throws(SyscallError) -> Bool {
        try status(pid: pid).map { !hasMemory($0) } ?? true
    }

    /// /proc/PID/status; nil where there is no such process.
    private static func status(pid: Int32) throws(SyscallError) -> [UInt8]? {
        do throws(SyscallError) {
            return try Files.readFile("/proc/\(pid)/status", limit: 1 << 16)
        } catch {
            if error.errno == .ENOENT || error.errno == .ESRCH { return nil }
            throw error
        }
    }

    private static func hasMemory(_ status: [UInt8]) -> Bool {
        status.split(separator: UInt8(ascii: "\n")).contains { $0.starts(with: "VmSize:".utf8) }
    }

    /// The process that has a pid now, with the letter of its state; nil when there is none.
    /// - Throws: `SyscallError` when /proc can't be read; EPROTO where it has something else: who can't be looked at has not
    ///   ended.
    static func read(pid: Int32) throws(SyscallError) -> (identity: ProcessIdentity, state: UInt8)? {
        guard pid > 0 else { return nil }
        let text: [UInt8]
        do throws(SyscallError) {
            text = try Files.readFile("/proc/" + String(decimal: UInt64(pid)) + "/stat", limit: 4096)
        } catch {
            if error.errno == .ENOENT || error.errno == .ESRCH { return nil }
            throw error
        }
        guard let found = parse(stat: text, of: pid) else {
            throw SyscallError(operation: "read", errno: .EPROTO, subject: "/proc/\(pid)/stat")
        }
        return found
    }

    /// What a text of /proc/PID/stat says of the process; nil for what is none.
    static func parse(stat text: [UInt8], of pid: Int32) -> (identity: ProcessIdentity, state: UInt8)? {
        // The command's name stands in brackets and may hold anything, brackets and blanks too: count from the last one.
        guard let bracket = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        var place = bracket + 2
        guard text.indices.contains(place) else { return nil }
        let state = text[place]
        // Field 3 is the first behind the bracket, so field 22 comes nineteen blanks later.
        var blanks = 0
        while place < text.count, blanks < 19 {
            if text[place] == UInt8(ascii: " ") { blanks += 1 }
            place += 1
        }
        var startTicks: UInt64?
        while place < text.count, case let digit = text[place] &- UInt8(ascii: "0"), digit < 10 {
            startTicks = (startTicks ?? 0) &* 10 &+ UInt64(digit)
            place += 1
        }
        return startTicks.map { (ProcessIdentity(pid: pid, startTicks: $0), state) }
    }
}
