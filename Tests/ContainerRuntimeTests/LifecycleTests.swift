import LinuxSys
import LosslessJSON
import OCISpec
import Testing

@testable import ContainerRuntime

/// The commands on containers whose process is an ordinary one of the test's own, put into the state by hand: what they
/// say of each state, and what they do to it.
struct LifecycleTests {
    let directory: TemporaryDirectory
    let store: StateStore

    init() throws {
        directory = try TemporaryDirectory()
        store = StateStore(path: directory.path + "/state")
    }

    static let sleep = ["sleep", "60"]

    static func spawn(_ arguments: [String] = sleep) throws -> ChildProcess {
        let program = try PreparedExec(path: "/usr/bin/\(arguments[0])", arguments: arguments, environment: [])
        return try Processes.spawn(program, SpawnOptions())
    }

    static func identity(_ pid: Int32) throws -> ProcessIdentity {
        try #require(try ProcessIdentity.read(pid: pid)).identity
    }

    /// Puts a container into the state.
    func put(
        _ id: String = "demo", process: ProcessIdentity?, isComplete: Bool = true, isStarted: Bool = false,
        creator: ProcessIdentity? = nil, change: (inout ContainerRecord) -> Void = { _ in }
    ) throws {
        let folder = try store.claim(id)
        var record = ContainerRecord(
            ociVersion: "1.2.0", id: id, creator: creator ?? ProcessIdentity(pid: .max, startTicks: 1),
            bundle: "/srv/bundle", rootfs: "/srv/bundle/rootfs", created: "2026-01-01T00:00:00Z",
            annotations: [("a", "b")], owner: 0, hasPIDNamespace: true, keepsKeyring: false,
            cgroups: CgroupTree(groups: []), laterHooks: [])
        change(&record)
        try folder.write(record)
        if let process { try folder.write(process) }
        if isComplete { try folder.complete() }
        if !isStarted {
            for name in ["start", "result"] { try Files.makeFIFO("\(store.path)/\(id)/\(name)", permissions: 0o600) }
        }
    }

    func status(_ id: String = "demo") throws -> ContainerStatus { try Container(id, in: store).status }

    // MARK: state

    @Test func statusOfEachState() throws {
        let child = try Self.spawn()
        let process = try Self.identity(child.pid)
        try put("created", process: process)
        try put("running", process: process, isStarted: true)
        try put("creating", process: process, isComplete: false, creator: Self.identity(Processes.processID))
        try put("early", process: nil, isComplete: false, creator: Self.identity(Processes.processID))
        try put("abandoned", process: process, isComplete: false)
        try put("reused", process: ProcessIdentity(pid: child.pid, startTicks: process.startTicks + 1))
        #expect(try status("created") == .created)
        #expect(try status("running") == .running)
        #expect(try status("creating") == .creating)
        #expect(try status("early") == .creating)
        #expect(try status("abandoned") == .stopped)
        #expect(try status("reused") == .stopped)
        #expect(try Container("running", in: store).visiblePID == child.pid)
        #expect(try Container("reused", in: store).visiblePID == 0)
        try child.signal(Signals.kill)
        var entries = [PollEntry(child.pidfd.borrowed, .readable)]
        try Poll.wait(&entries)
        // A zombie has ended, though its pid is still there.
        #expect(try status("running") == .stopped)
        #expect(try status("created") == .stopped)
        _ = try child.wait()
        #expect(try status("running") == .stopped)
    }

    @Test func frozenIsPaused() throws {
        let child = try Self.spawn()
        try directory.makeFolder("freezer/demo")
        try directory.write("freezer/demo/freezer.state", Array("FROZEN\n".utf8))
        let group = CgroupTree.Group(
            mountPoint: directory.path + "/freezer", path: "/demo", isUnified: false, controllers: ["freezer"])
        try put(process: Self.identity(child.pid), isStarted: true) { $0.cgroups = CgroupTree(groups: [group]) }
        #expect(try status() == .paused)
        try directory.write("freezer/demo/freezer.state", Array("THAWED\n".utf8))
        #expect(try status() == .running)
        // A group that somebody else has removed is not frozen.
        try Files.unlink(directory.path + "/freezer/demo/freezer.state")
        #expect(try status() == .running)
        try child.signal(Signals.kill)
        _ = try child.wait()
        #expect(try status() == .stopped)
    }

