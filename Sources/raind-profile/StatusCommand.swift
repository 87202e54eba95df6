import ArgumentParser
import SecurityProfile

/// `raind-profile status`: what is in force beside what was promised.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Compares what the kernel has in force with what was promised.",
        usage: "raind-profile status [BUNDLE|NAME] [--pid N | --container ID] [options]",
        discussion: """
            What is in force for a container's first process, or for any other, right now:
            the five capability sets, no_new_privs, seccomp, AppArmor and SELinux labels,
            masked and read-only paths, the maps of its user namespace. It is held against
            the bundle's config.json, and that against the profile that its annotation says
            was applied. With a profile's NAME it is held against that profile. Containers
            of any OCI runtime will do: those of raind-oci, runc and crun are found by
            themselves, others by --runtime, and a process alone by --pid.

            Of a seccomp filter the kernel tells by itself only that there is one. --filter
            reads the filter out of the process and compares it call by call; that takes
            root, and stops the process for a moment.

            Examples:
              raind-profile status BUNDLE
              raind-profile status --container mine --filter
              raind-profile status --container ID --root /run/containerd/runc/k8s.io
              raind-profile status deploy --pid 4711 -o json

            Exit status: 0 as promised, 1 drift, 2 wrong use or bad input.
            """)

    @Argument(
        help: ArgumentHelp("The bundle, or the profile, whose promise counts.", valueName: "bundle"),
        completion: .profileNameAndBundle)
    var subject: String?

    @Option(help: ArgumentHelp("The process to look at.", valueName: "number"))
    var pid: Int32?

    @Option(help: ArgumentHelp("The container to look at.", valueName: "id"))
    var container: String?

    @Option(
        help: ArgumentHelp("Where the runtime keeps its containers.", valueName: "folder"), completion: .directory)
    var root: String?

    @Option(
        help: ArgumentHelp("The runtime whose container it is.", valueName: "program"), completion: .file())
    var runtime: String?

    @Flag(name: .customLong("filter"), help: "Reads the running seccomp filter and compares what it answers.")
    var readsFilter = false

    @OptionGroup var output: OutputFormatOption

    func validate() throws {
        guard pid == nil || container == nil else { throw ValidationError("Give --pid or --container, not both.") }
        guard subject != nil || pid != nil || container != nil else {
            throw ValidationError("Name a bundle, a container (--container) or a process (--pid).")
        }
        guard (pid ?? 1) > 0 else { throw ValidationError("--pid is a number above 0.") }
    }

    func run() throws {
        let report = try StatusReport(self)
        switch output.format {
        case .table: try Output.print(report.table)
        case .json, .yaml: try output.print(report.document)
        }
        guard !report.status.hasDrift else { throw ExitCode(1) }
    }
}
