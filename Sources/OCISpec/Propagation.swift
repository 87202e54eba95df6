/// Whether mounts and unmounts below a mount are seen elsewhere (mount_namespaces(7)).
package struct Propagation: Equatable, Sendable {
    /// The four types of propagation.
    package enum Kind: Sendable {
        /// Neither way.
        case `private`
        /// Both ways.
        case shared
        /// From the master alone.
        case slave
        /// Neither way, and the mount can't be bound elsewhere.
        case unbindable
    }

    /// The type.
    package var kind: Kind
    /// Whether the mounts below it get it too (`MS_REC`, `AT_RECURSIVE`).
    package var isRecursive: Bool

    /// Makes a propagation.
    package init(_ kind: Kind, isRecursive: Bool) {
        self.kind = kind
        self.isRecursive = isRecursive
    }

    /// The bit of mount(2) and of `mount_attr.propagation`: `MS_PRIVATE`, `MS_SHARED`, `MS_SLAVE` or `MS_UNBINDABLE`
    /// (linux/mount.h), without `MS_REC`.
    package var kernelValue: UInt64 {
        switch kind {
        case .unbindable: 1 << 17
        case .private: 1 << 18
        case .slave: 1 << 19
        case .shared: 1 << 20
        }
    }
}
