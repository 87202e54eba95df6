import OCISpec

/// Conditions as the sets of arguments that meet them. Where an answer would take more than these rules, it is the
/// careful one: not implied, not disjoint, no intersection.
extension SeccompCondition {
    /// The arguments that meet a condition.
    private enum Shape {
        case none
        case range(ClosedRange<UInt64>)
        case masked(UInt64, UInt64)
        case allBut(UInt64)
    }

    private var shape: Shape {
        switch comparison {
        case .equal: return .range(value...value)
        case .notEqual: return .allBut(value)
        case .less: return value == 0 ? .none : .range(0...(value - 1))
        case .lessOrEqual: return .range(0...value)
        case .greater: return value == .max ? .none : .range((value + 1)...UInt64.max)
        case .greaterOrEqual: return .range(value...UInt64.max)
        case .maskedEqual:
            if valueTwo & ~value != 0 { return .none }
            if value == .max { return .range(valueTwo...valueTwo) }
            return value == 0 ? .range(0...UInt64.max) : .masked(value, valueTwo)
        }
    }

    /// Whether no argument meets the condition.
    var isNeverMet: Bool {
        if case .none = shape { true } else { false }
    }

    /// Whether every argument that meets this condition meets `other`, as far as can be told. Both are of one argument.
    func implies(_ other: SeccompCondition) -> Bool {
        switch (shape, other.shape) {
        case (.none, _): true
        case (.range(let range), _) where range.count == 1: other.holds(for: range.lowerBound)
        case (_, .range(0...UInt64.max)): true
        case (.range(let one), .range(let two)): two.contains(one.lowerBound) && two.contains(one.upperBound)
        case (.range(let range), .allBut(let value)): !range.contains(value)
        case (.masked(let mask, let wanted), .masked(let otherMask, let otherWanted)):
            mask & otherMask == otherMask && wanted & otherMask == otherWanted
        case (.masked(let mask, let wanted), .allBut(let value)): value & mask != wanted
        case (.allBut(let one), .allBut(let two)): one == two
        default: false
        }
    }

    /// Whether no argument meets both conditions, as far as can be told. Both are of one argument.
    func excludes(_ other: SeccompCondition) -> Bool {
        switch (shape, other.shape) {
        case (.none, _), (_, .none): true
        case (.range(let range), _) where range.count == 1: !other.holds(for: range.lowerBound)
        case (_, .range(let range)) where range.count == 1: !holds(for: range.lowerBound)
        case (.range(let one), .range(let two)): !one.overlaps(two)
        case (.masked(let one, let wantedOne), .masked(let two, let wantedTwo)):
            (wantedOne ^ wantedTwo) & one & two != 0
        // The least argument under a mask is what is wanted of it.
        case (.masked(_, let wanted), .range(let range)), (.range(let range), .masked(_, let wanted)):
            wanted > range.upperBound
        default: false
        }
    }

    /// The condition that is met where both are, if one condition can say it. Both are of one argument.
    func intersection(_ other: SeccompCondition) -> SeccompCondition? {
        if implies(other) { return self }
        if other.implies(self) { return other }
        if case .masked(let one, let wantedOne) = shape, case .masked(let two, let wantedTwo) = other.shape {
            return SeccompCondition(index: index, .maskedEqual, one | two, wantedOne | wantedTwo)
        }
        return nil
    }

    /// The condition that is met where this one isn't, if one condition can say it.
    var negation: SeccompCondition? {
        switch comparison {
        case .equal: SeccompCondition(index: index, .notEqual, value)
        case .notEqual: SeccompCondition(index: index, .equal, value)
        case .less: SeccompCondition(index: index, .greaterOrEqual, value)
        case .lessOrEqual: SeccompCondition(index: index, .greater, value)
        case .greater: SeccompCondition(index: index, .lessOrEqual, value)
        case .greaterOrEqual: SeccompCondition(index: index, .less, value)
        case .maskedEqual: isOneBitSet ? SeccompCondition(index: index, .maskedEqual, value, 0) : nil
        }
    }

    /// Whether the condition asks that one bit is set.
    var isOneBitSet: Bool { comparison == .maskedEqual && value == valueTwo && value.nonzeroBitCount == 1 }
}

extension ClosedRange<UInt64> {
    /// How many values there are, as far as it is told from one.
    fileprivate var count: Int { lowerBound == upperBound ? 1 : 2 }
}
