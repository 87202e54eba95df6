internal import LosslessJSON

extension Resources {
    /// `/linux/resources/network` (config-linux.md, "Network"): cgroup v1 alone.
    package struct Network: Equatable, Sendable {
        /// `classID`: the class that the cgroup's packets are marked with.
        package var classID: UInt32?
        /// `priorities`: priorities by network device.
        package var priorities: [InterfacePriority]?

        /// Makes an empty section.
        package init() {}
    }

    /// An element of `/linux/resources/network/priorities`. Both are REQUIRED.
    package struct InterfacePriority: Equatable, Sendable {
        /// `name`: the network device in the runtime's network namespace.
        package var name: String
        /// `priority`: the priority of the cgroup's traffic over it.
        package var priority: UInt32
    }
}

extension Resources.Network: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        classID = decoder.integer("classID", in: object)
        priorities = decoder.sections("priorities", in: object)
    }
}

extension Resources.InterfacePriority: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        name = decoder.requiredString("name", in: object)
        priority = decoder.requiredInteger("priority", in: object)
    }
}
