import LinuxSys
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// How a label comes to a file system, as far as a kernel without SELinux shows it.
struct MountLabelTests {
    static let label = "system_u:object_r:container_file_t:s0:c1,c2"

    /// Fields: /linux/mountLabel
    @Test func mountTakesLabelsInQuotes() {
        for kind in MountLabel.Kind.allCases {
            let parameter = MountLabel(Self.label, kind: kind).parameter
            #expect(
                Rootfs.mountData(["ro", "size=1k", parameter, "mode=755"])
                    == "ro,size=1k,\(kind.rawValue)=\"\(Self.label)\",mode=755")
        }
        #expect(Rootfs.mountData(["contexts=1", "lowerdir=/a"]) == "contexts=1,lowerdir=/a")
        #expect(Rootfs.mountData([]).isEmpty)
    }

    /// A file's own label, on a prepared folder.
    @Test(.enabled(if: Credentials.userIDs().effective == 0)) func filesHaveTheirLabelWithItsEnd() throws {
        let folder = try TemporaryDirectory()
        let descriptor = try Files.open(folder.path, [.readOnly, .directory])
        try Rootfs.setFileLabel(Self.label, of: descriptor.borrowed)
        #expect(
            try Files.extendedAttribute("security.selinux", of: descriptor.borrowed)
                == Array(Self.label.utf8) + [0])
    }
}

/// The table of mounts, on prepared text.
struct MountTableTests {
    @Test func readsLinesOfTheKernel() {
        let text = """
            36 35 98:0 /mnt1 /mnt2\\040with\\134both rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue
            37 36 0:5 / /mnt2/b rw - fuse.sshfs host:/x rw
            no line of it

            x 36 0:5 / /c rw - tmpfs tmpfs rw
            """
        let mounts = MountTable(parsing: Array(text.utf8)).mounts
        #expect(mounts.map(\.id) == [36, 37])
        #expect(mounts.map(\.point) == ["/mnt2 with\\both", "/mnt2/b"])
        #expect(mounts.map(\.type) == ["ext3", "fuse.sshfs"])
    }

    @Test func findsTheMountOfAFile() throws {
        let status = try Files.status("/proc/self/status")
        #expect(try MountTable.read().mounts.first { $0.id == status.mountID }?.type == "proc")
    }
}
