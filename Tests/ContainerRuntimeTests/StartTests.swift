import Foundation
import LinuxSys
import OCISpec
import Testing

@testable import ContainerRuntime

/// `start` and the two FIFOs, with the test in place of the container's process.
struct StartTests {
    let lifecycle: LifecycleTests
    let child: ChildProcessBox

    /// A child that is ended with the test.
    final class ChildProcessBox: Sendable {
        let pid: Int32
        private let pidfd: OwnedFD

        init(_ child: consuming ChildProcess) throws {
            pid = child.pid
            pidfd = try Files.duplicate(child.pidfd.borrowed)
        }

        deinit {
            // Best effort: it may have ended by itself.
            try? Processes.sendSignal(Signals.kill, to: pidfd.borrowed)
            _ = try? Processes.wait(pidfd.borrowed)
        }
    }

    init() throws {
        lifecycle = try LifecycleTests()
        child = try ChildProcessBox(LifecycleTests.spawn())
        try lifecycle.put(process: LifecycleTests.identity(child.pid))
    }

    /// Starts the container, whose process answers with some bytes once it is told to go on.
    func start(answering bytes: [UInt8]) throws -> RuntimeError? {
        let folder = lifecycle.store.path + "/demo/"
        // Both ends, as the container's process holds them: neither open waits for the other side.
        let startPipe = try Files.open(folder + "start", [.readWrite])
        let resultPipe = try Files.open(folder + "result", [.readWrite])
        let (read, write) = (startPipe.borrowed.rawValue, resultPipe.borrowed.rawValue)
        let done = DispatchSemaphore(value: 0)
        let process = Thread {
            // Best effort: what goes wrong here is seen in what start says.
            let byte = try? Files.readByte(BorrowedFD(rawValue: read))
            if byte == Start.go { try? Files.writeAll(BorrowedFD(rawValue: write), bytes) }
            done.signal()
        }
        process.start()
        let store = lifecycle.store
        let result = Result()
        let finished = DispatchSemaphore(value: 0)
        let starter = Thread {
            result.error = runtimeError { () throws(RuntimeError) in try Start.start("demo", in: store) }
            finished.signal()
        }
        starter.start()
        #expect(done.wait(timeout: .now() + 20) == .success)
        // The exec, or the end of the process.
        _ = consume resultPipe
        #expect(finished.wait(timeout: .now() + 20) == .success)
        _ = consume startPipe
        return result.error
    }

    final class Result: @unchecked Sendable {
        var error: RuntimeError?
    }

    @Test func theLastStepAndTheEndAreSuccess() throws {
        #expect(try start(answering: [Start.lastStep]) == nil)
        #expect(try lifecycle.status() == .running)
        // Neither FIFO is there any more, and it can't be started twice.
        #expect(try !Files.exists(lifecycle.store.path + "/demo/start"))
        #expect(try !Files.exists(lifecycle.store.path + "/demo/result"))
        let again = runtimeError { () throws(RuntimeError) in try Start.start("demo", in: lifecycle.store) }
        #expect(again?.text == "cannot start an already running container")
    }

    @Test func failuresAreTold() throws {
        let error = try start(answering: StageMessage.failure(StageMessageTests.failure()).encoded)
        #expect(error?.text == "mount proc on /proc (/mounts/0): mount: EPERM; hint: a hint")
        #expect(try lifecycle.status() != .created)
    }

    /// The byte before the exec comes before what the exec failed with.
    @Test func failuresOfTheExecAreTold() throws {
        let failure = StageFailure(CommandFailure(text: "exec: \"x\": permission denied"))
        let error = try start(answering: [Start.lastStep] + StageMessage.failure(failure).encoded)
        #expect(error?.kind == .command)
        #expect(error?.text == "exec: \"x\": permission denied")
    }

    @Test(
        arguments: [
            [], [0], [Start.lastStep, 0], [Start.lastStep, Start.lastStep], StageMessage.ready.encoded,
            Array(StageMessage.failure(StageMessageTests.failure()).encoded.dropLast()),
            Array(repeating: 6, count: 1000),
        ] as [[UInt8]])
    func anEndWithoutAWordIsADeath(bytes: [UInt8]) throws {
        let error = try start(answering: bytes)
        #expect(error?.kind == .system)
        #expect(error?.text == "await execution: the container's process died before it executed its program")
    }

    @Test func aDeadProcessCannotBeStarted() throws {
        try Processes.kill(child.pid, Signals.kill)
        while try lifecycle.status() != .stopped { Thread.sleep(forTimeInterval: 0.001) }
        let error = runtimeError { () throws(RuntimeError) in try Start.start("demo", in: lifecycle.store) }
        #expect(error?.kind == .state)
        #expect(error?.text == "cannot start a container that has stopped")
    }

    /// The process lives, and nobody holds the FIFO: it has closed it, so it waits for nobody.
    @Test func aProcessThatDoesNotWaitCannotBeStarted() throws {
        let error = runtimeError { () throws(RuntimeError) in try Start.start("demo", in: lifecycle.store) }
        #expect(error?.text == "cannot start a container that has stopped")
    }

    @Test func onlyCreatedContainersAreStarted() throws {
        let own = try LifecycleTests.identity(Processes.processID)
        try lifecycle.put("creating", process: own, isComplete: false, creator: own)
        let creating = runtimeError { () throws(RuntimeError) in try Start.start("creating", in: lifecycle.store) }
        #expect(creating?.text == "cannot start a container that is being created")
        let missing = runtimeError { () throws(RuntimeError) in try Start.start("missing", in: lifecycle.store) }
        #expect(missing?.text == "container does not exist")
    }
}
