import ArgumentParser
import HostInspection
import LinuxSys
import LosslessJSON
import OCISpec
import SecurityProfile

/// `raind-profile lint`: what is wrong, superfluous or open.
struct LintCommand: ParsableCommand {
    /// A form of output.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, yaml, json, sarif
    }

    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Tells what is wrong, superfluous or open in a profile, bundle or seccomp file.",
        discussion: """
            Each finding has a code that never changes, a place, a severity, a reason and
            a remedy; profiles/README.md lists the codes. Where the CIS Docker Benchmark
            1.6.0 asks for the same, its control's number is told.

            Examples:
              raind-profile lint deploy
              raind-profile lint BUNDLE --strict
              raind-profile lint docker-seccomp.json -o json
              raind-profile lint BUNDLE -o sarif >raind.sarif

            Exit status: 0 no error was found, 1 there are errors, with --strict also
            warnings, 2 wrong use or bad input.
            """)

    @Argument(
        help: ArgumentHelp("A profile's name, a bundle, or a file.", valueName: "name|file|bundle"),
        completion: .subject)
    var subject: String

    @Flag(name: .customLong("strict"), help: "Exits 1 also for warnings.")
    var isStrict = false

    @Option(name: [.customShort("o"), .customLong("output")], help: "How to print it.")
    var format: Format = .table

    @OptionGroup var host: ArchitectureOption

    func run() throws {
        let findings = try findings()
        switch format {
        case .table: try Output.print(table(findings))
        case .json: try OutputFormatOption.json.print(document(findings))
        case .yaml: try OutputFormatOption.yaml.print(document(findings))
        case .sarif:
            try OutputFormatOption.json.print(
                LintSARIF.document(findings, toolVersion: RaindProfile.versionNumber))
        }
        if findings.areRefused(strict: isStrict) { throw ExitCode(1) }
    }

    private func findings() throws(CommandFailure) -> [LintFinding] {
        let architecture = try host.resolved()
        // A bundle or list with errors is what lint is for, so it is read here and not as what it comes to.
        switch try Subject.document(subject) {
        case .bundle(let config, let path): return Lint.findings(inBundle: config, named: path, on: architecture)
        case .seccomp(let list, let path):
            let capabilities = try Resolution("default", changes: .none, architecture: architecture).profile
                .capabilities
            return Lint.findings(
                inSeccompList: ManifestNode(list, in: path), named: path, capabilities: capabilities, on: architecture,
                kernel: try host.kernel() ?? .ofHost)
        case .profile:
            let resolution = try Resolution(
                subject, changes: .none, architecture: architecture, kernel: try host.kernel())
            return Lint.findings(in: resolution.profile, chain: resolution.chain)
        }
    }

    private func table(_ findings: [LintFinding]) -> String {
        var lines: [String] = []
        for finding in findings {
            let control = finding.rule.benchmarkControl.map { " [CIS \($0)]" } ?? ""
            lines.append(
                "\(finding.place): \(finding.severity.styled): \(finding.message) "
                    + "(\(finding.rule.rawValue))\(control)")
            lines.append("    \(finding.rule.reason)")
            lines.append("    To do: \(finding.rule.remedy)")
        }
        let counts = LintRule.Severity.allCases.map { severity in
            let count = findings.count(of: severity)
            return "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        lines.append("\(subject): \(counts.joined(separator: ", "))")
        return lines.joined(separator: "\n")
    }

    private func document(_ findings: [LintFinding]) -> JSONValue {
        .object([
            ("subject", .string(subject)),
            ("benchmark", .string(LintRule.benchmark)),
            ("findings", .array(findings.map(\.json))),
            (
                "counts",
                .object(
                    LintRule.Severity.allCases.map { ($0.rawValue, .integer(findings.count(of: $0))) })
            ),
        ])
    }
}

extension LintRule.Severity {
    /// The word as a terminal shows it.
    fileprivate var styled: String {
        switch self {
        case .error: Style.red(rawValue)
        case .warning: Style.yellow(rawValue)
        case .note: Style.cyan(rawValue)
        }
    }
}
