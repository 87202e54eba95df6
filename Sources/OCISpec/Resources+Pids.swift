internal import LosslessJSON

extension Resources {
    /// `/linux/resources/pids` (config-linux.md, "PIDs").
    package struct Pids: Equatable, Sendable {
        /// `limit`, REQUIRED: how many processes and threads there may be; -1 is no limit.
        package var limit: Int64

        /// Makes a limit.
        package init(limit: Int64) { self.limit = limit }
    }
}

extension Resources.Pids: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        limit = decoder.requiredInteger("limit", in: object)
    }
}
