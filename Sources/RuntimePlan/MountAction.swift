package import OCISpec

/// One mount, resolved: what is mounted, with which attributes, where (config.md, "Mounts").
package struct MountAction: Sendable, Equatable {
    /// What is mounted.
    package enum Source: Sendable, Equatable {
        /// A new instance of a file system: its own parameters in order, and those of its superblock (`ro`, `sync`).
        case filesystem(type: String, source: String, parameters: [String], superblock: [String])
        /// A part of the host's tree; `recursive` takes the mounts below it along (`rbind`).
        case bind(HostPath, recursive: Bool)
        /// The container's own view of its control groups, in the layout that the host has.
        case cgroup
        /// An existing mount at the destination gets other attributes; and its file system other parameters, which takes
        /// the right to change it for all who see it.
        case remount(parameters: [String])
    }

    /// The mount's place in `/mounts`.
    package var index: Int
    /// Where it is mounted.
    package var destination: ContainerPath
    /// What is mounted.
    package var source: Source
    /// The attributes of the mount itself (mount_setattr(2)).
    package var change: MountAttributeChange
    /// The attributes of the mount and all below it.
    package var recursiveChange: MountAttributeChange
    /// Propagation changes, applied in order once the mount is in place.
    package var propagations: [Propagation]
    /// Read-only only after everything that is made inside the mount is there: devices, links and mount points.
    package var readOnlyAtEnd: Bool
    /// A new tmpfs gets the mode of the folder that it covers, unless the options name one.
    package var inheritsMode: Bool
    /// A new tmpfs starts with a copy of what it covers (`tmpcopyup`).
    package var copiesUp: Bool
    /// A source that is a symbolic link is made anew at the destination (`copy-symlink`).
    package var copiesSymlink: Bool
    /// A source that is a symbolic link is mounted itself (`src-nofollow`).
    package var keepsSourceSymlink: Bool
    /// A destination that is a symbolic link is covered itself (`dest-nofollow`).
    package var keepsDestinationSymlink: Bool
    /// The SELinux label of a new file system; nil where none is asked for.
    package var label: MountLabel?
    /// How the owners of its files are shown; nil as they are.
    package var idMap: MountIDMap?

    /// A mount with the attributes of some options.
    package init(index: Int, destination: ContainerPath, source: Source, options: MountOptions) {
        self.index = index
        self.destination = destination
        self.source = source
        change = options.change
        recursiveChange = options.recursiveChange
        propagations = options.propagations
        readOnlyAtEnd = false
        inheritsMode = false
        copiesUp = options.copiesUp
        copiesSymlink = options.copiesSymlink
        keepsSourceSymlink = options.keepsSourceSymlink
        keepsDestinationSymlink = options.keepsDestinationSymlink
    }

    /// Does to the mount what is asked for it and all below it.
    mutating func foldRecursiveChange() {
        change.setting = change.setting.subtracting(recursiveChange.clearing).union(recursiveChange.setting)
        change.clearing = change.clearing.subtracting(recursiveChange.setting).union(recursiveChange.clearing)
        recursiveChange = MountAttributeChange()
    }

    /// The source's path on the host, of a bind mount.
    package var bindSource: (path: HostPath, recursive: Bool)? {
        guard case .bind(let path, let recursive) = source else { return nil }
        return (path, recursive)
    }

    /// Whether a file system may be mounted from a device, whose node the process opens for that.
    package var isOfDevice: Bool {
        guard case .filesystem(_, let source, _, _) = source else { return false }
        return source.utf8.first == UInt8(ascii: "/")
    }

    /// Whether a mount that has flags already is to lose some.
    package var clearsFlags: Bool {
        switch source {
        case .bind, .remount: !change.clearing.isEmpty || !recursiveChange.clearing.isEmpty
        case .filesystem, .cgroup: false
        }
    }

    /// `proc on /proc`, and the label.
    package var summary: String {
        guard let label else { return placeSummary }
        return placeSummary + ", " + label.parameter
    }

    private var placeSummary: String {
        switch source {
        case .filesystem(let type, _, _, _): "\(type) on \(destination.string)"
        case .bind(let path, _): "\(path.string) on \(destination.string)"
        case .cgroup: "cgroup on \(destination.string)"
        case .remount: "again \(destination.string)"
        }
    }
}

extension MountAction.Source {
    /// Whether it is a part of the host's tree.
    var isBind: Bool {
        if case .bind = self { true } else { false }
    }
}
