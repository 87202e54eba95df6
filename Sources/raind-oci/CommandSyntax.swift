import ContainerRuntime

/// An option of the program or of one of its commands. Parsing, help, completions and man pages read the same tables.
struct OptionSyntax: Sendable {
    /// The long name, without dashes.
    let name: String
    /// The one-letter name.
    let short: Character?
    /// What stands for the value in help texts; nil for a flag.
    let value: String?
    /// One line of help.
    let help: String
    /// Accepted for callers that send it, without an effect, and left out of the help.
    let isIgnored: Bool

    init(
        _ name: String, short: Character? = nil, value: String? = nil, _ help: String, isIgnored: Bool = false
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.help = help
        self.isIgnored = isIgnored
    }
}

/// One command's syntax.
struct CommandSyntax: Sendable {
    /// The word on the command line.
    let name: String
    /// One line of help.
    let summary: String
    /// The operands as they stand in the usage line.
    let operands: String
    /// How many operands it needs and how many it takes.
    let operandCount: ClosedRange<Int>
    /// Its options.
    let options: [OptionSyntax]
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

    /// The last value of an option.
    func value(_ name: String) -> String? { values.last { $0.name == name }?.value }

    /// Takes arguments apart. Long options stand behind two dashes or one, as Go's flag package reads them and its
    /// callers send them; a value follows or is joined by `=`.
    /// - Parameters:
    ///   - arguments: what follows the program's or the command's name.
    ///   - options: the table.
    ///   - stopsAtOperand: the first operand ends the options, for the part before the command's name.
    /// - Returns: how many arguments were read: all, unless it stopped.
    /// - Throws: `RuntimeError` for an unknown option or a missing value.
    mutating func parse(
        _ arguments: ArraySlice<String>, options: [OptionSyntax], stopsAtOperand: Bool
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
            var word = argument.dropFirst()
            let isDouble = word.utf8.first == UInt8(ascii: "-")
            if isDouble { word = word.dropFirst() }
            var joined: String?
            if let equals = word.firstIndex(of: "=") {
                joined = String(word[word.index(after: equals)...])
                word = word[..<equals]
            }
            let isLetter = !isDouble && word.utf8.count == 1
            guard let option = options.first(where: { isLetter ? $0.short == word.first : $0.name == word }) else {
                throw RuntimeError(.usage, "unknown option \(argument)")
            }
            guard option.value != nil else {
                if let joined, joined != "true", joined != "false" {
                    throw RuntimeError(.usage, "option --\(option.name) takes no value")
                }
                values.append((option.name, joined ?? "true"))
                continue
            }
            if let joined {
                values.append((option.name, joined))
            } else if index < arguments.endIndex {
                values.append((option.name, arguments[index]))
                index += 1
            } else {
                throw RuntimeError(.usage, "flag needs an argument: --\(option.name)")
            }
        }
        return arguments.count
    }
}
