/// What the `options` of a mount mean (config.md, "Linux mount options"; mount(8)).
///
/// Of options that contradict each other the last counts. What the table of the specification doesn't have goes to the
/// file system as it is.
package struct MountOptions: Equatable, Sendable {
    /// The flags of mount(2) that are asked for. ``MountFlags/bind``, ``MountFlags/recursive`` and
    /// ``MountFlags/remount`` are not among them: ``bind`` and ``isRemount`` tell.
    package private(set) var setFlags: MountFlags = []
    /// The flags that are asked not to be there: `rw`, `exec` and the like. They matter to a bind mount, which starts
    /// with the flags of its source.
    package private(set) var clearFlags: MountFlags = []
    /// What changes in the mount and in all below it: `rro`, `rnosuid` and the like, for mount_setattr(2) with
    /// `AT_RECURSIVE`.
    package private(set) var recursiveChange = MountAttributeChange()
    /// The changes of propagation, in their order.
    package private(set) var propagations: [Propagation] = []
    /// Whether it's a bind mount, and of what.
    package private(set) var bind: Bind?
    /// `remount`: whether a mount that is there is changed.
    package private(set) var isRemount = false
    /// Whether ids are mapped, and where.
    package private(set) var idMap: IDMap?
    /// `tmpcopyup`: whether a tmpfs starts with a copy of what it covers.
    package private(set) var copiesUp = false
    /// `copy-symlink`: whether a source that is a symbolic link is made anew at the destination, in place of a mount.
    package private(set) var copiesSymlink = false
    /// `src-nofollow`: whether a source that is a symbolic link is mounted itself.
    package private(set) var keepsSourceSymlink = false
    /// `dest-nofollow`: whether a destination that is a symbolic link is mounted on itself.
    package private(set) var keepsDestinationSymlink = false
    /// The options that are the file system's own, in their order: `size=64k`, `newinstance`. One may hold several,
    /// joined by commas.
    package private(set) var data: [String] = []

    /// What a bind mount shows.
    package enum Bind: Sendable {
        /// `bind`: the source alone.
        case single
        /// `rbind`: the source with the mounts below it.
        case recursive
    }

    /// Where ids are mapped.
    package enum IDMap: Sendable {
        /// `idmap`: in the mount alone.
        case single
        /// `ridmap`: in the mount and in those below it.
        case recursive
    }

    /// Reads options in their order.
    package init(_ options: [String] = []) {
        for option in options {
            if let entry = MountOptions.table.first(where: { $0.name.isSameASCII(as: option) }) {
                apply(entry.effect)
            } else {
                data.append(option)
            }
        }
    }

    /// What ``setFlags`` and ``clearFlags`` change in the attributes of the mount.
    package var change: MountAttributeChange {
        var change = MountAttributeChange()
        for (flag, attribute) in MountOptions.attributes {
            if setFlags.contains(flag) { change.setting.insert(attribute) }
            if clearFlags.contains(flag) { change.clearing.insert(attribute) }
        }
        // `norelatime` asks for no other value of the field, so that it changes nothing.
        if !setFlags.isDisjoint(with: MountOptions.accessTimeFlags)
            || !clearFlags.isDisjoint(with: [.noAccessTime, .strictAccessTime])
        {
            change.clearing.insert(.accessTimeField)
            if setFlags.contains(.strictAccessTime) {
                change.setting.insert(.strictAccessTime)
            } else if setFlags.contains(.noAccessTime) {
                change.setting.insert(.noAccessTime)
            }
        }
        return change
    }

    /// The parameters of fsconfig(2) that ``setFlags`` are for a new file system: `ro`, `sync`, `dirsync`, `lazytime`
    /// and `mand`. The kernel has none for the other flags of a superblock, `iversion`, `silent` and `acl`.
    package var superblockParameters: [String] {
        var parameters: [String] = []
        if setFlags.contains(.readOnly) { parameters.append("ro") }
        if setFlags.contains(.synchronous) { parameters.append("sync") }
        if setFlags.contains(.synchronousFolders) { parameters.append("dirsync") }
        if setFlags.contains(.lazyTimes) { parameters.append("lazytime") }
        if setFlags.contains(.mandatoryLocks) { parameters.append("mand") }
        return parameters
    }

    /// The parameters of fsconfig(2) that ``clearFlags`` are for a file system that is there: `async`, `nolazytime` and
    /// `nomand`.
    package var clearedSuperblockParameters: [String] {
        var parameters: [String] = []
        if clearFlags.contains(.synchronous) { parameters.append("async") }
        if clearFlags.contains(.lazyTimes) { parameters.append("nolazytime") }
        if clearFlags.contains(.mandatoryLocks) { parameters.append("nomand") }
        return parameters
    }

    /// The names of all options that mean something here, sorted (features.md, "Mount Options").
    package static var knownNames: [String] { table.map(\.name) }
}

extension MountOptions {
    /// What an option does.
    enum Effect: Sendable {
        case nothing
        case set(MountFlags)
        case clear(MountFlags)
        case setRecursively(MountAttributes)
        case clearRecursively(MountAttributes)
        /// A value of the field of access times, below the mount too.
        case accessTimeRecursively(MountAttributes)
        /// The end of a value of that field, below the mount too.
        case noAccessTimeRecursively(MountAttributes)
        case propagate(Propagation.Kind, isRecursive: Bool)
        case bind(Bind)
        case idMap(IDMap)
        case remount
        case copyUp
        case copySymlink
        case keepSourceSymlink
        case keepDestinationSymlink
    }

    private static let accessTimeFlags: MountFlags = [.noAccessTime, .relativeAccessTime, .strictAccessTime]

    private static let attributes: [(MountFlags, MountAttributes)] = [
        (.readOnly, .readOnly),
        (.noSetUserID, .noSetUserID),
        (.noDevices, .noDevices),
        (.noExecution, .noExecution),
        (.noFolderAccessTime, .noFolderAccessTime),
        (.noSymlinkFollow, .noSymlinkFollow),
    ]

    private mutating func apply(_ effect: Effect) {
        switch effect {
        case .nothing: break
        case .set(let flags):
            // The three are values of one field: the kernel has no mount that is both.
            if flags.isSubset(of: MountOptions.accessTimeFlags) { setFlags.subtract(MountOptions.accessTimeFlags) }
            setFlags.formUnion(flags)
            clearFlags.subtract(flags)
        case .clear(let flags):
            setFlags.subtract(flags)
            clearFlags.formUnion(flags)
        case .setRecursively(let attributes):
            recursiveChange.setting.formUnion(attributes)
            recursiveChange.clearing.subtract(attributes)
        case .clearRecursively(let attributes):
            recursiveChange.setting.subtract(attributes)
            recursiveChange.clearing.formUnion(attributes)
        case .accessTimeRecursively(let value):
            recursiveChange.setting.subtract(.accessTimeField)
            recursiveChange.setting.formUnion(value)
            recursiveChange.clearing.formUnion(.accessTimeField)
        case .noAccessTimeRecursively(let value):
            recursiveChange.setting.subtract(value)
            recursiveChange.clearing.formUnion(.accessTimeField)
        case .propagate(let kind, let isRecursive):
            propagations.append(Propagation(kind, isRecursive: isRecursive))
        case .bind(let bind): self.bind = bind
        case .idMap(let idMap): self.idMap = idMap
        case .remount: isRemount = true
        case .copyUp: copiesUp = true
        case .copySymlink: copiesSymlink = true
        case .keepSourceSymlink: keepsSourceSymlink = true
        case .keepDestinationSymlink: keepsDestinationSymlink = true
        }
    }
}
