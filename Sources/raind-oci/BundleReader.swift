import ContainerRuntime
import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan

/// A bundle that was read and checked.
struct BundleReader {
    /// The bundle's absolute path; it is the working folder from now on.
    let path: String
    /// The config as it was read.
    let config: [UInt8]
    /// The part of it that is `/linux/seccomp`; empty where there is none.
    let seccompText: ArraySlice<UInt8>
    /// The checked config.
    let spec: ValidSpec
    /// What it was checked against.
    let host: HostFacts

    /// The largest config that is read, in bytes. The kernel takes 6 MiB of arguments and environment, and nothing else of a
    /// config is that long. What the state keeps of it, hooks as JSON in JSON, must be short enough to be read again.
    private static let limitBytes = 16 << 20

    /// Reads the bundle that the options name, and makes it the working folder: relative paths of the config start there.
    /// - Parameters:
    ///   - invocation: the command, which says who makes the control groups.
    ///   - stateFolder: the container's, where its config is to have a socket for sd_notify(3).
    init(
        _ folder: String?, config: String?, for invocation: Invocation, notifyingFrom stateFolder: String? = nil
    ) throws(RuntimeError) {
        // A config path is the caller's, so it is resolved before the working folder changes.
        do throws(SyscallError) {
            var file: [UInt8]?
            // What the caller has named may be a pipe of the caller's.
            if let config { file = try Files.readFile(config, limit: Self.limitBytes) }
            if let folder { try Files.changeDirectory(folder) }
            path = try Files.workingDirectory()
            if let file {
                self.config = file
            } else {
                self.config = try Files.readRegularFile("config.json", limit: Self.limitBytes)
            }
        } catch {
            throw Self.explain(error, folder)
        }
        var facts: HostFacts
        do throws(SyscallError) {
            facts = try HostFacts.gather()
        } catch {
            throw RuntimeError(error, in: "look at host")
        }
        facts.systemd = invocation.systemdInstance(isHostRoot: facts.isHostRoot)
        let json: JSON
        do throws(JSON.SyntaxError) {
            json = try JSON(parsing: self.config)
        } catch {
            throw RuntimeError(.config, "\(config ?? "config.json"):\(error)")
        }
        guard json.kind == .object else {
            throw RuntimeError(.config, "\(config ?? "config.json"): expected an object, found \(json.kind.phrase)")
        }
        seccompText = json["linux"]?["seccomp"]?.bytes ?? []
        do throws(SpecProblems) {
            let (config, unread) = Spec.read(json)
            guard var config else { throw SpecProblems(unread) }
            if let stateFolder { ServiceNotification.add(to: &config, stateFolder: stateFolder) }
            facts.complete(for: config)
            host = facts
            spec = try ValidSpec(checking: config, on: facts, unread: unread)
        } catch {
            throw RuntimeError(error)
        }
    }

    private static func explain(_ error: SyscallError, _ folder: String?) -> RuntimeError {
        if error.errno == .EFBIG {
            return RuntimeError(.config, "\(error.subject) is larger than \(limitBytes >> 20) MiB")
        }
        guard error.errno == .ENOENT, !error.subject.isEmpty else { return RuntimeError(error, in: "read bundle") }
        return error.operation == "chdir"
            ? RuntimeError(.config, "bundle \(folder ?? "") is missing")
            : RuntimeError(.config, "bundle \(error.subject) is missing")
    }
}
