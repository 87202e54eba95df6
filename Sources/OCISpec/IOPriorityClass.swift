/// An I/O scheduling class of `/process/ioPriority/class` (config-schema.json; ioprio_set(2)).
package enum IOPriorityClass: String, CaseIterable, Sendable {
    /// `IOPRIO_CLASS_RT`: before all others.
    case realtime = "IOPRIO_CLASS_RT"
    /// `IOPRIO_CLASS_BE`: as processes start with.
    case bestEffort = "IOPRIO_CLASS_BE"
    /// `IOPRIO_CLASS_IDLE`: only when nobody else needs the disk.
    case idle = "IOPRIO_CLASS_IDLE"

    /// The number of the class (linux/ioprio.h). ioprio_set(2) takes it shifted left by 13 bits, the priority added.
    package var kernelValue: Int32 {
        switch self {
        case .realtime: 1
        case .bestEffort: 2
        case .idle: 3
        }
    }
}
