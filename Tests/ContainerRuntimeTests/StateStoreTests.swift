import LinuxSys
import LosslessJSON
import OCISpec
import Testing

@testable import ContainerRuntime

/// The folder of containers' folders.
struct StateStoreTests {
    let directory: TemporaryDirectory
    let store: StateStore

    init() throws {
        directory = try TemporaryDirectory()
        store = StateStore(path: directory.path + "/state/deeper")
    }

    @Test(arguments: ["a", "A-Z_0+9.b", "..a", "...", "-", "--force", String(repeating: "x", count: 255)])
    func idsThatCanBe(id: String) throws {
        #expect(StateStore.isValid(id: id))
        _ = try store.claim(id)
        #expect(try store.ids() == [id])
    }

    @Test(
        arguments: [
            "", ".", "..", "a/b", "/", "../a", "a b", "a\nb", "a\0", "ä", "a*", "a:b", "\u{1b}[2J", "a\\b", "\u{212a}",
            String(repeating: "x", count: 256),
        ])
    func idsThatCannotBe(id: String) {
        #expect(!StateStore.isValid(id: id))
        let claimed = runtimeError { () throws(RuntimeError) in try StateStore.check(id: id) }
        #expect(claimed?.kind == .usage)
        #expect(claimed?.message.hasPrefix("invalid container ID format: ") == true)
        // Looked up, it is refused before any path is made of it.
        let opened = runtimeError { () throws(RuntimeError) in _ = try store.open(id, locks: false) }
        #expect(opened?.kind == .usage)
    }

    @Test func foldersAreTheOwnersAlone() throws {
        let folder = try store.claim("demo")
        for path in [directory.path + "/state", store.path, store.path + "/demo"] {
            #expect(try Files.status(path).permissions == 0o700, "\(path)")
        }
        try folder.write(ContainerRecordTests.record())
        try folder.write(ProcessIdentity(pid: 1, startTicks: 2))
        for name in ["state.json", "creating"] {
            #expect(try Files.status("\(store.path)/demo/\(name)").permissions == 0o600)
        }
    }

    @Test func anIDIsClaimedOnce() throws {
        let first = try store.claim("demo")
        let second = runtimeError { () throws(RuntimeError) in _ = try store.claim("demo") }
        #expect(second?.kind == .state)
        #expect(second?.text == "container with given ID already exists")
        try first.remove()
        _ = try store.claim("demo")
    }

    /// Whatever stands in a container's place is not followed and not taken for one.
    @Test func onlyFoldersAreContainers() throws {
        _ = try store.claim("demo")
        try Files.makeSymlink(store.path + "/link", to: "demo")
        try directory.write("state/deeper/file", [])
        for name in ["link", "file"] {
            let error = runtimeError { () throws(RuntimeError) in _ = try store.open(name, locks: true) }
            #expect(error?.errno == (name == "link" ? .ENOTDIR : .ENOTDIR), "\(name)")
            let claimed = runtimeError { () throws(RuntimeError) in _ = try store.claim(name) }
            #expect(claimed?.text == "container with given ID already exists")
        }
    }

    @Test func whatIsNotThereIsTold() throws {
        for locks in [false, true] {
            let error = runtimeError { () throws(RuntimeError) in _ = try store.open("demo", locks: locks) }
            #expect(error?.kind == .state)
            #expect(error?.text == "container does not exist")
        }
        #expect(try store.ids().isEmpty)
        // Looking makes nothing.
        #expect(try !Files.exists(directory.path + "/state"))
        _ = try store.claim("other")
        let error = runtimeError { () throws(RuntimeError) in _ = try store.open("demo", locks: false) }
        #expect(error?.text == "container does not exist")
    }

    @Test func idsAreSortedAndValid() throws {
        for id in ["b", "a", "B"] { _ = try store.claim(id) }
        try directory.makeFolder("state/deeper/not an id")
        #expect(try store.ids() == ["B", "a", "b"])
    }

    // MARK: Records in folders

