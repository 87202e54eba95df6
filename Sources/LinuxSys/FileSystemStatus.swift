/// What fstatfs(2) tells of the file system of a file.
package struct FileSystemStatus: Equatable, Sendable {
    /// The magic number of linux/magic.h.
    package let type: UInt64
    /// ST_*: the flags of the mount.
    package let flags: UInt64

    /// PROC_SUPER_MAGIC.
    package static let procfs: UInt64 = 0x9fa0
    /// SYSFS_MAGIC.
    package static let sysfs: UInt64 = 0x6265_6572
    /// TMPFS_MAGIC.
    package static let tmpfs: UInt64 = 0x0102_1994
    /// CGROUP_SUPER_MAGIC.
    package static let cgroup: UInt64 = 0x0027_e0eb
    /// CGROUP2_SUPER_MAGIC.
    package static let cgroup2: UInt64 = 0x6367_7270
    /// RDTGROUP_SUPER_MAGIC: Intel's resource control.
    package static let resctrl: UInt64 = 0x0765_5821
    /// DEVPTS_SUPER_MAGIC.
    package static let devpts: UInt64 = 0x1cd1
    /// NSFS_MAGIC.
    package static let nsfs: UInt64 = 0x6e73_6673
    /// SECURITYFS_MAGIC.
    package static let securityfs: UInt64 = 0x7363_6673
    /// OVERLAYFS_SUPER_MAGIC.
    package static let overlay: UInt64 = 0x794c_7630
    /// MQUEUE_MAGIC.
    package static let mqueue: UInt64 = 0x1980_0202

    /// ST_RDONLY.
    package var isReadOnly: Bool { flags & 0x1 != 0 }
    /// ST_NOSUID.
    package var isNoSetUserID: Bool { flags & 0x2 != 0 }
    /// ST_NODEV.
    package var isNoDevice: Bool { flags & 0x4 != 0 }
    /// ST_NOEXEC.
    package var isNoExecute: Bool { flags & 0x8 != 0 }
    /// ST_NOATIME.
    package var isNoAccessTime: Bool { flags & 0x400 != 0 }
    /// ST_NODIRATIME.
    package var isNoDirectoryAccessTime: Bool { flags & 0x800 != 0 }
    /// ST_RELATIME.
    package var isRelativeAccessTime: Bool { flags & 0x1000 != 0 }
    /// ST_NOSYMFOLLOW (Linux 5.10).
    package var isNoSymlinkFollow: Bool { flags & 0x2000 != 0 }
}
