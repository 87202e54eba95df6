/// A path of an AppArmor file rule, as a manifest states it.
///
/// `*`, `**`, `?`, `[a-z]` and `{a,b}` stand for what they stand for in apparmor.d(5); a backslash makes the character
/// behind it stand for itself, and everything else stands for itself too, also what means something elsewhere in a
/// profile: spaces, quotes, commas, `#`, `@{`.
package struct AppArmorPath: Hashable, Sendable {
    /// The path as it was given.
    package let text: String
    /// The path as it stands in a profile: in quotes, so that nothing in it ends the rule.
    package let quoted: String

    /// Takes `text` for a path, or says why it is none.
    package init(_ text: String) throws(AppArmorTextError) {
        self.text = text
        guard text.utf8.first == UInt8(ascii: "/") else {
            throw .path(text, "it doesn't begin with a slash", remedy: "AppArmor knows files by their whole path")
        }
        // The kernel asks by the path that it has resolved, so that such a rule would never hold, nor be missed.
        guard !text.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
            throw .path(text, "it goes by . or ..", remedy: "write the path that they lead to")
        }
        var quoting = Quoting(path: text)
        quoted = try quoting.run()
    }

    /// Reads a path character by character, and writes it between quotes.
    private struct Quoting {
        let path: String
        private let scalars: [Unicode.Scalar]
        private var position = 0
        private var result = ""
        /// How many alternatives each group that is open has so far.
        private var groups: [Int] = []

        init(path: String) {
            self.path = path
            scalars = Array(path.unicodeScalars)
        }

        mutating func run() throws(AppArmorTextError) -> String {
            while let scalar = try next() {
                switch scalar {
                case "\\":
                    guard let literal = try next() else {
                        throw .path(path, "it ends with a backslash", remedy: #"write \\ for one"#)
                    }
                    append(literal: literal)
                case "*", "?": result.unicodeScalars.append(scalar)
                case "[": try readSet()
                case "{":
                    // @{ would begin a variable.
                    if result.unicodeScalars.last == "@" { result = String(result.dropLast()) + #"\@"# }
                    groups.append(1)
                    result += "{"
                case "}":
                    guard let count = groups.popLast() else {
                        throw .path(path, "} closes nothing", remedy: #"write \} for one that stands for itself"#)
                    }
                    guard count > 1 else {
                        throw .path(
                            path, "a group in braces has one alternative alone",
                            remedy: #"write \{ and \} for braces that stand for themselves"#)
                    }
                    result += "}"
                case ",":
                    if !groups.isEmpty { groups[groups.count - 1] += 1 }
                    result += ","
                default: append(literal: scalar)
                }
            }
            guard groups.isEmpty else {
                throw .path(path, "{ isn't closed", remedy: #"write \{ for one that stands for itself"#)
            }
            return "\"" + result + "\""
        }

        private mutating func next() throws(AppArmorTextError) -> Unicode.Scalar? {
            guard position < scalars.count else { return nil }
            let scalar = scalars[position]
            position += 1
            // A line feed would end the rule, quotes or none; none of the others is in a path that is meant.
            guard scalar.value >= 0x20, !(0x7F...0x9F).contains(scalar.value) else {
                throw .path(path, "a control character stands in it", remedy: "AppArmor can't name such a file")
            }
            return scalar
        }

        private mutating func readSet() throws(AppArmorTextError) {
            result += "["
            var isEmpty = true
            while let scalar = try next() {
                if scalar == "]", !isEmpty {
                    result += "]"
                    return
                }
                // At its begin ^ turns a set round, which by itself names no character.
                isEmpty = isEmpty && scalar == "^" && result.last == "["
                switch scalar {
                case "]", "[", "{", "}", "/":
                    throw .path(
                        path, "\(scalar) stands in a set in brackets",
                        remedy: #"write \[ for one that stands for itself"#)
                case "\\":
                    guard let literal = try next() else { break }
                    append(literal: literal)
                case "\"": append(literal: scalar)
                default: result.unicodeScalars.append(scalar)
                }
            }
            throw .path(path, "[ isn't closed", remedy: #"write \[ for one that stands for itself"#)
        }

        private mutating func append(literal scalar: Unicode.Scalar) {
            if "\"\\*?[]{}^,".unicodeScalars.contains(scalar), scalar != "," || !groups.isEmpty { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
    }
}

/// Why no AppArmor profile can be made of what a manifest says.
package enum AppArmorTextError: Error, Equatable, Sendable {
    /// A path that can't stand in a rule: the path, what is wrong, and what to do.
    case path(String, String, remedy: String)
    /// A name that no profile may have.
    case name(String)
}

extension AppArmorTextError: CustomStringConvertible {
    /// One line: what is wrong, and what to do.
    package var description: String {
        switch self {
        case .path(let path, let problem, let remedy): "AppArmor path \(quotedText(path)): \(problem); \(remedy)"
        case .name(let name):
            "AppArmor profile \(quotedText(name)): a profile that is made here is named by letters, digits, `_`, `.` and "
                + "`-`, the first a letter or digit, and not unconfined"
        }
    }

    private func quotedText(_ text: String) -> String { SecurityProfile.quoted(text) }
}
