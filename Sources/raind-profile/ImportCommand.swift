import ArgumentParser
import LinuxSys
import ProfileRegistry
import SecurityProfile

/// `raind-profile import`: somebody else's document as a manifest.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Prints a manifest made of a seccomp file, resources of an operator, or a pod.",
        discussion: """
            Reads Docker's or OCI's seccomp JSON, the SeccompProfile and AppArmorProfile of
            the Security Profiles Operator, and a pod's or a container's securityContext.
            Nothing is registered. What couldn't be taken over is told on standard error.

            Examples:
              raind-profile import seccomp.json --name web >web.yaml
              raind-profile import pod.yaml --container app
              kubectl get seccompprofile web -o yaml | raind-profile import -
            """)

    @Argument(help: "The file, or - for standard input.", completion: .file(extensions: ["json", "yaml", "yml"]))
    var file: String

    @Option(name: .customLong("from"), help: "What the file is (default: told by what stands in it).")
    var form: ManifestImport.Form?

    @Option(name: .customLong("name"), help: "The profile's name (default: the document's own, or the file's).")
    var name: String?

    @Option(name: .customLong("container"), help: "Which of a pod's containers is meant.")
    var container: String?

    @OptionGroup var output: OutputFormatOption

    func run() throws {
        var profileName: ProfileName?
        if let name {
            guard let read = ProfileName(name) else {
                throw CommandFailure.failed(
                    "--name: \(ShellText.quoted(name)) is no name; it is 1 to 63 of a to z, 0 to 9, _ . -, the first a letter "
                        + "or digit")
            }
            profileName = read
        }
        let bytes = try failing { () throws(SyscallError) in
            file == "-"
                ? try Files.readAll(.standardInput, limit: ManifestText.maximumByteCount, subject: "standard input")
                : try Files.readFile(file, limit: ManifestText.maximumByteCount)
        }
        let source = file == "-" ? "standard input" : file
        let imported = try failing { () throws(ProfileError) in
            try ManifestImport(
                try ManifestText.documents(bytes, source: source), as: form, named: profileName,
                fallback: fallbackName(source), container: container)
        }
        for note in imported.notes { Output.error("note: \(note)") }
        try Output.write(
            try output.text(of: imported.manifest, as: output.format == .json ? .json : .yaml))
    }

    private func fallbackName(_ path: String) -> String {
        guard file != "-" else { return "imported" }
        var name = path.split(separator: "/").last.map(String.init) ?? path
        for suffix in [".json", ".yaml", ".yml"] where name.hasSuffix(suffix) { name.removeLast(suffix.count) }
        return name
    }
}

extension ManifestImport.Form: ExpressibleByArgument {}
