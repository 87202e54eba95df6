extension [UInt8] {
    /// Appends the decimal digits of a number.
    package mutating func appendDecimal(_ number: UInt64) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        // They came last first.
        var (low, high) = (start, count - 1)
        while low < high {
            swapAt(low, high)
            low += 1
            high -= 1
        }
    }
}

extension String {
    /// A number in decimal digits. (Interpolation takes the standard library's way, which is general, and large.)
    package init(decimal number: UInt64) {
        var digits: [UInt8] = []
        digits.appendDecimal(number)
        self.init(decoding: digits, as: UTF8.self)
    }
}
