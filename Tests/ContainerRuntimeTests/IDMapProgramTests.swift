import LinuxSys
import Testing

@testable import ContainerRuntime

/// What is told of a newuidmap or newgidmap that refuses.
struct IDMapProgramTests {
    static func quote(_ said: String, _ status: LinuxSys.ExitStatus = .exited(1)) -> String {
        IDMapProgram.quote(Array(said.utf8), status)
    }

    @Test func theStatusAndTheLines() {
        #expect(Self.quote("") == " (status 1)")
        #expect(Self.quote("newuidmap: uid range\nusage\n") == " (status 1): newuidmap: uid range: usage")
        #expect(Self.quote("", .signaled(9, coreDumped: false)) == " (status 137)")
    }

    @Test func noWordsThatCallersReadAsAVerdict() {
        #expect(
            Self.quote("newuidmap: write to uid_map failed: Operation not permitted\n")
                == " (status 1): newuidmap: write to uid_map failed: EPERM")
        #expect(Self.quote("a: Permission denied, b: No such file or directory") == " (status 1): a: EACCES, b: ENOENT")
    }

    @Test func notMoreThanALine() {
        #expect(Self.quote(String(repeating: "x", count: 100_000)).utf8.count < 600)
    }

    /// The programs are looked for where the system has them, whatever PATH says.
    @Test func foldersAreAbsolute() {
        #expect(!IDMapProgram.folders.isEmpty && IDMapProgram.folders.allSatisfy { $0.hasPrefix("/") })
    }
}
