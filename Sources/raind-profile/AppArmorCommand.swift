import ArgumentParser
import HostInspection
import LinuxSys
import OCISpec
import ProfileRegistry
import SecurityProfile

/// `raind-profile apparmor`: the AppArmor part of a profile on this host.
struct AppArmorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apparmor", abstract: "Loads a profile's AppArmor part, or tells how it stands.",
        subcommands: [Load.self, Status.self])

    /// The AppArmor profile that a name stands for: that of a profile, or itself. Nil if the profile has none.
    static func profile(for name: String) throws(CommandFailure) -> String? {
        if BuiltInProfiles.appArmorProfile(named: name) != nil { return name }
        return try Resolution(name, changes: .none, architecture: SeccompArchitecture.native ?? .amd64)
            .profile.appArmorProfile
    }

    /// `raind-profile apparmor load`.
    struct Load: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Loads the profile's AppArmor part into the kernel, through apparmor_parser.")

        @Argument(help: "The profile's name.", completion: .profileName)
        var name: String

        func run() throws {
            guard let wanted = try AppArmorCommand.profile(for: name) else {
                return try Output.print("\(name): no AppArmor profile, nothing to load")
            }
            guard let text = BuiltInProfiles.appArmorProfile(named: wanted) else {
                throw CommandFailure.failed("AppArmor profile \(wanted) isn't built in; load it with apparmor_parser")
            }
            if case .noAppArmor(let reason) = AppArmorHost.state(of: wanted) {
                throw CommandFailure.failed(
                    "this kernel has no AppArmor (\(reason)), so \(wanted) can't be loaded; start a kernel that has it "
                        + "with apparmor=1, or apply profiles with --apparmor-missing drop")
            }
            guard let parser = AppArmorHost.parserPath() else {
                throw CommandFailure.failed("apparmor_parser isn't installed; it is in the package apparmor")
            }
            let status = try failing { () throws(SyscallError) in try AppArmorHost.load(text, parser: parser) }
            guard status.isSuccess else {
                throw CommandFailure.failed(
                    "\(parser) couldn't load \(wanted) (exit status \(status.shellCode)); it needs root")
            }
            try Output.print("\(wanted): loaded")
        }
    }

    /// `raind-profile apparmor status`.
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tells whether the profile's AppArmor part is loaded, and how. Exits 1 if it isn't.")

        @Argument(help: "The profile's name.", completion: .profileName)
        var name: String

        func run() throws {
            guard let wanted = try AppArmorCommand.profile(for: name) else {
                return try Output.print("\(name): no AppArmor profile, nothing to load")
            }
            switch AppArmorHost.state(of: wanted) {
            case .loaded(let mode): try Output.print("\(wanted): \(mode.isEmpty ? "loaded" : mode)")
            case .notLoaded:
                try Output.print("\(wanted): not loaded")
                throw ExitCode(1)
            case .noAppArmor:
                try Output.print("\(wanted): no AppArmor in this kernel")
                throw ExitCode(1)
            case .unreadable(let error):
                throw CommandFailure.failed("\(error); what is loaded can be read by root alone")
            }
        }
    }
}
