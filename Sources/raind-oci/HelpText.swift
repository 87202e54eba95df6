/// Help texts, rendered from the tables that parsing reads.
enum HelpText {
    /// The program's help.
    static var program: String {
        var text = """
            raind-oci: an OCI runtime

            Usage: raind-oci [global options] COMMAND [options] [operands]

            Commands:

            """
        for command in CommandTable.commands {
            text += row("\(command.name)", command.summary)
        }
        text += "\nGlobal options:\n" + options([CommandTable.global])
        text += "\nraind-oci COMMAND --help prints a command's options.\n"
        return text
    }

    /// A command's help.
    static func text(_ command: CommandSyntax) -> String {
        var text = "raind-oci \(command.name): \(command.summary)\n\n"
        text += "Usage: raind-oci [global options] \(command.name) [options]"
        text += command.operands.utf8CodeUnitCount == 0 ? "\n" : " \(command.operands)\n"
        return text + "\nOptions:\n" + options(command.options + [CommandTable.help])
    }

    private static func options(_ options: [[OptionSyntax]]) -> String {
        var text = ""
        for option in options.joined() where !option.isIgnored {
            let short = option.short.map { "-\($0), " } ?? "    "
            let value = option.value.map { " \($0)" } ?? ""
            text += row("\(short)--\(option.name)\(value)", option.help)
        }
        return text
    }

    private static func row(_ term: String, _ meaning: StaticString) -> String {
        let padding = String(repeating: " ", count: max(2, 30 - term.utf8.count))
        return "  \(term)\(padding)\(meaning)\n"
    }
}
