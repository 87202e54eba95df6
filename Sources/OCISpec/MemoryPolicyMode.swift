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
