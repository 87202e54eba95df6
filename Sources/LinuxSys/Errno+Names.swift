// The names are the kernel's own, as in every manual page.
// swift-format-ignore: AlwaysUseLowerCamelCase
extension Errno {
    /// EPERM. The caller lacks a privilege.
    @inlinable package static var EPERM: Errno { Errno(rawValue: 1) }
    /// ENOENT. There is no such file.
    @inlinable package static var ENOENT: Errno { Errno(rawValue: 2) }
    /// ESRCH. There is no such process.
    @inlinable package static var ESRCH: Errno { Errno(rawValue: 3) }
    /// EINTR. A signal came first.
    @inlinable package static var EINTR: Errno { Errno(rawValue: 4) }
    /// EIO. Input or output failed.
    @inlinable package static var EIO: Errno { Errno(rawValue: 5) }
    /// ENXIO. There is no such device, or no reader.
    @inlinable package static var ENXIO: Errno { Errno(rawValue: 6) }
    /// E2BIG. The arguments are too large.
    @inlinable package static var E2BIG: Errno { Errno(rawValue: 7) }
    /// ENOEXEC. Not a format that can be executed.
    @inlinable package static var ENOEXEC: Errno { Errno(rawValue: 8) }
    /// EBADF. Not an open descriptor, or not one for this use.
    @inlinable package static var EBADF: Errno { Errno(rawValue: 9) }
    /// ECHILD. There is no such child.
    @inlinable package static var ECHILD: Errno { Errno(rawValue: 10) }
    /// EAGAIN. Not now: try again.
    @inlinable package static var EAGAIN: Errno { Errno(rawValue: 11) }
    /// ENOMEM. Out of memory.
    @inlinable package static var ENOMEM: Errno { Errno(rawValue: 12) }
    /// EACCES. The permission bits forbid it.
    @inlinable package static var EACCES: Errno { Errno(rawValue: 13) }
    /// EFAULT. Not an address of the caller.
    @inlinable package static var EFAULT: Errno { Errno(rawValue: 14) }
    /// EBUSY. In use.
    @inlinable package static var EBUSY: Errno { Errno(rawValue: 16) }
    /// EEXIST. It exists already.
    @inlinable package static var EEXIST: Errno { Errno(rawValue: 17) }
    /// EXDEV. On another mount or file system.
    @inlinable package static var EXDEV: Errno { Errno(rawValue: 18) }
    /// ENODEV. There is no such device or file system type.
    @inlinable package static var ENODEV: Errno { Errno(rawValue: 19) }
    /// ENOTDIR. Not a directory.
    @inlinable package static var ENOTDIR: Errno { Errno(rawValue: 20) }
    /// EISDIR. A directory.
    @inlinable package static var EISDIR: Errno { Errno(rawValue: 21) }
    /// EINVAL. The kernel does not take this value.
    @inlinable package static var EINVAL: Errno { Errno(rawValue: 22) }
    /// ENFILE. The system is out of descriptors.
    @inlinable package static var ENFILE: Errno { Errno(rawValue: 23) }
    /// EMFILE. The process is out of descriptors.
    @inlinable package static var EMFILE: Errno { Errno(rawValue: 24) }
    /// ENOTTY. Not a terminal, or no such ioctl.
    @inlinable package static var ENOTTY: Errno { Errno(rawValue: 25) }
    /// ELIBBAD. A program's loader is of another format.
    @inlinable package static var ELIBBAD: Errno { Errno(rawValue: 80) }
    /// ETXTBSY. The program is being executed.
    @inlinable package static var ETXTBSY: Errno { Errno(rawValue: 26) }
    /// EFBIG. The file would grow too large.
    @inlinable package static var EFBIG: Errno { Errno(rawValue: 27) }
    /// ENOSPC. No space is left.
    @inlinable package static var ENOSPC: Errno { Errno(rawValue: 28) }
    /// ESPIPE. Not a file with offsets.
    @inlinable package static var ESPIPE: Errno { Errno(rawValue: 29) }
    /// EROFS. The mount or file system is read-only.
    @inlinable package static var EROFS: Errno { Errno(rawValue: 30) }
    /// EMLINK. Too many links.
    @inlinable package static var EMLINK: Errno { Errno(rawValue: 31) }
    /// EPIPE. Nobody reads.
    @inlinable package static var EPIPE: Errno { Errno(rawValue: 32) }
    /// ERANGE. The result does not fit.
    @inlinable package static var ERANGE: Errno { Errno(rawValue: 34) }
    /// EDEADLK. It would wait for itself.
    @inlinable package static var EDEADLK: Errno { Errno(rawValue: 35) }
    /// ENAMETOOLONG. The name is too long.
    @inlinable package static var ENAMETOOLONG: Errno { Errno(rawValue: 36) }
    /// ENOLCK. Out of locks.
    @inlinable package static var ENOLCK: Errno { Errno(rawValue: 37) }
    /// ENOSYS. This kernel lacks the system call, or a filter hides it.
    @inlinable package static var ENOSYS: Errno { Errno(rawValue: 38) }
    /// ENOTEMPTY. The directory is not empty.
    @inlinable package static var ENOTEMPTY: Errno { Errno(rawValue: 39) }
    /// ELOOP. Too many links, or a link where none may be.
    @inlinable package static var ELOOP: Errno { Errno(rawValue: 40) }
    /// ENODATA. There is no such attribute.
    @inlinable package static var ENODATA: Errno { Errno(rawValue: 61) }
    /// EPROTO. The other side broke the protocol.
    @inlinable package static var EPROTO: Errno { Errno(rawValue: 71) }
    /// EOVERFLOW. The value does not fit its type.
    @inlinable package static var EOVERFLOW: Errno { Errno(rawValue: 75) }
    /// EPROTOTYPE. The socket is of another type.
    @inlinable package static var EPROTOTYPE: Errno { Errno(rawValue: 91) }
    /// EILSEQ. Not a valid sequence of bytes.
    @inlinable package static var EILSEQ: Errno { Errno(rawValue: 84) }
    /// EUSERS. Too many users or namespaces.
    @inlinable package static var EUSERS: Errno { Errno(rawValue: 87) }
    /// ENOTSOCK. Not a socket.
    @inlinable package static var ENOTSOCK: Errno { Errno(rawValue: 88) }
    /// EMSGSIZE. The message does not fit.
    @inlinable package static var EMSGSIZE: Errno { Errno(rawValue: 90) }
    /// ENOTSUP. Not supported here.
    @inlinable package static var ENOTSUP: Errno { Errno(rawValue: 95) }
    /// EADDRINUSE. The address is in use.
    @inlinable package static var EADDRINUSE: Errno { Errno(rawValue: 98) }
    /// ECONNRESET. The other side closed the connection.
    @inlinable package static var ECONNRESET: Errno { Errno(rawValue: 104) }
    /// ENOTCONN. Not connected.
    @inlinable package static var ENOTCONN: Errno { Errno(rawValue: 107) }
    /// ETIMEDOUT. It took too long.
    @inlinable package static var ETIMEDOUT: Errno { Errno(rawValue: 110) }
    /// ECONNREFUSED. Nobody listens.
    @inlinable package static var ECONNREFUSED: Errno { Errno(rawValue: 111) }
    /// EALREADY. It is under way already.
    @inlinable package static var EALREADY: Errno { Errno(rawValue: 114) }
    /// EINPROGRESS. It has begun.
    @inlinable package static var EINPROGRESS: Errno { Errno(rawValue: 115) }
    /// ESTALE. The file is gone from its file system.
    @inlinable package static var ESTALE: Errno { Errno(rawValue: 116) }
    /// EDQUOT. Over the quota.
    @inlinable package static var EDQUOT: Errno { Errno(rawValue: 122) }
    /// ENOKEY. There is no such key.
    @inlinable package static var ENOKEY: Errno { Errno(rawValue: 126) }
    /// EKEYREVOKED. The key is revoked.
    @inlinable package static var EKEYREVOKED: Errno { Errno(rawValue: 128) }
}
