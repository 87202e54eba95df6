import LinuxSys

/// A detached tree that the runtime has cloned for a bind mount.
struct SourceTree {
    /// The mount's place in `/mounts`.
    let mount: Int
    /// The tree.
    let tree: BorrowedFD
}