    @Test func theStateDocument() throws {
        let child = try Self.spawn()
        try put(process: Self.identity(child.pid), isStarted: true)
        let state = try Container("demo", in: store).state
        #expect(state.id == "demo" && state.status == .running && state.pid == child.pid)
        #expect(state.ociVersion == "1.2.0" && state.bundle == "/srv/bundle" && state.owner == "root")
        #expect(state.annotations?.map(\.key) == ["a"])
        try child.signal(Signals.kill)
        _ = try child.wait()
        #expect(try Container("demo", in: store).state.pid == 0)
    }

    // MARK: kill

    @Test func signalsGoToTheProcess() throws {
        let child = try Self.spawn()
        try put(process: Self.identity(child.pid))
        try Kill.send(Signals.terminate, to: "demo", all: false, in: store)
        #expect(try child.wait() == .signaled(Signals.terminate, coreDumped: false))
        for signal in [Signals.terminate, Signals.kill] {
            let error = runtimeError { () throws(RuntimeError) in
                try Kill.send(signal, to: "demo", all: false, in: store)
            }
            #expect(error?.kind == .state)
            #expect(error?.text == "container not running")
        }
        // To all of a container without processes: nothing to do.
        try Kill.send(Signals.kill, to: "demo", all: true, in: store)
    }

    /// Whoever has the pid by now gets nothing.
    @Test func reusedPIDsAreLeftAlone() throws {
        let child = try Self.spawn()
        let process = try Self.identity(child.pid)
        try put(process: ProcessIdentity(pid: process.pid, startTicks: process.startTicks - 1))
        for all in [false, true] {
            _ = runtimeError { () throws(RuntimeError) in
                try Kill.send(Signals.kill, to: "demo", all: all, in: store)
            }
        }
        try Delete.delete("demo", force: true, in: store)
        #expect(try child.waitNoHang() == nil)
        try child.signal(Signals.kill)
        _ = try child.wait()
    }

    @Test func whatIsNotThereCannotBeKilled() {
        let error = runtimeError { () throws(RuntimeError) in
            try Kill.send(Signals.kill, to: "demo", all: false, in: store)
        }
        #expect(error?.text == "container does not exist")
    }

    // MARK: delete

    @Test func stoppedContainersGo() throws {
        try put(process: ProcessIdentity(pid: 1, startTicks: .max), isStarted: true)
        try Delete.delete("demo", force: false, in: store)
        #expect(try store.ids().isEmpty)
        let again = runtimeError { () throws(RuntimeError) in try Delete.delete("demo", force: false, in: store) }
        #expect(again?.text == "container does not exist")
        try Delete.delete("demo", force: true, in: store)
    }

    @Test func runningContainersStay() throws {
        let child = try Self.spawn()
        try put(process: Self.identity(child.pid), isStarted: true)
        let error = runtimeError { () throws(RuntimeError) in try Delete.delete("demo", force: false, in: store) }
        #expect(error?.kind == .state)
        #expect(error?.text == "cannot delete container demo that is not stopped: running")
        #expect(try status() == .running)
        try Delete.delete("demo", force: true, in: store)
        #expect(try store.ids().isEmpty)
        #expect(try child.wait() == .signaled(Signals.kill, coreDumped: false))
    }

    /// A container that was only created ends without force.
    @Test func createdContainersEnd() throws {
        let child = try Self.spawn()
        try put(process: Self.identity(child.pid))
        try Delete.delete("demo", force: false, in: store)
        #expect(try child.wait() == .signaled(Signals.kill, coreDumped: false))
        #expect(try store.ids().isEmpty)
    }

