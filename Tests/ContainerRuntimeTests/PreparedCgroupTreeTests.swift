import LinuxSys
import OCISpec
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// Values of control groups, written to a prepared tree of ordinary files: what this machine's kernel has no controller
/// for on cgroup2. That the kernel takes the values is not seen here.
struct PreparedCgroupTreeTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The files that cgroup2 has for its controllers.
    static let v2Files = [
        "memory.max", "memory.swap.max", "memory.low", "memory.high", "cpu.weight", "cpu.max", "cpu.max.burst",
        "cpu.idle", "cpuset.cpus", "cpuset.mems", "pids.max", "io.bfq.weight", "io.max", "hugetlb.2MB.max",
        "hugetlb.2MB.rsvd.max", "rdma.max", "misc.max", "cgroup.freeze", "cgroup.procs",
    ]

    func layout(_ hierarchies: [(controllers: [String], folder: String)]) throws -> CgroupLayout {
        CgroupLayout(
            hierarchies: try hierarchies.map { hierarchy in
                CgroupLayout.Hierarchy(
                    controllers: hierarchy.controllers, mountPoint: try directory.makeFolder(hierarchy.folder),
                    ownPath: "/own/scope", isUnified: hierarchy.folder == "v2")
            })
    }

    func v2() throws -> CgroupLayout {
        try layout([(["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"], "v2")])
    }

    /// Does the steps of a plan that have to do with values, and says what is in the files then.
    func write(_ resources: String, _ files: [String], on layout: CgroupLayout) throws -> [String: String] {
        let spec = try ConfigFixtures.spec(resources: resources, cgroupsPath: "/pods/demo")
        let plan = Plan(for: try ValidSpec(checking: spec, on: .root(layout)), id: "demo")
        let tree = CgroupTree(planned: plan.spec.cgroup, id: "demo")
        let made = try CgroupTree.make(tree.groups)
        #expect(made.map(\.folder) == tree.groups.map(\.folder))
        // The files are the kernel's own on a real tree: they are there as soon as the group is.
        for group in made {
            for file in files { _ = try Files.open("\(group.folder)/\(file)", [.create, .writeOnly]) }
        }
        for step in plan.runtimeSteps { if case .setCgroup(let write) = step { try tree.set([write]) } }
        var contents: [String: String] = [:]
        for (group, hierarchy) in zip(made, layout.hierarchies) {
            for file in files {
                let text = try Files.readFile("\(group.folder)/\(file)", limit: 4096)
                if !text.isEmpty { contents["\(hierarchy.folderName)/\(file)"] = String(decoding: text, as: UTF8.self) }
            }
        }
        return contents
    }

    static let rows: [(resources: String, files: [String: String])] = [
        (#"{}"#, [:]),
        (
            #"{"memory": {"limit": 67108864, "swap": 134217728, "reservation": 33554432}}"#,
            ["memory.max": "67108864", "memory.swap.max": "67108864", "memory.low": "33554432"]
        ),
        (
            #"{"memory": {"limit": -1, "swap": -1, "reservation": -1}}"#,
            ["memory.max": "max", "memory.swap.max": "max", "memory.low": "max"]
        ),
        (
            #"{"cpu": {"shares": 512, "quota": 50000, "period": 100000, "burst": 1000, "cpus": "0-1", "mems": "0"}}"#,
            [
                "cpu.weight": "59", "cpu.max": "50000 100000", "cpu.max.burst": "1000", "cpuset.cpus": "0-1",
                "cpuset.mems": "0",
            ]
        ),
        (#"{"cpu": {"quota": -1, "period": 100000}}"#, ["cpu.max": "max 100000"]),
        (#"{"cpu": {"idle": 1}}"#, ["cpu.idle": "1"]), (#"{"pids": {"limit": 100}}"#, ["pids.max": "100"]),
        (#"{"pids": {"limit": -1}}"#, ["pids.max": "max"]),
        (
            #"{"blockIO": {"weight": 500, "throttleWriteIOPSDevice": [{"major": 8, "minor": 0, "rate": 9}]}}"#,
            ["io.bfq.weight": "500", "io.max": "8:0 wiops=9"]
        ),
        (
            #"{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}"#,
            ["hugetlb.2MB.max": "4194304", "hugetlb.2MB.rsvd.max": "4194304"]
        ),
        (
            #"{"rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 4}}}"#,
            ["rdma.max": "mlx5_1 hca_handle=3 hca_object=4"]
        ),
        (
            #"{"unified": {"memory.high": "60000000", "misc.max": "sev 1", "cgroup.freeze": "0"}}"#,
            ["memory.high": "60000000", "misc.max": "sev 1", "cgroup.freeze": "0"]
        ),
    ]

    @Test(arguments: rows.map(\.resources))
    func v2ValuesOfAPreparedTree(resources: String) throws {
        let row = try #require(Self.rows.first { $0.resources == resources })
        let contents = try write(resources, Self.v2Files, on: v2())
        #expect(contents == Dictionary(uniqueKeysWithValues: row.files.map { ("v2/" + $0, $1) }))
    }

    /// Where both versions are, each value goes to the one that has its controller.
    @Test func hybridValuesOfAPreparedTree() throws {
        let layout = try layout([(["pids"], "pids"), (["memory"], "memory"), (["hugetlb"], "v2")])
        let contents = try write(
            #"{"pids": {"limit": 7}, "memory": {"limit": 9}, "hugepageLimits": [{"pageSize": "2MB", "limit": 1}]}"#,
            Self.v2Files + ["memory.limit_in_bytes"], on: layout)
        #expect(
            contents == [
                "pids/pids.max": "7", "memory/memory.limit_in_bytes": "9", "v2/hugetlb.2MB.max": "1",
                "v2/hugetlb.2MB.rsvd.max": "1",
            ])
    }

    @Test func aFileThatIsNotThereIsTold() throws {
        let layout = try v2()
        let error = #expect(throws: SyscallError.self) {
            _ = try write(#"{"pids": {"limit": 1}}"#, ["memory.max"], on: layout)
        }
        #expect(error?.errno == .ENOENT)
        #expect(error?.operation == "pass on pids")
    }

    // MARK: Groups

    /// A relative path counts from the group beside the caller's own: cgroup2 lets no group with processes have
    /// children with controllers.
    @Test func pathsOfGroups() throws {
        let layout = try layout([(["pids"], "pids"), (["hugetlb"], "v2")])
        func folders(_ path: String, on layout: CgroupLayout) throws -> [String] {
            let spec = try ConfigFixtures.spec(resources: "{}", cgroupsPath: path)
            let cgroup = try ValidSpec(checking: spec, on: .root(layout)).cgroup
            return CgroupTree(planned: cgroup, id: "demo").groups.map {
                String($0.folder.dropFirst(directory.path.count))
            }
        }
        #expect(try folders("/a//b/./c/", on: layout) == ["/pids/a/b/c", "/v2/a/b/c"])
        #expect(try folders("a", on: layout) == ["/pids/own/scope/a", "/v2/own/scope/a"])
        #expect(try folders("", on: layout) == ["/pids/own/scope/demo", "/v2/own/scope/demo"])
        #expect(try folders("", on: v2()) == ["/v2/own/demo"])
    }

    @Test func controllersArePassedOnToTheGroup() throws {
        let layout = try v2()
        try directory.makeFolder("v2/pods")
        for folder in ["v2", "v2/pods"] { try directory.write(folder + "/cgroup.subtree_control", []) }
        _ = try write("{}", [], on: layout)
        #expect(try directory.read("v2/pods/cgroup.subtree_control").hasPrefix("+"))
        #expect(try !Files.exists(directory.path + "/v2/pods/demo/cgroup.subtree_control"))
    }

    /// A parent that was made without controllers has none to pass on: it gets them first.
    @Test func controllersComeFromTheTop() throws {
        let layout = try v2()
        try directory.makeFolder("v2/pods")
        try directory.write("v2/cgroup.subtree_control", [])
        _ = try write("{}", [], on: layout)
        #expect(try directory.read("v2/cgroup.subtree_control").hasPrefix("+"))
    }

    /// A group that somebody else's processes are in is not taken, and what was made before it goes again.
    @Test func groupsInUseAreRefused() throws {
        try directory.makeFolder("b/pods/demo")
        try directory.write("b/pods/demo/cgroup.procs", Array("1\n".utf8))
        let groups = ["a", "b"].map { name in
            CgroupTree.Group(
                mountPoint: directory.path + "/" + name, path: "/pods/demo", isUnified: false, controllers: [name])
        }
        try directory.makeFolder("a/pods")
        let error = syscallError { () throws(SyscallError) in _ = try CgroupTree.make(groups) }
        #expect(error?.errno == .EBUSY)
        #expect(error?.subject == directory.path + "/b/pods/demo")
        #expect(try !Files.exists(directory.path + "/a/pods/demo"))
        #expect(try Files.exists(directory.path + "/b/pods/demo"))
    }

    /// A group that is there and empty is taken.
    @Test func emptyGroupsAreTaken() throws {
        try directory.makeFolder("v2/pods/demo")
        try directory.write("v2/pods/demo/cgroup.procs", [])
        let contents = try write(#"{"pids": {"limit": 1}}"#, ["pids.max"], on: v2())
        #expect(contents == ["v2/pids.max": "1"])
    }

    @Test func cpusetsInherit() throws {
        try directory.makeFolder("cpuset")
        for (file, value) in [("cpuset.cpus", "0-3\n"), ("cpuset.mems", "0\n")] {
            try directory.write("cpuset/" + file, Array(value.utf8))
        }
        try directory.makeFolder("cpuset/demo")
        for file in ["cpuset.cpus", "cpuset.mems", "cgroup.procs"] { try directory.write("cpuset/demo/" + file, []) }
        try directory.write("cpuset/demo/cpuset.mems", Array("1\n".utf8))
        _ = try CgroupTree.make([
            CgroupTree.Group(
                mountPoint: directory.path + "/cpuset", path: "/demo", isUnified: false, controllers: ["cpuset"])
        ])
        #expect(try directory.read("cpuset/demo/cpuset.cpus") == "0-3\n")
        // What is set stays.
        #expect(try directory.read("cpuset/demo/cpuset.mems") == "1\n")
    }

    @Test func processesOfAllGroupsBelow() throws {
        try directory.makeFolder("v2/demo/a/b")
        try directory.write("v2/demo/cgroup.procs", Array("1\n22\n".utf8))
        try directory.write("v2/demo/a/cgroup.procs", Array("333\n".utf8))
        try directory.write("v2/demo/a/b/cgroup.procs", Array("nonsense\n4444\n".utf8))
        let tree = CgroupTree(groups: [
            CgroupTree.Group(mountPoint: directory.path + "/v2", path: "/demo", isUnified: true, controllers: [])
        ])
        #expect(try tree.processes() == [1, 22, 333, 4444])
        #expect(try CgroupTree(groups: []).processes().isEmpty)
        let gone = CgroupTree(groups: [
            CgroupTree.Group(mountPoint: directory.path + "/v2", path: "/gone", isUnified: true, controllers: [])
        ])
        #expect(try gone.processes().isEmpty)
        try gone.remove()
    }

    @Test(arguments: [("FROZEN\n", true), ("FREEZING\n", true), ("THAWED\n", false), ("", false)])
    func frozenOnV1(text: String, isFrozen: Bool) throws {
        try directory.makeFolder("freezer/demo")
        try directory.write("freezer/demo/freezer.state", Array(text.utf8))
        let tree = CgroupTree(groups: [
            CgroupTree.Group(
                mountPoint: directory.path + "/freezer", path: "/demo", isUnified: false, controllers: ["freezer"])
        ])
        #expect(try tree.isFrozen() == isFrozen)
        try tree.setFrozen(!isFrozen)
        #expect(try directory.read("freezer/demo/freezer.state").hasPrefix(isFrozen ? "THAWED" : "FROZEN"))
    }

    @Test(arguments: [("1\n", true), ("0\n", false)])
    func frozenOnV2(text: String, isFrozen: Bool) throws {
        try directory.makeFolder("v2/demo")
        try directory.write("v2/demo/cgroup.freeze", Array(text.utf8))
        let tree = CgroupTree(groups: [
            CgroupTree.Group(mountPoint: directory.path + "/v2", path: "/demo", isUnified: true, controllers: [])
        ])
        #expect(try tree.isFrozen() == isFrozen)
        try tree.setFrozen(!isFrozen)
        #expect(try directory.read("v2/demo/cgroup.freeze").hasPrefix(isFrozen ? "0" : "1"))
    }

    /// Groups that the container made inside its own go too; what is no folder is the kernel's.
    @Test func removalTakesGroupsBelow() throws {
        try directory.makeFolder("v2/demo/a")
        let tree = CgroupTree(groups: [
            CgroupTree.Group(mountPoint: directory.path + "/v2", path: "/demo/a", isUnified: true, controllers: [])
        ])
        try tree.remove()
        #expect(try !Files.exists(directory.path + "/v2/demo/a"))
        #expect(try Files.exists(directory.path + "/v2/demo"))
    }
}
