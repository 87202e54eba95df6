import ArgumentParser
import LosslessJSON
import SecurityProfile

/// `raind-profile pss`: which level of the Pod Security Standards is met.
struct PodSecurityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pss",
        abstract: "Tells which level of the Pod Security Standards a profile or bundle meets.",
        discussion: """
            The levels of Kubernetes are privileged, baseline and restricted. Each control
            is met, not met, or not judged: what neither a bundle nor a profile shows,
            such as host ports, and of a profile what the bundle decides. What isn't
            judged doesn't count against a level.

            Examples:
              raind-profile pss deploy
              raind-profile pss BUNDLE
              raind-profile pss BUNDLE --level restricted || echo "not yet"

            Exit status: 0 done, 1 the level that --level asks for isn't met, 2 wrong use
            or bad input.
            """)

    @Argument(
        help: ArgumentHelp("A profile's name, or a bundle.", valueName: "name|bundle"),
        completion: .subject)
    var subject: String

    @Option(name: .customLong("level"), help: "Exits 1 unless this level is met.")
    var level: PodSecurity.Level?

    @OptionGroup var output: OutputFormatOption

    @OptionGroup var host: ArchitectureOption

    func run() throws {
        let standing = try standing()
        switch output.format {
        case .table: try Output.print(table(standing))
        case .json, .yaml: try output.print(standing.json)
        }
        if let level, !standing.meets(level) { throw ExitCode(1) }
    }

    private func standing() throws(CommandFailure) -> PodSecurity {
        let architecture = try host.resolved()
        switch try Subject.document(subject) {
        case .bundle(let config, let path): return PodSecurity.judge(bundle: config, named: path)
        case .seccomp(_, let path): throw .failed("\(path): a seccomp list; pss takes a profile or a bundle")
        case .profile:
            let resolution = try Resolution(
                subject, changes: .none, architecture: architecture, kernel: try host.kernel())
            return PodSecurity.judge(resolution.profile, chain: resolution.chain)
        }
    }

    private func table(_ standing: PodSecurity) -> String {
        var table = Table(heading: .row, styles: ["met": .green, "not met": .red, "not judged": .yellow])
        table.append("LEVEL", "CONTROL", "VERDICT", "WHY")
        for control in standing.controls {
            let place = control.place.map { " (\($0))" } ?? ""
            table.append(control.level.rawValue, control.name, control.verdict.rawValue, control.reason + place)
        }
        return table.text + "\n\(subject): \(standing.level.rawValue)"
    }
}

extension PodSecurity.Level: ExpressibleByArgument {}
