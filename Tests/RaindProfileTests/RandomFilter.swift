import OCISpec
import SecurityProfile

/// A generator of random numbers that gives the same ones for the same seed (splitmix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Filters at random over few calls and few constants, so that rules meet.
enum RandomFilter {
    /// The calls; the first ones have other numbers on each architecture, socket is carried by socketcall on x86.
    static let names = ["read", "clone", "personality", "socket", "ioctl", "unshare"]

    /// What conditions compare with: the edges of bytes, halves and signs, and bits.
    static let constants: [UInt64] = [
        0, 1, 2, 3, 8, 0x7E02_0000, 0x1000_0000, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 32, 3 << 32, .max,
    ]

    static func filter(_ generator: inout SeededGenerator) -> SeccompFilter {
        let actions: [SeccompAction] = [.allow, .allow, .allow, .errno, .errno, .killProcess, .log, .trap, .trace]
        var filter = SeccompFilter(
            defaultAction: pick([.allow, .errno, .errno, .killProcess], &generator),
            architectures: pick([[.amd64], [.amd64, .x86], [.amd64, .x86, .x32], [.amd64, .x32], []], &generator))
        if filter.defaultAction == .errno { filter.defaultErrnoReturn = pick([nil, 1, 38], &generator) }
        for _ in 0..<Int.random(in: 0...7, using: &generator) {
            let action = pick(actions, &generator)
            guard action != filter.defaultAction else { continue }
            var rule = SeccompRule(
                names: [pick(names, &generator)], action: action,
                errnoReturn: action == .errno ? pick([1, 38], &generator) : nil)
            for index in 0..<Int.random(in: 0...2, using: &generator) {
                rule.conditions.append(condition(index, &generator))
            }
            filter.rules.append(rule)
        }
        return filter
    }

    private static func condition(_ index: Int, _ generator: inout SeededGenerator) -> SeccompCondition {
        var condition = SeccompCondition(
            index: index, pick(SeccompOperator.allCases + [.maskedEqual, .maskedEqual], &generator),
            pick(constants, &generator), pick(constants, &generator))
        // A bit that the mask hasn't is never met: that happens, but not most of the time.
        if Int.random(in: 0..<8, using: &generator) != 0 { condition.valueTwo &= condition.value }
        return condition
    }

    static func pick<Element>(_ elements: [Element], _ generator: inout SeededGenerator) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &generator)]
    }

    /// Another filter that differs from one in a single rule, or in none.
    static func changed(_ filter: SeccompFilter, _ generator: inout SeededGenerator) -> SeccompFilter {
        var changed = filter
        guard let place = filter.rules.indices.randomElement(using: &generator) else { return filter }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: changed.rules.remove(at: place)
        case 1: changed.rules.append(filter.rules[place])
        case 2 where !filter.rules[place].conditions.isEmpty:
            changed.rules[place].conditions[0] = condition(0, &generator)
        default: changed.rules[place].action = pick([.allow, .errno, .trap], &generator)
        }
        return changed
    }

    /// Arguments to try: around each constant, with each bit of it flipped in turn, and with something in the upper half.
    static func arguments(_ generator: inout SeededGenerator) -> [UInt64] {
        var values = Set<UInt64>()
        for constant in constants { values.formUnion([constant, constant &- 1, constant &+ 1]) }
        for _ in 0..<10 {
            values.insert(pick(constants, &generator) ^ 1 << UInt64.random(in: 0..<64, using: &generator))
            values.insert(pick(constants, &generator) ^ pick(constants, &generator))
        }
        return values.sorted()
    }

    /// Two arguments of each two constants; for an architecture of 32 bits those that fit.
    static func pairs(isNarrow: Bool) -> [[UInt64]] {
        let values = isNarrow ? constants.filter { $0 <= UInt32.max } : constants
        return values.flatMap { first in values.map { [first, $0, 0, 0, 0, 0] } }
    }
}
