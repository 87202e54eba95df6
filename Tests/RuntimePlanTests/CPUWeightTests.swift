import Foundation
import Testing

@testable import RuntimePlan

/// `cpu.shares` as `cpu.weight`.
struct CPUWeightTests {
    /// Worked out with 50 digits.
    @Test(
        arguments: [
            (0, 1), (1, 1), (2, 1), (3, 2), (10, 4), (100, 17), (256, 35), (512, 59), (1000, 99), (1023, 100),
            (1024, 100), (1025, 101), (2048, 174), (4096, 303), (10240, 639), (131_072, 5478), (262_143, 10_000),
            (262_144, 10_000), (262_145, 10_000), (.max, 10_000),
        ] as [(UInt64, UInt64)])
    func points(shares: UInt64, weight: UInt64) {
        #expect(CPUWeight(shares: shares).value == weight)
    }

    /// The formula with the C library's functions, over the whole range.
    @Test func theWholeRange() {
        var last: UInt64 = 1
        var different: [UInt64] = []
        for shares in UInt64(2)...262_144 {
            let logarithm = log2(Double(shares))
            let exact = pow(10, (logarithm * logarithm + 125 * logarithm) / 612 - 7.0 / 34)
            let expected = abs(exact - exact.rounded()) < 1e-12 * exact ? exact.rounded() : exact.rounded(.up)
            let weight = CPUWeight(shares: shares).value
            if weight != UInt64(expected) || weight < last { different.append(shares) }
            last = weight
        }
        #expect(different.isEmpty)
    }
}
