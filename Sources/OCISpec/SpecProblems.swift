/// Everything that is wrong with a document.
package struct SpecProblems: Error, Equatable, Sendable {
    /// The problems, sorted by pointer; at least one.
    package let problems: [Problem]

    /// Makes the error of `problems`, which need not be sorted.
    package init(_ problems: [Problem]) {
        self.problems = problems.sorted()
    }
}

extension SpecProblems: CustomStringConvertible {
    /// The problems, joined by `; `.
    package var description: String { problems.map(\.description).joined(separator: "; ") }
}
