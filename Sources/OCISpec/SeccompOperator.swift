/// How a filter compares an argument of a system call (config-linux.md, "Seccomp"; seccomp_rule_add(3)).
package enum SeccompOperator: String, CaseIterable, Sendable {
    /// `SCMP_CMP_NE`: not equal.
    case notEqual = "SCMP_CMP_NE"
    /// `SCMP_CMP_LT`: less.
    case less = "SCMP_CMP_LT"
    /// `SCMP_CMP_LE`: less or equal.
    case lessOrEqual = "SCMP_CMP_LE"
    /// `SCMP_CMP_EQ`: equal.
    case equal = "SCMP_CMP_EQ"
    /// `SCMP_CMP_GE`: greater or equal.
    case greaterOrEqual = "SCMP_CMP_GE"
    /// `SCMP_CMP_GT`: greater.
    case greater = "SCMP_CMP_GT"
    /// `SCMP_CMP_MASKED_EQ`: the bits of `value` are as in `valueTwo`.
    case maskedEqual = "SCMP_CMP_MASKED_EQ"
}
