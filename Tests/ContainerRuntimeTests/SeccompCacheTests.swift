import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// Compiled filters in the state root: found again for their text and program alone, and only where nobody else could have
/// put them.
struct SeccompCacheTests {
    let root: TemporaryDirectory
    let cache: SeccompCache
    let text = Array(String(repeating: #"{"names":["mount"],"action":"SCMP_ACT_ERRNO"},"#, count: 100).utf8)
    let filter: [UInt8] = (0..<80).map { UInt8($0) }

    init() throws {
        root = try TemporaryDirectory()
        cache = try #require(SeccompCache(root: root.path))
    }

    var folder: String { root.path + "/" + SeccompCache.folder }

    func names(_ path: String) throws -> [String] {
        let directory = try Files.open(path, .directory)
        return try Files.list(directory.borrowed)
    }

    /// The one entry's path.
    func keep() throws -> String {
        try cache.keep(filter, for: text[...])
        let names = try names(folder)
        #expect(names.count == 1)
        return folder + "/" + (names.first ?? "")
    }

    /// Nothing that can't be trusted is found, whether it is an error or not.
    func isFound() -> Bool { ((try? cache.find(text[...])) ?? nil) != nil }

    @Test func whatIsKeptIsFound() throws {
        #expect(!isFound())
        let entry = try keep()
        #expect(try cache.find(text[...]) == filter)
        // A slice of a larger document is the same text.
        let larger = [1, 2, 3] + text + [4]
        #expect(try cache.find(larger[3..<(3 + text.count)]) == filter)
        #expect(try Files.status(folder).permissions == 0o700)
        #expect(try Files.status(entry).permissions == 0o600)
        // Again, as by two creates at a time.
        try cache.keep(filter, for: text[...])
        #expect(try cache.find(text[...]) == filter)
    }

    @Test func anotherTextOrProgramHasNone() throws {
        let entry = try keep()
        var other = text
        other[50] ^= 1
        #expect(((try? cache.find(other[...])) ?? nil) == nil)
        // Under the name of another text, as if their sums were the same.
        try Files.rename(entry, to: folder + "/" + String(Checksum.of(other[...]), radix: 16))
        #expect(((try? cache.find(other[...])) ?? nil) == nil)
        _ = try keepAgain()
        let file = try root.write("program", [1])
        let program = try #require(SeccompCache.Program(try Files.status(file)))
        let updated = SeccompCache(root: root.path, program: program)
        #expect(((try? updated.find(text[...])) ?? nil) == nil)
        #expect(try cache.find(text[...]) == filter)
    }

    func keepAgain() throws -> Int {
        try cache.keep(filter, for: text[...])
        return try names(folder).count
    }

    @Test func aProgramWithoutANameHasNoCache() throws {
        let file = try Files.createMemoryFile("program")
        #expect(SeccompCache.Program(try Files.status(of: file.borrowed)) == nil)
    }

    @Test func damageIsSeen() throws {
        let entry = try keep()
        let bytes = try Files.readFile(entry, limit: 1 << 20)
        for place in Array(0..<100) + Array(stride(from: 100, to: bytes.count, by: 61)) + [bytes.count - 1] {
            var damaged = bytes
            damaged[place] ^= 0x10
            try Files.writeFile(entry, damaged, flags: [.writeOnly, .truncate])
            #expect(!isFound(), "byte \(place)")
        }
        for count in [0, 1, 40, bytes.count - 80, bytes.count - 8, bytes.count - 1] {
            try Files.writeFile(entry, Array(bytes.prefix(count)), flags: [.writeOnly, .truncate])
            #expect(!isFound(), "\(count) bytes")
        }
        try Files.writeFile(entry, bytes + [0, 0, 0, 0, 0, 0, 0, 0], flags: [.writeOnly, .truncate])
        #expect(!isFound())
        try Files.writeFile(entry, bytes, flags: [.writeOnly, .truncate])
        #expect(isFound())
    }

    @Test func whatOthersCouldHaveWrittenIsNotRead() throws {
        let entry = try keep()
        for (path, mode) in [(folder, 0o700), (entry, 0o600)] as [(String, UInt32)] {
            for wider in [0o020, 0o002, 0o040, 0o001] as [UInt32] {
                try Files.changeMode(path, permissions: mode | wider)
                #expect(!isFound(), "\(path) \(wider)")
            }
            try Files.changeMode(path, permissions: mode)
            #expect(isFound())
            guard Credentials.userIDs().effective == 0 else { continue }
            try Files.changeOwner(path, uid: 65534, gid: nil)
            #expect(!isFound(), "\(path) of another")
            try Files.changeOwner(path, uid: 0, gid: nil)
            #expect(isFound())
        }
    }

    @Test func namesThatLeadElsewhereAreNotFollowed() throws {
        let entry = try keep()
        try Files.link(entry, to: root.path + "/second")
        #expect(!isFound())
        try Files.unlink(entry)
        try Files.makeSymlink(entry, to: root.path + "/second")
        #expect(!isFound())
        try Files.unlink(entry)
        // Nobody waits for who would write into it.
        try Files.makeFIFO(entry, in: .currentDirectory, permissions: 0o600)
        #expect(!isFound())
        try Files.unlink(entry)
        try Files.rename(root.path + "/second", to: entry)
        #expect(isFound())
        try Files.rename(folder, to: root.path + "/elsewhere")
        try Files.makeSymlink(folder, to: root.path + "/elsewhere")
        #expect(!isFound())
    }

    @Test func thereIsAnEndToIt() throws {
        for number in 0..<(2 * SeccompCache.maximumEntries) {
            try cache.keep(filter, for: (text + [UInt8(number)])[...])
            let count = try names(folder).count
            #expect((1...SeccompCache.maximumEntries).contains(count))
        }
    }

    /// From a config's words: the same filter with a cache, without, and with one that is not to be trusted.
    @Test func filtersAreTheSame() throws {
        let json = try ConfigFixtures.json("plans/podman/config.json")
        let section = try #require(json["linux"]?["seccomp"])
        let filter = try SeccompOfConfigsTests.filter("plans/podman/config.json")
        let compiled = try SeccompProgram.compile(filter)
        for _ in 0..<2 {
            #expect(try SeccompCache.filter(of: filter, text: section.bytes, root: root.path) == compiled)
        }
        #expect(try cache.find(section.bytes) == compiled)
        try Files.changeMode(folder, permissions: 0o777)
        #expect(try SeccompCache.filter(of: filter, text: section.bytes, root: root.path) == compiled)
        // What is compiled sooner than read isn't kept.
        let other = try TemporaryDirectory()
        #expect(try SeccompCache.filter(of: filter, text: section.bytes.prefix(4095), root: other.path) == compiled)
        #expect(try names(other.path).isEmpty)
        #expect(try SeccompCache.filter(of: nil, text: [], root: other.path).isEmpty)
        // A root that is not there, or not to be written to, is no reason to fail.
        #expect(try SeccompCache.filter(of: filter, text: section.bytes, root: other.path + "/none") == compiled)
    }
}
