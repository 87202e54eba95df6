import LosslessJSON
import OCISpec
import SecurityProfile

/// A comparison as a document for programs.
enum ComparisonDocument {
    /// Both directions.
    static func difference(_ comparison: SecurityComparison, _ first: String, _ second: String) -> JSONValue {
        .object(
            [
                ("first", .string(first)), ("second", .string(second)), ("equal", .bool(comparison.isEqual)),
                ("allowedBySecond", surplus(comparison.widened, comparison.seccomp.widened)),
                ("allowedByFirst", surplus(comparison.narrowed, comparison.seccomp.narrowed)),
                ("answeredOtherwise", .array(comparison.seccomp.changed.map(difference))),
            ] + openQuestions(comparison))
    }

    /// What a bundle allows beyond a baseline.
    static func check(_ comparison: SecurityComparison, baseline: String, _ bundle: String) -> JSONValue {
        .object(
            [
                ("baseline", .string(baseline)), ("bundle", .string(bundle)), ("within", .bool(comparison.isWithin)),
                ("allowedBeyond", surplus(comparison.widened, comparison.seccomp.widened)),
            ] + openQuestions(comparison))
    }

    private static func openQuestions(_ comparison: SecurityComparison) -> [(name: String, value: JSONValue)] {
        [
            (
                "notComparable",
                .array(
                    comparison.incomparable.map {
                        .object([
                            ("what", .string($0.kind.rawValue)), ("first", .string($0.first)),
                            ("second", .string($0.second)),
                        ])
                    })
            ),
            ("undecided", .array(comparison.seccomp.undecided.map { .object(call($0)) })),
            ("notCompared", .strings(comparison.notCompared)),
        ]
    }

    private static func surplus(
        _ surplus: SecurityComparison.Surplus, _ calls: [SeccompComparison.Difference]
    ) -> JSONValue {
        .object([
            (
                "capabilities",
                .object(surplus.capabilities.map { ($0.set.rawValue, .strings($0.capabilities.names)) })
            ),
            ("newPrivileges", .bool(surplus.newPrivileges)),
            ("withoutAppArmorProfile", surplus.appArmorProfile.map { .string($0) } ?? .null),
            ("withoutSELinuxLabel", surplus.selinuxLabel.map { .string($0) } ?? .null),
            ("unmaskedPaths", .strings(surplus.unmaskedPaths)), ("writablePaths", .strings(surplus.writablePaths)),
            ("syscalls", .array(calls.map(difference))),
        ])
    }

    /// A call with arguments that show it; as text, since a number of 64 bits is more than most readers of JSON keep.
    private static func difference(_ difference: SeccompComparison.Difference) -> JSONValue {
        .object(
            call(difference.call) + [
                ("arguments", .strings(difference.arguments.map { "0x" + String($0, radix: 16) })),
                ("decisiveArguments", .array(difference.decisiveArguments.map { .integer($0) })),
                ("first", difference.first.json), ("second", difference.second.json),
            ])
    }

    private static func call(_ call: SeccompComparison.Call) -> [(name: String, value: JSONValue)] {
        [
            ("name", call.name.map { .string($0) } ?? .null), ("number", .integer(call.number)),
            (
                "architecture",
                .string(call.platform?.rawValue ?? "0x" + String(call.architecture, radix: 16))
            ),
        ]
    }
}
