import HostInspection
import LinuxSys
import LosslessJSON
import OCISpec
import SecurityProfile

/// One run of `raind-profile apply`.
struct Application {
    private let command: ApplyCommand
    /// The configuration's path; nil for standard input.
    private let path: String?
    /// The architecture of the host that the bundle is for.
    private let host: SeccompArchitecture
    private var resolution: Resolution
    /// Whether the bundle refuses more than the profile does.
    private var isTightened = false
    /// What is told beside the result.
    private var remarks: [String] = []

    /// Finds the configuration and resolves the profile.
    init(_ command: ApplyCommand) throws(CommandFailure) {
        self.command = command
        path = try ApplyTarget.path(command)
        host = try command.architecture.resolved()
        resolution = try Resolution(
            command.profileName, changes: try command.changes(), architecture: host,
            kernel: try command.architecture.kernel())
    }

    /// Does what the command line asks for.
    mutating func run() throws(CommandFailure) {
        guard let path else {
            let before = try failing { () throws(SyscallError) in
                try Files.readAll(.standardInput, limit: BundleRewriter.maximumByteCount, subject: "standard input")
            }
            let after = try rewritten(before)
            guard try report(before, after) else { return }
            return try write(after, to: command.output ?? "-")
        }
        let file = try failing { () throws(AtomicFileError) in
            try AtomicFile.open(path, limit: BundleRewriter.maximumByteCount)
        }
        if command.output == nil { try failing { () throws(AtomicFileError) in try file.checkReplaceable() } }
        let before = file.bytes ?? []
        let after = try rewritten(before)
        guard try report(before, after) else { return }
        if let output = command.output { return try write(after, to: output) }
        if after != before { try failing { () throws(AtomicFileError) in try file.replace(with: after) } }
        try Output.print("\(path): \(try stamp())" + (after == before ? ", unchanged" : ""))
    }

    private var name: String { path ?? "standard input" }

    private func stamp() throws(CommandFailure) -> String {
        let digest = try failing { () throws(JSONValue.CanonicalError) in try ProfileDigest.text(of: resolution.profile)
        }
        return AppliedStamp(
            name: resolution.profile.name, digest: digest, isAudit: command.audits, isTightened: isTightened
        ).text
    }

    /// The configuration with the profile in it.
    private mutating func rewritten(_ bytes: [UInt8]) throws(CommandFailure) -> [UInt8] {
        let config = try failing(name) { () throws(BundleError) in try BundleRewriter.parse(bytes) }
        let uid = try failing(name) { () throws(BundleError) in try BundleSecurity.uid(of: config) }
        let present = try presentSecurity(config)
        var applied = command.audits ? resolution.profile.audited : resolution.profile
        applied.appArmorProfile = dropped(applied.appArmorProfile)
        // The digest says what was decided for this bundle, by its enforcing name.
        if applied.appArmorProfile == nil { resolution.profile.appArmorProfile = nil }
        var security = BundleSecurity(applied, uid: uid)
        if command.tightens, let present {
            let wanted = security
            security = try failing(name) { () throws(TightenError) in try security.tightened(by: present) }
            // Dropped as missing here, it must not come back from the bundle.
            security.appArmorProfile = dropped(security.appArmorProfile)
            isTightened = security != wanted
        }
        try checkAppArmor(security.appArmorProfile)
        if security.confinesNothing {
            remarks.append(
                """
                note: \(resolution.profile.name) lifts capabilities, seccomp and AppArmor; masked and \
                read-only paths, devices and namespaces stay as the bundle has them
                """)
        }
        if let present { try checkWidening(Widening.between(present, security, by: decision)) }
        let stamp = try stamp()
        return try failing(name) { () throws(BundleError) in
            try BundleRewriter.rewrite(config, to: security, stamp: stamp)
        }
    }

    /// What the bundle allows so far, or nil where that can't be told.
    private mutating func presentSecurity(_ config: JSON) throws(CommandFailure) -> BundleSecurity? {
        do throws(BundleError) {
            return try BundleSecurity(reading: config)
        } catch {
            // What is replaced whole needn't be understood, unless it is to be compared.
            guard case .unreadableSeccomp = error, !command.tightens, !command.refusesWidening else {
                throw .failed("\(name): \(error)")
            }
            remarks.append("note: \(name): \(error)")
            return nil
        }
    }

