import ArgumentParser
import LinuxSys
import LosslessJSON
import OCISpec
import SecurityProfile

/// `raind-profile hook`: an engine's hook that puts the profile into a configuration that an annotation names.
struct HookCommand: ParsableCommand {
    /// What a profile does with what the engine has put into the configuration.
    enum Mode: String, ExpressibleByArgument, CaseIterable {
        /// What either of them refuses stays refused.
        case tighten
        /// The profile decides alone.
        case replace
    }

    /// What to do where this host can't enforce the profile's AppArmor part.
    enum AppArmorMissing: String, ExpressibleByArgument, CaseIterable {
        case error, drop
    }

    static let configuration = CommandConfiguration(
        commandName: "hook",
        abstract: "Applies the profile that an annotation names, as an engine's hook.",
        discussion: """
            Reads a config.json on standard input and writes it on standard output with the
            profile applied that its annotation io.raind.security-profile names. Without the
            annotation the input is passed on unchanged. Whatever goes wrong, nothing is
            written, and the engine doesn't start the container.

            What the engine's configuration refuses stays refused, so that an annotation never
            widens; with --mode replace the profile decides alone. The choice is that of the
            administrator who writes the hook's file; scripts/install --podman-hook makes one
            (oci-hooks(5), stage precreate). A profile whose AppArmor part this host can't
            enforce is refused, unless the file says --apparmor-missing drop.

            Examples:
              raind-profile hook <config.json >tightened.json
              raind-profile hook --mode replace --apparmor-missing drop
              podman run --annotation io.raind.security-profile=deploy ...

            Exit status: 0 done, 1 the profile can't be had or enforced, 2 wrong use or bad
            input.
            """)

    @Option(help: "Whether the profile narrows what the engine allows, or decides alone.")
    var mode: Mode = .tighten

    @Option(
        name: .customLong("apparmor-missing"),
        help: ArgumentHelp("What to do where this host can't enforce the AppArmor profile.", valueName: "what"))
    var appArmorMissing: AppArmorMissing = .error

    func run() throws {
        let before = try failing { () throws(SyscallError) in
            try Files.readAll(.standardInput, limit: BundleRewriter.maximumByteCount, subject: "standard input")
        }
        try Output.write(try applied(to: before))
    }

    private static let name = "standard input"

    /// The configuration as the engine is to go on with it.
    private func applied(to bytes: [UInt8]) throws(CommandFailure) -> [UInt8] {
        let document = try failing(Self.name) { () throws(JSON.SyntaxError) in try JSON(parsing: bytes) }
        let requested = try failing(Self.name) { () throws(BundleError) in
            try BundleSecurity.requestedProfile(in: document)
        }
        // Of a configuration that isn't changed nothing else is asked.
        guard let requested else { return bytes }
        let config = try failing(Self.name) { () throws(BundleError) in try BundleRewriter.parse(bytes) }
        var profile = try Self.profile(named: requested)
        let uid = try failing(Self.name) { () throws(BundleError) in try BundleSecurity.uid(of: config) }
        var present: BundleSecurity?
        if mode == .tighten {
            present = try failing(Self.name) { () throws(BundleError) in try BundleSecurity(reading: config) }
        }
        // An AppArmor profile of the engine's stays, and whether that can be enforced the engine knows.
        if present?.appArmorProfile == nil { profile.appArmorProfile = try enforceable(profile) }
        let wanted = BundleSecurity(profile, uid: uid)
        var security = wanted
        if let present {
            security = try failing(Self.name) { () throws(TightenError) in try wanted.tightened(by: present) }
        }
        let digest = try failing { () throws(JSONValue.CanonicalError) in try ProfileDigest.text(of: profile) }
        let stamp = AppliedStamp(name: profile.name, digest: digest, isTightened: security != wanted)
        return try failing(Self.name) { () throws(BundleError) in
            try BundleRewriter.rewrite(config, to: security, stamp: stamp.text)
        }
    }

    /// The profile of this name. Who may set an annotation may not choose which of the host's files root reads, so it is
    /// never a path.
    private static func profile(named name: String) throws(CommandFailure) -> ResolvedProfile {
        let place = "annotation \(BundleSecurity.requestedAnnotation)"
        guard !Subject.isPath(name) else {
            throw .no("\(place): it has to be a profile's name, and never a path; raind-profile ls lists all names")
        }
        guard let architecture = SeccompArchitecture.native else {
            throw .no("\(place): this host's architecture is none that seccomp knows")
        }
        do throws(CommandFailure) {
            return try Resolution(name, changes: .none, architecture: architecture).profile
        } catch {
            throw .no("\(place): \(error.message)")
        }
    }

    /// The profile's AppArmor part, if this host can enforce it or may leave it out.
    private func enforceable(_ profile: ResolvedProfile) throws(CommandFailure) -> String? {
        guard let name = profile.appArmorProfile, let gap = AppArmorGap(name) else { return profile.appArmorProfile }
        guard appArmorMissing == .drop else {
            throw .no(
                "\(gap.reason), and profile \(profile.name) needs \(name): load it\(gap.condition) by raind-profile "
                    + "apparmor load \(profile.name), or write --apparmor-missing drop into the hook's file")
        }
        Output.error("note: AppArmor profile \(name) is left out: \(gap.reason)")
        return nil
    }
}
