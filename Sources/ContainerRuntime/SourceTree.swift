import LinuxSys

/// What the runtime has made ready for a mount or a device: the process inherits it.
struct SourceTree {
    /// What it is for.
    enum Purpose: Equatable {
        /// A mount, by its place in `/mounts`.
        case mount(Int)
        /// A device node, by its place in `/linux/devices`.
        case device(Int)
    }

    /// What it is for.
    let purpose: Purpose
    /// A detached tree; for a new file system with `idMap` the user namespace that is to be laid over it.
    let tree: BorrowedFD
}
