import ArgumentParser
import SecurityProfile

/// `raind-profile diff`: what two things allow, compared by meaning.
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Compares what two profiles, bundles or seccomp files allow.",
        discussion: """
            Each of the two is a profile's name, a manifest's file, a bundle or its
            config.json, or a seccomp file in Docker's or OCI's form. They are compared by
            what they do, not by how they are written: the capability sets, no_new_privs,
            the AppArmor profile and the SELinux label by their names, masked and read-only
            paths, and the seccomp filters as the programs that the kernel runs: for each
            call on each architecture whatever the arguments are. What differs is told in
            both directions, with arguments that show it. Mounts, namespaces and devices
            are not compared.

            Examples:
              raind-profile diff deploy hardened
              raind-profile diff default BUNDLE
              raind-profile diff seccomp.json hardened -o json
              raind-profile diff old/config.json new/config.json

            Exit status: 0 they allow the same, 1 they don't, 2 wrong use or bad input.
            """)

    @Argument(help: "A profile, a manifest, a bundle or a seccomp file.", completion: .subject)
    var first: String

    @Argument(help: "Another one.", completion: .subject)
    var second: String

    @OptionGroup var output: OutputFormatOption

    @OptionGroup var architecture: ArchitectureOption

    func run() throws {
        let host = try architecture.resolved()
        let comparison = try SecurityComparison(
            Subject(first, architecture: host, kernel: try architecture.kernel()),
            Subject(second, architecture: host, kernel: try architecture.kernel()), on: host)
        switch output.format {
        case .table: try Output.print(ComparisonText.difference(comparison, first, second))
        case .json, .yaml: try output.print(ComparisonDocument.difference(comparison, first, second))
        }
        if !comparison.isEqual { throw ExitCode(1) }
    }
}
