/// A number's exact value: a sign, digits and a power of ten. No number goes through a `Double`, which would round it.
struct JSONDecimal {
    let isNegative: Bool
    /// The digits without zeros at either end; empty for zero.
    let digits: [UInt8]
    /// The power of ten that the last digit stands for, or nil where it doesn't fit: the text alone then tells.
    let exponent: Int?

    /// Reads the text of a number that the parser has checked.
    init(_ text: ArraySlice<UInt8>) {
        isNegative = text.first == UInt8(ascii: "-")
        var digits: [UInt8] = []
        var fractionDigits = 0
        var isFraction = false
        var position = isNegative ? text.startIndex + 1 : text.startIndex
        while position < text.endIndex, text[position] | 0x20 != UInt8(ascii: "e") {
            if text[position] == UInt8(ascii: ".") {
                isFraction = true
            } else {
                let digit = text[position] - UInt8(ascii: "0")
                if !digits.isEmpty || digit != 0 { digits.append(digit) }
                if isFraction { fractionDigits += 1 }
            }
            position += 1
        }
        var exponent: Int? = 0
        if position < text.endIndex {
            position += 1
            let isExponentNegative = text[position] == UInt8(ascii: "-")
            if isExponentNegative || text[position] == UInt8(ascii: "+") { position += 1 }
            for byte in text[position...] {
                // Far past any number that is meant, and far from an overflow of what is added below.
                exponent = exponent.flatMap { $0 > 1 << 40 ? nil : $0 * 10 + Int(byte - UInt8(ascii: "0")) }
            }
            if isExponentNegative { exponent = exponent.map { -$0 } }
        }
        while digits.last == 0 {
            digits.removeLast()
            fractionDigits -= 1
        }
        self.exponent = digits.isEmpty ? 0 : exponent.map { $0 - fractionDigits }
        self.digits = digits
    }

    /// The magnitude as an integer, or nil if it is none or needs more than 64 bits.
    var magnitude: UInt64? {
        guard let exponent, exponent >= 0, digits.count + exponent <= 20 else { return nil }
        var value: UInt64 = 0
        for position in 0..<digits.count + exponent {
            let (product, isProductTooLarge) = value.multipliedReportingOverflow(by: 10)
            let digit = position < digits.count ? UInt64(digits[position]) : 0
            let (sum, isSumTooLarge) = product.addingReportingOverflow(digit)
            guard !isProductTooLarge, !isSumTooLarge else { return nil }
            value = sum
        }
        return value
    }
}

extension JSON {
    /// The number as an integer, or nil if this is no number, isn't integral or doesn't fit. The value counts, not how
    /// it is written: `1.0` and `1e2` are integers.
    package var int64Value: Int64? {
        guard node.kind == .number else { return nil }
        let isNegative = document.bytes[byteRange.lowerBound] == UInt8(ascii: "-")
        guard let magnitude else { return nil }
        guard isNegative else { return Int64(exactly: magnitude) }
        return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }

    /// The number as an integer from 0, or nil if this is no number, isn't integral, is negative or doesn't fit. The
    /// value counts, not how it is written: `1.0` and `1e2` are integers, and `-0` is 0.
    package var uint64Value: UInt64? {
        guard node.kind == .number, let magnitude else { return nil }
        return magnitude == 0 || document.bytes[byteRange.lowerBound] != UInt8(ascii: "-") ? magnitude : nil
    }

    private var magnitude: UInt64? {
        // Nearly every number is a few digits, and those need no list.
        var value: UInt64 = 0
        let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes
        guard digits.count <= 19 else { return JSONDecimal(bytes).magnitude }
        for byte in digits {
            guard byte &- UInt8(ascii: "0") < 10 else { return JSONDecimal(bytes).magnitude }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// Whether both numbers have one value.
    static func isSameNumber(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> Bool {
        if first == second { return true }
        let one = JSONDecimal(first)
        let other = JSONDecimal(second)
        guard one.digits == other.digits else { return false }
        if one.digits.isEmpty { return true }
        guard let exponent = one.exponent, exponent == other.exponent else { return false }
        return one.isNegative == other.isNegative
    }
}
