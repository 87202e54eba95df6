import LosslessJSON
import Testing

@testable import OCISpec

/// Whole files: those that are right are read, and those that are wrong give exactly the problems beside them.
struct SpecFixtureTests {
    @Test func thereAreFixtures() throws {
        #expect(try Fixtures.names(in: "valid").count >= 9)
        #expect(try Fixtures.names(in: "invalid").count >= 19)
    }

    @Test func validFilesAreRead() throws {
        for name in try Fixtures.names(in: "valid") {
            let json = try Fixtures.json("valid/\(name).json")
            #expect(throws: Never.self, "\(name)") { try Spec(json) }
        }
    }

    @Test func invalidFilesGiveTheirProblems() throws {
        for name in try Fixtures.names(in: "invalid") {
            let json = try Fixtures.json("invalid/\(name).json")
            let text = String(decoding: try Fixtures.bytes("invalid/\(name).problems"), as: UTF8.self)
            let expected = text.split(separator: "\n").map(String.init)
            #expect(!expected.isEmpty)
            let error = #expect(throws: SpecProblems.self, "\(name)") { try Spec(json) }
            #expect(error?.problems.map(\.description) == expected, "\(name)")
        }
    }

    @Test func problemsKnowTheirPlace() throws {
        let error = #expect(throws: SpecProblems.self) {
            try Spec(json("{\n  \"ociVersion\": 1,\n  \"root\": {}\n}"))
        }
        #expect(
            error?.problems == [
                Problem(
                    pointer: "/ociVersion", message: "expected a string, found a number",
                    location: .init(line: 2, column: 17)),
                Problem(
                    pointer: "/root/path", message: "missing, expected a string",
                    location: .init(line: 3, column: 11)),
            ])
    }

    @Test func podmanFile() throws {
        let spec = try Spec(Fixtures.json("valid/podman-userns.json"))
        #expect(spec.process?.user == User(uid: 1000, gid: 1000, umask: 0o022, additionalGids: [1000, 5]))
        #expect(spec.linux?.rootfsPropagation == .recursiveSlave)
        #expect(spec.linux?.devices?.first?.fileMode == 0o020600)
        #expect(spec.linux?.seccomp?.syscalls?.count == 22)
        #expect(spec.mounts?.count == 16)
    }

    @Test func nullsAreAbsent() throws {
        let spec = try Spec(Fixtures.json("valid/nulls.json"))
        #expect(spec.root == nil && spec.mounts == nil && spec.process?.args == nil && spec.process?.user == nil)
        #expect(spec.process?.capabilities == Capabilities())
        #expect(spec.annotations == [MapEntry(key: "kept", value: "1")])
        #expect(spec.linux?.resources?.memory == Resources.Memory())
        #expect(spec.linux?.timeOffsets == [])
        #expect(spec.linux?.seccomp == nil && spec.linux?.rootfsPropagation == nil)
    }
}
