import HostInspection
import LinuxSys
import LosslessJSON
import SecurityProfile

/// One run of `raind-profile apply`.
struct Application {
    private let command: ApplyCommand
    /// The configuration's path; nil for standard input.
    private let path: String?
    private var resolution: Resolution
    /// What is told if anything changes.
    private var remarks: [String] = []

    /// Finds the configuration and resolves the profile.
    init(_ command: ApplyCommand) throws(CommandFailure) {
        self.command = command
        path = try ApplyTarget.path(command)
        resolution = try Resolution(
            command.profileName, changes: try command.changes(), architecture: try command.architecture.resolved())
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
        try failing { () throws(JSONValue.CanonicalError) in try ProfileStamp.text(of: resolution.profile) }
    }

    /// The configuration with the profile in it.
    private mutating func rewritten(_ bytes: [UInt8]) throws(CommandFailure) -> [UInt8] {
        let config = try failing(name) { () throws(BundleError) in try BundleRewriter.parse(bytes) }
        let uid = try failing(name) { () throws(BundleError) in try BundleSecurity.uid(of: config) }
        let present = try presentSecurity(config)
        try checkAppArmor()
        var security = BundleSecurity(resolution.profile, uid: uid)
        if command.tightens, let present {
            security = try failing(name) { () throws(TightenError) in try security.tightened(by: present) }
            // Dropped as missing here, it must not come back from the bundle.
            if command.appArmorMissing == .drop, let kept = security.appArmorProfile, isMissing(kept) {
                security.appArmorProfile = nil
            }
        }
        if let present { try checkWidening(Widening.between(present, security)) }
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
            remarks.append("raind-profile: note: \(name): \(error)")
            return nil
        }
    }

    private mutating func checkWidening(_ widenings: [Widening]) throws(CommandFailure) {
        guard !widenings.isEmpty else { return }
        let what = widenings.map(\.description).joined(separator: "; ")
        let text = "\(name): \(resolution.profile.name) allows what the bundle did not: \(what)"
        if command.refusesWidening { throw .no(text + "; nothing was written (--no-widen)") }
        remarks.append("raind-profile: note: \(text); --tighten keeps what the bundle refuses")
    }

    private func isMissing(_ appArmorProfile: String) -> Bool {
        switch AppArmorHost.state(of: appArmorProfile) {
        case .noAppArmor, .notLoaded: true
        // What can't be read isn't known to be missing.
        case .loaded, .unreadable: false
        }
    }

    /// Does what `--apparmor-missing` says where this host can't enforce the profile's AppArmor part.
    private mutating func checkAppArmor() throws(CommandFailure) {
        guard let wanted = resolution.profile.appArmorProfile else { return }
        let reason: String
        switch AppArmorHost.state(of: wanted) {
        case .loaded, .unreadable: return
        case .notLoaded: reason = "AppArmor profile \(wanted) isn't loaded"
        case .noAppArmor: reason = "this kernel has no AppArmor"
        }
        let load = "raind-profile apparmor load \(ShellText.quoted(command.profileName))"
        let drop = command.commandLine(with: "--apparmor-missing drop")
        let elsewhere = reason.hasPrefix("this kernel") ? "on a host that has AppArmor: " : ""
        switch command.appArmorMissing {
        case .warn:
            remarks.append(
                """
                raind-profile: warning: \(reason), so this host will refuse the bundle (AppArmor profile \(wanted)). \
                Either load the profile, \(elsewhere)
                  \(load)
                or leave AppArmor out of the bundle:
                  \(drop)
                """)
        case .error:
            throw .no(
                "\(reason), and \(resolution.profile.name) asks for AppArmor profile \(wanted); \(load), or \(drop)")
        case .drop:
            remarks.append("raind-profile: note: AppArmor profile \(wanted) is left out: \(reason)")
            resolution.profile.appArmorProfile = nil
        }
    }

    /// Says what was asked for about the change. False if nothing is to be written.
    private func report(_ before: [UInt8], _ after: [UInt8]) throws(CommandFailure) -> Bool {
        let changes = before != after
        if command.showsDiff, changes {
            let diff = UnifiedDiff(from: before, to: after, name: name).text
            let isStandardOutputTaken = !command.isDryRun && !command.isCheck && (command.output ?? path ?? "-") == "-"
            if isStandardOutputTaken { Output.plainError(diff) } else { try Output.print(diff) }
        }
        if command.isCheck {
            guard changes else { return false }
            throw .no("\(name): raind-profile apply \(resolution.profile.name) would change it")
        }
        if changes { remarks.forEach(Output.plainError) }
        guard command.isDryRun else { return true }
        try Output.print("\(name): \(try stamp())" + (changes ? ", would be written" : ", would stay unchanged"))
        return false
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
