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

/// A mode of `/linux/memoryPolicy/mode` (defs-linux.json, `MemoryPolicyMode`; set_mempolicy(2)).
package enum MemoryPolicyMode: String, CaseIterable, Sendable {
    /// `MPOL_DEFAULT`: the system's policy.
    case `default` = "MPOL_DEFAULT"
    /// `MPOL_BIND`: only the nodes.
    case bind = "MPOL_BIND"
    /// `MPOL_INTERLEAVE`: the nodes in turn.
    case interleave = "MPOL_INTERLEAVE"
    /// `MPOL_WEIGHTED_INTERLEAVE`: the nodes in turn by their weights, from Linux 6.9.
    case weightedInterleave = "MPOL_WEIGHTED_INTERLEAVE"
    /// `MPOL_PREFERRED`: one node first, then others.
    case preferred = "MPOL_PREFERRED"
    /// `MPOL_PREFERRED_MANY`: the nodes first, then others, from Linux 5.15.
    case preferredMany = "MPOL_PREFERRED_MANY"
    /// `MPOL_LOCAL`: the node of the CPU.
    case local = "MPOL_LOCAL"

    /// The number of set_mempolicy(2) (linux/mempolicy.h).
    package var kernelValue: Int32 {
        switch self {
        case .default: 0
        case .preferred: 1
        case .bind: 2
        case .interleave: 3
        case .local: 4
        case .preferredMany: 5
        case .weightedInterleave: 6
        }
    }
}

/// A flag of `/linux/memoryPolicy/flags` (defs-linux.json, `MemoryPolicyFlag`; set_mempolicy(2)).
package enum MemoryPolicyFlag: String, CaseIterable, Sendable {
    /// `MPOL_F_NUMA_BALANCING`: the kernel may move pages between the nodes, from Linux 5.12.
    case numaBalancing = "MPOL_F_NUMA_BALANCING"
    /// `MPOL_F_RELATIVE_NODES`: the nodes count from the first that is allowed.
    case relativeNodes = "MPOL_F_RELATIVE_NODES"
    /// `MPOL_F_STATIC_NODES`: the nodes stay when those that are allowed change.
    case staticNodes = "MPOL_F_STATIC_NODES"

    /// The bit of set_mempolicy(2), which is added to the mode (linux/mempolicy.h).
    package var kernelValue: Int32 {
        switch self {
        case .numaBalancing: 1 << 13
        case .relativeNodes: 1 << 14
        case .staticNodes: 1 << 15
        }
    }
}
