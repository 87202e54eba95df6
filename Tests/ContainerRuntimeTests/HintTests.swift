import Foundation
import LinuxSys
import OCISpec
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// Every row of the table of hints is reached.
struct HintTests {
    static let mount = MountAction(
        index: 0, destination: ContainerPath("/a"),
        source: .filesystem(type: "foofs", source: "foofs", parameters: [], superblock: []), options: MountOptions([]))
    static let bind = MountAction(
        index: 1, destination: ContainerPath("/b"), source: .bind(HostPath("/srv/b"), recursive: true),
        options: MountOptions(["rbind"]))
    static let overProc = MountAction(
        index: 2, destination: ContainerPath("/proc/./sys"), source: .bind(HostPath("/srv/b"), recursive: true),
        options: MountOptions(["bind"]))
    static let mapped = {
        var action = bind
        action.idMap = MountIDMap(.existing(HostPath("/run/ns")), isRecursive: false)
        return action
    }()
    static let clearing = MountAction(
        index: 3, destination: ContainerPath("/c"), source: .remount(parameters: []), options: MountOptions(["dev"]))
    static let labelled = {
        var action = mount
        action.label = MountLabel("system_u:object_r:container_file_t:s0")
        return action
    }()
    static let device = DeviceNode(
        index: 0, path: ContainerPath("/dev/x"), type: .character, major: 1, minor: 3, mode: 0o666, userID: 0,
        groupID: 0)
    static let move = NetDeviceMove(hostName: "eth0", name: "net1")
    static let ioPriority = IOPrioritySettings(ioClass: .realtime, priority: 0)
    static let scheduler = SchedulerSettings(policy: .fifo, priority: 1)
    static let memoryPolicy = MemoryPolicySettings(mode: .bind, nodes: [7])
    static let creation = ProcessCreation(route: .direct, new: [.mount], joined: [], userMap: [], groupMap: [])

    static let groups = UserIdentity(userID: 1, groupID: 1, additionalGroupIDs: [5], keepsOriginalGroups: false)
    static let rdt = ValidIntelRdt()
    static let unit = TransientUnit(
        name: "raind-a.scope", slice: "system.slice", instance: .system, description: "", properties: [],
        isLegacy: false)

    static func write(_ file: String) -> CgroupWrite {
        CgroupWrite(hierarchy: 0, file: file, value: "1", pointer: "/linux/resources")
    }

    static let partition: CgroupWrite = {
        var partition = write("cpuset.cpus.partition")
        partition.isOfPartition = true
        return partition
    }()

