import ContainerRuntime
import LinuxSys
import OCISpec

/// `spec`: a config to start from.
struct SpecCommand {
    private let invocation: Invocation

    init(_ invocation: Invocation) {
        self.invocation = invocation
    }

    func run() throws(RuntimeError) {
        let ids = Credentials.userIDs()
        let groups = Credentials.groupIDs()
        let spec = DefaultSpec(
            invocation.arguments.has("rootless")
                ? .rootless(uid: ids.effective, gid: groups.effective) : .root)
        let folder = invocation.arguments.value("bundle") ?? "."
        do throws(SyscallError) {
            try Files.writeFile(
                folder + "/config.json", spec.bytes, flags: [.writeOnly, .create, .exclusive], mode: 0o666)
        } catch {
            if error.errno == .EEXIST {
                throw RuntimeError(.usage, "config.json is there already: it is not overwritten")
            }
            throw RuntimeError(error, in: "write config")
        }
    }
}
