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
        try directory.write("thread-self/attr/apparmor/current", Array("unconfined\n".utf8))
    }

    /// The tree in the place of procfs.
    func openTree() throws -> OwnedFD { try Files.open(directory.path, [.path, .directory]) }

    /// Stacked only where the kernel would refuse a plain change: under no_new_privs, and not from an unconfined runtime.
    /// Fields: /process/apparmorProfile
    @Test(arguments: [
        ("unconfined\n", false, "exec"), ("unconfined\n", true, "exec"), ("crun (unconfined)\n", true, "exec"),
        ("runtime (enforce)\n", false, "exec"), ("runtime (enforce)\n", true, "stack"),
        ("runtime (complain)\n", true, "stack"), ("a//&:ns:b (mixed)\n", true, "stack"),
        ("runtime (enforce)", true, "stack"),
    ])
    func appArmorProfileOfAPreparedTree(_ current: String, noNewPrivileges: Bool, verb: String) throws {
        try directory.write("thread-self/attr/apparmor/current", Array(current.utf8))
        let procfs = try openTree()
        try Procfs.setAppArmorProfile(procfs.borrowed, "raind-default", noNewPrivileges: noNewPrivileges)
        #expect(try directory.read("thread-self/attr/apparmor/exec") == "\(verb) raind-default")
        #expect(try directory.read("thread-self/attr/exec").isEmpty)
    }

    /// Before Linux 5.8 AppArmor has no folder of its own.
    @Test func appArmorProfileWithoutItsFolder() throws {
        for file in ["current", "exec"] { try Files.unlink(directory.path + "/thread-self/attr/apparmor/\(file)") }
        try Files.removeDirectory(directory.path + "/thread-self/attr/apparmor")
        try directory.write("thread-self/attr/current", Array("runtime (enforce)\n".utf8))
        let procfs = try openTree()
        try Procfs.setAppArmorProfile(procfs.borrowed, "raind-default", noNewPrivileges: true)
        #expect(try directory.read("thread-self/attr/exec") == "stack raind-default")
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
