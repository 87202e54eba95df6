import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// `/linux/intelRdt` on a prepared tree of ordinary folders and files: this machine has no resctrl file system. That the
/// kernel takes the values is not seen here.
struct PreparedResctrlTests {
    let directory: TemporaryDirectory
    var root: String { directory.path }

    init() throws {
        directory = try TemporaryDirectory()
        try prepare("")
    }

    /// The files that the kernel puts in a class.
    func prepare(_ folder: String, schemata: String = "") throws {
        try directory.makeFolder(folder + "/mon_groups")
        try directory.write(folder + "/schemata", Array(schemata.utf8))
        try directory.write(folder + "/tasks", [])
    }

    static func rdt(_ text: String) throws -> ValidIntelRdt {
        var facts = HostFacts.root(CgroupLayout(hierarchies: []))
        facts.hasResctrl = true
        let spec = try ConfigFixtures.spec(intelRdt: text)
        return try #require(try ValidSpec(checking: spec, on: facts).intelRdt)
    }

    /// What a create does with a config.
    func create(_ text: String) throws -> ResctrlGroup {
        let rdt = try Self.rdt(text)
        var group = ResctrlGroup(planned: rdt, id: "demo")
        try group.look(for: rdt, in: root)
        try group.makeClass(in: root)
        let name = group.className ?? ""
        if group.isClassMade { try prepare(name) }
        try group.fill(rdt, in: root)
        try group.makeMonitoring(in: root)
        if let monitoring = group.monitoringName {
            try directory.write("\(name)/mon_groups/\(monitoring)/tasks", [])
        }
        try group.enter(4711, in: root)
        return group
    }

    func errors(_ text: String) -> SyscallError? {
        do {
            _ = try create(text)
        } catch let error as SyscallError {
            return error
        } catch {
            Issue.record(error)
        }
        return nil
    }

    /// `/linux/intelRdt/closID` is not there: a class of the container's own, which goes with it.
    @Test func aClassOfItsOwn() throws {
        let group = try create("{}")
        #expect(group == ResctrlGroup(className: "demo", monitoringName: nil, isClassMade: true))
        #expect(try directory.read("demo/tasks") == "4711")
        #expect(try directory.read("demo/schemata") == "")
        try empty("demo")
        try group.remove(in: root)
        #expect(try !Files.exists(root + "/demo"))
    }

    /// What is the kernel's in a folder goes with the folder on a real tree, and a class without tasks is empty.
    func empty(_ folder: String) throws {
        for file in ["schemata", "tasks"] { try Files.unlink("\(root)/\(folder)/\(file)") }
        try Files.removeDirectory("\(root)/\(folder)/mon_groups")
    }

