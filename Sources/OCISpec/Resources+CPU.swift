internal import LosslessJSON

extension Resources {
    /// `/linux/resources/cpu` (config-linux.md, "CPU").
    package struct CPU: Equatable, Sendable {
        /// `shares`: the relative weight, in the scale of cgroup v1: 2 to 262144.
        package var shares: UInt64?
        /// `quota`: how long the cgroup may run in a period, in microseconds; negative is without a limit.
        package var quotaMicroseconds: Int64?
        /// `burst`: what may be saved up beyond the quota, in microseconds.
        package var burstMicroseconds: UInt64?
        /// `period`: the period of the quota, in microseconds.
        package var periodMicroseconds: UInt64?
        /// `realtimeRuntime`: how long real-time processes may run in a period, in microseconds.
        package var realtimeRuntimeMicroseconds: Int64?
        /// `realtimePeriod`: the period of that, in microseconds.
        package var realtimePeriodMicroseconds: UInt64?
        /// `cpus`: the CPUs to run on, as in cpuset(7): `0-3,7`.
        package var cpus: String?
        /// `mems`: the memory nodes to use, as in cpuset(7).
        package var mems: String?
        /// `idle`: 1 for the policy `SCHED_IDLE`, 0 for none.
        package var idle: Int64?

        /// Makes an empty section.
        package init() {}
    }
}

extension Resources.CPU: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        shares = decoder.integer("shares", in: object)
        quotaMicroseconds = decoder.integer("quota", in: object)
        burstMicroseconds = decoder.integer("burst", in: object)
        periodMicroseconds = decoder.integer("period", in: object)
        realtimeRuntimeMicroseconds = decoder.integer("realtimeRuntime", in: object)
        realtimePeriodMicroseconds = decoder.integer("realtimePeriod", in: object)
        cpus = decoder.string("cpus", in: object)
        mems = decoder.string("mems", in: object)
        idle = decoder.integer("idle", in: object)
    }
}
