/// The propagation of the root mount, `/linux/rootfsPropagation` (config-linux.md, "Rootfs Mount Propagation";
/// mount_namespaces(7)).
///
/// The schema lists four names. Engines also write those that start with `r`, for the mounts below the root too.
package enum RootfsPropagation: String, CaseIterable, Sendable {
    /// `private`.
    case `private`
    /// `shared`.
    case shared
    /// `slave`.
    case slave
    /// `unbindable`.
    case unbindable
    /// `rprivate`.
    case recursivePrivate = "rprivate"
    /// `rshared`.
    case recursiveShared = "rshared"
    /// `rslave`.
    case recursiveSlave = "rslave"
    /// `runbindable`.
    case recursiveUnbindable = "runbindable"

    /// What it means for a mount.
    package var propagation: Propagation {
        switch self {
        case .private: Propagation(.private, isRecursive: false)
        case .shared: Propagation(.shared, isRecursive: false)
        case .slave: Propagation(.slave, isRecursive: false)
        case .unbindable: Propagation(.unbindable, isRecursive: false)
        case .recursivePrivate: Propagation(.private, isRecursive: true)
        case .recursiveShared: Propagation(.shared, isRecursive: true)
        case .recursiveSlave: Propagation(.slave, isRecursive: true)
        case .recursiveUnbindable: Propagation(.unbindable, isRecursive: true)
        }
    }
}
