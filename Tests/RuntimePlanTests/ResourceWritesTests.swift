import LosslessJSON
import OCISpec
import Testing

@testable import RuntimePlan

/// `/linux/resources`, field by field: which value goes into which file of which hierarchy. The files themselves are
/// written by the kernel's rules elsewhere; here only the plan is looked at.
struct ResourceWritesTests {
    /// What a field's value becomes. Each write is `HIERARCHY/FILE=VALUE`.
    struct Row: CustomTestStringConvertible {
        var resources: String
        var v1: [String]
        /// Where hugetlb is on cgroup2 and all else on v1; nil where it is as on v1.
        var hybrid: [String]?
        var v2: [String]
        /// Why v2 can't do it.
        var problems: [String]

        init(
            _ resources: String, v1: [String] = [], hybrid: [String]? = nil, v2: [String] = [], problem: String? = nil,
            problems: [String] = []
        ) {
            self.resources = resources
            self.v1 = v1
            self.hybrid = hybrid
            self.v2 = v2.map { "cgroup/" + $0 }
            self.problems = (problem.map { [$0] } ?? []) + problems
        }

        var testDescription: String { resources }
    }

    static let rows: [Row] = memory + cpu + block + others

    static let memory: [Row] = [
        Row(#"{"memory": {}}"#),
        Row(
            #"{"memory": {"limit": 67108864}}"#, v1: ["memory/memory.limit_in_bytes=67108864"],
            v2: ["memory.max=67108864"]),
        // No limit of memory is none of memory and swap: on v1 the sum could not be less.
        Row(
            #"{"memory": {"limit": -1}}"#,
            v1: ["memory/memory.memsw.limit_in_bytes=-1", "memory/memory.limit_in_bytes=-1"],
            v2: ["memory.swap.max=max", "memory.max=max"]),
        Row(#"{"memory": {"limit": 0, "swap": 0, "reservation": 0, "kernelTCP": 0}}"#),
        Row(
            #"{"memory": {"reservation": 1024}}"#, v1: ["memory/memory.soft_limit_in_bytes=1024"],
            v2: ["memory.low=1024"]),
        Row(
            #"{"memory": {"reservation": -1}}"#, v1: ["memory/memory.soft_limit_in_bytes=-1"], v2: ["memory.low=max"]),
        // v1 counts memory and swap together, v2 swap alone.
        Row(
            #"{"memory": {"limit": 100, "swap": 300}}"#,
            v1: ["memory/memory.limit_in_bytes=100", "memory/memory.memsw.limit_in_bytes=300"],
            v2: ["memory.swap.max=200", "memory.max=100"]),
        Row(
            #"{"memory": {"limit": 100, "swap": 100}}"#,
            v1: ["memory/memory.limit_in_bytes=100", "memory/memory.memsw.limit_in_bytes=100"],
            v2: ["memory.swap.max=0", "memory.max=100"]),
        Row(
            #"{"memory": {"limit": 100, "swap": -1}}"#,
            v1: ["memory/memory.memsw.limit_in_bytes=-1", "memory/memory.limit_in_bytes=100"],
            v2: ["memory.swap.max=max", "memory.max=100"]),
        Row(
            #"{"memory": {"limit": -1, "swap": -1}}"#,
            v1: ["memory/memory.memsw.limit_in_bytes=-1", "memory/memory.limit_in_bytes=-1"],
            v2: ["memory.swap.max=max", "memory.max=max"]),
        Row(
            #"{"memory": {"limit": -1, "swap": 300}}"#,
            v1: ["memory/memory.limit_in_bytes=-1", "memory/memory.memsw.limit_in_bytes=300"], v2: ["memory.max=max"],
            problem: "/linux/resources/memory/swap: a swap limit needs a memory limit"),
        Row(
            #"{"memory": {"swap": 300}}"#, v1: ["memory/memory.memsw.limit_in_bytes=300"],
            problem: "/linux/resources/memory/swap: a swap limit needs a memory limit"),
        Row(
            #"{"memory": {"swappiness": 0}}"#, v1: ["memory/memory.swappiness=0"],
            problem: "/linux/resources/memory/swappiness: cgroup v2 has no swappiness"),
        Row(
            #"{"memory": {"disableOOMKiller": true}}"#, v1: ["memory/memory.oom_control=1"],
            problem: "/linux/resources/memory/disableOOMKiller: cgroup v2 cannot disable the OOM killer"),
        Row(#"{"memory": {"disableOOMKiller": false, "useHierarchy": false}}"#),
        // cgroup2 is always hierarchical.
        Row(
            #"{"memory": {"useHierarchy": true, "limit": 5}}"#,
            v1: ["memory/memory.use_hierarchy=1", "memory/memory.limit_in_bytes=5"], v2: ["memory.max=5"]),
        Row(
            #"{"memory": {"kernelTCP": 4096}}"#, v1: ["memory/memory.kmem.tcp.limit_in_bytes=4096"],
            problem:
                "/linux/resources/memory/kernelTCP: cgroup v2 counts sockets as memory, without a limit of their own"),
        Row(#"{"memory": {"kernelTCP": -1}}"#, v1: ["memory/memory.kmem.tcp.limit_in_bytes=-1"]),
    ]

    static let cpu: [Row] = [
        Row(#"{"cpu": {}}"#),
        Row(#"{"cpu": {"shares": 1024}}"#, v1: ["cpu,cpuacct/cpu.shares=1024"], v2: ["cpu.weight=100"]),
        Row(#"{"cpu": {"shares": 2}}"#, v1: ["cpu,cpuacct/cpu.shares=2"], v2: ["cpu.weight=1"]),
        Row(
            #"{"cpu": {"shares": 0, "quota": 0, "period": 0, "realtimeRuntime": 0, "realtimePeriod": 0, "cpus": ""}}"#),
        Row(#"{"cpu": {"quota": 50000}}"#, v1: ["cpu,cpuacct/cpu.cfs_quota_us=50000"], v2: ["cpu.max=50000"]),
        Row(#"{"cpu": {"quota": -1}}"#, v1: ["cpu,cpuacct/cpu.cfs_quota_us=-1"], v2: ["cpu.max=max"]),
        Row(#"{"cpu": {"period": 20000}}"#, v1: ["cpu,cpuacct/cpu.cfs_period_us=20000"], v2: ["cpu.max=max 20000"]),
        // The period before the quota, which is checked against it; the burst after, which may not be more than it.
        Row(
            #"{"cpu": {"burst": 10, "quota": 50000, "period": 20000}}"#,
            v1: [
                "cpu,cpuacct/cpu.cfs_period_us=20000", "cpu,cpuacct/cpu.cfs_quota_us=50000",
                "cpu,cpuacct/cpu.cfs_burst_us=10",
            ], v2: ["cpu.max=50000 20000", "cpu.max.burst=10"]),
        Row(
            #"{"cpu": {"quota": -1, "period": 20000}}"#,
            v1: ["cpu,cpuacct/cpu.cfs_period_us=20000", "cpu,cpuacct/cpu.cfs_quota_us=-1"],
            v2: ["cpu.max=max 20000"]),
        Row(#"{"cpu": {"burst": 0}}"#, v1: ["cpu,cpuacct/cpu.cfs_burst_us=0"], v2: ["cpu.max.burst=0"]),
        Row(#"{"cpu": {"idle": 1}}"#, v1: ["cpu,cpuacct/cpu.idle=1"], v2: ["cpu.idle=1"]),
        Row(#"{"cpu": {"idle": 0}}"#, v1: ["cpu,cpuacct/cpu.idle=0"], v2: ["cpu.idle=0"]),
        // An idle group takes no weight.
        Row(
            #"{"cpu": {"idle": 1, "shares": 1024}}"#,
            v1: ["cpu,cpuacct/cpu.idle=1"], v2: ["cpu.idle=1"]),
        // What was idle takes them once it is not any more.
        Row(
            #"{"cpu": {"shares": 1024, "idle": 0}}"#,
            v1: ["cpu,cpuacct/cpu.idle=0", "cpu,cpuacct/cpu.shares=1024"], v2: ["cpu.idle=0", "cpu.weight=100"]),
        Row(
            #"{"cpu": {"realtimeRuntime": 900, "realtimePeriod": 1000}}"#,
            v1: ["cpu,cpuacct/cpu.rt_period_us=1000", "cpu,cpuacct/cpu.rt_runtime_us=900"],
            problems: [
                "/linux/resources/cpu/realtimeRuntime: cgroup v2 has no real-time limits",
                "/linux/resources/cpu/realtimePeriod: cgroup v2 has no real-time limits",
            ]),
        Row(
            #"{"cpu": {"cpus": "0-3,7", "mems": "0"}}"#,
            v1: ["cpuset/cpuset.cpus=0-3,7", "cpuset/cpuset.mems=0"], v2: ["cpuset.cpus=0-3,7", "cpuset.mems=0"]),
    ]

    static let block: [Row] = [
        Row(#"{"blockIO": {}}"#),
        // BFQ's file, with v1's numbers in both; what stands in where there is no BFQ is looked at below.
        Row(#"{"blockIO": {"weight": 500}}"#, v1: ["blkio/blkio.bfq.weight=500"], v2: ["io.bfq.weight=500"]),
        Row(#"{"blockIO": {"weight": 10}}"#, v1: ["blkio/blkio.bfq.weight=10"], v2: ["io.bfq.weight=10"]),
        Row(#"{"blockIO": {"weight": 1000}}"#, v1: ["blkio/blkio.bfq.weight=1000"], v2: ["io.bfq.weight=1000"]),
        Row(#"{"blockIO": {"weight": 0, "leafWeight": 0}}"#),
        Row(
            #"{"blockIO": {"weightDevice": [{"major": 8, "minor": 0, "weight": 500}, {"major": 8, "minor": 1, "weight": 0}]}}"#,
            v1: ["blkio/blkio.bfq.weight_device=8:0 500"], v2: ["io.bfq.weight=8:0 500"]),
        Row(
            #"{"blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 1048576}]}}"#,
            v1: ["blkio/blkio.throttle.read_bps_device=8:0 1048576"], v2: ["io.max=8:0 rbps=1048576"]),
        Row(
            #"{"blockIO": {"throttleWriteBpsDevice": [{"major": 8, "minor": 0, "rate": 2}]}}"#,
            v1: ["blkio/blkio.throttle.write_bps_device=8:0 2"], v2: ["io.max=8:0 wbps=2"]),
        Row(
            #"{"blockIO": {"throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 3}]}}"#,
            v1: ["blkio/blkio.throttle.read_iops_device=8:0 3"], v2: ["io.max=8:0 riops=3"]),
        Row(
            #"{"blockIO": {"throttleWriteIOPSDevice": [{"major": 8, "minor": 0, "rate": 4}, {"major": 9, "minor": 1, "rate": 5}]}}"#,
            v1: ["blkio/blkio.throttle.write_iops_device=8:0 4", "blkio/blkio.throttle.write_iops_device=9:1 5"],
            v2: ["io.max=8:0 wiops=4", "io.max=9:1 wiops=5"]),
        // No limit: 0 on v1, which v2 refuses with ERANGE (blk-throttle.c).
        Row(
            #"{"blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 0}]}}"#,
            v1: ["blkio/blkio.throttle.read_bps_device=8:0 0"], v2: ["io.max=8:0 rbps=max"]),
    ]

    static let others: [Row] = [
        Row(#"{}"#),
        Row(#"{"pids": {"limit": 100}}"#, v1: ["pids/pids.max=100"], v2: ["pids.max=100"]),
        Row(#"{"pids": {"limit": -1}}"#, v1: ["pids/pids.max=max"], v2: ["pids.max=max"]),
        Row(#"{"pids": {"limit": 0}}"#),
        Row(
            #"{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}"#,
            v1: ["hugetlb/hugetlb.2MB.limit_in_bytes=4194304", "hugetlb/hugetlb.2MB.rsvd.limit_in_bytes=4194304"],
            hybrid: ["unified/hugetlb.2MB.max=4194304", "unified/hugetlb.2MB.rsvd.max=4194304"],
            v2: ["hugetlb.2MB.max=4194304", "hugetlb.2MB.rsvd.max=4194304"]),
        Row(
            #"{"hugepageLimits": [{"pageSize": "1GB", "limit": 0}]}"#,
            v1: ["hugetlb/hugetlb.1GB.limit_in_bytes=0", "hugetlb/hugetlb.1GB.rsvd.limit_in_bytes=0"],
            hybrid: ["unified/hugetlb.1GB.max=0", "unified/hugetlb.1GB.rsvd.max=0"],
            v2: ["hugetlb.1GB.max=0", "hugetlb.1GB.rsvd.max=0"]),
        Row(
            #"{"rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 10000}, "mlx4_0": {"hcaObjects": 1}}}"#,
            v1: ["rdma/rdma.max=mlx5_1 hca_handle=3 hca_object=10000", "rdma/rdma.max=mlx4_0 hca_object=1"],
            v2: ["rdma.max=mlx5_1 hca_handle=3 hca_object=10000", "rdma.max=mlx4_0 hca_object=1"]),
        Row(
            #"{"network": {"classID": 1048577}}"#, v1: ["net_cls,net_prio/net_cls.classid=1048577"],
            problem: "/linux/resources/network/classID: the net_cls controller is missing; there are cpuset, cpu, io, "
                + "memory, hugetlb, pids, rdma, misc"),
        Row(
            #"{"network": {"priorities": [{"name": "eth0", "priority": 500}]}}"#,
            v1: ["net_cls,net_prio/net_prio.ifpriomap=eth0 500"],
            problem: "/linux/resources/network/priorities/0: the net_prio controller is missing; there are cpuset, "
                + "cpu, io, memory, hugetlb, pids, rdma, misc"),
    ]

    /// Where the kernel has no BFQ.
    @Test(arguments: [
        (#"{"weight": 500}"#, "blkio.weight=500", "io.weight=default 4950"),
        (#"{"weight": 10}"#, "blkio.weight=10", "io.weight=default 1"),
        (#"{"weight": 1000}"#, "blkio.weight=1000", "io.weight=default 10000"),
        (
            #"{"weightDevice": [{"major": 8, "minor": 0, "weight": 500}]}"#, "blkio.weight_device=8:0 500",
            "io.weight=8:0 4950"
        ),
    ])
    func weightsWithoutBFQ(blockIO: String, v1: String, v2: String) throws {
        for (layout, expected) in [(CgroupLayout.v1, v1), (.v2, v2)] {
            let writes = ResourceWrites(try Self.resources(#"{"blockIO": \#(blockIO)}"#), on: layout).writes
            #expect(writes.map { $0.fallback.map { "\($0.file)=\($0.value)" } } == [expected])
        }
    }

    /// A limit that is to be compared with what is in use names the file that says it; v1 does so by itself.
    @Test func checkedLimitsNameTheirUse() throws {
        func files(_ memory: String, on layout: CgroupLayout = .v2) throws -> [String?] {
            ResourceWrites(try Self.resources(#"{"memory": {\#(memory)}}"#), on: layout).writes.map(\.usageFile)
        }
        #expect(try files(#""limit": 5, "swap": 7"#) == [nil, nil])
        #expect(try files(#""limit": 5, "swap": 7, "checkBeforeUpdate": false"#) == [nil, nil])
        #expect(try files(#""limit": 5, "checkBeforeUpdate": true"#) == ["memory.current"])
        #expect(
            try files(#""limit": 5, "swap": 7, "reservation": 3, "checkBeforeUpdate": true"#)
                == ["memory.swap.current", "memory.current", nil])
        #expect(try files(#""limit": -1, "checkBeforeUpdate": true"#) == [nil, nil])
        #expect(try files(#""limit": 5, "swap": 7, "checkBeforeUpdate": true"#, on: .v1) == [nil, nil])
    }

    /// A period alone leaves the quota as it is.
    @Test func quotasAreKept() throws {
        func keeps(_ cpu: String) throws -> [Bool] {
            ResourceWrites(try Self.resources(#"{"cpu": {\#(cpu)}}"#), on: .v2).writes.map(\.keepsFirstWord)
        }
        #expect(try keeps(#""period": 20000"#) == [true])
        #expect(try keeps(#""quota": 10000"#) == [false])
        #expect(try keeps(#""quota": -1, "period": 20000"#) == [false])
    }

    /// The document of an update is the resources alone.
    @Test func pointersOfAnUpdate() throws {
        let text =
            #"{"memory": {"limit": 5}, "pids": {"limit": 5}, "rdma": {"a/b": {"hcaHandles": 1}}, "network": {"classID": 1}}"#
        let writes = ResourceWrites(try Self.resources(text), on: .v2, at: "")
        #expect(writes.writes.map(\.pointer) == ["/memory/limit", "/pids/limit", "/rdma/a~1b"])
        #expect(writes.problems.map(\.pointer) == ["/network/classID"])
    }

    /// The kernel takes a line a write.
    @Test func linesOfAUnifiedValue() throws {
        let text = #"{"unified": {"io.max": "259:0 rbps=2097152 wiops=120\n253:0 rbps=5\n", "cpu.weight": "7\n"}}"#
        let writes = try Self.writes(text, on: .v2)
        #expect(
            writes.lines == [
                "cgroup/io.max=259:0 rbps=2097152 wiops=120", "cgroup/io.max=253:0 rbps=5", "cgroup/cpu.weight=7\n",
            ])
        #expect(writes.problems.isEmpty)
    }

    static func resources(_ text: String) throws -> Resources { try Resources(JSON(parsing: Array(text.utf8))) }

    static func writes(_ text: String, on layout: CgroupLayout) throws -> (lines: [String], problems: [String]) {
        let writes = ResourceWrites(try resources(text), on: layout)
        return (
            writes.writes.map { "\(layout.hierarchies[$0.hierarchy].folderName)/\($0.file)=\($0.value)" },
            writes.problems.map(\.description)
        )
    }

    @Test(arguments: rows)
    func onV1(row: Row) throws {
        let writes = try Self.writes(row.resources, on: .v1)
        #expect(writes.lines == row.v1)
        #expect(writes.problems.isEmpty)
    }

    @Test(arguments: rows)
    func onHybrid(row: Row) throws {
        let writes = try Self.writes(row.resources, on: .hybrid)
        #expect(writes.lines == row.hybrid ?? row.v1)
        #expect(writes.problems.isEmpty)
    }

    @Test(arguments: rows)
    func onV2(row: Row) throws {
        let writes = try Self.writes(row.resources, on: .v2)
        #expect(writes.lines == row.v2)
        #expect(writes.problems == row.problems)
    }

    /// Where a controller is missing, what asks for a limit is refused, and what asks for none is not.
    @Test(arguments: rows)
    func withoutControllers(row: Row) throws {
        let none = CgroupLayout(hierarchies: [])
        let writes = try Self.writes(row.resources, on: none)
        #expect(writes.lines.isEmpty)
        let isUnlimited = row.v1.allSatisfy { line in
            ["=-1", "=max", "=0", ".use_hierarchy=1", ".cfs_period_us=20000", ".limit_in_bytes=5"].contains {
                line.hasSuffix($0)
            } && !line.contains("swappiness") && !line.hasPrefix("hugetlb")
        }
        if isUnlimited, !row.resources.contains("useHierarchy\": true") {
            #expect(writes.problems.isEmpty)
        } else {
            #expect(!writes.problems.isEmpty)
            #expect(writes.problems.allSatisfy { $0.hasSuffix(" controller is missing; there are none here") })
        }
    }

    @Test func missingControllersAreToldWithThoseThereAre() throws {
        let layout = CgroupLayout(hierarchies: [
            CgroupLayout.Hierarchy(
                controllers: ["cpu", "cpuacct"], mountPoint: "/sys/fs/cgroup/cpu,cpuacct", ownPath: "/",
                isUnified: false),
            CgroupLayout.Hierarchy(
                controllers: ["name=systemd"], mountPoint: "/sys/fs/cgroup/systemd", ownPath: "/", isUnified: false),
            CgroupLayout.Hierarchy(
                controllers: ["hugetlb"], mountPoint: "/sys/fs/cgroup/unified", ownPath: "/", isUnified: true),
        ])
        let writes = try Self.writes(#"{"pids": {"limit": 1}, "cpu": {"shares": 5}}"#, on: layout)
        #expect(writes.lines == ["cpu,cpuacct/cpu.shares=5"])
        #expect(
            writes.problems == [
                "/linux/resources/pids/limit: the pids controller is missing; there are cpu, cpuacct, hugetlb"
            ])
    }

    @Test func unifiedValuesGoToCgroup2() throws {
        let text = #"{"unified": {"hugetlb.2MB.max": "0", "cgroup.freeze": "0"}}"#
        let hybrid = try Self.writes(text, on: .hybrid)
        #expect(hybrid.lines == ["unified/hugetlb.2MB.max=0", "unified/cgroup.freeze=0"])
        #expect(hybrid.problems.isEmpty)
        let v2 = try Self.writes(#"{"unified": {"memory.high": "max"}, "memory": {"limit": 5}}"#, on: .v2)
        // After the typed values, so that what is asked for in the kernel's own words wins.
        #expect(v2.lines == ["cgroup/memory.max=5", "cgroup/memory.high=max"])
        #expect(try Self.writes(text, on: .v1).lines.isEmpty)
        #expect(try Self.writes(text, on: .v1).problems.count == 2)
    }

    /// Each write names the member that asks for it.
    @Test(arguments: rows)
    func pointersLeadToTheMember(row: Row) throws {
        let document = try JSON(parsing: Array(#"{"linux": {"resources": \#(row.resources)}}"#.utf8))
        for layout in [CgroupLayout.v1, .hybrid, .v2] {
            for write in ResourceWrites(try Self.resources(row.resources), on: layout).writes {
                #expect(document.value(at: write.pointer) != nil, "\(write.pointer)")
            }
        }
    }

    /// Every property of the specification has a row, or is known to have no effect.
    @Test func everyPropertyHasARow() throws {
        let everything = try #require(try Fixtures.json("config/valid/everything.json").value(at: "/linux/resources"))
        var known: Set<String> = Self.withoutEffect
        for row in Self.rows { known.formUnion(Self.leaves(of: try JSON(parsing: Array(row.resources.utf8)))) }
        let all = Self.leaves(of: everything).filter { !$0.hasPrefix("/devices") && !$0.hasPrefix("/unified") }
        #expect(all.count > 30)
        #expect(all.subtracting(known).isEmpty)
    }

    /// `kernel` is gone from Linux since 5.16, `checkBeforeUpdate` is a rule about other values, and leaf weights are refused.
    static let withoutEffect: Set<String> = [
        "/memory/kernel", "/memory/checkBeforeUpdate", "/blockIO/leafWeight", "/blockIO/weightDevice/*/leafWeight",
    ]

    /// The pointers of what holds no other value, elements and names of devices as `*`.
    static func leaves(of json: JSON, at pointer: String = "") -> Set<String> {
        var all: Set<String> = []
        for member in json.members {
            all.formUnion(leaves(of: member.value, at: pointer + "/" + (pointer == "/rdma" ? "*" : member.name)))
        }
        for element in json.elements { all.formUnion(leaves(of: element, at: pointer + "/*")) }
        return json.kind == .object || json.kind == .array ? all : [pointer]
    }
}
