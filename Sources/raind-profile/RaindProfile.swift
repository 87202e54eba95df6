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
