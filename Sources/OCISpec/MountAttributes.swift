/// Attributes of a mount, as fsmount(2) and mount_setattr(2) take them (linux/mount.h). From Linux 5.12.
package struct MountAttributes: OptionSet, Hashable, Sendable {
    /// The bits.
    package let rawValue: UInt64

    /// Makes attributes of bits.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Written out, as are the next: the standard library's go through its generic witnesses.
    package static func == (left: MountAttributes, right: MountAttributes) -> Bool { left.rawValue == right.rawValue }

    /// As above.
    package static func != (left: MountAttributes, right: MountAttributes) -> Bool { left.rawValue != right.rawValue }

    /// Whether there is no flag.
    package var isEmpty: Bool { rawValue == 0 }

    /// Whether all of `flags` are among these.
    package func contains(_ flags: MountAttributes) -> Bool { rawValue & flags.rawValue == flags.rawValue }

    /// The flags of either.
    package func union(_ flags: MountAttributes) -> MountAttributes {
        MountAttributes(rawValue: rawValue | flags.rawValue)
    }

    /// These without `flags`.
    package func subtracting(_ flags: MountAttributes) -> MountAttributes {
        MountAttributes(rawValue: rawValue & ~flags.rawValue)
    }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: MountAttributes...) {
        var bits: UInt64 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// `MOUNT_ATTR_RDONLY`: read-only.
    package static let readOnly = MountAttributes(rawValue: 0x1)
    /// `MOUNT_ATTR_NOSUID`: set-user-ID, set-group-ID and file capabilities are passed over.
    package static let noSetUserID = MountAttributes(rawValue: 0x2)
    /// `MOUNT_ATTR_NODEV`: device nodes don't open.
    package static let noDevices = MountAttributes(rawValue: 0x4)
    /// `MOUNT_ATTR_NOEXEC`: programs don't execute.
    package static let noExecution = MountAttributes(rawValue: 0x8)
    /// `MOUNT_ATTR_NOATIME`: access times aren't kept.
    package static let noAccessTime = MountAttributes(rawValue: 0x10)
    /// `MOUNT_ATTR_STRICTATIME`: access times are always kept.
    package static let strictAccessTime = MountAttributes(rawValue: 0x20)
    /// `MOUNT_ATTR__ATIME`: the field of the two above. Without either of them it says `relatime`. To change the field
    /// it must be cleared whole.
    package static let accessTimeField = MountAttributes(rawValue: 0x70)
    /// `MOUNT_ATTR_NODIRATIME`: access times of folders aren't kept.
    package static let noFolderAccessTime = MountAttributes(rawValue: 0x80)
    /// `MOUNT_ATTR_IDMAP`: ids are mapped by a user namespace.
    package static let idMap = MountAttributes(rawValue: 0x10_0000)
    /// `MOUNT_ATTR_NOSYMFOLLOW`: symbolic links aren't followed, from Linux 5.14.
    package static let noSymlinkFollow = MountAttributes(rawValue: 0x20_0000)
}
