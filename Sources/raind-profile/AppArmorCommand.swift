import ArgumentParser
import HostInspection
import LinuxSys
import LosslessJSON
import SecurityProfile

/// `raind-profile apparmor`: the AppArmor part of a profile on this host.
struct AppArmorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apparmor",
        abstract: "Shows, loads and unloads a profile's AppArmor part, or tells how it stands.",
        discussion: """
            With --audit it is the form that refuses nothing and writes into the kernel's log
            what the profile would refuse; its name ends in -audit, so that both can be
            loaded at once. apply --audit has a bundle use it.

            Examples:
              raind-profile apparmor show deploy
              raind-profile apparmor load deploy --audit
              raind-profile apparmor status deploy
              raind-profile apparmor unload deploy
            """,
        subcommands: [Show.self, Load.self, Unload.self, Status.self])

    /// What all of them name.
    struct Operand: ParsableArguments {
        @Argument(help: "A profile's name, or a manifest.", completion: .profileNameOrManifest)
        var name: String

        @Flag(name: .customLong("audit"), help: "The form that logs what it would refuse.")
        var isAudit = false

        /// The part that is named; nil if the profile has none.
        func part() throws -> AppArmorPart? { try AppArmorPart(named: name, isAudit: isAudit) }

        /// What to do where AppArmor's own files aren't there.
        static let mountHint = "mount -t securityfs securityfs /sys/kernel/security"

        /// Has the parser do something with the part.
        /// - Parameter isForced: whether a profile that is in use may go.
        func change(_ change: AppArmorHost.Change, past: String, isForced: Bool = false) throws {
            let verb = change == .replace ? "load" : "unload"
            guard let part = try part() else {
                return try Output.print("\(name): no AppArmor profile, nothing to \(verb)")
            }
            guard let text = part.text else {
                throw CommandFailure.failed(
                    "AppArmor profile \(part.name) isn't raind-profile's to \(verb); use apparmor_parser and its file")
            }
            switch AppArmorHost.state(of: part.name) {
            case .noAppArmor(let reason) where change == .remove:
                throw CommandFailure.failed("this kernel has no AppArmor (\(reason)), so \(part.name) isn't loaded")
            case .noAppArmor(let reason):
                throw CommandFailure.failed(
                    "this kernel has no AppArmor (\(reason)), so \(part.name) can't be \(past); start a kernel that has it "
                        + "with apparmor=1, or apply profiles with --apparmor-missing drop")
            case .noFileSystem:
                throw CommandFailure.failed(
                    "\(part.name) can't be \(past): securityfs isn't mounted; \(Self.mountHint)")
            case .notLoaded where change == .remove: return try Output.print("\(part.name): not loaded")
            case .notLoaded, .loaded, .unreadable: break
            }
            guard Credentials.userIDs().effective == 0 else {
                throw CommandFailure.failed(
                    "\(part.name) can't be \(past): only root changes what the kernel has loaded")
            }
            if change == .remove, !isForced { try checkUse(of: part.name) }
            guard let parser = AppArmorHost.parserPath() else {
                throw CommandFailure.failed("apparmor_parser isn't installed; it is in the package apparmor")
            }
            let status = try failing { () throws(SyscallError) in
                try AppArmorHost.change(change, text, parser: parser)
            }
            guard status.isSuccess else {
                throw CommandFailure.failed(
                    "\(parser) couldn't \(verb) \(part.name) (exit status \(status.shellCode))")
            }
            try Output.print("\(part.name): \(past)")
        }

        /// Refuses to take from processes what confines them.
        private func checkUse(of profile: String) throws(CommandFailure) {
            let users = try failing { () throws(SyscallError) in try AppArmorHost.processes(under: profile) }
            guard let first = users.first else { return }
            let others = users.count > 1 ? " and \(users.count - 1) more" : ""
            throw .failed(
                "\(profile) is in use by process \(first)\(others), which would go on unconfined; stop the containers "
                    + "first, or unload --force")
        }
    }

    /// `raind-profile apparmor show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the text of the profile's AppArmor part, as apparmor_parser reads it.",
            discussion: """
                Examples:
                  raind-profile apparmor show deploy
                  raind-profile apparmor show ./web.yaml --audit >web-audit
                """)

        @OptionGroup var operand: Operand

        @OptionGroup var output: OutputFormatOption

        func run() throws {
            guard let part = try operand.part() else {
                throw CommandFailure.no("\(operand.name): no AppArmor profile, nothing to show")
            }
            guard let text = part.text else {
                throw CommandFailure.failed("AppArmor profile \(part.name) isn't raind-profile's; its text isn't known")
            }
            guard output.format != .table else { return try Output.write(Array(text.utf8)) }
            try output.print(.object([("apparmorProfile", .string(part.name)), ("text", .string(text))]))
        }
    }

    /// `raind-profile apparmor load`.
    struct Load: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Loads the profile's AppArmor part into the kernel, through apparmor_parser.",
            discussion: """
                Needs root, and does not outlast a reboot: for that put what apparmor show prints
                into /etc/apparmor.d.

                Examples:
                  raind-profile apparmor load deploy
                  raind-profile apparmor load ./web.yaml --audit
                """)

        @OptionGroup var operand: Operand

        func run() throws { try operand.change(.replace, past: "loaded") }
    }

    /// `raind-profile apparmor unload`.
    struct Unload: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes the profile's AppArmor part out of the kernel.",
            discussion: """
                What runs under it would go on unconfined, so a profile that is in use stays,
                unless --force takes it out all the same.

                Examples:
                  raind-profile apparmor unload deploy --audit
                """)

        @OptionGroup var operand: Operand

        @Flag(name: .customLong("force"), help: "Also where processes run under it.")
        var isForced = false

        func run() throws { try operand.change(.remove, past: "unloaded", isForced: isForced) }
    }

    /// `raind-profile apparmor status`.
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tells whether the profile's AppArmor part is loaded, and how. Exits 1 if it isn't.",
            discussion: """
                Examples:
                  raind-profile apparmor status deploy
                  raind-profile apparmor status deploy --audit -o json
                """)

        @OptionGroup var operand: Operand

        @OptionGroup var output: OutputFormatOption

        func run() throws {
            guard let part = try operand.part() else {
                return try tell("\(operand.name): no AppArmor profile, nothing to load", nil, nil)
            }
            switch AppArmorHost.state(of: part.name) {
            case .loaded(let mode):
                let word = mode.isEmpty ? "loaded" : mode
                try tell("\(part.name): \(word)", part.name, word)
            case .notLoaded:
                try tell("\(part.name): not loaded", part.name, "not loaded")
                throw ExitCode(1)
            case .noAppArmor:
                try tell("\(part.name): no AppArmor in this kernel", part.name, "no AppArmor")
                throw ExitCode(1)
            case .noFileSystem:
                throw CommandFailure.failed(
                    "what is loaded can't be read: securityfs isn't mounted; \(Operand.mountHint)")
            case .unreadable(let error):
                throw CommandFailure.failed("\(error); what is loaded can be read by root alone")
            }
        }

        private func tell(_ line: String, _ name: String?, _ state: String?) throws {
            guard output.format != .table else { return try Output.print(line) }
            try output.print(
                .object([
                    ("apparmorProfile", name.map { .string($0) } ?? .null),
                    ("state", state.map { .string($0) } ?? .null),
                ]))
        }
    }
}
