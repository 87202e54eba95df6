/// MOUNT_ATTR_*: what a mount does, as opposed to its file system. mount_setattr(2).
package struct MountAttributes: OptionSet, Sendable {
    /// The MOUNT_ATTR_* bits.
    package let rawValue: UInt64

    /// The attributes of the bits `rawValue`.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Written out, as are the next: the standard library's go through its generic witnesses.
    package static func == (left: MountAttributes, right: MountAttributes) -> Bool { left.rawValue == right.rawValue }

    /// Whether there is none.
    package var isEmpty: Bool { rawValue == 0 }

    /// Whether all of `attributes` are among these.
    package func contains(_ attributes: MountAttributes) -> Bool {
        rawValue & attributes.rawValue == attributes.rawValue
    }

    /// These without `attributes`.
    package func subtracting(_ attributes: MountAttributes) -> MountAttributes {
        MountAttributes(rawValue: rawValue & ~attributes.rawValue)
    }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: MountAttributes...) {
        var bits: UInt64 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// MOUNT_ATTR_RDONLY.
    package static let readOnly = MountAttributes(rawValue: 0x1)
    /// MOUNT_ATTR_NOSUID.
    package static let noSetUserID = MountAttributes(rawValue: 0x2)
    /// MOUNT_ATTR_NODEV.
    package static let noDevice = MountAttributes(rawValue: 0x4)
    /// MOUNT_ATTR_NOEXEC.
    package static let noExecute = MountAttributes(rawValue: 0x8)
    /// MOUNT_ATTR__ATIME: the field of the three below. To change it, it is in what is cleared.
    package static let accessTimeField = MountAttributes(rawValue: 0x70)
    /// MOUNT_ATTR_RELATIME, which is no bit.
    package static let relativeAccessTime = MountAttributes([])
    /// MOUNT_ATTR_NOATIME.
    package static let noAccessTime = MountAttributes(rawValue: 0x10)
    /// MOUNT_ATTR_STRICTATIME.
    package static let strictAccessTime = MountAttributes(rawValue: 0x20)
    /// MOUNT_ATTR_NODIRATIME.
    package static let noDirectoryAccessTime = MountAttributes(rawValue: 0x80)
    /// MOUNT_ATTR_IDMAP (Linux 5.12).
    package static let idMapped = MountAttributes(rawValue: 0x10_0000)
    /// MOUNT_ATTR_NOSYMFOLLOW (Linux 5.14).
    package static let noSymlinkFollow = MountAttributes(rawValue: 0x20_0000)
}
