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
