/// A system call that the kernel refused.
package struct SyscallError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The call, as in `openat2`; where a call has commands, with the command: `fsconfig(create)`.
    package let operation: String
    /// Why it failed.
    package let errno: Errno
    /// What it was about: a path, a name, an id. Empty when the call has nothing of the kind.
    package let subject: String

    /// The error of `operation` on `subject`.
    package init(operation: String, errno: Errno, subject: String = "") {
        self.operation = operation
        self.errno = errno
        self.subject = subject
    }

    /// `operation subject: ERRNO`.
    package var description: String {
        subject.isEmpty ? "\(operation): \(errno.name)" : "\(operation) \(subject): \(errno.name)"
    }
}

/// The result of a C function of this package (`>= 0`, or the errno negated) or its error. The subject is made only
/// when there is an error.
@inline(__always)
@discardableResult
func check<Value: SignedInteger & FixedWidthInteger>(
    _ result: Value, _ operation: @autoclosure () -> String, _ subject: @autoclosure () -> String = ""
) throws(SyscallError) -> Value {
    if result < 0 {
        throw failure(CInt(truncatingIfNeeded: -result), operation(), subject())
    }
    return result
}

/// Kept apart so that the successful path of every wrapper stays small.
@inline(never)
private func failure(_ errno: CInt, _ operation: String, _ subject: String) -> SyscallError {
    SyscallError(operation: operation, errno: Errno(rawValue: errno), subject: subject)
}

/// What `call` returns once it is not interrupted by a signal.
@inline(__always)
func retryingInterrupts<Value: SignedInteger & FixedWidthInteger>(_ call: () -> Value) -> Value {
    while true {
        let result = call()
        if result != -4 { return result }
    }
}
