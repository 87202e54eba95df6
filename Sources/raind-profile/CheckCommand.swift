import ArgumentParser
import SecurityProfile

/// `raind-profile check`: whether a bundle stays within a baseline.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Proves that a bundle allows nothing that a baseline does not.",
        discussion: """
            The bundle is compared with the baseline as diff does it, in one direction: it
            may be stricter. Where it allows more, what it is is told, with a call that
            shows it. AppArmor profiles and SELinux labels of another name can't be
            compared, so nothing is proved then. Mounts, namespaces and devices are not
            looked at.

            Examples:
              raind-profile check BUNDLE --baseline deploy
              raind-profile check config.json --baseline baselines/web.yaml -o json

            Exit status: 0 proved, 1 it allows more or can't be proved, 2 wrong use or bad
            input.
            """)

    @Argument(help: "A bundle; or a profile, a manifest or a seccomp file.", completion: .subject)
    var bundle: String

    @Option(
        help: ArgumentHelp("What may be allowed at most: a profile, or whatever diff takes.", valueName: "name"),
        completion: .profileNameOrManifest)
    var baseline: String

    @OptionGroup var output: OutputFormatOption

    @OptionGroup var architecture: ArchitectureOption

    func run() throws {
        let host = try architecture.resolved()
        let comparison = try SecurityComparison(
            Subject(baseline, architecture: host, kernel: try architecture.kernel()),
            Subject(bundle, architecture: host, kernel: try architecture.kernel()), on: host)
        switch output.format {
        case .table: try Output.print(ComparisonText.check(comparison, baseline: baseline, bundle))
        case .json, .yaml: try output.print(ComparisonDocument.check(comparison, baseline: baseline, bundle))
        }
        if !comparison.isWithin { throw ExitCode(1) }
    }
}
