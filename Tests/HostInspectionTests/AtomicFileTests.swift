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

    @Test func whatSomebodyElseWroteThereStays() throws {
        try folder.write("config.json", "old")
        for other in ["new", "ol", "older", ""] {
            try folder.write("config.json", "old")
            let before = try Files.status(path)
            let file = try AtomicFile.open(path, limit: 16)
            try folder.write("config.json", other)
            #expect(try Files.status(path).isSameFile(as: before), "the test is about one file")
            #expect(
                failure { () throws(AtomicFileError) in try file.replace(with: []) } == .changedMeanwhile(path))
            #expect(try folder.text("config.json") == other)
        }
        let gone = try AtomicFile.open(path, limit: 16)
        try Files.unlink(path)
        #expect(failure { () throws(AtomicFileError) in try gone.replace(with: []) } == .changedMeanwhile(path))
        try folder.write("config.json", "old")
        let linked = try AtomicFile.open(path, limit: 16)
        try Files.rename(path, to: folder.file("target"))
        try Files.makeSymlink(path, to: "target")
        #expect(failure { () throws(AtomicFileError) in try linked.replace(with: []) } == .changedMeanwhile(path))
        #expect(try folder.text("target") == "old")
        #expect(try folder.names() == ["config.json", "target"])
    }

    @Test func accessThatSomebodyElseTookAwayStaysAway() throws {
        try folder.write("config.json", "old", permissions: 0o644)
        let file = try AtomicFile.open(path, limit: 16)
        try Files.changeMode(path, permissions: 0o600)
        #expect(failure { () throws(AtomicFileError) in try file.replace(with: []) } == .changedMeanwhile(path))
    }

    /// What the kernel says of `name`'s access list.
    private func accessList(_ name: String) throws -> [UInt8]? {
        let file = try Files.open(folder.file(name))
        return try Files.extendedAttribute("system.posix_acl_access", of: file.borrowed)
    }

    /// A list that lets user 1234 read, and owner, group and others do what the mode 0640 says; its mask is `mask`.
    private func list(mask: UInt8) -> [UInt8] {
        func entry(_ tag: UInt8, _ permissions: UInt8, _ id: [UInt8] = [255, 255, 255, 255]) -> [UInt8] {
            [tag, 0, permissions, 0] + id
        }
        return [2, 0, 0, 0] + entry(1, 6) + entry(2, 4, [0xD2, 0x04, 0, 0]) + entry(4, 0) + entry(0x10, mask)
            + entry(0x20, 0)
    }

    @Test func keepsTheAccessList() throws {
        try folder.write("config.json", "old", permissions: 0o600)
        let old = try Files.open(path, .readWrite)
        try Files.setExtendedAttribute("system.posix_acl_access", of: old.borrowed, to: list(mask: 4))
        // The group's bits are the mask now: as the mode alone, they would let the group read.
        #expect(try Files.status(path).permissions == 0o640)
        try AtomicFile.open(path, limit: 16).replace(with: Array("new".utf8))
        #expect(try folder.text("config.json") == "new")
        #expect(try accessList("config.json") == list(mask: 4))
        #expect(try Files.status(path).permissions == 0o640)
    }

    @Test func takesNoAccessListFromTheFolder() throws {
        try folder.write("config.json", "old", permissions: 0o640)
        let directory = try Files.open(folder.path, .directory)
        try Files.setExtendedAttribute("system.posix_acl_default", of: directory.borrowed, to: list(mask: 7))
        try folder.write("other", "")
        #expect(try accessList("other") != nil, "the test is about a folder that gives its files a list")
        try AtomicFile.open(path, limit: 16).replace(with: Array("new".utf8))
        #expect(try accessList("config.json") == nil)
        #expect(try Files.status(path).permissions == 0o640)
    }

    @Test func aNameMayBeAsLongAsANameCanBe() throws {
        let name = String(repeating: "n", count: 255)
        try folder.write(name, "old")
        try AtomicFile.open(folder.file(name), limit: 16).replace(with: Array("new".utf8))
        #expect(try folder.text(name) == "new")
        #expect(try folder.names() == [name])
    }

    @Test func aLeftoverIsNotInTheWay() throws {
        let leftover = ".raind-profile.\(Processes.processID).0"
        try folder.write("config.json", "old")
        try Files.makeSymlink(folder.file(leftover), to: "/nowhere")
        try AtomicFile.open(path, limit: 16).replace(with: Array("new".utf8))
        #expect(try folder.text("config.json") == "new")
        #expect(try folder.names() == [leftover, "config.json"])
    }
}
