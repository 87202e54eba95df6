internal import LosslessJSON

/// `/process/ioPriority`: the I/O priority (config.md, "Linux Process"; ioprio_set(2)).
package struct IOPriority: Equatable, Sendable {
    /// `/process/ioPriority/class`, REQUIRED.
    package var ioClass: IOPriorityClass
    /// `/process/ioPriority/priority`: 0, the highest, to 7. Absent: 0.
    package var priority: Int32?

    /// Makes a priority.
    package init(ioClass: IOPriorityClass, priority: Int32? = nil) {
        self.ioClass = ioClass
        self.priority = priority
    }
}

extension IOPriority: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        ioClass = decoder.requiredChoice("class", in: object, standIn: .idle)
        priority = decoder.integer("priority", in: object)
    }
}

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
