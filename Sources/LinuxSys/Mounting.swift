import CLinux
import Glibc

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

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: TreeFlags...) {
        var bits: UInt32 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
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

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: UnmountFlags...) {
        var bits: CInt = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// MNT_FORCE.
    package static let force = UnmountFlags(rawValue: 1)
    /// MNT_DETACH: out of sight now, gone when unused.
    package static let detach = UnmountFlags(rawValue: 2)
    /// UMOUNT_NOFOLLOW.
    package static let noFollow = UnmountFlags(rawValue: 8)
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
