import ArgumentParser

/// The command line of raind-profile.
struct RaindProfile: ParsableCommand {
    /// The version, as SARIF has it too.
    static let versionNumber = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "raind-profile",
        abstract: "Decides what a container may do, and writes it into the bundle.",
        discussion: """
            A profile is a named baseline of capabilities, seccomp and AppArmor. Any OCI
            runtime enforces it.

            Examples:
              raind-profile ls
              raind-profile show deploy
              raind-profile apply deploy /path/to/bundle
              raind-profile register -f custom-dev.yaml
              raind-profile diff default /path/to/bundle
              raind-profile check /path/to/bundle --baseline deploy
              raind-profile apply hardened - <config.json >hardened.json

            Exit status: 0 done, 1 the answer is no, 2 wrong use or bad input.
            """,
        version: "raind-profile version \(versionNumber)",
        subcommands: [
            ListCommand.self, ShowCommand.self, RegisterCommand.self, RemoveCommand.self, ApplyCommand.self,
            HookCommand.self, StatusCommand.self, DiffCommand.self, CheckCommand.self, ConvertCommand.self,
            ImportCommand.self, LintCommand.self, ExplainCommand.self, PodSecurityCommand.self,
            AppArmorCommand.self,
        ])
}

extension RaindProfile {
    /// What a command line asks for.
    ///
    /// Engines and scripts call apply and hook once for each container. To look through the options of all other commands
    /// first takes longer than to apply a profile.
    static func command(for words: [String]) throws -> any ParsableCommand {
        let rest = Array(words.dropFirst())
        // Best effort: what isn't understood so is read again, with all commands, for the sake of what is said of it.
        switch words.first {
        case ApplyCommand.configuration.commandName: if let apply = try? ApplyCommand.parse(rest) { return apply }
        case HookCommand.configuration.commandName: if let hook = try? HookCommand.parse(rest) { return hook }
        default: break
        }
        return try parseAsRoot(words)
    }
}
