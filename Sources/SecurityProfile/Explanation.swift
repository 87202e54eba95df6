package import LosslessJSON
import OCISpec

/// Whether something is allowed, and what decides it.
package struct Explanation: Sendable {
    /// The answer.
    package enum Verdict: String, Sendable {
        /// It is allowed.
        case allowed
        /// It is refused.
        case refused
        /// It depends on arguments that weren't given.
        case depends = "depends on its arguments"
    }

    /// A part of a bundle or profile that has a say in it.
    package struct Cause: Sendable {
        /// Which part: `capabilities`, `seccomp`, `apparmor`, `paths`, `mounts`, `root`.
        package let layer: String
        /// Where that stands, or nil where nothing stands.
        package let place: LintPlace?
        /// What it says, in a line.
        package let text: String

        init(_ layer: String, at place: LintPlace?, _ text: String) {
            self.layer = layer
            self.place = place
            self.text = text
        }
    }

    /// What was asked.
    package let question: String
    /// The answer.
    package internal(set) var verdict: Verdict
    /// What decides it first, then what has a say in it too.
    package internal(set) var causes: [Cause]

    init(_ question: String, _ verdict: Verdict, _ causes: [Cause]) {
        self.question = question
        self.verdict = verdict
        self.causes = causes
    }

    /// The document: `question`, `verdict`, `causes`.
    package var json: JSONValue {
        .object([
            ("question", .string(question)), ("verdict", .string(verdict.rawValue)),
            (
                "causes",
                .array(
                    causes.map { cause in
                        .object([
                            ("layer", .string(cause.layer)), ("place", cause.place?.json ?? .null),
                            ("text", .string(cause.text)),
                        ])
                    })
            ),
        ])
    }
}