    @Test func recordsAndTheirProcesses() throws {
        let folder = try store.claim("demo")
        let nothing = runtimeError { () throws(RuntimeError) in _ = try folder.read() }
        #expect(nothing?.kind == .state)
        #expect(nothing?.message == "state.json is missing")
        #expect(nothing?.hint == "raind-oci delete --force ID removes what is left of it")
        try folder.write(ContainerRecordTests.record())
        var record = try folder.read()
        #expect(record.pid == 0 && !record.isComplete)
        try folder.write(ProcessIdentity(pid: 77, startTicks: 88))
        record = try folder.read()
        #expect(record.pid == 77 && record.startTicks == 88 && !record.isComplete)
        try folder.complete()
        record = try folder.read()
        #expect(record.pid == 77 && record.startTicks == 88 && record.isComplete)
        #expect(try store.open("demo", locks: false).read().id == "demo")
    }

    /// A process's file is made once: whoever finds one has not claimed the id.
    @Test func processesAreWrittenOnce() throws {
        let folder = try store.claim("demo")
        try folder.write(ProcessIdentity(pid: 77, startTicks: 88))
        let again = syscallError { () throws(SyscallError) in
            try folder.write(ProcessIdentity(pid: 1, startTicks: 1))
        }
        #expect(again?.errno == .EEXIST)
    }

    /// What was left of a write that was interrupted is written over, and never read.
    @Test func interruptedWritesLeaveTheOldRecord() throws {
        let folder = try store.claim("demo")
        try folder.write(ContainerRecordTests.record())
        try directory.write("state/deeper/demo/state.json.new", Array("{\"half".utf8))
        #expect(try folder.read().id == "demo")
        var record = ContainerRecordTests.record()
        record.bundle = "/other"
        try folder.write(record)
        #expect(try folder.read().bundle == "/other")
        #expect(try !Files.exists(store.path + "/demo/state.json.new"))
    }

    @Test func hugeRecordsAreRefused() throws {
        let folder = try store.claim("demo")
        let file = try Files.open(store.path + "/demo/state.json", [.writeOnly, .create], mode: 0o600)
        // A hole: no byte of it is stored.
        try Files.truncate(file.borrowed, size: 1 << 40)
        let error = runtimeError { () throws(RuntimeError) in _ = try folder.read() }
        #expect(error != nil)
    }

    @Test(arguments: ["state.json", "created"])
    func whatIsNoFileIsRefused(name: String) throws {
        let folder = try store.claim("demo")
        try folder.write(ContainerRecordTests.record())
        if name == "state.json" { try Files.unlink(store.path + "/demo/state.json") }
        try Files.makeDirectory("\(store.path)/demo/\(name)", mode: 0o700)
        let error = runtimeError { () throws(RuntimeError) in _ = try folder.read() }
        #expect(error?.kind == .state)
        #expect(error?.message == "\(name) is damaged: read \(name) (a directory): EISDIR")
        // It goes with whatever is in it.
        try directory.write("state/deeper/demo/\(name)/file", [])
        try folder.remove()
        #expect(try !Files.exists(store.path + "/demo"))
    }

    /// Nothing is waited for, and nothing is followed.
    @Test(arguments: ["state.json", "created", "config.json"])
    func whatIsNotRegularIsRefused(name: String) throws {
        let folder = try store.claim("demo")
        try folder.write(ContainerRecordTests.record())
        try folder.write(ProcessIdentity(pid: 77, startTicks: 88))
        try folder.write(config: Array("{}".utf8))
        try folder.complete()
        let path = "\(store.path)/demo/\(name)"
        func message() -> String? {
            runtimeError { () throws(RuntimeError) in
                _ = try folder.read()
                _ = try folder.readConfig()
            }?.message
        }
        #expect(message() == nil)
        try Files.unlink(path)
        try Files.makeFIFO(path, permissions: 0o600)
        #expect(message() == "\(name) is damaged: read \(name) (a FIFO): EINVAL")
        try Files.unlink(path)
        try Files.makeSymlink(path, to: "/etc/passwd")
        #expect(message() == "\(name) is damaged: openat \(name): ELOOP")
        try Files.unlink(path)
        #expect(message()?.hasPrefix("\(name) is missing") == true)
        try folder.remove()
    }

