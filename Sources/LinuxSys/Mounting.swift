import CLinux
import Glibc

/// A file system that is being set up: the descriptor of fsopen(2) or fspick(2), Linux 5.2.
///
/// Its errors carry, after the subject, what the kernel wrote into the context's log.
package struct FileSystemContext: ~Copyable, Sendable {
    private let fd: OwnedFD
    private let subject: String

    init(_ fd: consuming OwnedFD, subject: String) {
        self.fd = fd
        self.subject = subject
    }

    /// The descriptor.
    package var descriptor: BorrowedFD { fd.borrowed }

    /// FSCONFIG_SET_FLAG: an option without a value, `ro` for one.
    package borrowing func set(flag: String) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe flag.withCText {
            unsafe clinux_fsconfig(fd.borrowed.rawValue, CLINUX_FSCONFIG_SET_FLAG, $0, nil, 0)
        }
        try checkLogged(result, "fsconfig(\(flag))")
    }

    /// FSCONFIG_SET_STRING: `name=value`. EINVAL for a value of more than 255 bytes.
    package borrowing func set(_ name: String, _ value: String) throws(SyscallError) {
        // SAFETY: the C strings live as long as the call.
        let result = unsafe name.withCText(and: value) {
            unsafe clinux_fsconfig(fd.borrowed.rawValue, CLINUX_FSCONFIG_SET_STRING, $0, $1, 0)
        }
        try checkLogged(result, "fsconfig(\(name))")
    }

    /// FSCONFIG_SET_FD: an option whose value is a descriptor.
    package borrowing func set(_ name: String, _ value: BorrowedFD) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe name.withCText {
            unsafe clinux_fsconfig(fd.borrowed.rawValue, CLINUX_FSCONFIG_SET_FD, $0, nil, value.rawValue)
        }
        try checkLogged(result, "fsconfig(\(name))")
    }

    /// FSCONFIG_CMD_CREATE: the superblock is made, or found.
    package borrowing func create() throws(SyscallError) {
        // SAFETY: a command without arguments.
        let result = clinux_fsconfig(fd.borrowed.rawValue, CLINUX_FSCONFIG_CMD_CREATE, nil, nil, 0)
        try checkLogged(result, "fsconfig(create)")
    }

    /// FSCONFIG_CMD_RECONFIGURE: the options of an existing superblock change.
    package borrowing func reconfigure() throws(SyscallError) {
        // SAFETY: a command without arguments.
        let result = clinux_fsconfig(fd.borrowed.rawValue, CLINUX_FSCONFIG_CMD_RECONFIGURE, nil, nil, 0)
        try checkLogged(result, "fsconfig(reconfigure)")
    }

    /// fsmount(2), after `create`: a mount that is attached nowhere, and goes with its descriptor.
    package borrowing func mount(_ attributes: MountAttributes = []) throws(SyscallError) -> OwnedFD {
        let result = clinux_fsmount(
            fd.borrowed.rawValue, CLINUX_FSMOUNT_CLOEXEC, UInt32(truncatingIfNeeded: attributes.rawValue))
        return OwnedFD(adopting: try checkLogged(result, "fsmount"))
    }

    /// What the kernel has to say of this context, oldest first: lines of `e`, `w` or `i`, a blank and a text. Read
    /// lines are gone.
    package borrowing func log() -> [String] {
        var lines: [String] = []
        // The kernel keeps eight lines.
        while lines.count < 8 {
            var result = 0
            let line = unsafe [UInt8](unsafeUninitializedCapacity: 512) { buffer, count in
                // SAFETY: a call that fills in the result's number of bytes.
                result = unsafe clinux_read(fd.borrowed.rawValue, buffer.baseAddress, 512)
                count = max(result, 0)
            }
            // ENODATA ends the log; any other failure only leaves it shorter.
            if result <= 0 { break }
            lines.append(String(decoding: line.last == 0x0a ? line.dropLast() : line[...], as: UTF8.self))
        }
        return lines
    }

    @discardableResult
    private borrowing func checkLogged(
        _ result: CInt, _ operation: @autoclosure () -> String
    ) throws(SyscallError) -> CInt {
        if result >= 0 { return result }
        let said = log().map { $0.dropFirst(2) }.joined(separator: ", ")
        return try check(result, operation(), said.isEmpty ? subject : "\(subject) (\(said))")
    }
}

