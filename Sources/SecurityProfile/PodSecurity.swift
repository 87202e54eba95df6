package import LosslessJSON
import OCISpec

/// How a bundle or profile stands to the Pod Security Standards of Kubernetes.
package struct PodSecurity: Sendable {
    /// A level of the standards. Each asks for all that the one before asks for.
    package enum Level: String, CaseIterable, Comparable, Sendable {
        /// Asks for nothing.
        case privileged
        /// Keeps out what is known to lead to the host.
        case baseline
        /// What hardening guides ask for.
        case restricted

        /// Whether `first` asks for less.
        package static func < (first: Level, second: Level) -> Bool { first.rank < second.rank }

        private var rank: Int {
            switch self {
            case .privileged: 0
            case .baseline: 1
            case .restricted: 2
            }
        }
    }

    /// How a control stands.
    package enum Verdict: String, Sendable {
        /// What it asks for holds.
        case met
        /// It doesn't.
        case notMet = "not met"
        /// Neither can be told from here.
        case notJudged = "not judged"
    }

    /// A control of the standards.
    package struct Control: Sendable {
        /// The level that asks for it.
        package let level: Level
        /// Its name in the standards.
        package let name: String
        /// How it stands.
        package let verdict: Verdict
        /// Why, in a line.
        package let reason: String
        /// Where that stands, or nil.
        package let place: LintPlace?
    }

    /// The controls, those of baseline first.
    package let controls: [Control]

    /// The highest level of which no control fails.
    package var level: Level {
        for level in [Level.baseline, .restricted] where fails(level) {
            return level == .baseline ? .privileged : .baseline
        }
        return .restricted
    }

    /// Whether a level's controls, and those of the levels below, are met as far as they can be judged.
    package func meets(_ level: Level) -> Bool { level <= self.level }

    private func fails(_ level: Level) -> Bool { controls.contains { $0.level == level && $0.verdict == .notMet } }

    /// The document: `level`, `controls`.
    package var json: JSONValue {
        .object([
            ("level", .string(level.rawValue)),
            (
                "controls",
                .array(
                    controls.map { control in
                        .object([
                            ("level", .string(control.level.rawValue)), ("name", .string(control.name)),
                            ("verdict", .string(control.verdict.rawValue)), ("reason", .string(control.reason)),
                            ("place", control.place?.json ?? .null),
                        ])
                    })
            ),
        ])
    }
}

extension PodSecurity {
    /// Judges a bundle's configuration; `source` is its path.
    package static func judge(bundle config: JSON, named source: String) -> PodSecurity {
        var judge = PodSecurityJudge()
        let facts = PodSecurityFacts(config, named: source)
        judge.baseline(facts)
        judge.restricted(facts)
        return PodSecurity(controls: judge.controls)
    }

    /// Judges a profile. What a bundle decides isn't judged. `chain` has the layers.
    package static func judge(_ profile: ResolvedProfile, chain: [Profile]) -> PodSecurity {
        var judge = PodSecurityJudge()
        let facts = PodSecurityFacts(profile, chain: chain)
        judge.baseline(facts)
        judge.restricted(facts)
        return PodSecurity(controls: judge.controls)
    }
}
