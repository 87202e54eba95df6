/// How far a clock of a new time namespace is ahead of the host's (time_namespaces(7)).
package struct ClockOffset: Sendable, Equatable {
    /// `boottime` or `monotonic`, as the file `timens_offsets` has it.
    package var clock: String
    /// Seconds; less than 0 for a clock that is behind.
    package var seconds: Int64
    /// Nanoseconds more, less than a second.
    package var nanoseconds: UInt32

    /// An offset as given.
    package init(clock: String, seconds: Int64, nanoseconds: UInt32) {
        self.clock = clock
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// `monotonic -1 500000000`: a line of the file, without its end.
    package var summary: String { "\(clock) \(seconds) \(nanoseconds)" }
}