    /// A folder that has something else in it was never a container's: nothing of it goes.
    @Test func otherFoldersAreLeft() throws {
        let folder = try store.claim("demo")
        try folder.write(ContainerRecordTests.record())
        try directory.write("state/deeper/demo/letter", [])
        let error = syscallError { () throws(SyscallError) in try folder.remove() }
        #expect(error?.errno == .ENOTEMPTY)
        #expect(try Files.exists(store.path + "/demo/state.json"))
        try Files.unlink(store.path + "/demo/letter")
        try folder.remove()
        #expect(try !Files.exists(store.path + "/demo"))
    }

    @Test func recordsOfOthersAreRefused() throws {
        let folder = try store.claim("other")
        try folder.write(ContainerRecordTests.record())
        let error = runtimeError { () throws(RuntimeError) in _ = try folder.read() }
        #expect(error?.message == "state.json is damaged: it is of the container demo")
    }

    /// A process that was written whole, and now is none, is damage and not a container without a process.
    @Test(arguments: ["", "x", "1", "1 2", "0 0\n", "-5 1\n", "99999999999 1\n", "1 2\n3 4\n"])
    func damagedProcessesAreRefused(text: String) throws {
        let folder = try store.claim("demo")
        try folder.write(ContainerRecordTests.record())
        try directory.write("state/deeper/demo/created", Array(text.utf8))
        let error = runtimeError { () throws(RuntimeError) in _ = try folder.read() }
        #expect(error?.kind == .state)
    }

    /// Its writer is not done: there is no process yet.
    @Test func aProcessThatIsBeingWrittenIsNone() throws {
        let folder = try store.claim("demo")
        try folder.write(ContainerRecordTests.record())
        for text in ["", "7", "77 8"] {
            try directory.write("state/deeper/demo/creating", Array(text.utf8))
            let record = try folder.read()
            #expect(record.pid == 0 && !record.isComplete)
        }
    }

    @Test func theStartPipeIsAFIFO() throws {
        let folder = try store.claim("demo")
        #expect(try !folder.hasStartPipe())
        try directory.write("state/deeper/demo/start", [])
        #expect(try !folder.hasStartPipe())
        try Files.unlink(store.path + "/demo/start")
        try Files.makeFIFO(store.path + "/demo/start", permissions: 0o600)
        #expect(try folder.hasStartPipe())
        try Files.rename(store.path + "/demo/start", to: store.path + "/demo/fifo")
        try Files.makeSymlink(store.path + "/demo/start", to: "fifo")
        #expect(try !folder.hasStartPipe())
    }

    @Test func removalTakesAllThatIsThere() throws {
        let folder = try store.claim("demo")
        try folder.write(ContainerRecordTests.record())
        try folder.write(ProcessIdentity(pid: 1, startTicks: 1))
        try Files.makeFIFO(store.path + "/demo/start", permissions: 0o600)
        try directory.write("outside", [1])
        try Files.makeSymlink(store.path + "/demo/link", to: directory.path + "/outside")
        try Files.rename(store.path + "/demo/link", to: store.path + "/demo/result")
        try folder.remove()
        #expect(try store.ids().isEmpty)
        #expect(try Files.exists(directory.path + "/outside"))
    }

    /// A folder that goes while somebody waits for its lock is no container for whoever gets the lock then.
    @Test func aRemovedFolderIsNotOpened() throws {
        let folder = try store.claim("demo")
        let open = try store.open("demo", locks: false)
        try folder.remove()
        #expect(runtimeError { () throws(RuntimeError) in _ = try open.read() }?.kind == .state)
        let error = runtimeError { () throws(RuntimeError) in _ = try store.open("demo", locks: true) }
        #expect(error?.text == "container does not exist")
    }
}
