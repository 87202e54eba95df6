import ArgumentParser
import OCISpec
import ProfileRegistry
import SecurityProfile

/// `raind-profile ls`: the profiles in a table.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists the profiles.", aliases: ["list"])

    func run() throws {
        let registry = ProfileRegistry()
        // What is listed doesn't depend on the architecture.
        let architecture = SeccompArchitecture.native ?? .amd64
        var table = Table()
        table.append("NAME", "TYPE", "CAPABILITIES", "SECCOMP", "APPARMOR")
        for name in registry.names {
            let resolution = try Resolution(name.description, changes: .none, architecture: architecture)
            let profile = resolution.profile
            table.append(
                name.description, resolution.type, "\(profile.capabilities.count) caps",
                profile.seccomp == nil ? "disabled" : "enabled", profile.appArmorProfile ?? "-")
        }
        try Output.print(table.text)
    }
}
