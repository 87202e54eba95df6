/// What a filter has found out about a word of a call on its way to an answer.
struct WordCondition: Hashable, Sendable {
    /// How the masked word is compared.
    enum Test: Hashable, Sendable {
        case equal
        case notEqual
        case greater
        case notGreater
    }

    /// The word's place in `struct seccomp_data`.
    let word: Int
    /// The bits of it that take part.
    let mask: UInt32
    /// How they are compared.
    let test: Test
    /// What they are compared with.
    let constant: UInt32

    /// The condition that holds where this one doesn't.
    var negation: WordCondition {
        let test: Test =
            switch test {
            case .equal: .notEqual
            case .notEqual: .equal
            case .greater: .notGreater
            case .notGreater: .greater
            }
        return WordCondition(word: word, mask: mask, test: test, constant: constant)
    }

    func holds(for value: UInt32) -> Bool {
        switch test {
        case .equal: value & mask == constant
        case .notEqual: value & mask != constant
        case .greater: value & mask > constant
        case .notGreater: value & mask <= constant
        }
    }

    /// Whether conditions on one word can hold together.
    enum Solution: Equatable, Sendable {
        /// They do for this value.
        case value(UInt32)
        /// They don't for any.
        case none
        /// It would take too long to say.
        case unknown
    }

    /// Finds a value for which all of `conditions` hold; all are on one word.
    static func solve(_ conditions: [WordCondition]) -> Solution {
        // Most often the constants themselves and their neighbours do.
        let likely: [UInt32] = [0] + conditions.flatMap { [$0.constant, $0.constant &+ 1] as [UInt32] }
        for value in likely where conditions.allSatisfy({ $0.holds(for: value) }) { return .value(value) }
        var search = Search(conditions)
        return search.run()
    }

    /// Chooses the bits of a value from the highest on. How far a condition is decided depends on how the chosen bits
    /// compare with the constant's, so that what has failed once needn't be tried a second time.
    private struct Search {
        private enum Order: UInt8 {
            case same, below, above
        }

        private struct State: Hashable {
            let bit: Int
            let orders: [Order]
        }

        private let conditions: [WordCondition]
        private var failed: Set<State> = []
        private static let maximumStateCount = 4096

        init(_ conditions: [WordCondition]) { self.conditions = conditions }

        mutating func run() -> Solution {
            let value = value(from: 31, State(bit: 31, orders: conditions.map { _ in .same }), 0)
            if let value { return .value(value) }
            return failed.count > Self.maximumStateCount ? .unknown : .none
        }

        private mutating func value(from bit: Int, _ state: State, _ prefix: UInt32) -> UInt32? {
            guard bit >= 0 else { return prefix }
            guard failed.count <= Self.maximumStateCount, !failed.contains(state) else { return nil }
            let isFree = conditions.allSatisfy { $0.mask >> UInt32(bit) & 1 == 0 }
            for choice: UInt32 in isFree ? [0] : [0, 1] {
                guard let orders = orders(state.orders, bit, choice) else { continue }
                let next = State(bit: bit - 1, orders: orders)
                if let found = value(from: bit - 1, next, prefix | choice << UInt32(bit)) { return found }
            }
            failed.insert(state)
            return nil
        }

        /// How the conditions stand with one bit more, or nil if one of them can't hold any more.
        private func orders(_ before: [Order], _ bit: Int, _ choice: UInt32) -> [Order]? {
            var orders = before
            for (place, condition) in conditions.enumerated() {
                if orders[place] == .same {
                    let own = choice & condition.mask >> UInt32(bit) & 1
                    let other = condition.constant >> UInt32(bit) & 1
                    if own != other { orders[place] = own < other ? .below : .above }
                }
                let isLast = bit == 0
                switch (condition.test, orders[place]) {
                case (.equal, .below), (.equal, .above), (.greater, .below), (.notGreater, .above): return nil
                case (.notEqual, .same) where isLast, (.greater, .same) where isLast: return nil
                default: break
                }
            }
            return orders
        }
    }
}
