import HostInspection
import LinuxSys
import OCISpec
import SecurityProfile

/// What `raind-profile status` looks at, and what it holds that against.
struct StatusTarget {
    /// The process.
    let pid: Int32
    /// The container that it is the first process of, where that is known.
    let container: FoundContainer?
    /// The profile or bundle whose promise counts; nil where there is none.
    let subject: Subject?

    /// Finds both.
    init(_ command: StatusCommand, architecture: SeccompArchitecture) throws(CommandFailure) {
        let search = ContainerSearch(root: command.root, runtime: command.runtime)
        var named: Subject?
        if let text = command.subject {
            named = try Subject(text, architecture: architecture)
            guard named?.kind != .seccomp else {
                throw .failed("\(text) is a seccomp filter alone; give a bundle or a profile")
            }
        }
        if let id = command.container {
            container = try search.container(named: id)
        } else if let pid = command.pid {
            // A process that is named with what it was promised needs no searching.
            container = named == nil ? search.containers { $0.pid == pid }.first : nil
        } else {
            container = try Self.container(of: named, search)
        }
        if let container { try Self.checkStarted(container, readsFilter: command.readsFilter) }
        guard let pid = command.pid ?? container?.pid else {
            throw .failed("name a process with --pid or a container with --container")
        }
        self.pid = pid
        if named == nil, let container {
            named = try Subject(Self.folder(container.bundle), architecture: architecture)
        }
        subject = named
    }

    /// The container that runs from the bundle that is named.
    private static func container(of named: Subject?, _ search: ContainerSearch) throws(CommandFailure)
        -> FoundContainer
    {
        guard let named, named.kind == .bundle, let path = named.path else {
            throw .failed(
                "a profile alone is in force nowhere; name a container with --container or a process with --pid")
        }
        let wanted = try failing { () throws(SyscallError) in try Files.status(path) }
        let found = search.containers { container in
            guard container.status != "stopped" else { return false }
            // Best effort: a bundle that is gone is not the one that was named.
            return (try? Files.status(folder(container.bundle) + "config.json"))?.isSameFile(as: wanted) == true
        }
        guard let only = found.first else {
            throw .failed(
                "no container of \(named.text) in \(search.roots.joined(separator: ", ")); --root names another folder, "
                    + "--pid the process")
        }
        guard found.count == 1 else {
            throw .failed(
                "several containers run from \(named.text): \(found.map(\.id).joined(separator: ", ")); "
                    + "name one with --container")
        }
        return only
    }

    private static func folder(_ bundle: String) -> String { bundle.hasSuffix("/") ? bundle : bundle + "/" }

    private static func checkStarted(_ container: FoundContainer, readsFilter: Bool) throws(CommandFailure) {
        switch container.status {
        case "running": break
        case "paused" where !readsFilter: break
        case "paused":
            throw .failed("container \(container.id) is paused; a process that is frozen can't be asked for its filter")
        case "created":
            throw .failed("container \(container.id) isn't started yet; so far its process is the runtime's own")
        default: throw .failed("container \(container.id) is \(container.status); there is no process to look at")
        }
    }
}
