import ArgumentParser
import ProfileRegistry
import SecurityProfile

/// `raind-profile rm`: takes registered profiles away.
struct RemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Removes registered profiles.",
        discussion: """
            Bundles that a removed profile was applied to stay as they are. A profile that
            another one extends isn't removed; a built-in one can't be.

            Examples:
              raind-profile rm custom-dev
              raind-profile rm team-web team-base

            Exit status: 0 done, 2 wrong use or bad input.
            """,
        aliases: ["delete"])

    @Argument(help: "The profiles' names.", completion: .registeredProfileName)
    var names: [String]

    func run() throws {
        for name in names {
            let removed = try failing { () throws(ProfileError) in try ProfileRegistry().remove(name) }
            if let next = removed.hidden.first {
                Output.error("note: \(removed.name) is in \(next) too, and that one is in force now")
            }
            try Output.print("\(removed.name): removed")
        }
    }
}
