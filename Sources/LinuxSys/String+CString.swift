extension String {
    /// `body` of the text as a C string, or -EINVAL for a text with a NUL inside: C would see another, shorter name.
    @inline(__always)
    func withCText<Result: SignedInteger & FixedWidthInteger>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        if utf8.contains(0) {
            return Result(-Errno.EINVAL.rawValue)
        }
        // SAFETY: the pointer is used within the call of body alone.
        return unsafe withCString { unsafe body($0) }
    }

    /// `body` of two texts as C strings.
    @inline(__always)
    func withCText<Result: SignedInteger & FixedWidthInteger>(
        and other: String, _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Result
    ) -> Result {
        // SAFETY: the pointers are used within the call of body alone.
        unsafe withCText { first in unsafe other.withCText { second in unsafe body(first, second) } }
    }
}

extension String? {
    /// `body` of the text as a C string, or of NULL where there is none.
    @inline(__always)
    func withCText<Result: SignedInteger & FixedWidthInteger>(_ body: (UnsafePointer<CChar>?) -> Result) -> Result {
        // SAFETY: the pointer is used within the call of body alone.
        guard let text = self else { return body(nil) }
        return unsafe text.withCText { unsafe body($0) }
    }
}