    /// The first two are written together, the last after them.
    ///
    /// Fields: /linux/intelRdt/{l3CacheSchema,memBwSchema,schemata}
    @Test(arguments: [
        (#"{"l3CacheSchema": "L3:0=f"}"#, ["L3:0=f\n"]), (#"{"memBwSchema": "MB:0=20"}"#, ["MB:0=20\n"]),
        (#"{"l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=20"}"#, ["L3:0=f\nMB:0=20\n"]),
        (#"{"l3CacheSchema": "L3:0=f\nMB:0=90\nL2:0=1", "memBwSchema": "MB:0=20"}"#, ["L3:0=f\nL2:0=1\nMB:0=20\n"]),
        (#"{"schemata": ["L3:0=1", "MB:0=5"]}"#, ["L3:0=1\nMB:0=5\n"]),
        (#"{"schemata": ["L2:0=1"], "memBwSchema": "MB:0=20"}"#, ["MB:0=20\n", "L2:0=1\n"]), ("{}", []),
        (#"{"schemata": [], "l3CacheSchema": "", "memBwSchema": "", "closID": ""}"#, []),
    ])
    func schemata(text: String, values: [String]) throws { #expect(try Self.rdt(text).schemata == values) }

    @Test func schemataOfANewClass() throws {
        let group = try create(#"{"closID": "fast", "l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=20"}"#)
        #expect(group.isClassMade)
        #expect(try directory.read("fast/schemata") == "L3:0=f\nMB:0=20\n")
        #expect(try directory.read("fast/tasks") == "4711")
    }

    /// `update` changes a class of the container's own; one that it shares is not its to change.
    @Test func changedSchemata() throws {
        let own = try create(#"{"closID": "fast", "l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=20"}"#)
        try own.change(to: ["L3:0=3", "MB:0=40"], in: root)
        #expect(try directory.read("fast/schemata") == "L3:0=3\nMB:0=40\n")
        let shared = try create(#"{"closID": "fast"}"#)
        let error = syscallError { () throws(SyscallError) in try shared.change(to: ["L3:0=1"], in: root) }
        #expect(error?.errno == .EBUSY)
        #expect(try directory.read("fast/schemata") == "L3:0=3\nMB:0=40\n")
    }

    /// The values of a class that is there are others' too: they are compared, however the kernel prints them.
    ///
    /// Fields: /linux/intelRdt/{closID,l3CacheSchema,memBwSchema,schemata}
    @Test func aClassThatIsThere() throws {
        let held = "    MB:0= 20;1= 70\n    L3:0=007f0;1=0001f\n"
        try prepare("fast", schemata: held)
        for fine in [
            #"{"closID": "fast"}"#, #"{"closID": "fast", "l3CacheSchema": "L3:0=7F0"}"#,
            #"{"closID": "fast", "schemata": ["L3:1=1f;0=7f0", "MB:0=20"]}"#,
            #"{"closID": "fast", "memBwSchema": "MB:0=99", "schemata": ["MB:0=20"]}"#,
        ] {
            let group = try create(fine)
            #expect(!group.isClassMade)
            #expect(try directory.read("fast/schemata") == held)
            #expect(try directory.read("fast/tasks") == "4711")
            try group.remove(in: root)
            #expect(try Files.exists(root + "/fast/tasks"))
        }
        let other = errors(#"{"closID": "fast", "l3CacheSchema": "L3:0=7f0;1=3f"}"#)
        #expect(other?.errno == .EEXIST)
        #expect(other?.operation == "compare with L3:1=3f, and not 1f of")
        #expect(errors(#"{"closID": "fast", "schemata": ["L2:0=1"]}"#)?.operation.contains("not there") == true)
    }

    /// A class that is only named has to be there.
    @Test func aClassThatIsMissing() throws {
        for text in [#"{"closID": "fast"}"#, #"{"closID": "fast", "enableMonitoring": true}"#] {
            let error = errors(text)
            #expect(error?.errno == .ENOENT)
            #expect(error?.operation == "find class")
            #expect(error?.subject == root + "/fast")
            #expect(try !Files.exists(root + "/fast"))
        }
    }

    /// `/` is the machine's default class.
    @Test func theDefaultClass() throws {
        let group = try create(#"{"closID": "/"}"#)
        #expect(group == ResctrlGroup(className: nil, monitoringName: nil))
        #expect(try directory.read("tasks") == "4711")
        try group.remove(in: root)
        #expect(try Files.exists(root + "/tasks"))
        // Nothing in it is a container's to change.
        try directory.write("schemata", Array("L3:0=ff\n".utf8))
        #expect(errors(#"{"closID": "/", "l3CacheSchema": "L3:0=f"}"#)?.errno == .EEXIST)
        #expect(try directory.read("schemata") == "L3:0=ff\n")
    }

    /// Fields: /linux/intelRdt/enableMonitoring
    @Test func monitoring() throws {
        let group = try create(#"{"closID": "/", "enableMonitoring": true}"#)
        #expect(group.isMonitoringMade)
        #expect(try directory.read("tasks") == "4711")
        #expect(try directory.read("mon_groups/demo/tasks") == "4711")
        // Somebody else's.
        #expect(errors(#"{"closID": "/", "enableMonitoring": true}"#)?.errno == .EEXIST)
        try Files.unlink(root + "/mon_groups/demo/tasks")
        try group.remove(in: root)
        #expect(try !Files.exists(root + "/mon_groups/demo"))
        #expect(try Self.rdt(#"{"enableMonitoring": false}"#).isMonitored == false)
    }

    /// A class that another container was put into meanwhile stays.
    @Test func classesInUseStay() throws {
        let group = try create(#"{"closID": "fast", "memBwSchema": "MB:0=20"}"#)
        try directory.write("fast/tasks", Array("4712\n".utf8))
        try group.remove(in: root)
        #expect(try Files.exists(root + "/fast/tasks"))
    }

    /// The file system says in words what is wrong with a value.
    @Test func refusedSchemata() throws {
        let rdt = try Self.rdt(#"{"schemata": ["L3:0=1"]}"#)
        var group = ResctrlGroup(planned: rdt, id: "demo")
        try group.look(for: rdt, in: root)
        try group.makeClass(in: root)
        try directory.makeFolder("info")
        try directory.write("info/last_cmd_status", Array("unknown resource L3\n".utf8))
        let error = syscallError { () throws(SyscallError) in try group.fill(rdt, in: root) }
        #expect(error?.subject == root + "/demo/schemata (unknown resource L3)")
    }

    @Test func isNotMountedHere() throws {
        #expect(!ResctrlGroup.isMounted(at: root))
        #expect(!ResctrlGroup.isMounted(at: root + "/none"))
    }
}

extension ResctrlGroup {
    fileprivate init(className: String?, monitoringName: String?, isClassMade: Bool) {
        self.init(className: className, monitoringName: monitoringName)
        self.isClassMade = isClassMade
    }
}
