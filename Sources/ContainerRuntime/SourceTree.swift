import LinuxSys

/// What the runtime has made ready for a mount, by its place in `/mounts`: the process inherits it.
struct SourceTree {
    /// The mount's place in `/mounts`.
    let mount: Int
    /// A detached tree for a bind mount; for a new file system with `idMap` the user namespace that is to be laid over
    /// it.
    let tree: BorrowedFD
}
