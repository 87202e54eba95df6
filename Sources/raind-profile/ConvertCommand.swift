import ArgumentParser
import HostInspection
import LinuxSys
import LosslessJSON
import OCISpec
import SecurityProfile

/// `raind-profile convert`: a profile in another form.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Converts a profile for an engine, for Kubernetes, or into a manifest.",
        usage: "raind-profile convert NAME|FILE|BUNDLE --to TARGET [options]",
        discussion: """
            oci: the seccomp section of config.json. docker, podman: the options of the
            command line, one a line, as a shell reads them; the seccomp file that they
            name is written into the folder. kubernetes: a container's securityContext,
            and the seccomp file for the nodes. spo: the resources of the Security
            Profiles Operator. raind: a manifest that extends nothing.

            What the target can't express is told point by point, and nothing is
            converted unless --lossy says to go on without it.

            Examples:
              raind-profile convert deploy --to docker --out /etc/raind
              docker run $(raind-profile convert deploy --to docker) IMAGE
              raind-profile convert ./web.yaml --to kubernetes --kubernetes-version 1.29
              raind-profile convert hardened --to spo --lossy | kubectl apply -f -
              raind-profile convert BUNDLE --to raind >bundle.yaml

            Exit status: 0 done, 1 the target can't express all of it, 2 wrong use or bad
            input.
            """)

    @Argument(
        help: ArgumentHelp("A profile's name, a manifest, a bundle or a seccomp file.", valueName: "subject"),
        completion: .subject)
    var subject: String

    @Option(name: .customLong("to"), help: ArgumentHelp("What to make of it.", valueName: "target"))
    var target: ConversionTarget

    @Flag(name: .customLong("lossy"), help: "Leaves out what the target can't express.")
    var isLossy = false

    @Option(
        name: .customLong("kubernetes-version"),
        help: ArgumentHelp("The version of Kubernetes that it is for (default: today's).", valueName: "version"))
    var kubernetesVersion: String?

    @Option(
        name: .customLong("out"),
        help: ArgumentHelp("Writes the files into this folder (default: the current one).", valueName: "folder"),
        completion: .directory)
    var folder: String?

    @OptionGroup var output: OutputFormatOption

    @OptionGroup var architecture: ArchitectureOption

    func validate() throws {
        if let kubernetesVersion {
            guard KubernetesVersion(kubernetesVersion) != nil else {
                throw ValidationError("--kubernetes-version: '\(kubernetesVersion)' is no version such as 1.30.")
            }
            guard target == .kubernetes else {
                throw ValidationError("--kubernetes-version has no use without --to kubernetes.")
            }
        }
        guard folder?.isEmpty != true else { throw ValidationError("--out names no folder.") }
    }

    func run() throws {
        let source = try ConversionSource(
            Subject(
                subject, architecture: try architecture.resolved(), kernel: try architecture.kernel()))
        let folder = try OutputFolder(folder ?? ".")
        let conversion = Conversion(
            source, to: target, attachmentsIn: folder.path,
            kubernetes: kubernetesVersion.flatMap { KubernetesVersion($0) })
        if !conversion.losses.isEmpty {
            for loss in conversion.losses { Output.error("\(target.rawValue) can't express \(loss)") }
            guard isLossy else {
                throw CommandFailure.no("\(subject) isn't converted; --lossy leaves out what is told above")
            }
        }
        for attachment in conversion.attachments {
            switch attachment.content {
            case .json(let json): try folder.write(json.text(.indented(spaces: 2)) + [0x0A], as: attachment.name)
            case .text(let text): try folder.write(Array(text.utf8), as: attachment.name)
            }
        }
        var notes = conversion.notes
        // In YAML they stand above the document.
        if case .yaml(_, let remarks) = conversion.document, output.format == .json { notes += remarks }
        for note in notes { Output.error("note: \(note)") }
        let text = try text(of: conversion)
        if self.folder != nil, let name = fileName(source.name) {
            try folder.write(text, as: name)
            return try Output.print("\(folder.path)/\(name)")
        }
        try Output.write(text)
    }

    /// The file of a target that is one document; nil where the result names files beside it, and is to be read.
    private func fileName(_ name: String) -> String? {
        let suffix = output.format == .json ? "json" : "yaml"
        return switch target {
        case .oci: output.format == .yaml ? "\(name).seccomp.yaml" : "\(name).seccomp.json"
        case .spo: "\(name).spo.\(suffix)"
        case .raind: "\(name).\(suffix)"
        case .docker, .podman, .kubernetes: nil
        }
    }

    private func text(of conversion: Conversion) throws -> [UInt8] {
        switch (conversion.document, output.format) {
        case (.json(let json), .table): return try output.text(of: json, as: .json)
        case (.json(let json), let format): return try output.text(of: json, as: format)
        case (.options(let options), .table):
            return Array(options.map { ShellText.quoted($0) + "\n" }.joined().utf8)
        case (.options(let options), let format):
            let files = conversion.attachments.map(\.name)
            return try output.text(
                of: .object([("options", .strings(options)), ("files", .strings(files))]), as: format)
        case (.yaml(let documents, _), .json):
            if documents.count == 1 { return try output.text(of: documents[0], as: .json) }
            // What several resources are to kubectl.
            let list = JSONValue.object([("apiVersion", "v1"), ("kind", "List"), ("items", .array(documents))])
            return try output.text(of: list, as: .json)
        case (.yaml(let documents, let remarks), .yaml), (.yaml(let documents, let remarks), .table):
            var text = Array(remarks.map { "# \($0)\n" }.joined().utf8)
            for (position, document) in documents.enumerated() {
                if position > 0 { text += Array("---\n".utf8) }
                text += try output.text(of: document, as: .yaml)
            }
            return text
        }
    }
}

extension ConversionTarget: ExpressibleByArgument {}

extension ConversionSource {
    /// What a command line named.
    init(_ subject: Subject) throws(CommandFailure) {
        let security = subject.security
        if let resolution = subject.resolution {
            self.init(
                resolution.profile, description: resolution.chain.last?.description,
                appArmor: AppArmorPart.content(of: resolution.profile))
            return
        }
        var uid: UInt32 = 0
        if let config = subject.config, let path = subject.path {
            uid = try failing(path) { () throws(BundleError) in try BundleSecurity.uid(of: config) }
        }
        self.init(
            named: Self.name(of: subject), security, uid: uid, isSeccompAlone: subject.kind == .seccomp,
            appArmor: AppArmorPart.content(of: security.appArmorProfile))
    }

    /// A name from the path of a bundle or a file.
    private static func name(of subject: Subject) -> String {
        var parts = (subject.path ?? subject.text).split(separator: "/").filter { $0 != "." && $0 != ".." }
        if parts.last == "config.json" { parts.removeLast() }
        var name = parts.last.map(String.init) ?? "bundle"
        for suffix in [".json", ".yaml", ".yml"] where name.hasSuffix(suffix) { name.removeLast(suffix.count) }
        return ManifestDocument.plainName(from: name)
    }
}
