import OCISpec
import SecurityProfile

/// A comparison as lines for people.
struct ComparisonText {
    private let comparison: SecurityComparison
    private let first: String
    private let second: String
    private(set) var lines: [String] = []

    private static let width = 78

    private init(_ comparison: SecurityComparison, _ first: String, _ second: String) {
        self.comparison = comparison
        self.first = first
        self.second = second
    }

    /// Both directions.
    static func difference(_ comparison: SecurityComparison, _ first: String, _ second: String) -> String {
        var text = ComparisonText(comparison, first, second)
        if comparison.isEqual {
            text.lines.append("\(first) and \(second) allow the same.")
        } else {
            text.append(comparison.widened, comparison.seccomp.widened, "\(second) allows, and \(first) does not:")
            text.append(comparison.narrowed, comparison.seccomp.narrowed, "\(first) allows, and \(second) does not:")
            if !comparison.seccomp.changed.isEmpty {
                text.lines.append("Neither allows more, but the answer is another one (\(first), then \(second)):")
                text.append(comparison.seccomp.changed)
            }
        }
        text.appendOpenQuestions()
        return text.lines.joined(separator: "\n")
    }

    /// What is in the way of a proof that `second` allows nothing that `first` doesn't; or that it is one.
    static func check(_ comparison: SecurityComparison, baseline: String, _ bundle: String) -> String {
        var text = ComparisonText(comparison, baseline, bundle)
        if comparison.isWithin {
            text.lines.append("\(bundle) allows nothing that \(baseline) does not.")
        } else {
            text.append(comparison.widened, comparison.seccomp.widened, "\(bundle) allows, and \(baseline) does not:")
            // A call with arguments that matter shows most.
            let widened = comparison.seccomp.widened
            if let shown = widened.first(where: { !$0.decisiveArguments.isEmpty }) ?? widened.first {
                text.lines.append(
                    "For example \(SeccompGroups.call(shown)): \(shown.first) with \(baseline), "
                        + "\(shown.second) with \(bundle).")
            }
        }
        text.appendOpenQuestions()
        return text.lines.joined(separator: "\n")
    }

    private mutating func append(
        _ surplus: SecurityComparison.Surplus, _ calls: [SeccompComparison.Difference], _ title: String
    ) {
        lines.append(title)
        guard !surplus.isEmpty || !calls.isEmpty else {
            lines.append("  nothing")
            return
        }
        var written: [(names: [String], sets: [String])] = []
        for gain in surplus.capabilities {
            let names = gain.capabilities.names
            if let same = written.firstIndex(where: { $0.names == names }) {
                written[same].sets.append(gain.set.rawValue)
            } else {
                written.append((names, [gain.set.rawValue]))
            }
        }
        for group in written { append("capabilities (\(group.sets.joined(separator: ", ")))", group.names) }
        if surplus.newPrivileges { lines.append("  new privileges: no_new_privs is not set") }
        if let name = surplus.appArmorProfile { lines.append("  what AppArmor profile \(name) refuses: there is none") }
        if let label = surplus.selinuxLabel { lines.append("  what SELinux refuses to \(label): there is no label") }
        append("paths that the other one masks", surplus.unmaskedPaths)
        append("writing to paths that are read-only in the other one", surplus.writablePaths)
        append(calls)
    }

    private mutating func append(_ calls: [SeccompComparison.Difference]) {
        for group in SeccompGroups(calls, of: comparison.seccomp).groups { append(group.title, group.labels) }
    }

    /// A title, and below it words in lines that fit a terminal; nothing without words.
    private mutating func append(_ title: String, _ words: [String]) {
        guard !words.isEmpty else { return }
        lines.append("  \(title):")
        var line = "   "
        for word in words {
            if line.utf8.count + word.utf8.count >= Self.width, line != "   " {
                lines.append(line)
                line = "   "
            }
            line += " " + word
        }
        lines.append(line)
    }

    private mutating func appendOpenQuestions() {
        for pair in comparison.incomparable {
            let what = pair.kind == .appArmorProfile ? "AppArmor profiles" : "SELinux labels"
            lines.append("Not comparable: the \(what) \(pair.first) (\(first)) and \(pair.second) (\(second)).")
        }
        if !comparison.seccomp.undecided.isEmpty {
            lines.append("Not decided, because the programs could not be followed:")
            append("syscalls", comparison.seccomp.undecided.map { SeccompGroups.call($0) })
        }
        lines.append("Not compared: \(comparison.notCompared.joined(separator: ", ")).")
    }
}
