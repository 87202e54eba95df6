import LosslessJSON
import Testing

@testable import OCISpec

/// The file that uses every property, section by section: each value arrives where it belongs.
struct SpecTests {
    let spec: Spec
    let linux: Linux
    let resources: Resources

    init() throws {
        spec = try Spec(Fixtures.json("valid/everything.json"))
        linux = try #require(spec.linux)
        resources = try #require(linux.resources)
    }

    @Test func topLevel() {
        #expect(spec.ociVersion == "1.3.0")
        #expect(spec.root == Root(path: "rootfs", readonly: true))
        #expect(spec.hostname == "box")
        #expect(spec.domainname == "box.test")
        #expect(
            spec.annotations == [
                MapEntry(key: "com.example.key", value: "value"), MapEntry(key: "com.example.empty", value: ""),
                MapEntry(key: "com.example.name", value: "über"),
            ])
        #expect(spec.annotations?[key: "com.example.key"] == "value")
        #expect(spec.annotations?[key: "com.example.none"] == nil)
    }

    /// What exec reads is what a full reading finds in the same places, and nothing else.
    @Test func whatIsSharedWithAProcessThatJoins() throws {
        let shared = try Spec(joining: Fixtures.json("valid/everything.json"))
        func text(_ value: Any?) -> String { String(describing: value) }
        #expect(text(shared.process) == text(spec.process))
        let part = try #require(shared.linux)
        #expect(text(part.namespaces) == text(linux.namespaces) && part.namespaces?.isEmpty == false)
        #expect(text(part.uidMappings) == text(linux.uidMappings) && part.uidMappings?.isEmpty == false)
        #expect(text(part.gidMappings) == text(linux.gidMappings))
        #expect(text(part.timeOffsets) == text(linux.timeOffsets) && part.timeOffsets?.isEmpty == false)
        #expect(text(part.memoryPolicy) == text(linux.memoryPolicy) && part.memoryPolicy != nil)
        #expect(text(part.seccomp) == text(linux.seccomp) && part.seccomp != nil)
        #expect(text(part.personality) == text(linux.personality) && part.personality != nil)
        #expect(shared.mounts == nil && shared.root == nil && shared.hooks == nil && part.resources == nil)
        let wrong = try JSON(
            parsing: Array(#"{"mounts": 5, "process": {"args": 7}, "linux": {"namespaces": {}}}"#.utf8))
        #expect(throws: SpecProblems.self) { try Spec(joining: wrong) }
    }

    @Test func process() throws {
        let process = try #require(spec.process)
        #expect(process.terminal == true)
        #expect(process.consoleSize == Process.ConsoleSize(height: 25, width: 80))
        #expect(process.cwd == "/app")
        #expect(process.env == ["PATH=/bin", "LANG=C"])
        #expect(process.args == ["sh", "-c", "true"])
        #expect(process.user == User(uid: 1000, gid: 1001, umask: 0o077, additionalGids: [5, 6]))
        #expect(
            process.rlimits == [
                Rlimit(type: "RLIMIT_NOFILE", soft: 1024, hard: .max), Rlimit(type: "RLIMIT_CORE", soft: 0, hard: 0),
            ])
        #expect(process.apparmorProfile == "raind-default")
        #expect(
            process.capabilities
                == Capabilities(
                    bounding: ["CAP_CHOWN", "CAP_KILL"], effective: ["CAP_CHOWN"], inheritable: ["CAP_CHOWN"],
                    permitted: ["CAP_CHOWN"], ambient: ["CAP_CHOWN"]))
        #expect(process.noNewPrivileges == true)
        #expect(process.oomScoreAdj == -500)
        #expect(process.selinuxLabel == "system_u:system_r:svirt_lxc_net_t:s0:c124,c675")
        #expect(process.ioPriority == IOPriority(ioClass: .bestEffort, priority: 4))
        #expect(process.execCPUAffinity == ExecCPUAffinity(initial: "0", final: "0-3,7"))
        var scheduler = Scheduler(policy: .deadline)
        scheduler.nice = -5
        scheduler.priority = 1
        scheduler.flags = [.resetOnFork, .reclaim]
        scheduler.runtimeNanoseconds = 1_000_000
        scheduler.deadlineNanoseconds = 2_000_000
        scheduler.periodNanoseconds = 3_000_000
        #expect(process.scheduler == scheduler)
    }

    @Test func mounts() {
        #expect(
            spec.mounts == [
                Mount(destination: "/proc", source: "proc", type: "proc"),
                Mount(
                    destination: "/data", source: "/srv/data", type: "none", options: ["rbind", "ro", "idmap"],
                    uidMappings: [IDMapping(containerID: 0, hostID: 100_000, size: 65536)],
                    gidMappings: [IDMapping(containerID: 0, hostID: 200_000, size: 10)]),
            ])
    }

    @Test func hooks() throws {
        let hooks = try #require(spec.hooks)
        for kind in HookKind.allCases {
            let name = kind.rawValue
            #expect(
                hooks[kind] == [
                    Hook(path: "/usr/bin/hook", args: ["hook", name], env: ["KIND=\(name)"], timeoutSeconds: 5)
                ])
        }
        #expect(Hooks()[.prestart] == nil)
    }

    @Test func namespaces() {
        #expect(
            linux.namespaces == [
                Namespace(type: .pid), Namespace(type: .network, path: "/run/netns/demo"), Namespace(type: .mount),
                Namespace(type: .ipc), Namespace(type: .uts), Namespace(type: .user), Namespace(type: .cgroup),
                Namespace(type: .time),
            ])
        #expect(linux.uidMappings == [IDMapping(containerID: 0, hostID: 100_000, size: 65536)])
        #expect(linux.gidMappings == [IDMapping(containerID: 0, hostID: 100_000, size: 65536)])
        #expect(
            linux.timeOffsets == [
                MapEntry(key: "monotonic", value: TimeOffset(seconds: 172_800, nanoseconds: 5)),
                MapEntry(key: "boottime", value: TimeOffset(seconds: -604_800, nanoseconds: 999_999_999)),
            ])
    }

    @Test func devices() {
        #expect(
            linux.devices == [
                Device(
                    type: .character, path: "/dev/fuse", major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 7),
                Device(type: .block, path: "/dev/sda", major: 8, minor: 0),
                Device(type: .fifo, path: "/dev/queue"),
                Device(type: .unbufferedCharacter, path: "/dev/raw", major: 1, minor: 3),
            ])
        #expect(
            linux.netDevices == [
                MapEntry(key: "eth0", value: NetDevice(name: "container_eth0")),
                MapEntry(key: "ens4", value: NetDevice()),
            ])
    }

    @Test func processesAndDevicesOfTheCgroup() {
        #expect(linux.cgroupsPath == "/demo/box")
        #expect(
            resources.unified == [
                MapEntry(key: "hugetlb.1GB.max", value: "1073741824"), MapEntry(key: "memory.high", value: "max"),
            ])
        #expect(
            resources.devices == [
                .init(allow: false, access: "rwm"), .init(allow: true, type: "c", major: 10, minor: 229, access: "rw"),
            ])
        #expect(resources.pids == .init(limit: 32771))
        #expect(
            resources.hugepageLimits == [
                .init(pageSize: "2MB", limitBytes: 1 << 63), .init(pageSize: "64KB", limitBytes: 1_000_000),
            ])
        #expect(
            resources.rdma == [
                MapEntry(key: "mlx5_1", value: .init(hcaHandles: 3, hcaObjects: 10000)),
                MapEntry(key: "rxe3", value: .init(hcaObjects: 7)),
            ])
    }

    @Test func blockIO() throws {
        let blockIO = try #require(resources.blockIO)
        #expect(blockIO.weight == 10)
        #expect(blockIO.leafWeight == 20)
        #expect(blockIO.weightDevice == [.init(major: 8, minor: 0, weight: 500, leafWeight: 300)])
        #expect(blockIO.throttleReadBpsDevice == [.init(major: 8, minor: 0, rate: 600)])
        #expect(blockIO.throttleWriteBpsDevice == [.init(major: 8, minor: 1, rate: 700)])
        #expect(blockIO.throttleReadIOPSDevice == [.init(major: 8, minor: 2, rate: 800)])
        #expect(blockIO.throttleWriteIOPSDevice == [.init(major: 8, minor: 3, rate: 900)])
    }

    @Test func cpu() throws {
        let cpu = try #require(resources.cpu)
        #expect(cpu.shares == 1024)
        #expect(cpu.quotaMicroseconds == -1)
        #expect(cpu.burstMicroseconds == 100_000)
        #expect(cpu.periodMicroseconds == 500_000)
        #expect(cpu.realtimeRuntimeMicroseconds == 950_000)
        #expect(cpu.realtimePeriodMicroseconds == 1_000_000)
        #expect(cpu.cpus == "2-3")
        #expect(cpu.mems == "0-7")
        #expect(cpu.idle == 1)
    }

    @Test func memory() throws {
        let memory = try #require(resources.memory)
        #expect(memory.limitBytes == 536_870_912)
        #expect(memory.reservationBytes == 536_870_911)
        #expect(memory.swapBytes == -1)
        #expect(memory.kernelBytes == 3)
        #expect(memory.kernelTCPBytes == 4)
        #expect(memory.swappiness == 60)
        #expect(memory.disableOOMKiller == false)
        #expect(memory.useHierarchy == true)
        #expect(memory.checkBeforeUpdate == true)
    }

    @Test func network() throws {
        let network = try #require(resources.network)
        #expect(network.classID == 1_048_577)
        #expect(network.priorities == [.init(name: "eth0", priority: 500), .init(name: "eth1", priority: 1000)])
    }

    @Test func intelRdtAndMemoryPolicy() throws {
        let intelRdt = try #require(linux.intelRdt)
        #expect(intelRdt.closID == "guaranteed")
        #expect(intelRdt.schemata == ["L3:0=7f0;1=1f", "MB:0=20;1=70"])
        #expect(intelRdt.l3CacheSchema == "L3:0=7f0;1=1f")
        #expect(intelRdt.memBwSchema == "MB:0=20;1=70")
        #expect(intelRdt.enableMonitoring == true)
        #expect(
            linux.memoryPolicy
                == MemoryPolicy(mode: .interleave, nodes: "0-1", flags: [.staticNodes, .numaBalancing]))
    }

    @Test func seccomp() {
        #expect(
            linux.seccomp
                == Seccomp(
                    defaultAction: .errno, defaultErrnoRet: 38, architectures: [.amd64, .aarch64],
                    flags: [.log, .waitKillableReceive], listenerPath: "/run/agent.sock", listenerMetadata: "meta",
                    syscalls: [
                        .init(names: ["read", "write"], action: .allow),
                        .init(
                            names: ["clone"], action: .errno, errnoRet: 1,
                            args: [
                                .init(index: 0, value: 2_114_060_288, valueTwo: 0, op: .maskedEqual),
                                .init(index: 5, value: .max, op: .notEqual),
                            ]),
                    ]))
    }

    @Test func pathsAndLabels() {
        #expect(
            linux.sysctl == [
                MapEntry(key: "net.ipv4.ip_forward", value: "1"), MapEntry(key: "net.core.somaxconn", value: "256"),
            ])
        #expect(linux.rootfsPropagation == .slave)
        #expect(linux.maskedPaths == ["/proc/kcore"])
        #expect(linux.readonlyPaths == ["/proc/sys"])
        #expect(linux.mountLabel == "system_u:object_r:svirt_sandbox_file_t:s0:c715,c811")
        #expect(linux.personality == Personality(domain: .linux32, flags: ["ADDR_NO_RANDOMIZE"]))
    }

    @Test func minimal() throws {
        let spec = try Spec(Fixtures.json("valid/minimal.json"))
        #expect(spec.ociVersion == "1.3.0")
        #expect(spec.root == nil && spec.mounts == nil && spec.process == nil && spec.hostname == nil)
        #expect(spec.domainname == nil && spec.hooks == nil && spec.annotations == nil && spec.linux == nil)
    }

    @Test func processDocument() throws {
        let process = try Process(json(#"{"cwd": "/", "args": ["id"], "user": {"uid": 7}}"#))
        #expect(process.args == ["id"])
        #expect(process.user?.uid == 7)
        let error = #expect(throws: SpecProblems.self) { try Process(json(#"{"args": [1]}"#)) }
        #expect(
            error?.problems.map(\.description) == [
                "/args/0: expected a string, found a number", "/cwd: missing, expected a string",
            ])
    }

    @Test func resourcesAndSeccompDocuments() throws {
        #expect(try Resources(json(#"{"memory": {"limit": 5}}"#)).memory?.limitBytes == 5)
        #expect(throws: SpecProblems.self) { try Resources(json(#"{"memory": 5}"#)) }
        #expect(try Seccomp(json(#"{"defaultAction": "SCMP_ACT_LOG"}"#)).defaultAction == .log)
        #expect(throws: SpecProblems.self) { try Seccomp(json(#"[]"#)) }
    }
}
