import LinuxSys
import Testing

@testable import ContainerRuntime

/// Processes that cannot be mistaken for others.
struct ProcessIdentityTests {
    @Test func ourOwn() throws {
        let found = try #require(try ProcessIdentity.read(pid: Processes.processID))
        #expect(found.identity.pid == Processes.processID)
        #expect(found.identity.startTicks > 0)
        #expect(found.state == UInt8(ascii: "R") || found.state == UInt8(ascii: "S"))
        #expect(try ProcessIdentity.read(pid: Processes.processID)?.identity == found.identity)
        #expect(try Container.isRunning(found.identity))
    }

    /// The pid of a process that has gone names another one, if any.
    @Test func anotherStartIsAnotherProcess() throws {
        let own = try #require(try ProcessIdentity.read(pid: Processes.processID)).identity
        for ticks in [own.startTicks + 1, own.startTicks - 1, 0, .max] {
            #expect(try !Container.isRunning(ProcessIdentity(pid: own.pid, startTicks: ticks)))
        }
        for pid in [0, -1, .min, .max] as [Int32] {
            #expect(try !Container.isRunning(ProcessIdentity(pid: pid, startTicks: own.startTicks)))
        }
    }

    /// A command's name stands unquoted in the middle of what the kernel says.
    @Test(arguments: ["a) Z 1 (x", "(((", ")))", "a b c d e", "x\ny) Z 1"])
    func hostileNames(name: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/" + name
        try Files.makeSymlink(path, to: "/usr/bin/sleep")
        let child = try Processes.spawn(
            PreparedExec(path: path, arguments: ["sleep", "30"], environment: []), SpawnOptions())
        let found = try #require(try ProcessIdentity.read(pid: child.pid))
        #expect(found.state != UInt8(ascii: "Z"))
        #expect(try Container.isRunning(found.identity))
        let own = try #require(try ProcessIdentity.read(pid: Processes.processID)).identity
        #expect(found.identity.startTicks >= own.startTicks)
        try child.signal(Signals.kill)
        // Dead and not waited for is not running.
        var entries = [PollEntry(child.pidfd.borrowed, .readable)]
        try Poll.wait(&entries)
        #expect(try !Container.isRunning(found.identity))
        _ = try child.wait()
        #expect(try ProcessIdentity.read(pid: found.identity.pid) == nil)
        try Files.unlink(path)
    }

    @Test func usersOfTheHost() {
        #expect(PasswordFile.name(of: 0) == "root")
        #expect(PasswordFile.home(of: 0) == "/root")
        #expect(PasswordFile.name(of: 4_294_967_294) == nil)
        #expect(PasswordFile.home(of: 4_294_967_294) == "/")
    }
}
