import CLinux
import Glibc

/// What a file is.
package enum FileType: UInt8, Equatable, Sendable {
    /// S_IFREG.
    case regular
    /// S_IFDIR.
    case directory
    /// S_IFLNK.
    case symbolicLink
    /// S_IFCHR.
    case characterDevice
    /// S_IFBLK.
    case blockDevice
    /// S_IFIFO.
    case fifo
    /// S_IFSOCK.
    case socket
    /// Anything else: an anonymous inode, for one.
    case other

    /// Written out: what the standard library has for types with a raw value goes through its generic witnesses.
    package static func == (left: FileType, right: FileType) -> Bool { left.rawValue == right.rawValue }

    /// As above.
    package static func != (left: FileType, right: FileType) -> Bool { left.rawValue != right.rawValue }

    init(mode: UInt32) {
        self =
            switch mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            case S_IFCHR: .characterDevice
            case S_IFBLK: .blockDevice
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            default: .other
            }
    }

    /// What it is, for an error.
    package var phrase: String {
        switch self {
        case .regular: "a regular file"
        case .directory: "a directory"
        case .symbolicLink: "a symbolic link"
        case .characterDevice: "a character device"
        case .blockDevice: "a block device"
        case .fifo: "a FIFO"
        case .socket: "a socket"
        case .other: "no file"
        }
    }

    /// The S_IF* bits; 0 for `other`.
    var modeBits: UInt32 {
        switch self {
        case .regular: S_IFREG
        case .directory: S_IFDIR
        case .symbolicLink: S_IFLNK
        case .characterDevice: S_IFCHR
        case .blockDevice: S_IFBLK
        case .fifo: S_IFIFO
        case .socket: S_IFSOCK
        case .other: 0
        }
    }
}

/// A device number, in its two parts.
package struct DeviceNumber: Equatable, Hashable, Sendable {
    /// The driver.
    package let major: UInt32
    /// The device of the driver.
    package let minor: UInt32

    /// Whether both are the same device.
    package static func == (left: DeviceNumber, right: DeviceNumber) -> Bool {
        left.major == right.major && left.minor == right.minor
    }

    /// The device `major`:`minor`.
    package init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }
}

/// What statx(2) tells of a file.
package struct FileStatus: Equatable, Sendable {
    /// What it is.
    package let type: FileType
    /// The permission bits, with set-user-id, set-group-id and sticky (07777).
    package let permissions: UInt32
    /// The owner, as seen from the caller's user namespace.
    package let uid: UInt32
    /// The group, as seen from the caller's user namespace.
    package let gid: UInt32
    /// The number within its device.
    package let inode: UInt64
    /// The device that the file is on.
    package let device: DeviceNumber
    /// The device that the file stands for, if it is a device node.
    package let representedDevice: DeviceNumber
    /// Bytes.
    package let size: UInt64
    /// When it was last written to or its status changed (ctime): nanoseconds after 1970. Nobody can set it.
    package let changedNanoseconds: Int64
    /// How many names it has.
    package let linkCount: UInt32
    /// The mount, as numbered in /proc/self/mountinfo; 0 before Linux 5.8.
    package let mountID: UInt64
    /// Whether it is the root of a mount; false before Linux 5.8.
    package let isMountRoot: Bool

    init(_ raw: clinux_file_status) {
        type = FileType(mode: raw.mode)
        permissions = raw.mode & 0o7777
        uid = raw.uid
        gid = raw.gid
        inode = raw.inode
        device = DeviceNumber(major: raw.device_major, minor: raw.device_minor)
        representedDevice = DeviceNumber(major: raw.rdev_major, minor: raw.rdev_minor)
        size = raw.size
        changedNanoseconds = raw.changed
        linkCount = raw.link_count
        mountID = raw.mount_id
        isMountRoot = raw.attributes & CLINUX_STATX_ATTR_MOUNT_ROOT != 0
    }

    /// Whether both are the same file: device and inode.
    package func isSameFile(as other: FileStatus) -> Bool {
        device == other.device && inode == other.inode
    }
}
