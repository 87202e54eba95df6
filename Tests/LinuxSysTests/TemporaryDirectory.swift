import LinuxSys
import Synchronization

/// A directory of one test, which goes with all that is in it.
final class TemporaryDirectory: Sendable {
    private static let counter = Atomic<Int>(0)
    let path: String

    init() throws {
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        path = "/tmp/raind-test-linuxsys-\(Processes.processID)-\(number)"
        try Files.makeDirectory(path, mode: 0o700)
    }

    deinit {
        // Best effort: a test that has changed modes or made mounts is to put them back itself.
        try? Self.remove(path)
    }

    private static func remove(_ path: String) throws {
        let directory = try Files.open(path, .directory)
        for name in try Files.list(directory.borrowed) {
            let child = "\(path)/\(name)"
            if try Files.status(child, follow: false).type == .directory {
                try remove(child)
            } else {
                try Files.unlink(child)
            }
        }
        try Files.removeDirectory(path)
    }
}

/// The error that `body` throws; nil when it throws none.
func syscallError(_ body: () throws(SyscallError) -> Void) -> SyscallError? {
    do throws(SyscallError) {
        try body()
        return nil
    } catch {
        return error
    }
}

/// Whether the tests that need a privileged user can run.
let isPrivileged = Credentials.userIDs().effective == 0
