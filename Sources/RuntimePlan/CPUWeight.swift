/// A v1 `cpu.shares` (2 to 262144, 1024 by default) as a v2 `cpu.weight` (1 to 10000, 100 by default).
///
/// The curve through the three points that both scales share (least, default, most), as the runtimes agreed on it in
/// 2025: weight = ceil(10 ^ ((log2(s)² + 125 log2(s)) / 612 - 7 / 34)).
package struct CPUWeight: Sendable, Equatable {
    /// The weight.
    package let value: UInt64

    /// The weight of a number of shares.
    package init(shares: UInt64) {
        guard shares > 2 else {
            value = 1
            return
        }
        guard shares < 262_144 else {
            value = 10_000
            return
        }
        let logarithm = Self.log2(Double(shares))
        let exponent = (logarithm * logarithm + 125 * logarithm) / 612 - 7.0 / 34
        let weight = Self.exp2(exponent * Self.log2(10))
        let nearest = weight.rounded()
        // The default is on the curve exactly; a rounding error must not lift it to the next weight.
        value = UInt64(abs(weight - nearest) < 1e-12 * nearest ? nearest : weight.rounded(.up))
    }

    /// The binary logarithm: the exponent, and a series for the significand. (The standard library has none, and this
    /// module imports no C.)
    private static func log2(_ number: Double) -> Double {
        // In 0.7 to 1.4 the series below converges fast.
        var exponent = Double(number.exponent)
        var significand = number.significand
        if significand > 1.414_213_562_373_095_1 {
            significand /= 2
            exponent += 1
        }
        let ratio = (significand - 1) / (significand + 1)
        let square = ratio * ratio
        var power = ratio
        var sum = 0.0
        for divisor in stride(from: 1.0, through: 41.0, by: 2.0) {
            sum += power / divisor
            power *= square
        }
        return exponent + 2 * sum / naturalLogarithmOf2
    }

    /// 2 to the power of a number.
    private static func exp2(_ exponent: Double) -> Double {
        let whole = exponent.rounded(.down)
        let part = (exponent - whole) * naturalLogarithmOf2
        var term = 1.0
        var sum = 1.0
        for divisor in stride(from: 1.0, through: 25.0, by: 1.0) {
            term *= part / divisor
            sum += term
        }
        return Double(sign: .plus, exponent: Int(whole), significand: sum)
    }

    private static let naturalLogarithmOf2 = 0.693_147_180_559_945_3
}
