import LinuxSys
import Synchronization

/// A folder of one test, which goes with the files in it.
final class TemporaryFolder: Sendable {
    private static let counter = Atomic<Int>(0)
    let path: String

    init() throws {
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        path = "/tmp/raind-test-hostinspection-\(Processes.processID)-\(number)"
        try Files.makeDirectory(path, mode: 0o700)
    }

    deinit {
        // Best effort: what can't be removed is left for the next start of the machine.
        for name in (try? names()) ?? [] {
            if (try? Files.unlink(file(name))) == nil { try? Files.removeDirectory(file(name)) }
        }
        try? Files.removeDirectory(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The names of what is in the folder, sorted.
    func names() throws(SyscallError) -> [String] {
        let folder = try Files.open(path, .directory)
        return try Files.list(folder.borrowed).sorted()
    }

    /// Makes a file, or makes it anew, and gives its path.
    @discardableResult
    func write(_ name: String, _ text: String, permissions: UInt32 = 0o644) throws(SyscallError) -> String {
        try Files.writeFile(file(name), text, flags: [.create, .truncate])
        try Files.changeMode(file(name), permissions: permissions)
        return file(name)
    }

    func text(_ name: String) throws(SyscallError) -> String {
        String(decoding: try Files.readFile(file(name), limit: 1 << 20), as: UTF8.self)
    }
}
