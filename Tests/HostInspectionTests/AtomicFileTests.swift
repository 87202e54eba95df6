import LinuxSys
import Testing

@testable import HostInspection

@Suite struct AtomicFileTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("config.json")
    }

    /// The error that `body` throws; nil when it throws none.
    private func failure(_ body: () throws(AtomicFileError) -> Void) -> AtomicFileError? {
        do throws(AtomicFileError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    private func openFailure(_ path: String, mayBeNew: Bool = false) -> AtomicFileError? {
        failure { () throws(AtomicFileError) in _ = try AtomicFile.open(path, limit: 16, mayBeNew: mayBeNew) }
    }

    @Test func keepsModeAndLeavesNothingElse() throws {
        try folder.write("config.json", "old", permissions: 0o604)
        let before = try Files.status(path)
        let file = try AtomicFile.open(path, limit: 16)
        #expect(file.bytes == Array("old".utf8))
        try file.replace(with: Array("new".utf8))
        let after = try Files.status(path)
        #expect(try folder.text("config.json") == "new")
        #expect(after.permissions == 0o604)
        #expect(!after.isSameFile(as: before))
        #expect(try folder.names() == ["config.json"])
    }

    @Test(.enabled(if: Credentials.userIDs().effective == 0)) func keepsTheOwner() throws {
        try folder.write("config.json", "old", permissions: 0o4640)
        try Files.changeOwner(path, uid: 1234, gid: 4321)
        try Files.changeMode(path, permissions: 0o4640)
        try AtomicFile.open(path, limit: 16).replace(with: Array("new".utf8))
        let after = try Files.status(path)
        #expect(after.uid == 1234 && after.gid == 4321)
        // Changing the owner takes the set-id bit away, unless the mode is set last.
        #expect(after.permissions == 0o4640)
    }

    @Test func aLinkIsRefused() throws {
        try folder.write("target", "old")
        try Files.makeSymlink(path, to: "target")
        #expect(openFailure(path) == .symbolicLink(path))
        #expect(openFailure(path, mayBeNew: true) == .symbolicLink(path))
        try Files.makeSymlink(folder.file("dangling"), to: "nowhere")
        #expect(openFailure(folder.file("dangling"), mayBeNew: true) == .symbolicLink(folder.file("dangling")))
    }

    @Test func whatIsNoFileIsRefused() throws {
        #expect(openFailure(folder.path + "/") == .notAFile(folder.path + "/"))
        #expect(openFailure("") == .notAFile(""))
        #expect(openFailure(folder.path) == .notAFile(folder.path))
        try Files.makeFIFO(path, permissions: 0o600)
        #expect(openFailure(path) == .notAFile(path))
        #expect(openFailure("/dev/null") == .notAFile("/dev/null"))
        #expect(openFailure(path + "/config.json", mayBeNew: true)?.description.contains("ENOTDIR") == true)
    }

    @Test func aMissingFileMayBeNew() throws {
        #expect(openFailure(path)?.description.contains("\(path): ENOENT") == true)
        let file = try AtomicFile.open(path, limit: 16, mayBeNew: true)
        #expect(file.bytes == nil)
        try file.replace(with: Array("new".utf8))
        #expect(try folder.text("config.json") == "new")
        #expect(try folder.names() == ["config.json"])
    }

    @Test func otherNamesOfTheFileAreNotLeftBehind() throws {
        try folder.write("config.json", "old")
        try Files.link(path, to: folder.file("other"))
        let file = try AtomicFile.open(path, limit: 16)
        #expect(failure { () throws(AtomicFileError) in try file.checkReplaceable() } == .manyNames(path, 2))
        #expect(
            failure { () throws(AtomicFileError) in try file.replace(with: []) } == .manyNames(path, 2))
        #expect(try folder.names() == ["config.json", "other"])
        #expect(try folder.text("config.json") == "old")
    }

    @Test func aLimitIsALimit() throws {
        try folder.write("config.json", String(repeating: "x", count: 16))
        #expect(try AtomicFile.open(path, limit: 16).bytes?.count == 16)
        try folder.write("config.json", String(repeating: "x", count: 17))
        #expect(openFailure(path) == .tooLarge(path, 16))
    }

    @Test func whatSomebodyElsePutThereStays() throws {
        try folder.write("config.json", "old")
        let file = try AtomicFile.open(path, limit: 16)
        try folder.write("theirs", "theirs")
        try Files.rename(folder.file("theirs"), to: path)
        #expect(
            failure { () throws(AtomicFileError) in try file.replace(with: []) } == .changedMeanwhile(path))
        #expect(try folder.text("config.json") == "theirs")
        #expect(try folder.names() == ["config.json"])

        let new = folder.file("new.json")
        let missing = try AtomicFile.open(new, limit: 16, mayBeNew: true)
        try folder.write("new.json", "theirs")
        #expect(
            failure { () throws(AtomicFileError) in try missing.replace(with: []) } == .changedMeanwhile(new))
        #expect(try folder.text("new.json") == "theirs")
        #expect(try folder.names() == ["config.json", "new.json"])
    }

    @Test func aLeftoverIsNotInTheWay() throws {
        let leftover = ".config.json.\(Processes.processID).0"
        try folder.write("config.json", "old")
        try Files.makeSymlink(folder.file(leftover), to: "/nowhere")
        try AtomicFile.open(path, limit: 16).replace(with: Array("new".utf8))
        #expect(try folder.text("config.json") == "new")
        #expect(try folder.names() == [leftover, "config.json"])
    }
}