/// MOUNT_ATTR_*: what a mount does, as opposed to its file system. mount_setattr(2).
package struct MountAttributes: OptionSet, Sendable {
    /// The MOUNT_ATTR_* bits.
    package let rawValue: UInt64

    /// The attributes of the bits `rawValue`.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
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

/// How mounts below a mount reach its peers.
package enum MountPropagation: UInt64, Sendable {
    /// It stays as it is.
    case unchanged = 0
    /// MS_UNBINDABLE.
    case unbindable = 0x2_0000
    /// MS_PRIVATE.
    case isPrivate = 0x4_0000
    /// MS_SLAVE.
    case slave = 0x8_0000
    /// MS_SHARED.
    case shared = 0x10_0000
}

/// How open_tree(2) takes a tree.
package struct TreeFlags: OptionSet, Sendable {
    /// The OPEN_TREE_* and AT_* bits.
    package let rawValue: UInt32

    /// The flags of the bits `rawValue`.
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// OPEN_TREE_CLONE: a detached copy of the mount, as of a bind mount. Without it: as with O_PATH.
    package static let clone = TreeFlags(rawValue: CLINUX_OPEN_TREE_CLONE)
    /// AT_RECURSIVE: with what is mounted below.
    package static let recursive = TreeFlags(rawValue: CLINUX_AT_RECURSIVE)
    /// AT_EMPTY_PATH: the descriptor itself, if the path is empty.
    package static let emptyPath = TreeFlags(rawValue: CLINUX_AT_EMPTY_PATH)
    /// AT_SYMLINK_NOFOLLOW: a link at the end is taken itself.
    package static let noFollow = TreeFlags(rawValue: CLINUX_AT_SYMLINK_NOFOLLOW)
    /// AT_NO_AUTOMOUNT.
    package static let noAutomount = TreeFlags(rawValue: CLINUX_AT_NO_AUTOMOUNT)
}

/// How umount2(2) takes a mount away.
package struct UnmountFlags: OptionSet, Sendable {
    /// MNT_* and UMOUNT_NOFOLLOW.
    package let rawValue: CInt

    /// The flags of the bits `rawValue`.
    package init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// MNT_FORCE.
    package static let force = UnmountFlags(rawValue: 1)
    /// MNT_DETACH: out of sight now, gone when unused.
    package static let detach = UnmountFlags(rawValue: 2)
    /// UMOUNT_NOFOLLOW.
    package static let noFollow = UnmountFlags(rawValue: 8)
}

/// MS_*: the flags of mount(2).
package struct LegacyMountFlags: OptionSet, Sendable {
    /// The MS_* bits.
    package let rawValue: UInt64

    /// The flags of the bits `rawValue`.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
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

/// The mount calls, by descriptor where the kernel has that.
package enum Mounting {
    /// fsopen(2): a new context of the file system type `type`. ENODEV for one that the kernel lacks.
    package static func openFileSystem(_ type: String) throws(SyscallError) -> FileSystemContext {
        // SAFETY: the C string lives as long as the call.
        let result = unsafe type.withCText { unsafe clinux_fsopen($0, CLINUX_FSOPEN_CLOEXEC) }
        return FileSystemContext(OwnedFD(adopting: try check(result, "fsopen", type)), subject: type)
    }

    /// fspick(2): the context of the file system that is mounted at `path`, for `reconfigure`. An empty path is the
    /// descriptor itself.
    package static func pickFileSystem(
        _ path: String, in directory: BorrowedFD = .currentDirectory, follow: Bool = false
    ) throws(SyscallError) -> FileSystemContext {
        var flags = CLINUX_FSPICK_CLOEXEC | CLINUX_FSPICK_NO_AUTOMOUNT
        if follow == false { flags |= CLINUX_FSPICK_SYMLINK_NOFOLLOW }
        if path.isEmpty { flags |= CLINUX_FSPICK_EMPTY_PATH }
        let finalFlags = flags
        // SAFETY: the C string lives as long as the call.
        let result = unsafe path.withCText { unsafe clinux_fspick(directory.rawValue, $0, finalFlags) }
        let subject = Files.subject(path, directory)
        return FileSystemContext(OwnedFD(adopting: try check(result, "fspick", subject)), subject: subject)
    }

    /// open_tree(2), Linux 5.2, close-on-exec. With `clone` the mount is attached nowhere, and goes with its
    /// descriptor.
    package static func openTree(
        _ path: String, in directory: BorrowedFD = .currentDirectory, _ flags: TreeFlags,
        subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> OwnedFD {
        let bits = flags.rawValue | UInt32(bitPattern: O_CLOEXEC)
        // SAFETY: the C string lives as long as the call.
        let result = unsafe path.withCText { unsafe clinux_open_tree(directory.rawValue, $0, bits) }
        return OwnedFD(
            adopting: try check(result, "open_tree", subject() ?? Files.subject(path, directory)))
    }

    /// move_mount(2), Linux 5.2. An empty path is the descriptor itself. Links are not followed, on either side;
    /// `beneath` (Linux 6.5) puts the mount under the one that is there.
    package static func moveMount(
        _ source: BorrowedFD, _ sourcePath: String = "", to target: BorrowedFD, _ targetPath: String = "",
        beneath: Bool = false, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        var flags: UInt32 = 0
        if sourcePath.isEmpty { flags |= CLINUX_MOVE_MOUNT_F_EMPTY_PATH }
        if targetPath.isEmpty { flags |= CLINUX_MOVE_MOUNT_T_EMPTY_PATH }
        if beneath { flags |= CLINUX_MOVE_MOUNT_BENEATH }
        let finalFlags = flags
        // SAFETY: the C strings live as long as the call.
        let result = unsafe sourcePath.withCText(and: targetPath) {
            unsafe clinux_move_mount(source.rawValue, $0, target.rawValue, $1, finalFlags)
        }
        try check(result, "move_mount", subject() ?? Files.subject(targetPath, target))
    }

    /// mount_setattr(2), Linux 5.12, on the mount at `path`, which must be a mount's root and is not followed if it
    /// is a link; an empty path is the descriptor itself. `userNamespace` is needed with `idMapped`, and the mount
    /// must then be attached nowhere.
    package static func setAttributes(
        _ fd: BorrowedFD, _ path: String = "", recursive: Bool = false, set: MountAttributes = [],
        clear: MountAttributes = [], propagation: MountPropagation = .unchanged, userNamespace: BorrowedFD? = nil,
        subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        var flags = CLINUX_AT_SYMLINK_NOFOLLOW | CLINUX_AT_NO_AUTOMOUNT
        if path.isEmpty { flags |= CLINUX_AT_EMPTY_PATH }
        if recursive { flags |= CLINUX_AT_RECURSIVE }
        let finalFlags = flags
        // SAFETY: the C string lives as long as the call.
        let result = unsafe path.withCText {
            unsafe clinux_mount_setattr(
                fd.rawValue, $0, finalFlags, set.rawValue, clear.rawValue, propagation.rawValue,
                userNamespace?.rawValue ?? -1)
        }
        try check(result, "mount_setattr", subject() ?? Files.subject(path, fd))
    }

    /// mount(2): paths, for what the calls above cannot do.
    package static func legacyMount(
        source: String?, target: String, type: String?, _ flags: LegacyMountFlags = [], data: String? = nil,
        subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        // SAFETY: the C strings live as long as the call.
        let result = unsafe source.withCText { source in
            unsafe target.withCText { target in
                unsafe type.withCText { type in
                    unsafe data.withCText { unsafe clinux_mount(source, target, type, flags.rawValue, $0) }
                }
            }
        }
        try check(result, "mount", subject() ?? target)
    }

    /// umount2(2).
    package static func unmount(_ path: String, _ flags: UnmountFlags = []) throws(SyscallError) {
        // SAFETY: the C string lives as long as the call.
        try check(unsafe path.withCText { unsafe clinux_umount2($0, flags.rawValue) }, "umount2", path)
    }

    /// pivot_root(2). With `.` for both, the old root is then mounted on top of the new one, at `.`.
    package static func pivotRoot(newRoot: String, putOld: String) throws(SyscallError) {
        // SAFETY: the C strings live as long as the call.
        let result = unsafe newRoot.withCText(and: putOld) { unsafe clinux_pivot_root($0, $1) }
        try check(result, "pivot_root", newRoot)
    }
}
