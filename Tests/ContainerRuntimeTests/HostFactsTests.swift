import LinuxSys
import OCISpec
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// What is found out about this machine, as far as any machine shows it.
struct HostFactsTests {
    @Test func factsAreTheKernels() throws {
        let facts = try HostFacts.gather()
        #expect(facts.effectiveUserID == Credentials.userIDs().effective)
        #expect((37...63).contains(facts.lastCapability))
        // No capability beyond the last is in anybody's bounding set.
        #expect(facts.boundingCapabilities >> (UInt64(facts.lastCapability) + 1) == 0)
        #expect(try HostFacts.gather() == facts)
    }

    /// What is found in the hierarchies is there, and each controller once.
    @Test func hierarchiesAreThoseThatAreMounted() throws {
        let layout = try CgroupLayout.read()
        let own = String(decoding: try Files.readFile("/proc/self/cgroup", limit: 1 << 16), as: UTF8.self)
        for hierarchy in layout.hierarchies {
            let folder = try Files.open(hierarchy.mountPoint, [.path, .directory])
            let type = try Files.fileSystem(of: folder.borrowed).type
            #expect(type == (hierarchy.isUnified ? FileSystemStatus.cgroup2 : FileSystemStatus.cgroup))
            #expect(own.contains(":\(hierarchy.ownPath)\n"))
            #expect(hierarchy.ownPath.hasPrefix("/"))
            if !hierarchy.isUnified { #expect(own.contains(":\(hierarchy.controllers.joined(separator: ",")):")) }
        }
        let controllers = layout.controllers
        #expect(Set(controllers).count == controllers.count)
        #expect(layout.hierarchies.count { $0.isUnified } <= 1)
        for controller in controllers {
            let place = try #require(layout.index(of: controller))
            #expect(layout.hierarchies[place].controllers.contains(controller))
        }
    }
}
