import ArgumentParser
import LosslessJSON
import OCISpec
import SecurityProfile

/// `raind-profile show`: all that a profile decides.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows what a profile decides, seccomp as it will stand in config.json.")

    @Argument(help: "The profile's name.", completion: .profileName)
    var name: String

    @OptionGroup var output: OutputFormatOption

    @OptionGroup var architecture: ArchitectureOption

    func run() throws {
        let resolution = try Resolution(
            name, changes: .none, architecture: try architecture.resolved())
        switch output.format {
        case .table: try Output.print(ProfileTable(resolution).text)
        case .json, .yaml: try output.print(document(resolution))
        }
    }

    private func document(_ resolution: Resolution) -> JSONValue {
        let profile = resolution.profile
        return .object([
            ("name", .string(profile.name.description)),
            ("type", .string(resolution.type)),
            ("capabilities", .object([("base", .strings(profile.capabilities.names))])),
            ("seccomp", profile.seccomp?.json ?? .null),
            ("apparmorProfile", profile.appArmorProfile.map { .string($0) } ?? .null),
            ("noNewPrivileges", .bool(profile.noNewPrivileges)),
        ])
    }
}
