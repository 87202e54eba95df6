import ArgumentParser
import ProfileRegistry
import SecurityProfile

/// `raind-profile register`: keeps a profile under its name.
struct RegisterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Registers a manifest, so that its profile is known by name.",
        discussion: """
            The profile is kept in /etc/raind/security-profiles; somebody who isn't root
            has a folder of his own, $XDG_CONFIG_HOME/raind/security-profiles, which is
            read first. RAIND_SECURITY_PROFILE_DIR names another folder in place of both.
            A seccomp list that the manifest names is kept with it.

            Examples:
              raind-profile register -f custom-dev.yaml
              raind-profile register -f custom-dev.yaml --replace
              raind-profile show custom-dev
              raind-profile apply custom-dev BUNDLE

            Exit status: 0 done, 2 wrong use or bad input.
            """)

    @Option(
        name: [.customShort("f"), .customLong("file")], help: ArgumentHelp("The manifest.", valueName: "manifest"),
        completion: .file(extensions: ["yaml", "yml", "json"]))
    var file: String

    @Flag(name: .customLong("replace"), help: "Puts it in the place of a registered profile of the same name.")
    var replaces = false

    func run() throws {
        let registration = try failing { () throws(ProfileError) in
            try ProfileRegistry().register(file, replacing: replaces)
        }
        for hidden in registration.hidden {
            Output.error("note: \(registration.name) is in \(hidden) too; the one in \(registration.path) is in force")
        }
        try Output.print("\(registration.name): registered in \(registration.path)")
    }
}
