import Glibc

/// A descriptor that somebody else closes: a number, and a promise of the caller that it is open.
package struct BorrowedFD: RawRepresentable, Equatable, Hashable, Sendable, CustomStringConvertible {
    /// The number.
    package let rawValue: CInt

    /// The descriptor of the number `rawValue`.
    @inlinable
    package init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// AT_FDCWD: the working directory, where a directory is asked for.
    package static let currentDirectory = BorrowedFD(rawValue: AT_FDCWD)
    /// Descriptor 0.
    package static let standardInput = BorrowedFD(rawValue: 0)
    /// Descriptor 1.
    package static let standardOutput = BorrowedFD(rawValue: 1)
    /// Descriptor 2.
    package static let standardError = BorrowedFD(rawValue: 2)

    /// `fd N`, or `.` for the working directory.
    package var description: String {
        self == .currentDirectory ? "." : "fd \(rawValue)"
    }
}
