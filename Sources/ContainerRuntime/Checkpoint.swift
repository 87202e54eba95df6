import LinuxSys
import OCISpec

/// Saving a container to files and starting one from them, by CRIU (criu(8)). This version drives no CRIU: what can be
/// told about the container is told first, then what is missing.
package enum Checkpoint {
    /// Saves a container that is running.
    /// - Parameter path: the caller's PATH, in which criu is looked for.
    /// - Throws: `RuntimeError` always: `container does not exist`, `container not running`, or what is missing.
    package static func save(_ id: String, in store: StateStore, path: String?) throws(RuntimeError) -> Never {
        let container = try Container(id, in: store)
        switch container.status {
        case .running, .paused: throw missing("saved", path: path)
        case .creating, .created, .stopped: throw RuntimeError(.state, "container not running")
        }
    }

    /// Starts a container from the files of one that was saved.
    /// - Parameter path: the caller's PATH, in which criu is looked for.
    /// - Throws: `RuntimeError` always: `container with given ID already exists`, or what is missing.
    package static func restore(_ id: String, in store: StateStore, path: String?) throws(RuntimeError) -> Never {
        guard try !store.has(id) else { throw RuntimeError(.state, "container with given ID already exists") }
        throw missing("restored", path: path)
    }

    private static func missing(_ verb: String, path: String?) -> RuntimeError {
        let criu: String
        do throws(CommandFailure) {
            criu = try Executable(finding: "criu", environment: path.map { ["PATH=" + $0] } ?? []).path
        } catch {
            // Its own words are about a user's command, and callers would take these for that.
            return RuntimeError(
                .system, "containers cannot be \(verb): no folder of PATH has the program criu",
                hint: "installing it is not enough: this version of raind-oci does not drive CRIU yet")
        }
        return RuntimeError(
            .system,
            "containers cannot be \(verb): this version of raind-oci does not drive CRIU yet (\(criu) is there)")
    }
}
