import Foundation

/// The places in the sources where a problem or a warning is told, read from the sources, so that a rule that comes
/// without a fixture is noticed.
enum RuleSites {
    /// One place, or one of several texts of one place.
    struct Rule {
        /// The file and the line.
        var place: String
        var pointer: Pattern
        var message: Pattern
        var isWarning: Bool

        /// Whether the rule can have given a line `POINTER: MESSAGE`.
        func matches(_ line: String) -> Bool {
            guard let separator = line.range(of: ": ") else { return false }
            return pointer.matches(line[..<separator.lowerBound]) && message.matches(line[separator.upperBound...])
        }
    }

    /// A text with gaps.
    struct Pattern: CustomStringConvertible {
        /// The fixed parts, with a gap between each two.
        var parts: [String]

        static let anything = Pattern(parts: ["", ""])

        /// The text, `*` for each gap.
        var description: String { parts.joined(separator: "*") }

        static func + (first: Pattern, second: Pattern) -> Pattern {
            Pattern(
                parts: first.parts.dropLast() + [(first.parts.last ?? "") + (second.parts.first ?? "")]
                    + second.parts.dropFirst())
        }

        func matches(_ text: Substring) -> Bool {
            guard let first = parts.first, let last = parts.last, text.hasPrefix(first), text.hasSuffix(last) else {
                return false
            }
            guard parts.count > 1 else { return text == first }
            var rest = text.dropFirst(first.count)
            for part in parts.dropFirst().dropLast() where !part.isEmpty {
                guard let range = rest.range(of: part) else { return false }
                rest = rest[range.upperBound...]
            }
            return rest.count >= last.count
        }
    }