    /// A step, an errno, and a part of what is said about it.
    static let rows: [(step: Step, errno: Errno, part: String)] = [
        (.attachRoot(HostPath("/r")), .ENOENT, "root file system is missing"),
        (.mount(bind), .ENOENT, "is the mount source /srv/b there?"),
        (.mount(mount), .ENODEV, "have the file system"), (.mount(mount), .EPERM, "in a user namespace"),
        (.mount(overProc), .EPERM, "lxcfs"), (.makeDevice(device), .EEXIST, "another file"),
        (.mapMountIDs(mapped), .EINVAL, "not every file system"), (.mount(mapped), .EINVAL, "not every file system"),
        (.makeDevice(device), .ENOENT, "the host's own node"), (.prepareDevices([device]), .EPERM, "CAP_MKNOD"),
        (.mapMountIDs(mapped), .EPERM, "CAP_SYS_ADMIN"), (.mapMountIDs(mapped), .ENOENT, "/srv/b"),
        (.mount(clearing), .EPERM, "has locked"),
        (.mount(labelled), .EINVAL, "does the policy know the label"), (.mount(mount), .ELOOP, "a link on the way"),
        (.mount(bind), .EINVAL, "source and destination"), (.mount(bind), .ENOTDIR, "is not a directory"),
        (.makeCgroups(.v1), .EBUSY, "takes no container"),
        (.connectSystemd(.system), .ENOENT, "with a message bus? --cgroup-manager cgroupfs"),
        (.connectSystemd(.user), .ECONNREFUSED, "enable-linger"),
        (.connectSystemd(.user), .EACCES, "let this caller in"), (.connectSystemd(.system), .ESRCH, "pid namespace"),
        (.startScope(unit), .EEXIST, "systemctl stop"), (.startScope(unit), .EACCES, "polkit"),
        (.startScope(unit), .EROFS, "this version"), (.startScope(unit), .ETIMEDOUT, "list-jobs"),
        (.startScope(unit), .EIO, "journalctl"), (.startScope(unit), .EINTR, "journalctl"),
        (.makeCgroups(.v2), .EACCES, "--cgroup-manager disabled"),
        (.makeCgroups(.v2), .EPERM, "--cgroup-manager disabled"),
        (.makeCgroups(.v1), .EROFS, "--cgroup-manager disabled"), (.setResourceLimits([]), .EPERM, "CAP_SYS_RESOURCE"),
        (.moveNetDevice(move), .ENODEV, "no such device"), (.moveNetDevice(move), .EPERM, "CAP_NET_ADMIN"),
        (.moveNetDevice(move), .EINVAL, "cannot leave"), (.moveNetDevice(move), .EEXIST, "of that name"),
        (.cloneProcess(creation), .EPERM, "CAP_SYS_ADMIN"), (.cloneProcess(creation), .ENOSPC, "/proc/sys/user"),
        (.mapMountIDs(mapped), .ENOSPC, "/proc/sys/user"),
        (.writeIDMaps([], []), .EPERM, "/etc/subuid"), (.writeIDMaps([], []), .ENOENT, "install uidmap"),
        (.setAppArmorProfile("p"), .ENOENT, "apparmor_parser -r FILE"),
        (.setAppArmorProfile("raind-default"), .ENOENT, "raind-profile apparmor load raind-default,"),
        (.setAppArmorProfile("raind-default-audit"), .ENOENT, "raind-profile apparmor load raind-default --audit"),
        (.setAppArmorProfile("p"), .EACCES, "change_profile -> p,"),
        (.connectConsole, .ECONNREFUSED, "--console-socket"), (.pivotRoot(usesPivot: true), .EINVAL, "--no-pivot"),
        (.enterContainer, .EAGAIN, "pids limit"), (.enterPIDNamespace, .EAGAIN, "RLIMIT_NPROC"),
        (.cloneProcess(creation), .ENOTSUP, "threaded"),
        (.enterCgroups, .ENOTSUP, "threaded"),
        (.enterCgroups, .EACCES, "of its own id"), (.setUser(groups), .EPERM, "/etc/subgid"),
        (.setUser(groups), .EINVAL, "/linux/gidMappings"),
        (.enterCgroups, .EBUSY, "passes controllers on"), (.enterResctrl(rdt), .ENOSPC, "no more classes"),
        (.enterResctrl(rdt), .EEXIST, "somebody else's"), (.enterResctrl(rdt), .ENOENT, "a class that is there"),
        (.setCgroup(write("memory.limit_in_bytes")), .EBUSY, "is in use"),
        (.setCgroup(write("memory.max")), .EBUSY, "with processes of its own"),
        (.setCgroup(write("memory.memsw.limit_in_bytes")), .ENOENT, "swapaccount=1"),
        (.setCgroup(write("cpu.idle")), .ENOENT, "no such limit"), (.setCgroup(partition), .EINVAL, "partition too"),
        (.setCgroup(write("io.max")), .ENODEV, "have the device"),
        (.setSELinuxLabel("a:b:c"), .EINVAL, "does not know the label"),
        (.setSELinuxLabel("a:b:c"), .EACCES, "audit log"),
        (.joinKeyring(name: "k"), .EACCES, "audit log"),
        (.setCgroup(write("io.bfq.weight")), .ENOTSUP, "scheduler is BFQ"),
        (.setCgroup(write("cpuset.cpus")), .ERANGE, "have as many"),
        (.setCgroup(write("memory.max")), .EACCES, "Delegate="), (.setCgroup(write("memory.max")), .EPERM, "Delegate="),
        (.setCgroup(write("memory.max")), .ENOTSUP, "no such limit"), (.makeCgroups(.v2), .ENOTSUP, "threaded"),
        (.makeTimeNamespace([]), .EINVAL, "no time namespaces"), (.makeTimeNamespace([]), .ERANGE, "before 0"),
        (.makeTimeNamespace([]), .EPERM, "CAP_SYS_TIME"), (.makeTimeNamespace([]), .EACCES, "CAP_SYS_TIME"),
        (.setIOPriority(ioPriority), .EPERM, "IOPRIO_CLASS_RT"), (.setScheduler(scheduler), .EPERM, "CAP_SYS_NICE"),
        (.setScheduler(scheduler), .EBUSY, "bandwidth"), (.setScheduler(scheduler), .ENOTSUP, "clamps"),
        (.setMemoryPolicy(memoryPolicy), .EINVAL, "in the cpuset"),
        (.setMemoryPolicy(memoryPolicy), .ENOSYS, "no memory nodes"),
        (.loadSeccompEarly, .EINVAL, "a flag of the filter"), (.loadSeccompLate, .EINVAL, "a flag of the filter"),
        (.loadSeccompWithListener, .EINVAL, "a flag of the filter"), (.loadSeccompEarly, .EBUSY, "one only"),
        (.loadSeccompWithListener, .EBUSY, "one only"), (.passListener(path: "/a"), .ENOENT, "has to listen there"),
        (.passListener(path: "/a"), .ECONNREFUSED, "has to listen there"),
        (.passListener(path: "/a"), .EPROTOTYPE, "SOCK_STREAM"),
    ]

    @Test func everyRowIsReached() throws {
        for row in Self.rows {
            let hint = Hints.hint(row.step, row.errno)
            #expect(hint?.contains(row.part) == true, "\(row.step.summary): \(row.errno)")
            // A hint ends a line that other texts begin.
            #expect(hint?.utf8.allSatisfy { $0 >= 0x20 } == true && hint?.last != ".")
        }
        // The table's own rows, counted in its source: one that came without a case here would be missed.
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/ContainerRuntime/Hints.swift")
        let text = try String(contentsOf: source, encoding: .utf8)
        var count = 0
        for line in text.split(separator: "\n") where line.contains("case (") {
            count += line.components(separatedBy: "(.").count - 1
        }
        #expect(count == Self.rows.count)
    }

    @Test func othersHaveNone() {
        #expect(Hints.hint(.mount(Self.mount), .ENOENT) == nil)
        #expect(Hints.hint(.claimID, .EPERM) == nil)
        // That more is in use is what the error itself says.
        var checked = Self.write("memory.max")
        checked.usageFile = "memory.current"
        #expect(Hints.hint(.setCgroup(checked), .EBUSY) == nil)
        #expect(Hints.hint(.attachRoot(HostPath("/r")), .EIO) == nil)
    }
}
