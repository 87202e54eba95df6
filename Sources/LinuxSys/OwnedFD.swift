import CLinux

/// A descriptor that is closed at the end of its life, and that cannot be copied.
package struct OwnedFD: ~Copyable, Sendable {
    private let descriptor: CInt

    /// Takes over the open descriptor `rawValue`: from here on nobody else may close it.
    package init(adopting rawValue: CInt) {
        descriptor = rawValue
    }

    deinit {
        // Best effort: close(2) frees the number whatever it returns, and trying again could close another's.
        _ = clinux_close(descriptor)
    }

    /// The number, without its ownership. Valid while this value lives: take care that it does
    /// (`extendLifetime`, or a later use).
    package var borrowed: BorrowedFD { BorrowedFD(rawValue: descriptor) }

    /// The number; the caller is now the one to close it.
    package consuming func release() -> CInt {
        let number = descriptor
        discard self
        return number
    }

    /// Closes, and tells what close(2) said: a delayed write error, for one. EINTR is no error: the descriptor is gone.
    package consuming func close() throws(SyscallError) {
        let result = clinux_close(release())
        if result != -Errno.EINTR.rawValue {
            try check(result, "close")
        }
    }
}
