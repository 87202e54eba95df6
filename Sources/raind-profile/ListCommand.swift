import ArgumentParser
import LosslessJSON
import OCISpec
import ProfileRegistry
import SecurityProfile

/// `raind-profile ls`: the profiles in a table.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "Lists the profiles.",
        discussion: """
            First those that are built in, then those that are registered. A registered
            profile that can't be read is told on standard error, and the exit status is 2.

            Examples:
              raind-profile ls
              raind-profile ls -o json
            """,
        aliases: ["list"])

    @OptionGroup var output: OutputFormatOption

    func run() throws {
        let registry = ProfileRegistry()
        // What is listed doesn't depend on the architecture.
        let architecture = SeccompArchitecture.native ?? .amd64
        let registrations = try failing { () throws(ProfileError) in try registry.registrations() }
        var resolutions: [Resolution] = []
        var isComplete = true
        for name in registry.names {
            do throws(CommandFailure) {
                resolutions.append(try Resolution(name.description, changes: .none, architecture: architecture))
            } catch {
                isComplete = false
                Output.error("\(name): \(error.message)")
            }
        }
        for registration in registrations {
            for hidden in registration.hidden {
                Output.error(
                    "note: \(registration.name) is in \(hidden) too; the one in \(registration.path) is in force")
            }
        }
        let unread = try failing { () throws(ProfileError) in try registry.unreadFiles() }
        for path in unread {
            Output.error("note: \(path) isn't read: a built-in profile has that name, and none takes its place")
        }
        switch output.format {
        case .table: try Output.print(table(resolutions))
        case .json, .yaml: try output.print(.array(resolutions.map { document($0, registrations) }))
        }
        if !isComplete { throw ExitCode(2) }
    }

    private func table(_ resolutions: [Resolution]) -> String {
        var table = Table(heading: .row)
        table.append("NAME", "TYPE", "CAPABILITIES", "SECCOMP", "APPARMOR")
        for resolution in resolutions {
            let profile = resolution.profile
            table.append(
                profile.name.description, resolution.type, "\(profile.capabilities.count) caps",
                profile.seccomp == nil ? "disabled" : "enabled", profile.appArmorProfile ?? "-")
        }
        return table.text
    }

    private func document(_ resolution: Resolution, _ registrations: [ProfileRegistry.Registration]) -> JSONValue {
        let profile = resolution.profile
        let registration = registrations.first { $0.name == profile.name }
        return .object([
            ("name", .string(profile.name.description)),
            ("type", .string(resolution.type)),
            ("capabilities", .integer(profile.capabilities.count)),
            ("seccomp", .string(profile.seccomp == nil ? "disabled" : "enabled")),
            ("apparmorProfile", profile.appArmorProfile.map { .string($0) } ?? .null),
            ("file", registration.map { .string($0.path) } ?? .null),
            ("hidden", .strings(registration?.hidden ?? [])),
        ])
    }
}
