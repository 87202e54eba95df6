import LinuxSys
import Testing

@testable import ContainerRuntime

/// The labels of a program, written to a prepared tree like procfs: what a kernel without AppArmor and SELinux does not
/// have. That a kernel takes them is not seen here.
struct PreparedLabelTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        for folder in ["thread-self", "thread-self/attr", "thread-self/attr/apparmor"] {
            _ = try directory.makeFolder(folder)
        }
        for file in ["thread-self/attr/exec", "thread-self/attr/apparmor/exec"] { try directory.write(file, []) }
    }

    /// The tree in the place of procfs.
    func openTree() throws -> OwnedFD { try Files.open(directory.path, [.path, .directory]) }

    /// Fields: /process/apparmorProfile
    @Test func appArmorProfileOfAPreparedTree() throws {
        let procfs = try openTree()
        try Procfs.setAppArmorProfile(procfs.borrowed, "raind-default")
        #expect(try directory.read("thread-self/attr/apparmor/exec") == "exec raind-default")
        #expect(try directory.read("thread-self/attr/exec").isEmpty)
    }

    /// Fields: /process/selinuxLabel
    @Test func seLinuxLabelOfAPreparedTree() throws {
        let procfs = try openTree()
        try Procfs.setSELinuxLabel(procfs.borrowed, "system_u:system_r:container_t:s0:c1,c2")
        #expect(try directory.read("thread-self/attr/exec") == "system_u:system_r:container_t:s0:c1,c2")
        #expect(try directory.read("thread-self/attr/apparmor/exec").isEmpty)
    }

    /// A link in place of the file, as a mount over /proc could put it there, is not followed out of the tree.
    @Test func linksOutOfThePreparedTreeAreRefused() throws {
        let outside = try TemporaryDirectory()
        try outside.write("exec", [])
        try Files.unlink(directory.path + "/thread-self/attr/exec")
        try Files.makeSymlink(directory.path + "/thread-self/attr/exec", to: outside.path + "/exec")
        let procfs = try openTree()
        do throws(SyscallError) {
            try Procfs.setSELinuxLabel(procfs.borrowed, "label")
            Issue.record("the link was followed")
        } catch {
            #expect(error.errno == .EXDEV)
        }
        #expect(try outside.read("exec").isEmpty)
    }
}
