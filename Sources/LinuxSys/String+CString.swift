import Glibc

extension String {
    /// `body` of the text as a C string, or -EINVAL for a text with a NUL inside: C would see another, shorter name.
    @inline(__always)
    func withCText<Result: SignedInteger & FixedWidthInteger>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let count = utf8.count
        // SAFETY: the pointer is used within the call alone, and a NUL ends the text at its end at the latest.
        return unsafe withCString { text in
            unsafe strlen(text) == count ? unsafe body(text) : Result(-Errno.EINVAL.rawValue)
        }
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
