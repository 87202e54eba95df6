import LinuxSys
import OCISpec
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// Each member of `/linux/resources`, written to a prepared tree of ordinary files, on v1 and on v2. What this machine's
/// kernel does not have is seen nowhere else; that a kernel takes the values is not seen here.
struct PreparedResourcesTests {
    /// What a member becomes.
    struct Row: CustomTestStringConvertible {
        /// The member below `/linux/resources`.
        var pointer: String
        /// Resources in which it is, alone as far as it can be.
        var resources: String
        /// `FILE=VALUE` on v1; nil for what v1 refuses.
        var v1: String?
        /// The same on v2.
        var v2: String?

        init(_ pointer: String, _ resources: String, v1: String? = nil, v2: String? = nil) {
            self.pointer = "/linux/resources" + pointer
            self.resources = resources
            self.v1 = v1
            self.v2 = v2
        }

        var testDescription: String { pointer }
    }

    static let rows: [Row] = memory + cpu + others

    static let memory = [
        Row(
            "/memory/limit", #"{"memory": {"limit": 67108864}}"#, v1: "memory.limit_in_bytes=67108864",
            v2: "memory.max=67108864"),
        Row("/memory/limit", #"{"memory": {"limit": -1}}"#, v1: "memory.limit_in_bytes=-1", v2: "memory.max=max"),
        Row(
            "/memory/reservation", #"{"memory": {"reservation": 33554432}}"#, v1: "memory.soft_limit_in_bytes=33554432",
            v2: "memory.low=33554432"),
        Row(
            "/memory/swap", #"{"memory": {"limit": 100, "swap": 300}}"#, v1: "memory.memsw.limit_in_bytes=300",
            v2: "memory.swap.max=200"),
        Row(
            "/memory/swap", #"{"memory": {"limit": 100, "swap": -1}}"#, v1: "memory.memsw.limit_in_bytes=-1",
            v2: "memory.swap.max=max"),
        Row("/memory/kernelTCP", #"{"memory": {"kernelTCP": 4096}}"#, v1: "memory.kmem.tcp.limit_in_bytes=4096"),
        Row("/memory/swappiness", #"{"memory": {"swappiness": 10}}"#, v1: "memory.swappiness=10"),
        Row("/memory/disableOOMKiller", #"{"memory": {"disableOOMKiller": true}}"#, v1: "memory.oom_control=1"),
        Row(
            "/memory/useHierarchy", #"{"memory": {"useHierarchy": true, "limit": 9}}"#, v1: "memory.use_hierarchy=1",
            v2: "memory.max=9"),
        Row(
            "/memory/checkBeforeUpdate", #"{"memory": {"checkBeforeUpdate": true, "limit": 9}}"#,
            v1: "memory.limit_in_bytes=9", v2: "memory.max=9"),
    ]

    static let cpu = [
        Row("/cpu/shares", #"{"cpu": {"shares": 512}}"#, v1: "cpu.shares=512", v2: "cpu.weight=59"),
        Row("/cpu/quota", #"{"cpu": {"quota": 50000}}"#, v1: "cpu.cfs_quota_us=50000", v2: "cpu.max=50000"),
        Row("/cpu/quota", #"{"cpu": {"quota": -1}}"#, v1: "cpu.cfs_quota_us=-1", v2: "cpu.max=max"),
        Row("/cpu/period", #"{"cpu": {"period": 20000}}"#, v1: "cpu.cfs_period_us=20000", v2: "cpu.max=max 20000"),
        Row("/cpu/burst", #"{"cpu": {"burst": 1000}}"#, v1: "cpu.cfs_burst_us=1000", v2: "cpu.max.burst=1000"),
        Row("/cpu/idle", #"{"cpu": {"idle": 1}}"#, v1: "cpu.idle=1", v2: "cpu.idle=1"),
        Row("/cpu/realtimeRuntime", #"{"cpu": {"realtimeRuntime": 900}}"#, v1: "cpu.rt_runtime_us=900"),
        Row("/cpu/realtimePeriod", #"{"cpu": {"realtimePeriod": 1000}}"#, v1: "cpu.rt_period_us=1000"),
        Row("/cpu/cpus", #"{"cpu": {"cpus": "0-1"}}"#, v1: "cpuset.cpus=0-1", v2: "cpuset.cpus=0-1"),
        Row("/cpu/mems", #"{"cpu": {"mems": "0"}}"#, v1: "cpuset.mems=0", v2: "cpuset.mems=0"),
    ]

    static let others = [
        Row("/pids/limit", #"{"pids": {"limit": 100}}"#, v1: "pids.max=100", v2: "pids.max=100"),
        Row("/pids/limit", #"{"pids": {"limit": -1}}"#, v1: "pids.max=max", v2: "pids.max=max"),
        Row("/blockIO/weight", #"{"blockIO": {"weight": 500}}"#, v1: "blkio.bfq.weight=500", v2: "io.bfq.weight=500"),
        Row(
            "/blockIO/weightDevice/0/weight",
            #"{"blockIO": {"weightDevice": [{"major": 8, "minor": 0, "weight": 500}]}}"#,
            v1: "blkio.bfq.weight_device=8:0 500", v2: "io.bfq.weight=8:0 500"),
        Row("/blockIO/leafWeight", #"{"blockIO": {"leafWeight": 500}}"#),
        Row(
            "/blockIO/weightDevice/0/leafWeight",
            #"{"blockIO": {"weightDevice": [{"major": 8, "minor": 0, "leafWeight": 500}]}}"#),
        Row(
            "/blockIO/throttleReadBpsDevice/0",
            #"{"blockIO": {"throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 1}]}}"#,
            v1: "blkio.throttle.read_bps_device=8:0 1", v2: "io.max=8:0 rbps=1"),
        Row(
            "/blockIO/throttleWriteBpsDevice/0",
            #"{"blockIO": {"throttleWriteBpsDevice": [{"major": 8, "minor": 0, "rate": 2}]}}"#,
            v1: "blkio.throttle.write_bps_device=8:0 2", v2: "io.max=8:0 wbps=2"),
        Row(
            "/blockIO/throttleReadIOPSDevice/0",
            #"{"blockIO": {"throttleReadIOPSDevice": [{"major": 8, "minor": 0, "rate": 3}]}}"#,
            v1: "blkio.throttle.read_iops_device=8:0 3", v2: "io.max=8:0 riops=3"),
        Row(
            "/blockIO/throttleWriteIOPSDevice/0",
            #"{"blockIO": {"throttleWriteIOPSDevice": [{"major": 8, "minor": 0, "rate": 4}]}}"#,
            v1: "blkio.throttle.write_iops_device=8:0 4", v2: "io.max=8:0 wiops=4"),
        Row(
            "/hugepageLimits/0/limit", #"{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}"#,
            v1: "hugetlb.2MB.limit_in_bytes=4194304", v2: "hugetlb.2MB.max=4194304"),
        Row(
            "/hugepageLimits/0/limit", #"{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}"#,
            v1: "hugetlb.2MB.rsvd.limit_in_bytes=4194304", v2: "hugetlb.2MB.rsvd.max=4194304"),
        Row(
            "/rdma/mlx5_1", #"{"rdma": {"mlx5_1": {"hcaHandles": 3}}}"#, v1: "rdma.max=mlx5_1 hca_handle=3",
            v2: "rdma.max=mlx5_1 hca_handle=3"),
        Row(
            "/rdma/mlx5_1", #"{"rdma": {"mlx5_1": {"hcaObjects": 4}}}"#, v1: "rdma.max=mlx5_1 hca_object=4",
            v2: "rdma.max=mlx5_1 hca_object=4"),
        Row("/network/classID", #"{"network": {"classID": 1048577}}"#, v1: "net_cls.classid=1048577"),
        Row(
            "/network/priorities/0", #"{"network": {"priorities": [{"name": "eth0", "priority": 500}]}}"#,
            v1: "net_prio.ifpriomap=eth0 500"),
        Row("/unified/memory.high", #"{"unified": {"memory.high": "6000"}}"#, v2: "memory.high=6000"),
    ]

    static let controllers = [
        "cpuset", "cpu", "blkio", "memory", "pids", "hugetlb", "rdma", "net_cls", "net_prio", "freezer",
    ]

    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    func v1() throws -> CgroupLayout {
        CgroupLayout(
            hierarchies: try Self.controllers.map { name in
                CgroupLayout.Hierarchy(
                    controllers: [name], mountPoint: try directory.makeFolder("v1/" + name), ownPath: "/",
                    isUnified: false)
            })
    }

    func v2() throws -> CgroupLayout {
        CgroupLayout(hierarchies: [
            CgroupLayout.Hierarchy(
                controllers: ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"],
                mountPoint: try directory.makeFolder("v2"), ownPath: "/", isUnified: true)
        ])
    }

    /// A tree whose groups have the files that are given, and the writes of these resources.
    func prepared(
        _ resources: String, on layout: CgroupLayout, _ files: [String: String]
    ) throws -> (tree: CgroupTree, writes: [CgroupWrite]) {
        let spec = try ConfigFixtures.spec(resources: resources, cgroupsPath: "/demo")
        let cgroup = try ValidSpec(checking: spec, on: .root(layout)).cgroup
        let tree = CgroupTree(planned: cgroup, id: "demo")
        for group in tree.groups {
            // What a real group has from its birth.
            if !(try Files.exists(group.folder)) { try Files.makeDirectory(group.folder, mode: 0o755) }
            for (file, text) in files {
                let owner = file.prefix { $0 != "." }
                guard group.isUnified || group.controllers.contains(String(owner)) else { continue }
                try Files.writeFile(group.folder + "/" + file, text, flags: [.create, .truncate, .writeOnly])
            }
        }
        return (tree, cgroup.writes)
    }

    func check(_ row: Row, _ expected: String?, on layout: CgroupLayout) throws {
        guard let expected else {
            let spec = try ConfigFixtures.spec(resources: row.resources, cgroupsPath: "/demo")
            let error = #expect(throws: SpecProblems.self) { try ValidSpec(checking: spec, on: .root(layout)) }
            #expect(error?.problems.allSatisfy { $0.pointer.hasPrefix(row.pointer) } == true)
            return
        }
        let separator = try #require(expected.firstIndex(of: "="))
        let (file, value) = (String(expected[..<separator]), String(expected[expected.index(after: separator)...]))
        let all = ResourceWrites(
            try ConfigFixtures.resources(row.resources), on: layout
        ).writes.map(\.file)
        let (tree, writes) = try prepared(
            row.resources, on: layout, Dictionary(all.map { ($0, "") }, uniquingKeysWith: { first, _ in first }))
        try tree.set(writes)
        let owner =
            layout.kind == .v2 ? tree.groups[0] : try #require(tree.group(of: String(file.prefix { $0 != "." })))
        let text = String(decoding: try Files.readFile(owner.folder + "/" + file, limit: 4096), as: UTF8.self)
        #expect(text == value, "\(row.pointer): \(file)")
    }

    /// Fields: /linux/resources/memory/{limit,reservation,swap,kernelTCP,swappiness,disableOOMKiller,useHierarchy}
    /// Fields: /linux/resources/cpu/{shares,quota,period,burst,idle,realtimeRuntime,realtimePeriod,cpus,mems}
    /// Fields: /linux/resources/pids/limit /linux/resources/hugepageLimits/*/{pageSize,limit}
    /// Fields: /linux/resources/blockIO/{weight,leafWeight} /linux/resources/rdma/*/{hcaHandles,hcaObjects}
    /// Fields: /linux/resources/blockIO/weightDevice/*/{major,minor,weight,leafWeight}
    /// Fields: /linux/resources/blockIO/throttle{ReadBps,WriteBps,ReadIOPS,WriteIOPS}Device/*/{major,minor,rate}
    /// Fields: /linux/resources/network/classID /linux/resources/network/priorities/*/{name,priority}
    @Test(arguments: rows)
    func v1ValueOfAPreparedTree(row: Row) throws { try check(row, row.v1, on: v1()) }

    /// Fields: /linux/resources/memory/{limit,reservation,swap,useHierarchy}
    /// Fields: /linux/resources/cpu/{shares,quota,period,burst,idle,cpus,mems}
    /// Fields: /linux/resources/pids/limit /linux/resources/hugepageLimits/*/{pageSize,limit}
    /// Fields: /linux/resources/blockIO/weight /linux/resources/blockIO/weightDevice/*/{major,minor,weight}
    /// Fields: /linux/resources/blockIO/throttle{ReadBps,WriteBps,ReadIOPS,WriteIOPS}Device/*/{major,minor,rate}
    /// Fields: /linux/resources/rdma/*/{hcaHandles,hcaObjects} /linux/resources/unified/*
    @Test(arguments: rows)
    func v2ValueOfAPreparedTree(row: Row) throws { try check(row, row.v2, on: v2()) }

    // MARK: What depends on the files

    func read(_ tree: CgroupTree, _ file: String) throws -> String {
        String(decoding: try Files.readFile(tree.groups[0].folder + "/" + file, limit: 4096), as: UTF8.self)
    }

    /// Without BFQ the kernel's own controller has the weights, in its own numbers.
    @Test func weightsOfAPreparedTreeWithoutBFQ() throws {
        let text = #"{"blockIO": {"weight": 500, "weightDevice": [{"major": 8, "minor": 0, "weight": 10}]}}"#
        let (tree, writes) = try prepared(text, on: v2(), ["io.weight": ""])
        try tree.set([writes[0]])
        #expect(try read(tree, "io.weight") == "default 4950")
        try tree.set([writes[1]])
        #expect(try read(tree, "io.weight").hasPrefix("8:0 1"))
        let (old, oldWrites) = try prepared(text, on: v1(), ["blkio.weight": "", "blkio.weight_device": ""])
        try old.set(oldWrites)
        let folder = try #require(old.group(of: "blkio")).folder
        #expect(try Files.readFile(folder + "/blkio.weight", limit: 64) == Array("500".utf8))
        #expect(try Files.readFile(folder + "/blkio.weight_device", limit: 64) == Array("8:0 10".utf8))
    }

    /// Nothing is written where more is in use.
    ///
    /// Fields: /linux/resources/memory/checkBeforeUpdate
    @Test func limitsBelowTheUseOfAPreparedTree() throws {
        let text = #"{"memory": {"limit": 100, "swap": 150, "checkBeforeUpdate": true}}"#
        let files = ["memory.max": "", "memory.swap.max": "", "memory.swap.current": "50\n"]
        var (tree, writes) = try prepared(text, on: v2(), files.merging(["memory.current": "100\n"]) { $1 })
        try tree.set(writes)
        #expect(try read(tree, "memory.max") == "100")
        #expect(try read(tree, "memory.swap.max") == "50")
        (tree, writes) = try prepared(text, on: v2(), files.merging(["memory.current": "101\n"]) { $1 })
        let error = syscallError { () throws(SyscallError) in try tree.set(writes) }
        #expect(error?.errno == .EBUSY)
        #expect(error?.operation == "compare with 101 bytes in use")
        #expect(error?.subject.hasSuffix("/demo/memory.current") == true)
        #expect(try read(tree, "memory.max") == "")
        (tree, writes) = try prepared(text, on: v2(), files.merging(["memory.swap.current": "51\n"]) { $1 })
        #expect(syscallError { () throws(SyscallError) in try tree.set(writes) }?.errno == .EBUSY)
    }

    /// A period that comes alone leaves the quota.
    @Test func quotasOfAPreparedTreeStay() throws {
        let (tree, writes) = try prepared(#"{"cpu": {"period": 20000}}"#, on: v2(), ["cpu.max": "5000 100000\n"])
        try tree.set(writes)
        #expect(try read(tree, "cpu.max").hasPrefix("5000 20000"))
    }

    /// A kernel without accounts of swap has no file for it: that is an error only for what could be exceeded.
    @Test(arguments: [("-1", true), ("100", Self.hasNoSwap), ("300", false)])
    func swapOfAPreparedTreeWithoutAccounts(swap: String, isFine: Bool) throws {
        let text = #"{"memory": {"limit": 100, "swap": \#(swap)}}"#
        let (tree, writes) = try prepared(text, on: v2(), ["memory.max": ""])
        let error = syscallError { () throws(SyscallError) in try tree.set(writes) }
        #expect((error == nil) == isFine)
        if let error { #expect(error.errno == .ENOENT) }
    }

    static let hasNoSwap: Bool = {
        let list = (try? Files.readFile("/proc/swaps", limit: 1 << 16)) ?? []
        return list.count { $0 == UInt8(ascii: "\n") } <= 1
    }()

    /// Where the group lacks the controller, the group above that does not pass it on is named.
    @Test func controllersThatAreNotPassedOn() throws {
        let (tree, writes) = try prepared(#"{"pids": {"limit": 1}}"#, on: v2(), [:])
        let error = syscallError { () throws(SyscallError) in try tree.set(writes) }
        #expect(error?.operation == "pass on pids")
        #expect(error?.errno == .ENOENT)
        #expect(error?.subject == directory.path + "/v2")
        try directory.write("v2/cgroup.subtree_control", [])
        // Passed on, and still not there: then the file itself is the thing.
        let second = syscallError { () throws(SyscallError) in try tree.set(writes) }
        #expect(second?.subject.hasSuffix("/demo/pids.max") == true)
        #expect(try directory.read("v2/cgroup.subtree_control") == "+pids")
    }

    // MARK: Groups

    @Test func frozenGroupsAreRefused() throws {
        let group = CgroupTree.Group(
            mountPoint: try directory.makeFolder("v2"), path: "/demo", isUnified: true, controllers: [])
        try directory.makeFolder("v2/demo")
        try directory.write("v2/demo/cgroup.procs", [])
        try directory.write("v2/demo/cgroup.events", Array("populated 0\nfrozen 1\n".utf8))
        let error = syscallError { () throws(SyscallError) in _ = try CgroupTree.make([group]) }
        #expect(error?.operation == "cgroup is frozen")
        #expect(error?.errno == .EBUSY)
        try directory.write("v2/demo/cgroup.events", Array("populated 0\nfrozen 0\n".utf8))
        _ = try CgroupTree.make([group])
    }

    /// The folder and the listed files change hands, and no other: limits stay the runtime's.
    @Test func delegationOfAPreparedTree() throws {
        let folder = try directory.makeFolder("v2/demo")
        for name in ["cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "memory.max", "memory.oom.group"] {
            try directory.write("v2/demo/" + name, [])
        }
        let tree = CgroupTree(groups: [
            CgroupTree.Group(mountPoint: directory.path + "/v2", path: "/demo", isUnified: true, controllers: [])
        ])
        func owners() throws -> [UInt32] {
            try ["", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control", "/memory.oom.group", "/memory.max"]
                .map { try Files.status(folder + $0, follow: false).uid }
        }
        let list = try directory.write("delegate", Array("cgroup.procs\nmemory.oom.group\ncgroup.pressure\n".utf8))
        try tree.delegate(to: 100_005, list: list)
        #expect(try owners() == [100_005, 100_005, 0, 0, 100_005, 0])
        // A kernel without the list.
        try tree.delegate(to: 7, list: directory.path + "/none")
        #expect(try owners() == [7, 7, 7, 7, 100_005, 0])
    }

    @Test(arguments: [
        ("domain\n", false), ("domain threaded\n", false), ("domain invalid\n", true), ("threaded\n", false),
    ])
    func typesOfGroups(type: String, isRefused: Bool) throws {
        try directory.makeFolder("v2/demo")
        try directory.write("v2/demo/cgroup.type", Array(type.utf8))
        let tree = CgroupTree(groups: [
            CgroupTree.Group(mountPoint: directory.path + "/v2", path: "/demo", isUnified: true, controllers: [])
        ])
        let error = syscallError { () throws(SyscallError) in try tree.checkType() }
        #expect(error?.errno == (isRefused ? .ENOTSUP : nil))
        if isRefused { #expect(error?.operation == "enter \(type.dropLast()) cgroup") }
    }

    @Test(arguments: [
        ("threaded\n", "memory", true), ("threaded\n", "pids", false), ("domain invalid\n", "pids", true),
        ("domain\n", "memory", false),
    ])
    func typesOfGroupsWithLimits(type: String, controller: String, isRefused: Bool) throws {
        try directory.makeFolder("v2/demo")
        try directory.write("v2/demo/cgroup.type", Array(type.utf8))
        let group = CgroupTree.Group(
            mountPoint: directory.path + "/v2", path: "/demo", isUnified: true, controllers: [controller])
        let error = syscallError { () throws(SyscallError) in try CgroupTree.checkType(of: group, for: controller) }
        #expect(error?.errno == (isRefused ? .ENOTSUP : nil))
        if isRefused { #expect(error?.operation == "limit \(controller) in \(type.dropLast()) cgroup") }
    }
}
