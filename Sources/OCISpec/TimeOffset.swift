internal import LosslessJSON

/// A value of `/linux/timeOffsets`: how far a clock of the container is ahead of the host's (config-linux.md, "Offset
/// for Time Namespace"; time_namespaces(7)).
package struct TimeOffset: Equatable, Sendable {
    /// `secs`: seconds. Absent: 0.
    package var seconds: Int64?
    /// `nanosecs`: nanoseconds to add. Absent: 0.
    package var nanoseconds: UInt32?

    /// Makes an offset.
    package init(seconds: Int64? = nil, nanoseconds: UInt32? = nil) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }
}

extension TimeOffset: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        seconds = decoder.integer("secs", in: object)
        nanoseconds = decoder.integer("nanosecs", in: object)
    }
}
