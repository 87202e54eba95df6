import ProfileRegistry
import SecurityProfile
import Synchronization
import Testing

/// Files that are kept in memory.
final class MemoryStorage: ProfileStorage {
    private let state: Mutex<[String: String]>

    init(_ files: [String: String] = [:]) { state = Mutex(files) }

    var files: [String: String] { state.withLock { $0 } }

    subscript(path: String) -> String? {
        get { state.withLock { $0[path] } }
        set { state.withLock { $0[path] = newValue } }
    }

    func content(of path: String, limit: Int) throws(ProfileError) -> [UInt8]? { self[path].map { Array($0.utf8) } }

    func names(in folder: String) throws(ProfileError) -> [String] {
        files.keys.filter { $0.hasPrefix(folder + "/") }.map { String($0.dropFirst(folder.count + 1)) }
    }

    func write(_ content: [UInt8], to path: String, replacing: Bool) throws(ProfileError) {
        guard replacing || self[path] == nil else { throw .file("\(path): it is there") }
        self[path] = String(decoding: content, as: UTF8.self)
    }

    func remove(_ path: String) throws(ProfileError) {
        guard self[path] != nil else { throw .file("\(path): it isn't there") }
        self[path] = nil
    }

    func locked<Result>(
        _ folder: String, _ body: () throws(ProfileError) -> Result
    ) throws(ProfileError) -> Result { try body() }
}

/// A registry with these files in /store, and the files themselves.
func registry(_ files: [String: String] = [:], folders: [String] = ["/store"]) -> (ProfileRegistry, MemoryStorage) {
    let storage = MemoryStorage(files)
    return (ProfileRegistry(storage: storage, folders: folders), storage)
}

/// A manifest in the flat form.
func flat(_ name: String, extends parent: String?, _ more: String = "") -> String {
    "name: \(name)\n" + (parent.map { "extends: \($0)\n" } ?? "") + more
}

/// What `body` is refused with.
func refusal(_ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) -> String {
    let error = #expect(throws: ProfileError.self, sourceLocation: sourceLocation) { try body() }
    return error.map { "\($0)" } ?? ""
}
