internal import LosslessJSON

/// `/linux/memoryPolicy`: the NUMA policy of the process (config-linux.md, "Memory policy"; set_mempolicy(2)).
package struct MemoryPolicy: Equatable, Sendable {
    /// `/linux/memoryPolicy/mode`. REQUIRED by config-linux.md, though not by the schema.
    package var mode: MemoryPolicyMode?
    /// `/linux/memoryPolicy/nodes`: the memory nodes, as in cpuset(7): `0-3,7`.
    package var nodes: String?
    /// `/linux/memoryPolicy/flags`.
    package var flags: [MemoryPolicyFlag]?

    /// Makes a policy.
    package init(mode: MemoryPolicyMode? = nil, nodes: String? = nil, flags: [MemoryPolicyFlag]? = nil) {
        self.mode = mode
        self.nodes = nodes
        self.flags = flags
    }
}

extension MemoryPolicy: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        mode = decoder.choice("mode", in: object)
        nodes = decoder.string("nodes", in: object)
        flags = decoder.choices("flags", in: object)
    }
}
