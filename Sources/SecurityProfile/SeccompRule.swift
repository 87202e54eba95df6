package import OCISpec

/// A condition on an argument of a syscall (`/linux/seccomp/syscalls/N/args/M`).
package struct SeccompCondition: Hashable, Sendable {
    /// Which argument, from 0 to 5.
    package var index: Int
    /// How it is compared. Arguments are 64 bits without a sign.
    package var comparison: SeccompOperator
    /// What it is compared with; the mask for `maskedEqual`.
    package var value: UInt64
    /// What it is under the mask, for `maskedEqual`.
    package var valueTwo: UInt64

    /// Makes a condition.
    package init(index: Int, _ comparison: SeccompOperator, _ value: UInt64, _ valueTwo: UInt64 = 0) {
        self.index = index
        self.comparison = comparison
        self.value = value
        self.valueTwo = valueTwo
    }

    /// Whether an argument of this value meets the condition.
    package func holds(for argument: UInt64) -> Bool {
        switch comparison {
        case .notEqual: argument != value
        case .less: argument < value
        case .lessOrEqual: argument <= value
        case .equal: argument == value
        case .greaterOrEqual: argument >= value
        case .greater: argument > value
        case .maskedEqual: argument & value == valueTwo
        }
    }
}

/// What happens to some syscalls (`/linux/seccomp/syscalls/N`).
package struct SeccompRule: Hashable, Sendable {
    /// The names of the syscalls.
    package var names: [String]
    /// What happens to a call that meets the conditions.
    package var action: SeccompAction
    /// The errno that the call gets, or the tracer's message; only with `errno` and `trace`. Nil is EPERM.
    package var errnoReturn: UInt32?
    /// What its arguments must be; all conditions must hold, and each argument stands in one at most.
    package var conditions: [SeccompCondition]

    /// Makes a rule.
    package init(
        names: [String], action: SeccompAction, errnoReturn: UInt32? = nil, conditions: [SeccompCondition] = []
    ) {
        self.names = names
        self.action = action
        self.errnoReturn = errnoReturn
        self.conditions = conditions
    }

    /// Whether these arguments meet the conditions.
    func holds(for arguments: [UInt64]) -> Bool {
        conditions.allSatisfy { $0.holds(for: arguments[$0.index]) }
    }
}
