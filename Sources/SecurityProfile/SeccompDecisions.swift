package import OCISpec

/// What a filter decides, call by call: its rules sorted by the names that they are for.
package struct SeccompDecisions: Sendable {
    /// Which of several rules counts where more than one applies. Runtimes don't promise an order, so whoever compares
    /// takes the answer that is careful for him.
    package enum Overlap: Sendable {
        /// The one that refuses more.
        case strictest
        /// The one that permits more.
        case mostLenient
    }

    /// The filter.
    package let filter: SeccompFilter
    /// The rules for each name that aren't superfluous.
    private var rules: [String: [SeccompRule]] = [:]
    /// The names whose rules ask for different things.
    private var contradictory: Set<String> = []

    /// Sorts the rules of `filter`.
    package init(_ filter: SeccompFilter) {
        self.filter = filter
        var repeated: Set<String> = []
        for rule in filter.rules {
            for name in rule.names {
                if rules[name]?.append(rule) == nil { rules[name] = [rule] } else { repeated.insert(name) }
            }
        }
        for name in repeated {
            guard let all = rules[name] else { continue }
            if all.contains(where: { $0.action.reach != all[0].action.reach }) { contradictory.insert(name) }
            rules[name] = SeccompDecisions.withoutSuperfluous(all)
        }
    }

    /// A rule without a condition makes those with one superfluous that are no stricter.
    ///
    /// A stricter one stays: to libseccomp it is superfluous too, but raind-oci's filters have it take hold.
    private static func withoutSuperfluous(_ all: [SeccompRule]) -> [SeccompRule] {
        guard let strictest = all.lazy.filter({ $0.conditions.isEmpty }).map({ $0.action.leniency }).min() else {
            return all
        }
        return all.filter { $0.conditions.isEmpty || $0.action.leniency < strictest }
    }

    /// The names that any rule is for.
    package var names: some Collection<String> { rules.keys }

    /// The rules for a syscall that aren't superfluous.
    func rules(for name: String) -> [SeccompRule] { rules[name] ?? [] }

    /// Whether what happens to a call can depend on its arguments.
    func hasConditions(_ name: String) -> Bool { rules[name]?.contains { !$0.conditions.isEmpty } ?? false }

    /// Whether rules for a call ask for different things.
    func isContradictory(_ name: String) -> Bool { contradictory.contains(name) }

    /// What happens to a call with these six arguments.
    package func action(for name: String, arguments: [UInt64], overlap: Overlap) -> SeccompAction {
        let actions = rules(for: name).filter { $0.holds(for: arguments) }.map(\.action)
        let chosen =
            switch overlap {
            case .strictest: actions.min { $0.leniency < $1.leniency }
            case .mostLenient: actions.max { $0.leniency < $1.leniency }
            }
        return chosen ?? filter.defaultAction
    }

    /// Arguments at which the answers for a call can change: for each constant in a condition of either filter itself,
    /// one below, one above, each bit of a mask flipped, and a bit in the upper half set. Nil if there are too many.
    package static func samples(for name: String, _ first: SeccompDecisions, _ second: SeccompDecisions) -> [[UInt64]]?
    {
        var values: [Set<UInt64>] = Array(repeating: [], count: 6)
        for rule in first.rules(for: name) + second.rules(for: name) {
            for condition in rule.conditions { values[condition.index].formUnion(condition.samples) }
        }
        guard values.reduce(1, { $0 > 1 << 16 ? $0 : $0 * max(1, $1.count) }) <= 1 << 16 else { return nil }
        var samples: [[UInt64]] = [[0, 0, 0, 0, 0, 0]]
        for (index, candidates) in values.enumerated() where !candidates.isEmpty {
            samples = samples.flatMap { sample in
                candidates.sorted().map { value in
                    var varied = sample
                    varied[index] = value
                    return varied
                }
            }
        }
        return samples
    }
}

extension SeccompCondition {
    fileprivate var samples: Set<UInt64> {
        let center = comparison == .maskedEqual ? valueTwo : value
        var samples: Set<UInt64> = [
            0, .max, center, center &- 1, center &+ 1, center ^ 1 << 32, center | ~UInt64(UInt32.max),
        ]
        if comparison == .maskedEqual {
            samples.insert(valueTwo | ~value)
            for bit in 0..<64 where value & 1 << bit != 0 { samples.insert(valueTwo ^ 1 << bit) }
        }
        return samples
    }
}
