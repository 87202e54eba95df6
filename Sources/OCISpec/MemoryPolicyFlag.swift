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