    /// Compares filters as the programs that raind-oci makes of them, for the calls that matter here.
    private func decision(
        _ before: SeccompFilter, _ after: SeccompFilter, _ names: [String], _ architectures: [SeccompArchitecture]
    ) -> Set<String>? {
        // Best effort: what can't be built, as with more instructions than the kernel takes, is compared by samples.
        guard let old = try? before.machine(on: host), let new = try? after.machine(on: host) else { return nil }
        let architectures = architectures.isEmpty ? [host] : architectures
        return SeccompComparison(old, new, of: names, on: architectures).widened(names, on: architectures)
    }

    private mutating func checkWidening(_ widenings: [Widening]) throws(CommandFailure) {
        guard !widenings.isEmpty else { return }
        let what = widenings.map(\.description).joined(separator: "; ")
        let text = "\(name): \(resolution.profile.name) allows what the bundle did not: \(what)"
        if command.refusesWidening { throw .no(text + "; nothing was written (--no-widen)") }
        remarks.append("note: \(text); --tighten keeps what the bundle refuses")
    }

    /// With `--apparmor-missing drop`: nil for a profile that this host can't enforce, and a remark that says so.
    private mutating func dropped(_ name: String?) -> String? {
        guard command.appArmorMissing == .drop, let name, let gap = AppArmorGap(name) else { return name }
        remarks.append("note: AppArmor profile \(name) is left out: \(gap.reason)")
        return nil
    }

    /// Says, or refuses, that this host can't enforce the AppArmor profile that the bundle gets.
    private mutating func checkAppArmor(_ name: String?) throws(CommandFailure) {
        guard let name, let gap = AppArmorGap(name) else { return }
        // The bundle keeps its own name with --tighten, whose text isn't ours.
        let isKnown = try AppArmorPart(named: command.profileName, isAudit: command.audits).map {
            $0.name == name && $0.text != nil
        }
        let load =
            isKnown == true
            ? "raind-profile apparmor load \(ShellText.quoted(command.profileName))"
                + (command.audits ? " --audit" : "")
            : "apparmor_parser --replace FILE-WITH-\(ShellText.quoted(name))"
        let drop = command.commandLine(with: "--apparmor-missing drop")
        guard command.appArmorMissing == .warn else {
            throw .no("\(gap.reason), and the bundle would ask for AppArmor profile \(name); \(load), or \(drop)")
        }
        remarks.append(
            """
            warning: \(gap.reason), so this host will refuse the bundle (AppArmor profile \(name)). \
            Either load the profile\(gap.condition):
              \(load)
            or leave AppArmor out of the bundle:
              \(drop)
            """)
    }

    /// Says what was asked for about the change. False if nothing is to be written.
    private func report(_ before: [UInt8], _ after: [UInt8]) throws(CommandFailure) -> Bool {
        let changes = before != after
        if command.showsDiff, changes { try showDifference(before, after) }
        if command.isCheck {
            guard changes else { return false }
            throw .no("\(name): raind-profile apply \(resolution.profile.name) would change it")
        }
        remarks.forEach(Output.error)
        guard command.isDryRun else { return true }
        try Output.print("\(name): \(try stamp())" + (changes ? ", would be written" : ", would stay unchanged"))
        return false
    }

    private func showDifference(_ before: [UInt8], _ after: [UInt8]) throws(CommandFailure) {
        var diff = UnifiedDiff(from: before, to: after, name: name)
        // Where much stands in a line, as engines write it, lines tell nothing.
        if diff.longestChange > 240 {
            let old = try failing(name) { () throws(BundleError) in try BundleRewriter.parse(before) }
            let new = try failing(name) { () throws(BundleError) in try BundleRewriter.parse(after) }
            diff = UnifiedDiff(
                from: ReadableJSON(old).text, to: ReadableJSON(new).text, name: name + " (laid out for reading)")
        }
        let isStandardOutputTaken = !command.isDryRun && !command.isCheck && (command.output ?? path ?? "-") == "-"
        if isStandardOutputTaken { Output.writeError(diff.text) } else { try Output.write(Style.difference(diff.text)) }
    }

    private func write(_ bytes: [UInt8], to output: String) throws(CommandFailure) {
        guard output != "-" else { return try Output.write(bytes) }
        let file = try failing { () throws(AtomicFileError) in
            try AtomicFile.open(output, limit: BundleRewriter.maximumByteCount, mayBeNew: true)
        }
        try failing { () throws(AtomicFileError) in try file.replace(with: bytes) }
        try Output.print("\(output): \(try stamp())")
    }
}

/// Runs `body`; what it throws ends the command, told after `place`.
func failing<Result: ~Copyable, Failure: Error>(
    _ place: String? = nil, _ body: () throws(Failure) -> Result
) throws(CommandFailure) -> Result {
    do throws(Failure) { return try body() } catch { throw .failed((place.map { $0 + ": " } ?? "") + "\(error)") }
}
