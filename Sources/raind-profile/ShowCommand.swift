import ArgumentParser
import LosslessJSON
import OCISpec
import SecurityProfile

/// `raind-profile show`: all that a profile decides.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows what a profile decides, seccomp as it will stand in config.json.",
        usage: "raind-profile show NAME [options]",
        discussion: """
            Of a manifest or a registered profile it also shows what it extends, adds and
            drops, and which profile each part comes from; as JSON or YAML with the file,
            line and column.

            Examples:
              raind-profile show deploy
              raind-profile show ./web.yaml --arch arm64 -o json
            """)

    @Argument(help: "The profile's name, or a manifest's path.", completion: .profileNameOrManifest)
    var name: String

    @Flag(name: .customLong("audit"), help: "Shows it as apply --audit writes it: refusals are logged and let through.")
    var audits = false

    @OptionGroup var output: OutputFormatOption

    @OptionGroup var architecture: ArchitectureOption

    func run() throws {
        var resolution = try Resolution(
            name, changes: .none, architecture: try architecture.resolved(),
            kernel: try architecture.kernel())
        if audits { resolution.profile = resolution.profile.audited }
        switch output.format {
        case .table: try Output.print(ProfileTable(resolution, isAudit: audits).text)
        case .json, .yaml: try output.print(document(resolution))
        }
    }

    private func document(_ resolution: Resolution) -> JSONValue {
        let profile = resolution.profile
        return .object(
            [
                ("name", .string(profile.name.description)),
                ("type", .string(resolution.type)),
                ("capabilities", .object([("base", .strings(profile.capabilities.names))])),
                ("seccomp", profile.seccomp?.json ?? .null),
                ("apparmorProfile", profile.appArmorProfile.map { .string($0) } ?? .null),
                ("noNewPrivileges", .bool(profile.noNewPrivileges)),
            ] + (resolution.type == "custom" ? CustomProfileDocument(resolution).members : [])
                + (audits ? [("audit", .bool(true))] : []))
    }
}
