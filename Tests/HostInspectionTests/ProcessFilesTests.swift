import LinuxSys
import Testing

@testable import HostInspection

/// What the kernel writes of processes of containers: captured on Linux 6.18, cut to what is read.
private enum Captured {
    static let status = """
        Name:\tsleep
        Umask:\t0022
        State:\tS (sleeping)
        Pid:\t23252
        TracerPid:\t0
        Uid:\t1000\t100001\t1000\t1000
        Gid:\t0\t0\t0\t0
        Groups:\t 
        NSpid:\t23252\t1
        CapInh:\t0000000000000400
        CapPrm:\t00000000a00405fb
        CapEff:\t00000000a00405f0
        CapBnd:\t000001ffffffffff
        CapAmb:\t0000000000000001
        NoNewPrivs:\t1
        Seccomp:\t2
        Seccomp_filters:\t3
        Speculation_Store_Bypass:\tvulnerable

        """

    static let mountinfo = #"""
        67 44 254:0 /b/rootfs / ro,relatime - ext4 /dev/vda rw,discard,resv_strict
        69 67 0:41 / /proc rw,relatime shared:5 master:1 - proc proc rw
        70 67 0:42 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
        74 67 0:45 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs rw
        75 74 0:46 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755
        85 69 0:41 /bus /proc/bus ro,relatime - proc proc rw
        88 69 0:41 /sys /proc/sys ro,relatime - proc proc rw
        89 69 0:47 / /proc/acpi ro,nosuid,nodev,noexec,relatime - tmpfs tmpfs ro,size=4k,nr_inodes=1
        90 69 0:6 /null /proc/keys ro,nosuid,noexec,relatime - devtmpfs devtmpfs rw,size=12334492k,mode=755
        91 69 0:42 /null /proc/kcore rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
        92 74 0:47 / /sys/firmware ro,nosuid,nodev,noexec,relatime - tmpfs tmpfs ro,size=4k,nr_inodes=1
        93 67 0:50 / /with\040blank\134 rw - tmpfs tmpfs rw
        94 69 0:51 / /proc/scsi rw - tmpfs tmpfs rw
        95 88 0:41 /sys/net /proc/sys/net rw,relatime - proc proc rw
        96 67 254:0 /b/rootfs/data /data rw,relatime - ext4 /dev/vda rw
        """#
}

@Suite struct ProcessFilesTests {
    @Test func theStatus() throws {
        let status = try #require(ProcessStatus(parsing: Captured.status.utf8))
        #expect(status.state == "S")
        #expect(status.uid == 100001)
        #expect((status.inheritable, status.permitted) == (0x400, 0xA004_05FB))
        #expect((status.effective, status.bounding, status.ambient) == (0xA004_05F0, 0x1FF_FFFF_FFFF, 1))
        #expect(status.noNewPrivileges)
        #expect(status.seccompMode == 2 && status.seccompFilterCount == 3)
        let older = Captured.status.replacing("Seccomp_filters:\t3\n", with: "").replacing(
            "Privs:\t1", with: "Privs:\t0")
        let told = try #require(ProcessStatus(parsing: older.utf8))
        #expect(told.seccompFilterCount == nil && !told.noNewPrivileges)
    }

    @Test(arguments: ["State", "Uid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"])
    func aStatusThatLacksSomethingIsNone(name: String) {
        let lines = Captured.status.split(separator: "\n").filter { !$0.hasPrefix(name + ":") }
        #expect(lines.count == Captured.status.split(separator: "\n").count - 1)
        #expect(ProcessStatus(parsing: lines.joined(separator: "\n").utf8) == nil)
        let garbled = Captured.status.replacing("\(name):\t", with: "\(name):\t?")
        #expect(name == "State" || name == "Uid" || ProcessStatus(parsing: garbled.utf8) == nil)
    }

    @Test func theMounts() throws {
        let mounts = ProcessMounts(parsing: Captured.mountinfo.utf8)
        #expect(mounts.mounts.count == 15)
        let proc = mounts.mounts[1]
        #expect((proc.id, proc.parent, proc.root, proc.point, proc.type) == (69, 67, "/", "/proc", "proc"))
        #expect(proc.options == ["rw", "relatime"] && proc.superOptions == ["rw"] && !proc.isReadOnly)
        #expect(mounts.mounts[11].point == #"/with blank\"#)
        #expect(mounts.mounts(along: "/proc/sys/net/ipv4").map(\.id) == [67, 69, 88, 95])
        #expect(mounts.mounts(along: "/procs/x").map(\.id) == [67])
        #expect(ProcessMounts(parsing: "1 2 3\n\nx y z / / rw - a b c\n1 2 0:1 / / rw - a\n".utf8).mounts.isEmpty)
    }

    @Test(
        arguments: [
            ("/proc/acpi", .masked), ("/proc/keys", .masked), ("/proc/kcore", .masked), ("/sys/firmware", .masked),
            ("/proc/acpi/", .masked), ("//proc//keys", .masked),
            // Something is mounted there that can be written to.
            ("/proc/scsi", .open),
            ("/proc/bus", .readOnly), ("/proc/sys", .readOnly), ("/proc/sys/kernel", .readOnly),
            ("/sys/kernel", .readOnly),
            ("/etc", .readOnly), ("/sys/fs/cgroup", .masked),
            ("/proc", .open), ("/proc/irq", .open), ("/proc/sys/net", .open), ("/dev/null", .open), ("/data", .open),
        ] as [(String, ProcessMounts.Confinement)])
    func howPathsAreConfined(path: String, expected: ProcessMounts.Confinement) {
        #expect(ProcessMounts(parsing: Captured.mountinfo.utf8).confinement(of: path) == expected)
    }

    @Test func aMountOnAMountCounts() {
        // The read-only one is the one below: what is on top can be written to.
        let text = Captured.mountinfo + "\n100 88 0:41 /sys /proc/sys rw,relatime - proc proc rw\n"
        let mounts = ProcessMounts(parsing: text.utf8)
        #expect(mounts.confinement(of: "/proc/sys") == .open)
        // And a mount over the whole of /proc hides what was below it.
        let hidden = Captured.mountinfo + "\n101 69 0:60 / /proc rw - proc proc rw\n"
        #expect(ProcessMounts(parsing: hidden.utf8).confinement(of: "/proc/keys") == .open)
        #expect(ProcessMounts(parsing: "".utf8).confinement(of: "/") == .open)
    }

    @Test func mapsOfIDs() throws {
        let host = try #require(IDMap(parsing: "         0          0 4294967295\n".utf8))
        #expect(host.isIdentity && host.inside(7) == 7)
        let map = try #require(
            IDMap(parsing: "         0     100000      65536\n     70000       1000          1\n".utf8))
        #expect(
            map.ranges == [
                IDMap.Range(inside: 0, outside: 100_000, count: 65536),
                IDMap.Range(inside: 70000, outside: 1000, count: 1),
            ])
        #expect(!map.isIdentity)
        #expect(map.inside(100_000) == 0 && map.inside(165_535) == 65535 && map.inside(1000) == 70000)
        #expect(map.inside(165_536) == nil && map.inside(0) == nil)
        #expect(IDMap(parsing: "".utf8)?.ranges == [])
        for wrong in ["0 0", "0 0 x", "0 0 4294967296", "0 0 1 1"] { #expect(IDMap(parsing: wrong.utf8) == nil) }
    }

    @Test func labels() {
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        let confined = ProcessLabels(appArmor: bytes("raind-default (enforce)\n"), current: nil, hasAppArmor: true)
        #expect(confined.appArmorProfile == "raind-default" && confined.appArmorMode == "enforce")
        // Before Linux 5.8 there is the one file alone.
        let older = ProcessLabels(appArmor: nil, current: bytes("raind-default-audit (complain)\n"), hasAppArmor: true)
        #expect(older.appArmorProfile == "raind-default-audit" && older.appArmorMode == "complain")
        #expect(older.selinuxLabel == nil)
        let free = ProcessLabels(appArmor: bytes("unconfined\n"), current: bytes("unconfined\n"), hasAppArmor: true)
        #expect(free.appArmorProfile == nil && free.appArmorMode == nil)
        let selinux = ProcessLabels(
            appArmor: nil, current: bytes("system_u:system_r:container_t:s0:c1,c2\0"), hasAppArmor: false)
        #expect(selinux.selinuxLabel == "system_u:system_r:container_t:s0:c1,c2" && selinux.appArmorProfile == nil)
        #expect(
            ProcessLabels(appArmor: nil, current: nil, hasAppArmor: false)
                == ProcessLabels(appArmor: nil, current: [], hasAppArmor: false))
    }

    @Test func oneself() throws {
        let own = try InspectedProcess(pid: Processes.processID)
        #expect(try own.status.uid == Files.status("/proc/\(Processes.processID)").uid)
        #expect(try own.hasPath("/proc/self/status") && own.hasPath("/"))
        #expect(try !own.hasPath("/no such path") && !own.hasPath("/proc/self/status/below"))
        #expect(own.mounts.mounts(along: "/proc").last?.type == "proc")
        #expect(throws: SyscallError.self) { _ = try InspectedProcess(pid: 1 << 22) }
    }
}

@Suite struct RuntimeProgramTests {
    @Test func asksForTheState() throws {
        let folder = try TemporaryFolder()
        let runtime = try folder.write(
            "runtime", "#!/bin/sh\necho \"$*\"\necho said >&2\n[ \"$1\" = --root ]\n", permissions: 0o700)
        let told = try RuntimeProgram(path: runtime, root: "/r").state(of: "mine")
        #expect(String(decoding: told.output, as: UTF8.self) == "--root /r state mine\n")
        #expect(told.error == "said\n" && told.status == .exited(0))
        let failed = try RuntimeProgram(path: runtime).state(of: "mine")
        #expect(String(decoding: failed.output, as: UTF8.self) == "state mine\n" && failed.status == .exited(1))
        #expect(throws: SyscallError.self) { try RuntimeProgram(path: "/nosuch").state(of: "mine") }
    }

    @Test func knowsWhoseAContainerIs() throws {
        let folder = try TemporaryFolder()
        let files = ["a/status", "b/state.json", "c/state.json", "c/config.json", "d/other"]
        for id in ["a", "b", "c", "d", "e"] { try Files.makeDirectory(folder.file(id), mode: 0o700) }
        for file in files { try folder.write(file, "{}") }
        defer {
            // Best effort: the folder removes what is left, as far as it can.
            for file in files { try? Files.unlink(folder.file(file)) }
        }
        func kind(_ id: String) -> RuntimeProgram.Kind? { RuntimeProgram.Kind(root: folder.path, id: id) }
        #expect(kind("a") == .crun && kind("b") == .runc && kind("c") == .raindOCI)
        #expect(kind("d") == nil && kind("e") == nil && kind("f") == nil)
        #expect(RuntimeProgram.ids(below: folder.path) == ["a", "b", "c"])
        #expect(RuntimeProgram.ids(below: folder.path + "/nosuch").isEmpty)
        #expect(RuntimeProgram.find("sh")?.hasSuffix("/sh") == true && RuntimeProgram.find("raind-test-nosuch") == nil)
    }
}
