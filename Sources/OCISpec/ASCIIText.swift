extension String {
    /// Whether both are the same bytes, one of them being ASCII.
    ///
    /// `==` takes canonically equivalent strings for equal: U+212A, the Kelvin sign, is `K` to it. Such a character
    /// needs more bytes than the one that it stands for.
    func isSameASCII(as other: String) -> Bool {
        utf8.count == other.utf8.count && self == other
    }

    /// The string with `a` to `z` in upper case.
    var uppercasedASCII: String {
        String(decoding: utf8.map { $0 &- UInt8(ascii: "a") < 26 ? $0 & 0xDF : $0 }, as: UTF8.self)
    }

    /// The whole string as a decimal number without a sign, leading zeros allowed.
    var decimalASCII: UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in utf8 {
            let digit = byte &- UInt8(ascii: "0")
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflows) = product.addingReportingOverflow(UInt64(digit))
            guard digit < 10, !overflows, !sumOverflows else { return nil }
            value = sum
        }
        return value
    }
}
