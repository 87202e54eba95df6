/// MS_*: the flags of mount(2).
package struct LegacyMountFlags: OptionSet, Sendable {
    /// The MS_* bits.
    package let rawValue: UInt64

    /// The flags of the bits `rawValue`.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: LegacyMountFlags...) {
        var bits: UInt64 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// MS_RDONLY.
    package static let readOnly = LegacyMountFlags(rawValue: 0x1)
    /// MS_NOSUID.
    package static let noSetUserID = LegacyMountFlags(rawValue: 0x2)
    /// MS_NODEV.
    package static let noDevice = LegacyMountFlags(rawValue: 0x4)
    /// MS_NOEXEC.
    package static let noExecute = LegacyMountFlags(rawValue: 0x8)
    /// MS_SYNCHRONOUS.
    package static let synchronous = LegacyMountFlags(rawValue: 0x10)
    /// MS_REMOUNT.
    package static let remount = LegacyMountFlags(rawValue: 0x20)
    /// MS_MANDLOCK.
    package static let mandatoryLocks = LegacyMountFlags(rawValue: 0x40)
    /// MS_DIRSYNC.
    package static let directorySynchronous = LegacyMountFlags(rawValue: 0x80)
    /// MS_NOSYMFOLLOW.
    package static let noSymlinkFollow = LegacyMountFlags(rawValue: 0x100)
    /// MS_NOATIME.
    package static let noAccessTime = LegacyMountFlags(rawValue: 0x400)
    /// MS_NODIRATIME.
    package static let noDirectoryAccessTime = LegacyMountFlags(rawValue: 0x800)
    /// MS_BIND.
    package static let bind = LegacyMountFlags(rawValue: 0x1000)
    /// MS_MOVE.
    package static let move = LegacyMountFlags(rawValue: 0x2000)
    /// MS_REC.
    package static let recursive = LegacyMountFlags(rawValue: 0x4000)
    /// MS_SILENT.
    package static let silent = LegacyMountFlags(rawValue: 0x8000)
    /// MS_UNBINDABLE.
    package static let unbindable = LegacyMountFlags(rawValue: 0x2_0000)
    /// MS_PRIVATE.
    package static let isPrivate = LegacyMountFlags(rawValue: 0x4_0000)
    /// MS_SLAVE.
    package static let slave = LegacyMountFlags(rawValue: 0x8_0000)
    /// MS_SHARED.
    package static let shared = LegacyMountFlags(rawValue: 0x10_0000)
    /// MS_RELATIME.
    package static let relativeAccessTime = LegacyMountFlags(rawValue: 0x20_0000)
    /// MS_I_VERSION.
    package static let inodeVersion = LegacyMountFlags(rawValue: 0x80_0000)
    /// MS_STRICTATIME.
    package static let strictAccessTime = LegacyMountFlags(rawValue: 0x100_0000)
    /// MS_LAZYTIME.
    package static let lazyTime = LegacyMountFlags(rawValue: 0x200_0000)
}
