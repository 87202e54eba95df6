import ArgumentParser
import SecurityProfile

/// `raind-profile apply`: writes a profile into a bundle.
struct ApplyCommand: ParsableCommand {
    /// What to do where this host can't enforce the profile's AppArmor part.
    enum AppArmorMissing: String, ExpressibleByArgument, CaseIterable {
        case warn, error, drop
    }

    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Writes a profile into a bundle's config.json.",
        usage: "raind-profile apply [NAME] BUNDLE|config.json|- [options]",
        discussion: """
            What a profile owns is replaced: the capability sets, noNewPrivileges, the
            AppArmor profile, the seccomp section, and the annotation
            io.raind.security-profile.applied. Every other byte stays as it was. Without
            NAME it is the profile default; with - it filters standard input to standard
            output.

            Examples:
              raind-profile apply deploy BUNDLE
              raind-profile apply deploy BUNDLE --cap-add NET_ADMIN --dry-run --diff
              raind-profile apply deploy BUNDLE --check
              raind-profile apply hardened BUNDLE --audit
              raind-profile apply hardened config.json -o - >hardened.json

            Exit status: 0 done, 1 the answer is no (--check, --no-widen,
            --apparmor-missing error), 2 wrong use or bad input.
            """)

    @Argument(
        help: ArgumentHelp("The profile's name, and the bundle, its config.json, or -.", valueName: "name> <bundle"),
        completion: .profileNameAndBundle)
    var words: [String]

    @Option(
        name: .customLong("cap-add"),
        help: ArgumentHelp("Adds a capability, or ALL; several with commas or repeated.", valueName: "capability"))
    var added: [String] = []

    @Option(
        name: .customLong("cap-drop"),
        help: ArgumentHelp("Drops a capability, or ALL; several with commas or repeated.", valueName: "capability"))
    var dropped: [String] = []

    @Flag(name: .customLong("dry-run"), help: "Writes nothing; says what would be done.")
    var isDryRun = false

    @Flag(name: .customLong("diff"), help: "Prints what changes.")
    var showsDiff = false

    @Flag(name: .customLong("check"), help: "Writes nothing; exits 1 if anything would change.")
    var isCheck = false

    @Flag(name: .customLong("tighten"), help: "Keeps what the bundle refuses: the result allows what both allow.")
    var tightens = false

    @Flag(
        name: .customLong("audit"),
        help: "Lets through and logs what the profile refuses; capabilities stay as they are.")
    var audits = false

    @Flag(name: .customLong("no-widen"), help: "Exits 1 and writes nothing if the result allows more than the bundle.")
    var refusesWidening = false

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Writes to this file, or - for standard output.", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        name: .customLong("apparmor-missing"),
        help: ArgumentHelp("What to do where this host can't enforce the AppArmor profile.", valueName: "what"))
    var appArmorMissing: AppArmorMissing = .warn

    @OptionGroup var architecture: ArchitectureOption

    func validate() throws {
        guard (1...2).contains(words.count) else {
            throw ValidationError("Give a profile's name and a bundle, or a bundle alone.")
        }
        guard output?.isEmpty != true else { throw ValidationError("-o names no file; - is standard output.") }
        guard output == nil || !isCheck else { throw ValidationError("--check writes nothing, so -o has no use.") }
    }

    /// The profile's name.
    var profileName: String { words.count == 2 ? words[0] : "default" }

    /// The bundle, its config.json, or `-`.
    var target: String { words[words.count - 1] }

    /// The capabilities that the command line adds and drops.
    func changes() throws(CommandFailure) -> CapabilityChanges {
        func names(_ values: [String]) -> [String] {
            values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        }
        do throws(ProfileError) {
            return try CapabilityChanges(
                adding: CapabilityRequest(names(added), option: "--cap-add"),
                dropping: CapabilityRequest(names(dropped), option: "--cap-drop"))
        } catch {
            throw .failed("\(error)")
        }
    }

    /// This command line with the option that is given, for a person to run.
    func commandLine(with option: String) -> String {
        // What begins like an option is a path all the same.
        let path = target.utf8.first == UInt8(ascii: "-") && target != "-" ? "./" + target : target
        var parts = ["raind-profile", "apply", profileName, path]
        for name in added { parts += ["--cap-add", name] }
        for name in dropped { parts += ["--cap-drop", name] }
        if tightens { parts.append("--tighten") }
        if audits { parts.append("--audit") }
        if refusesWidening { parts.append("--no-widen") }
        if let output { parts += ["-o", output] }
        if let name = architecture.name { parts += ["--arch", name] }
        if let kernel = architecture.kernelName { parts += ["--kernel", kernel] }
        return (parts.map(ShellText.quoted) + [option]).joined(separator: " ")
    }

    func run() throws {
        var application = try Application(self)
        try application.run()
    }
}
