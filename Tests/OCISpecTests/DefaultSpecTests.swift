import LosslessJSON
import Testing

@testable import OCISpec

/// The config.json that `spec` writes, compared with the files that another runtime's `spec` wrote.
struct DefaultSpecTests {
    func text(_ name: String) throws -> String {
        String(decoding: try Fixtures.bytes("valid/\(name).json"), as: UTF8.self)
            .replacing("\"ociVersion\": \"1.0.2-dev\"", with: "\"ociVersion\": \"1.0.2\"")
            .replacing("\"hostname\": \"runc\"", with: "\"hostname\": \"raind\"")
    }

    @Test func root() throws {
        #expect(String(decoding: DefaultSpec(.root).bytes, as: UTF8.self) == (try text("runc-spec")))
    }

    @Test func rootless() throws {
        let bytes = DefaultSpec(.rootless(uid: 0, gid: 0)).bytes
        #expect(String(decoding: bytes, as: UTF8.self) == (try text("runc-spec-rootless")))
    }

    @Test func rootlessUser() throws {
        let spec = try Spec(JSON(parsing: DefaultSpec(.rootless(uid: 1000, gid: 1001)).bytes))
        #expect(spec.linux?.uidMappings == [IDMapping(containerID: 0, hostID: 1000, size: 1)])
        #expect(spec.linux?.gidMappings == [IDMapping(containerID: 0, hostID: 1001, size: 1)])
    }

    @Test func cgroupNamespace() throws {
        for kind in [DefaultSpec.Kind.root, .rootless(uid: 1, gid: 1)] {
            let with = try Spec(JSON(parsing: DefaultSpec(kind, hasCgroupNamespace: true).bytes))
            let without = try Spec(JSON(parsing: DefaultSpec(kind).bytes))
            #expect(with.linux?.namespaces?.contains(Namespace(type: .cgroup)) == true)
            #expect(without.linux?.namespaces?.contains(Namespace(type: .cgroup)) == false)
        }
    }
}
