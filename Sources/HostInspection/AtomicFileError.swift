package import LinuxSys

/// Why a file can't be read or replaced. Nothing was changed, but for ``notOnDisk(_:_:)``.
package enum AtomicFileError: Error, Equatable, Sendable {
    /// A system call failed.
    case system(SyscallError)
    /// The file is a symbolic link.
    case symbolicLink(String)
    /// The path leads to a folder, a device, a FIFO or a socket.
    case notAFile(String)
    /// The file has this many names.
    case manyNames(String, UInt32)
    /// The file is longer than this many bytes.
    case tooLarge(String, Int)
    /// Somebody else put another file in its place after it was read.
    case changedMeanwhile(String)
    /// No file can be made beside it.
    case folderNotWritable(String, Errno)
    /// Something is mounted on it.
    case mountPoint(String)
    /// The new file can't be given to the owner and the group of the old one.
    case ownerNotKept(String, Errno)
    /// The file was replaced, and the disk failed to take its folder: after a crash it may be the old one.
    case notOnDisk(String, Errno)
}

extension AtomicFileError: CustomStringConvertible {
    /// One line: what is wrong, and what to do.
    package var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .symbolicLink(let path):
            "\(path): a symbolic link, which replacing would turn into a file; give the path that it leads to"
        case .notAFile(let path): "\(path): not a regular file"
        case .manyNames(let path, let count):
            "\(path): a file with \(count) names, of which replacing would change one; copy it first"
        case .tooLarge(let path, let limit): "\(path): longer than \(limit >> 20) MiB"
        case .changedMeanwhile(let path): "\(path): changed by somebody else meanwhile; try again"
        case .folderNotWritable(let path, let errno):
            "\(path): \(errno); a new file takes its place, so its folder must be writable"
        case .mountPoint(let path):
            "\(path): EBUSY; it is a mount point, which no other file can replace; give the file that is mounted there"
        case .ownerNotKept(let path, let errno):
            "\(path): \(errno); it belongs to somebody else, and only root can give a new file to him"
        case .notOnDisk(let path, let errno): "\(path): replaced, and not put on the disk: fsync: \(errno)"
        }
    }
}
