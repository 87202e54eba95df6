/// Flags of mount(2) (linux/mount.h).
package struct MountFlags: OptionSet, Hashable, Sendable {
    /// The bits.
    package let rawValue: UInt64

    /// Makes flags of bits.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Written out, as are the next: the standard library's go through its generic witnesses.
    package static func == (left: MountFlags, right: MountFlags) -> Bool { left.rawValue == right.rawValue }

    /// As above.
    package static func != (left: MountFlags, right: MountFlags) -> Bool { left.rawValue != right.rawValue }

    /// Whether there is no flag.
    package var isEmpty: Bool { rawValue == 0 }

    /// Whether all of `flags` are among these.
    package func contains(_ flags: MountFlags) -> Bool { rawValue & flags.rawValue == flags.rawValue }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: MountFlags...) {
        var bits: UInt64 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// `MS_RDONLY`: read-only.
    package static let readOnly = MountFlags(rawValue: 1 << 0)
    /// `MS_NOSUID`: set-user-ID, set-group-ID and file capabilities are passed over.
    package static let noSetUserID = MountFlags(rawValue: 1 << 1)
    /// `MS_NODEV`: device nodes don't open.
    package static let noDevices = MountFlags(rawValue: 1 << 2)
    /// `MS_NOEXEC`: programs don't execute.
    package static let noExecution = MountFlags(rawValue: 1 << 3)
    /// `MS_SYNCHRONOUS`: writes are synchronous.
    package static let synchronous = MountFlags(rawValue: 1 << 4)
    /// `MS_REMOUNT`: a mount that is there is changed.
    package static let remount = MountFlags(rawValue: 1 << 5)
    /// `MS_MANDLOCK`: mandatory locks; without effect from Linux 5.15.
    package static let mandatoryLocks = MountFlags(rawValue: 1 << 6)
    /// `MS_DIRSYNC`: changes of folders are synchronous.
    package static let synchronousFolders = MountFlags(rawValue: 1 << 7)
    /// `MS_NOSYMFOLLOW`: symbolic links aren't followed, from Linux 5.10.
    package static let noSymlinkFollow = MountFlags(rawValue: 1 << 8)
    /// `MS_NOATIME`: access times aren't kept.
    package static let noAccessTime = MountFlags(rawValue: 1 << 10)
    /// `MS_NODIRATIME`: access times of folders aren't kept.
    package static let noFolderAccessTime = MountFlags(rawValue: 1 << 11)
    /// `MS_BIND`: a bind mount.
    package static let bind = MountFlags(rawValue: 1 << 12)
    /// `MS_REC`: with the mounts below.
    package static let recursive = MountFlags(rawValue: 1 << 14)
    /// `MS_SILENT`: fewer kernel messages.
    package static let silent = MountFlags(rawValue: 1 << 15)
    /// `MS_POSIXACL`: POSIX access control lists.
    package static let posixACL = MountFlags(rawValue: 1 << 16)
    /// `MS_RELATIME`: access times are kept when they are older than the last change, or than a day.
    package static let relativeAccessTime = MountFlags(rawValue: 1 << 21)
    /// `MS_I_VERSION`: files count their changes.
    package static let inodeVersion = MountFlags(rawValue: 1 << 23)
    /// `MS_STRICTATIME`: access times are always kept.
    package static let strictAccessTime = MountFlags(rawValue: 1 << 24)
    /// `MS_LAZYTIME`: times are kept in memory, and written late.
    package static let lazyTimes = MountFlags(rawValue: 1 << 25)
}
