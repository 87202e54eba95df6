import CLinux
import Glibc

/// How a file is opened: open(2). O_CLOEXEC and O_NOCTTY are always added.
package struct OpenFlags: OptionSet, Sendable {
    /// The O_* bits.
    package let rawValue: CInt

    /// The flags of the O_* bits `rawValue`.
    package init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: OpenFlags...) {
        var bits: CInt = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// O_RDONLY, which is no bit.
    package static let readOnly = OpenFlags([])
    /// O_WRONLY.
    package static let writeOnly = OpenFlags(rawValue: O_WRONLY)
    /// O_RDWR.
    package static let readWrite = OpenFlags(rawValue: O_RDWR)
    /// O_CREAT.
    package static let create = OpenFlags(rawValue: O_CREAT)
    /// O_EXCL.
    package static let exclusive = OpenFlags(rawValue: O_EXCL)
    /// O_TRUNC.
    package static let truncate = OpenFlags(rawValue: O_TRUNC)
    /// O_APPEND.
    package static let append = OpenFlags(rawValue: O_APPEND)
    /// O_NONBLOCK.
    package static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
    /// O_DIRECTORY: ENOTDIR for anything else.
    package static let directory = OpenFlags(rawValue: O_DIRECTORY)
    /// O_NOFOLLOW: ELOOP for a link at the end, or with `path` the link itself.
    package static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
    /// O_PATH: a place in the tree, not its contents.
    package static let path = OpenFlags(rawValue: CLINUX_O_PATH)
    /// O_TMPFILE: a file without a name in the directory that is named.
    package static let temporaryFile = OpenFlags(rawValue: CLINUX_O_TMPFILE_BIT | O_DIRECTORY)
}

/// How openat2(2) walks a path.
package struct ResolveFlags: OptionSet, Sendable {
    /// The RESOLVE_* bits.
    package let rawValue: UInt64

    /// The flags of the RESOLVE_* bits `rawValue`.
    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: ResolveFlags...) {
        var bits: UInt64 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// RESOLVE_IN_ROOT: the directory is the root, for absolute paths, links and `..`.
    package static let inRoot = ResolveFlags(rawValue: CLINUX_RESOLVE_IN_ROOT)
    /// RESOLVE_BENEATH: EXDEV for a step that leaves the directory.
    package static let beneath = ResolveFlags(rawValue: CLINUX_RESOLVE_BENEATH)
    /// RESOLVE_NO_XDEV: EXDEV for a step onto another mount.
    package static let noXDev = ResolveFlags(rawValue: CLINUX_RESOLVE_NO_XDEV)
    /// RESOLVE_NO_MAGICLINKS: ELOOP for links such as /proc/self/fd/3.
    package static let noMagicLinks = ResolveFlags(rawValue: CLINUX_RESOLVE_NO_MAGICLINKS)
    /// RESOLVE_NO_SYMLINKS: ELOOP for any link.
    package static let noSymlinks = ResolveFlags(rawValue: CLINUX_RESOLVE_NO_SYMLINKS)
}
