import CRIUProtocol
import LinuxSys
import RuntimePlan
import Testing

@testable import ContainerRuntime

struct CheckpointTests {
    @Test func streamsThatStandInForThoseOutside() {
        let null = BorrowedFD(rawValue: 9)
        func inherited(_ names: [String]) -> [CRIUOptions.Inherited] {
            StandardStreams(names: names).inherited(null: null)
        }
        #expect(inherited(["/dev/pts/0", "/dev/pts/0", ""]).isEmpty)
        #expect(
            inherited(["pipe:[1]", "pipe:[2]", "pipe:[2]"]) == [
                .init(key: "pipe:[1]", descriptor: 0), .init(key: "pipe:[2]", descriptor: 1),
            ])
        // One file for both directions.
        #expect(inherited(["file[2a:4]", "file[2a:4]", "file[2a:4]"]) == [.init(key: "file[2a:4]", descriptor: 9)])
        #expect(
            inherited(["file[2a:4]", "file[2b:5]", "pipe:[3]"]) == [
                .init(key: "file[2a:4]", descriptor: 0), .init(key: "file[2b:5]", descriptor: 1),
                .init(key: "pipe:[3]", descriptor: 2),
            ])
    }

    @Test func configFileOfCRIU() {
        #expect(CRIUSettings.configFile([]) == "/etc/criu/runc.conf")
        #expect(CRIUSettings.configFile([("org.criu.config", "/mine")]) == "/mine")
        #expect(CRIUSettings.configFile([("org.criu.config", "")]) == nil)
    }

    /// Links are followed below the root, and what is missing stands as it does.
    @Test func pathsBelowARoot() throws {
        let folder = try TemporaryDirectory()
        try Files.makeDirectory(folder.path + "/real", mode: 0o755)
        try Files.makeSymlink(folder.path + "/link", to: "/real")
        try Files.makeSymlink(folder.path + "/up", to: "../../..")
        try Files.makeSymlink(folder.path + "/loop", to: "loop")
        let root = try Files.open(folder.path, [.path, .directory])
        func resolved(_ path: String) throws -> String {
            try ExternalMounts.resolved(ContainerPath(path), in: root.borrowed)
        }
        #expect(try resolved("/real/a") == "/real/a")
        #expect(try resolved("//link/./a/../b") == "/real/b")
        #expect(try resolved("/up/link") == "/real")
        #expect(try resolved("/missing/link/../x") == "/missing/x")
        #expect(try resolved("/") == "/")
        #expect(throws: SyscallError.self) { try resolved("/loop/a") }
    }
}