    /// A create that has died leaves its process behind: it ends too.
    @Test func abandonedContainersEnd() throws {
        let child = try Self.spawn()
        try put(process: Self.identity(child.pid), isComplete: false)
        #expect(try status() == .stopped)
        try Delete.delete("demo", force: false, in: store)
        #expect(try child.wait() == .signaled(Signals.kill, coreDumped: false))
        #expect(try store.ids().isEmpty)
    }

    /// One that hangs is ended by force.
    @Test func aCreatorThatHangsEnds() throws {
        let creator = try Self.spawn()
        let child = try Self.spawn()
        try put(process: Self.identity(child.pid), isComplete: false, creator: Self.identity(creator.pid))
        let error = runtimeError { () throws(RuntimeError) in try Delete.delete("demo", force: false, in: store) }
        #expect(error?.text == "cannot delete container demo that is not stopped: creating")
        try Delete.delete("demo", force: true, in: store)
        #expect(try creator.wait() == .signaled(Signals.kill, coreDumped: false))
        #expect(try child.wait() == .signaled(Signals.kill, coreDumped: false))
    }

    @Test(arguments: ["", "{}", "{\"id\":", "[1,2,3]", "null"])
    func damagedStateGoesByForceAlone(text: String) throws {
        try put(process: nil, isComplete: false)
        try directory.write("state/demo/state.json", Array(text.utf8))
        let error = runtimeError { () throws(RuntimeError) in try Delete.delete("demo", force: false, in: store) }
        #expect(error?.kind == .state)
        #expect(error?.message.hasPrefix("state.json is damaged: ") == true)
        #expect(error?.hint == "raind-oci delete --force ID removes what is left of it")
        #expect(try store.ids() == ["demo"])
        try Delete.delete("demo", force: true, in: store)
        #expect(try store.ids().isEmpty)
    }

    @Test func anEmptyFolderGoesByForceAlone() throws {
        _ = try store.claim("demo")
        let error = runtimeError { () throws(RuntimeError) in try Delete.delete("demo", force: false, in: store) }
        #expect(error?.message == "state.json is missing")
        try Delete.delete("demo", force: true, in: store)
        #expect(try store.ids().isEmpty)
    }

    /// The container is gone by the time its last hooks run; one that fails keeps nothing from going.
    @Test func poststopHooksRunAtTheEnd() throws {
        var hooks = Hooks()
        let out = directory.path + "/out"
        hooks.poststop = [
            Hook(path: "/bin/sh", args: ["sh", "-c", "/usr/bin/cat > \(out)"]), Hook(path: "/bin/false"),
            Hook(path: "/usr/bin/touch", args: ["touch", out + "2"]),
        ]
        let text = ContainerHooks.encode(hooks)
        try put(process: ProcessIdentity(pid: 1, startTicks: .max), isStarted: true) { $0.laterHooks = text }
        try Delete.delete("demo", force: false, in: store)
        let state = try JSON(parsing: Array(try directory.read("out").utf8))
        #expect(state["status"]?.stringValue == "stopped")
        #expect(state["pid"]?.int64Value == 0)
        #expect(try Files.exists(out + "2"))
        #expect(try store.ids().isEmpty)
    }

    @Test func groupsGoWithTheirContainer() throws {
        try directory.makeFolder("v2/demo")
        let group = CgroupTree.Group(
            mountPoint: directory.path + "/v2", path: "/demo", isUnified: true, controllers: ["pids"])
        try put(process: ProcessIdentity(pid: 1, startTicks: .max), isStarted: true) {
            $0.cgroups = CgroupTree(groups: [group])
        }
        try Delete.delete("demo", force: false, in: store)
        #expect(try !Files.exists(directory.path + "/v2/demo"))
    }
}
