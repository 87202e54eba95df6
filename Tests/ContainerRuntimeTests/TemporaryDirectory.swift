import LinuxSys
import Synchronization

@testable import ContainerRuntime

/// A folder of one test, which goes with all that is in it.
final class TemporaryDirectory: Sendable {
    private static let counter = Atomic<Int>(0)
    let path: String

    init() throws {
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        path = "/tmp/raind-test-runtime-\(Processes.processID)-\(number)"
        try Files.makeDirectory(path, mode: 0o700)
    }

    deinit {
        // Best effort: nobody could be told, and the next run takes another name.
        try? Self.remove(path)
    }

    /// Writes an ordinary file.
    @discardableResult
    func write(_ name: String, _ bytes: some Sequence<UInt8>, mode: UInt32 = 0o644) throws -> String {
        let file = try Files.open("\(path)/\(name)", [.writeOnly, .create, .truncate], mode: mode)
        try Files.writeAll(file.borrowed, Array(bytes))
        return "\(path)/\(name)"
    }

    /// Reads a file.
    func read(_ name: String) throws -> String {
        String(decoding: try Files.readFile("\(path)/\(name)", limit: 1 << 24), as: UTF8.self)
    }

    /// Makes a folder and its parents.
    @discardableResult
    func makeFolder(_ name: String) throws -> String {
        var partial = path
        for part in name.split(separator: "/") {
            partial += "/" + part
            if try !Files.exists(partial) { try Files.makeDirectory(partial, mode: 0o755) }
        }
        return partial
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
func runtimeError(_ body: () throws(RuntimeError) -> Void) -> RuntimeError? {
    do throws(RuntimeError) {
        try body()
        return nil
    } catch {
        return error
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

/// A generator whose sequence is told by its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
