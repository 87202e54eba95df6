import ContainerRuntime
import OCISpec

/// An option of the program or of one of its commands. Parsing, help, completions and man pages read the same tables.
struct OptionSyntax: Sendable {
    /// The long name, without dashes.
    let name: StaticString
    /// The one-letter name.
    let short: Unicode.Scalar?
    /// What stands for the value in help texts; nil for a flag.
    let value: StaticString?
    /// One line of help.
    let help: StaticString
    /// Accepted for callers that send it, without an effect, and left out of the help.
    let isIgnored: Bool

    init(
        _ name: StaticString, short: Unicode.Scalar? = nil, value: StaticString? = nil, _ help: StaticString,
        isIgnored: Bool = false
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.help = help
        self.isIgnored = isIgnored
    }

    /// Whether a word of the command line, without its dashes, is this option.
    func isNamed(_ word: Substring, byLetter: Bool) -> Bool {
        if byLetter { return short == word.unicodeScalars.first }
        // SAFETY: a static string's bytes are there as long as the program.
        let bytes = unsafe UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return unsafe word.utf8.elementsEqual(bytes)
    }
}

/// One command's syntax.
struct CommandSyntax: Sendable {
    /// The word on the command line.
    let name: StaticString
    /// One line of help.
    let summary: StaticString
    /// The operands as they stand in the usage line.
    let operands: StaticString
    /// Whether its first operand is a container's id.
    var isAboutContainer: Bool { operands.utf8CodeUnitCount >= 2 && operands.description.startsBytewise(with: "ID") }
    /// How many operands it needs and how many it takes.
    let operandCount: ClosedRange<Int>
    /// Whether its first operand ends its options: what follows is another program's.
    var stopsAtOperand = false
    /// Its options, in groups that commands share.
    let options: [[OptionSyntax]]
}

/// A command line taken apart by a table of options.
struct ParsedArguments {
    /// The operands in order.
    var operands: [String] = []
    private var values: [(name: String, value: String)] = []

    /// Whether a flag was given (and not as `--flag=false`).
    func has(_ name: String) -> Bool {
        guard let last = values.last(where: { $0.name == name }) else { return false }
        return last.value != "false"
    }

    /// Every value of an option, in order.
    func values(_ name: String) -> [String] { values.filter { $0.name == name }.map { $0.value } }

    /// The last value of an option.
    func value(_ name: String) -> String? { values.last { $0.name == name }?.value }

    /// Takes arguments apart. Long options stand behind two dashes or one, as Go's flag package reads them and its
    /// callers send them; a value follows or is joined by `=`.
    /// - Parameters:
    ///   - arguments: what follows the program's or the command's name.
    ///   - options: the tables.
    ///   - stopsAtOperand: the first operand ends the options, for the part before the command's name.
    /// - Returns: how many arguments were read: all, unless it stopped.
    /// - Throws: `RuntimeError` for an unknown option or a missing value.
    mutating func parse(
        _ arguments: ArraySlice<String>, options: [[OptionSyntax]], stopsAtOperand: Bool
    ) throws(RuntimeError) -> Int {
        var index = arguments.startIndex
        while index < arguments.endIndex {
            let argument = arguments[index]
            if argument == "--" {
                operands += arguments[(index + 1)...]
                return arguments.count
            }
            guard argument.utf8.first == UInt8(ascii: "-"), argument.utf8.count > 1 else {
                if stopsAtOperand { return index - arguments.startIndex }
                operands.append(argument)
                index += 1
                continue
            }
            index += 1
            var word = argument.bytewiseSuffix(from: 1)[...]
            let isDouble = word.utf8.first == UInt8(ascii: "-")
            if isDouble { word = argument.bytewiseSuffix(from: 2)[...] }
            var joined: String?
            if let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")) {
                joined = String(word[word.utf8.index(after: equals)...])
                word = word[..<equals]
            }
            let isLetter = !isDouble && word.utf8.count == 1
            guard let option = Self.find(word, isLetter, in: options) else {
                throw RuntimeError(.usage, "unknown option \(argument)")
            }
            guard option.value != nil else {
                if let joined, joined != "true", joined != "false" {
                    throw RuntimeError(.usage, "option --\(option.name) takes no value")
                }
                values.append(("\(option.name)", joined ?? "true"))
                continue
            }
            if let joined {
                values.append(("\(option.name)", joined))
            } else if index < arguments.endIndex {
                values.append(("\(option.name)", arguments[index]))
                index += 1
            } else {
                throw RuntimeError(.usage, "flag needs an argument: --\(option.name)")
            }
        }
        return arguments.count
    }

    private static func find(_ word: Substring, _ isLetter: Bool, in options: [[OptionSyntax]]) -> OptionSyntax? {
        for group in options {
            for option in group where option.isNamed(word, byLetter: isLetter) { return option }
        }
        return nil
    }
}
