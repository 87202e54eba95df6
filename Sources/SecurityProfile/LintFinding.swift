package import LosslessJSON
import OCISpec

/// Something that lint found.
package struct LintFinding: Hashable, Sendable {
    /// What kind of thing it is.
    package let rule: LintRule
    /// How much it matters here; mostly what the rule says.
    package let severity: LintRule.Severity
    /// Where it stands.
    package let place: LintPlace
    /// What was found, in a line.
    package let message: String

    /// Makes a finding. Without a severity it has the rule's.
    package init(
        _ rule: LintRule, at place: LintPlace, severity: LintRule.Severity? = nil, _ message: String
    ) {
        self.rule = rule
        self.severity = severity ?? rule.severity
        self.place = place
        self.message = message.oneLine
    }

    /// The finding as a document: `code`, `severity`, `place`, `message`, `reason`, `remedy`, `cisDockerBenchmark`.
    package var json: JSONValue {
        .object([
            ("code", .string(rule.rawValue)), ("severity", .string(severity.rawValue)), ("place", place.json),
            ("message", .string(message)), ("reason", .string(rule.reason)), ("remedy", .string(rule.remedy)),
            ("cisDockerBenchmark", rule.benchmarkControl.map { .string($0) } ?? .null),
        ])
    }
}

extension [LintFinding] {
    /// The findings in the order of their places, those of one place by severity and code; none twice.
    package var sorted: [LintFinding] {
        var seen: Set<LintFinding> = []
        let unique = filter { seen.insert($0).inserted }
        func key(_ finding: LintFinding) -> (Int, Int, Int, String) {
            (finding.place.line ?? 0, finding.place.column ?? 0, finding.severity.rank, finding.rule.rawValue)
        }
        return unique.enumerated().sorted {
            key($0.element) == key($1.element) ? $0.offset < $1.offset : key($0.element) < key($1.element)
        }.map(\.element)
    }

    /// Whether lint's answer is no: there is an error, or with `strict` a warning.
    package func areRefused(strict: Bool) -> Bool {
        contains { $0.severity == .error || strict && $0.severity == .warning }
    }

    /// How many there are of a severity.
    package func count(of severity: LintRule.Severity) -> Int { count { $0.severity == severity } }
}
