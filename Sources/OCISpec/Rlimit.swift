internal import LosslessJSON

/// An element of `/process/rlimits`: a resource limit (config.md, "POSIX process"; getrlimit(2)).
package struct Rlimit: Equatable, Sendable {
    /// `type`, REQUIRED: the resource, such as `RLIMIT_NOFILE`. See ``ResourceLimitType``.
    package var type: String
    /// `soft`, REQUIRED: what the kernel enforces, in the resource's unit; 18446744073709551615 is no limit.
    package var soft: UInt64
    /// `hard`, REQUIRED: the ceiling of the soft limit for an unprivileged process.
    package var hard: UInt64

    /// Makes a limit.
    package init(type: String, soft: UInt64, hard: UInt64) {
        self.type = type
        self.soft = soft
        self.hard = hard
    }
}

extension Rlimit: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        type = decoder.requiredString("type", in: object)
        soft = decoder.requiredInteger("soft", in: object)
        hard = decoder.requiredInteger("hard", in: object)
    }
}
