import ArgumentParser
import LosslessJSON
import OCISpec
import SecurityProfile

/// `raind-profile explain`: whether something is allowed, and what decides it.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tells whether a profile or bundle allows something, and which line decides it.",
        usage: "raind-profile explain NAME|BUNDLE --cap X | --syscall NAME [--arg I=V ..] | --path P",
        discussion: """
            One of --cap, --syscall and --path is asked. What several parts have a say in
            is told with each of them, what decides first: a capability that lifts a
            refusal of the filter, a call that the filter allows and that fails without a
            capability, a mask over a mount. Of a profile it is the answer for a process
            of root's; of paths a profile knows no more than what its manifest masks.

            Examples:
              raind-profile explain deploy --syscall ptrace
              raind-profile explain BUNDLE --syscall clone --arg 0=0x10000000
              raind-profile explain BUNDLE --cap NET_RAW
              raind-profile explain BUNDLE --path /proc/kcore

            Exit status: 0 allowed, 1 refused, or refused with some arguments (name them
            with --arg), 2 wrong use or bad input. A path that can be read and not
            written is allowed.
            """)

    @Argument(
        help: ArgumentHelp("A profile's name, or a bundle.", valueName: "name|bundle"),
        completion: .subject)
    var subject: String

    @Option(name: .customLong("cap"), help: ArgumentHelp("Asks for a capability.", valueName: "capability"))
    var capability: String?

    @Option(name: .customLong("syscall"), help: ArgumentHelp("Asks for a syscall.", valueName: "name"))
    var call: String?

    @Option(
        name: .customLong("arg"),
        help: ArgumentHelp("An argument of the syscall, from 0, as 0=0x10000000; repeated.", valueName: "index=value"))
    var arguments: [String] = []

    @Option(name: .customLong("path"), help: ArgumentHelp("Asks for a path in the container.", valueName: "path"))
    var path: String?

    @OptionGroup var output: OutputFormatOption

    @OptionGroup var host: ArchitectureOption

    func run() throws {
        guard [capability, call, path].count(where: { $0 != nil }) == 1 else {
            throw CommandFailure.failed("explain: name one of --cap, --syscall and --path")
        }
        guard call != nil || arguments.isEmpty else { throw CommandFailure.failed("--arg is for --syscall") }
        let explanation = try explanation()
        switch output.format {
        case .table: try Output.print(table(explanation))
        case .json, .yaml: try output.print(explanation.json)
        }
        if explanation.verdict != .allowed { throw ExitCode(1) }
    }

    private func explanation() throws(CommandFailure) -> Explanation {
        let architecture = try host.resolved()
        let explainer: Explainer
        switch try Subject.document(subject) {
        case .bundle(let config, let file):
            if let path { return PathExplainer.explain(path, in: config, named: file) }
            explainer = try failing { () throws(Explainer.QuestionError) in
                try Explainer(bundle: config, named: file, on: architecture)
            }
        case .seccomp(_, let file): throw .failed("\(file): a seccomp list; explain takes a profile or a bundle")
        case .profile:
            let resolution = try Resolution(
                subject, changes: .none, architecture: architecture, kernel: try host.kernel())
            if let path {
                guard let explanation = PathExplainer.explain(path, in: resolution.profile) else {
                    throw .failed("--path: the profile leaves masked paths to the bundle; name a bundle")
                }
                return explanation
            }
            explainer = Explainer(
                resolution.profile, chain: resolution.chain, on: architecture, kernel: try host.kernel() ?? .ofHost)
        }
        if let capability { return explainer.explain(try named(capability)) }
        let arguments = try parsedArguments()
        return try failing { () throws(Explainer.QuestionError) in
            try explainer.explain(call: call ?? "", arguments: arguments)
        }
    }

    private func named(_ text: String) throws(CommandFailure) -> Capability {
        let request = try failing { () throws(ProfileError) in try CapabilityRequest([text], option: "--cap") }
        guard let capability = request.named.first(where: { _ in true }), !request.isAll else {
            throw .failed("--cap: name one capability")
        }
        return capability
    }

    private func parsedArguments() throws(CommandFailure) -> [Int: UInt64] {
        var parsed: [Int: UInt64] = [:]
        for text in arguments {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let index = Int(parts[0]), (0..<6).contains(index), let value = number(parts[1])
            else {
                throw .failed("--arg \(text): write the argument's index, 0 to 5, and a 64-bit number: 0=0x10000000")
            }
            guard parsed.updateValue(value, forKey: index) == nil else {
                throw .failed("--arg: argument \(index) is given twice")
            }
        }
        return parsed
    }

    /// A number as C writes it; a negative one is what the kernel sees of it.
    private func number(_ text: String) -> UInt64? {
        if text.hasPrefix("0x") || text.hasPrefix("0X") { return UInt64(text.dropFirst(2), radix: 16) }
        return UInt64(text) ?? Int64(text).map { UInt64(bitPattern: $0) }
    }

    private func table(_ explanation: Explanation) -> String {
        var table = Table(heading: .column)
        for cause in explanation.causes {
            table.append("  " + cause.layer, cause.text, cause.place.map { "\($0)" } ?? "")
        }
        let style: Style =
            switch explanation.verdict {
            case .allowed: .green
            case .refused: .red
            case .depends: .yellow
            }
        return "\(explanation.question): \(style(explanation.verdict.rawValue))\n" + table.text
    }
}