    /// The rules of all files that check configs.
    static func read() throws -> [Rule] {
        let folder = Fixtures.repository.appendingPathComponent("Sources/RuntimePlan")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("SpecCheck") || $0.hasPrefix("ResourceWrites") }.sorted()
        return try files.flatMap { file in
            try rules(of: String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8), file)
        }
    }

    /// The rules of one source text.
    static func rules(of source: String, _ file: String) -> [Rule] {
        let text = Array(withoutComments(source))
        var rules: [Rule] = []
        for (opening, isWarning) in [("report(", false), ("Problem(", false), ("warn(", true)] {
            for start in occurrences(of: Array(opening), in: text) {
                let arguments = arguments(of: text, from: start + opening.count)
                // The declarations of these functions, and what passes a problem on.
                guard arguments.count >= 2, !arguments[0].contains("_ pointer: String") else { continue }
                let line = text[..<start].count { $0 == "\n" } + 1
                let before = String(text[..<start])
                let pointers = patterns(of: unlabelled(arguments[0]), before)
                let messages = patterns(of: unlabelled(arguments[1]), before)
                // `Problem(pointer: pointer, message: message)` is how a report is made.
                guard !messages.contains(where: { $0.description == "*" }) || file.hasPrefix("ResourceWrites") else {
                    continue
                }
                // Two conditions in one call are about the same.
                let isPaired = pointers.count == messages.count && pointers.count > 1
                for (place, message) in messages.enumerated() {
                    for pointer in isPaired ? [pointers[place]] : pointers {
                        rules.append(
                            Rule(place: "\(file):\(line)", pointer: pointer, message: message, isWarning: isWarning))
                    }
                }
            }
        }
        return rules
    }

    private static func withoutComments(_ source: String) -> String {
        source.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.trimmingCharacters(in: .whitespaces).hasPrefix("//") ? "" : String(line)
        }.joined(separator: "\n")
    }

    private static func occurrences(of word: [Character], in text: [Character]) -> [Int] {
        text.indices.filter { start in
            let isWord = start == 0 || !(text[start - 1].isLetter || text[start - 1] == "_")
            return isWord && text[start...].starts(with: word)
                && !String(text[..<start].suffix(5)).hasSuffix("func ")
        }
    }

    /// The arguments of a call whose bracket has just been opened.
    private static func arguments(of text: [Character], from start: Int) -> [String] {
        var arguments = [""]
        var depth = 0
        var index = start
        while index < text.count {
            let character = text[index]
            if character == "\"" {
                let end = endOfLiteral(text, index)
                arguments[arguments.count - 1] += String(text[index..<end])
                index = end
                continue
            }
            if "([{".contains(character) { depth += 1 }
            if ")]}".contains(character) {
                if depth == 0 { return arguments }
                depth -= 1
            }
            if character == ",", depth == 0 {
                arguments.append("")
            } else {
                arguments[arguments.count - 1].append(character)
            }
            index += 1
        }
        return arguments
    }

    /// Behind the literal that begins here; literals in its interpolations belong to it.
    private static func endOfLiteral(_ text: [Character], _ start: Int) -> Int {
        var index = start + 1
        while index < text.count, text[index] != "\"" {
            if text[index] == "\\", index + 1 < text.count {
                index = text[index + 1] == "(" ? endOfInterpolation(text, index + 2) : index + 2
            } else {
                index += 1
            }
        }
        return index + 1
    }

    private static func endOfInterpolation(_ text: [Character], _ start: Int) -> Int {
        var depth = 1
        var index = start
        while index < text.count, depth > 0 {
            if text[index] == "\"" {
                index = endOfLiteral(text, index)
                continue
            }
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" { depth -= 1 }
            index += 1
        }
        return index
    }

    private static func unlabelled(_ argument: String) -> String {
        let argument = argument.trimmingCharacters(in: .whitespacesAndNewlines)
        for label in ["pointer: ", "message: "] where argument.hasPrefix(label) {
            return String(argument.dropFirst(label.count))
        }
        return argument
    }

    /// The texts that an expression can be: one, or one for each branch of a condition.
    private static func patterns(of expression: String, _ before: String) -> [Pattern] {
        let text = Array(expression)
        var terms: [Pattern] = []
        var isChoice = false
        var index = 0
        var word = ""
        func endWord() {
            if let pattern = named(word, before) { terms.append(pattern) }
            word = ""
        }
        while index < text.count {
            if text[index] == "\"" {
                let end = endOfLiteral(text, index)
                terms.append(pattern(ofLiteral: text[(index + 1)..<(end - 1)]))
                index = end
                continue
            }
            if text[index] == "{" || text[index] == "(" {
                // A closure of a condition, or a call: what it gives is not in the source.
                let close: Character = text[index] == "{" ? "}" : ")"
                if close == ")" { terms.append(.anything) }
                word = ""
                index = (text[index...].firstIndex(of: close) ?? text.count - 1) + 1
                continue
            }
            if text[index].isLetter || text[index].isNumber || text[index] == "." {
                word.append(text[index])
            } else {
                endWord()
                if text[index] == "?" { isChoice = true }
            }
            index += 1
        }
        endWord()
        if isChoice { return terms.filter { $0.description != "*" } }
        return [terms.dropFirst().reduce(terms.first ?? .anything, +)]
    }

    /// The text that a variable or a constant has: what was last assigned to it.
    private static func named(_ word: String, _ before: String) -> Pattern? {
        guard !word.isEmpty else { return nil }
        let name = word.split(separator: ".").last.map(String.init) ?? word
        if word == "Self.notifyText" { return Pattern(parts: ["SCMP_ACT_NOTIFY is not supported by this version"]) }
        guard let range = before.range(of: "let \(name) = ", options: .backwards),
            before[range.upperBound...].first == "\"",
            // A parameter of a function that begins later hides the variable of the one before.
            before[range.upperBound...].range(of: "_ \(name): String") == nil
        else { return .anything }
        let text = Array(before[range.upperBound...])
        return pattern(ofLiteral: text[1..<(endOfLiteral(text, 0) - 1)])
    }

    private static func pattern(ofLiteral text: ArraySlice<Character>) -> Pattern {
        var parts = [""]
        let all = Array(text)
        var index = 0
        while index < all.count {
            guard all[index] == "\\", index + 1 < all.count else {
                parts[parts.count - 1].append(all[index])
                index += 1
                continue
            }
            if all[index + 1] == "(" {
                parts.append("")
                index = endOfInterpolation(all, index + 2)
            } else {
                parts[parts.count - 1].append(all[index + 1])
                index += 2
            }
        }
        return Pattern(parts: parts)
    }
}
