internal import LosslessJSON

extension Resources {
    /// `/linux/resources/memory` (config-linux.md, "Memory"). Limits are in bytes, and -1 is no limit.
    package struct Memory: Equatable, Sendable {
        /// `limit`: of all memory.
        package var limitBytes: Int64?
        /// `reservation`: the soft limit.
        package var reservationBytes: Int64?
        /// `swap`: of memory and swap together.
        package var swapBytes: Int64?
        /// `kernel`, not recommended: of kernel memory.
        package var kernelBytes: Int64?
        /// `kernelTCP`, not recommended: of TCP buffers.
        package var kernelTCPBytes: Int64?
        /// `swappiness`: 0 to 100.
        package var swappiness: UInt64?
        /// `disableOOMKiller`: whether processes wait for memory where they'd be killed. Absent: false.
        package var disableOOMKiller: Bool?
        /// `useHierarchy`: whether children count towards the limits.
        package var useHierarchy: Bool?
        /// `checkBeforeUpdate`: whether an update to below what is in use is refused. Absent: false.
        package var checkBeforeUpdate: Bool?

        /// Makes an empty section.
        package init() {}
    }
}

extension Resources.Memory: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        limitBytes = decoder.integer("limit", in: object)
        reservationBytes = decoder.integer("reservation", in: object)
        swapBytes = decoder.integer("swap", in: object)
        kernelBytes = decoder.integer("kernel", in: object)
        kernelTCPBytes = decoder.integer("kernelTCP", in: object)
        swappiness = decoder.integer("swappiness", in: object)
        disableOOMKiller = decoder.bool("disableOOMKiller", in: object)
        useHierarchy = decoder.bool("useHierarchy", in: object)
        checkBeforeUpdate = decoder.bool("checkBeforeUpdate", in: object)
    }
}
