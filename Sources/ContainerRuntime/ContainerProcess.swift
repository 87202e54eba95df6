import LinuxSys
import OCISpec
import RuntimePlan

/// The container's process from its clone to the exec of the user's program: it runs the plan's container steps in
/// order.
struct ContainerProcess: ~Copyable {
    /// What the process inherits from the runtime.
    struct Inheritance: ~Copyable {
        /// Its end of the channel to the runtime.
        let channel: OwnedFD
        /// The FIFO that it waits on for `start`.
        let startPipe: BorrowedFD
        /// The FIFO that it tells `start` through.
        let resultPipe: BorrowedFD
        /// The caller's console socket, connected; -1 without a terminal.
        let console: BorrowedFD
        /// The trees that the runtime has cloned for bind mounts and devices, and user namespaces for new file systems.
        let sources: [SourceTree]
        /// The root file system's tree, where the runtime has cloned it; it lives as long as `sources`.
        let rootTree: BorrowedFD?
        /// The page that says which step it is at.
        let progress: SharedProgress
        /// The descriptors that the user's program gets beside the standard ones.
        let preserved: [Int32]
        /// The sockets among them that a service manager has handed over.
        let activation: SocketActivation?
        /// What hooks get on standard input.
        let record: ContainerRecord
        /// A procfs of the host's, for a process that joins: before it is in the container's pid namespace, the container's
        /// has nothing of it.
        var procfs: OwnedFD?
        /// By what a process that joins makes the one in the container's pid namespace; nil for the container's first.
        let successor: SharedProcessID?

        /// The numbers of all of them, in order.
        var descriptors: [Int32] {
            var numbers = lasting
            Self.insert(ContainerRuntime.number(of: procfs).rawValue, into: &numbers)
            Self.insert(startPipe.rawValue, into: &numbers)
            Self.insert(resultPipe.rawValue, into: &numbers)
            Self.insert(console.rawValue, into: &numbers)
            if let rootTree { Self.insert(rootTree.rawValue, into: &numbers) }
            for source in sources { Self.insert(source.tree.rawValue, into: &numbers) }
            return numbers
        }

        /// The numbers of those that are needed to the end, in order.
        var lasting: [Int32] {
            var numbers: [Int32] = []
            for number in preserved { Self.insert(number, into: &numbers) }
            Self.insert(channel.borrowed.rawValue, into: &numbers)
            return numbers
        }

        /// Keeps the order and leaves out the standard ones, and what is there: mounts of the same mapping share a user
        /// namespace. (Sorting them in the end takes the standard library's generic way, a few pages long.)
        private static func insert(_ number: Int32, into numbers: inout [Int32]) {
            guard number > 2 else { return }
            var place = numbers.count
            while place > 0, numbers[place - 1] >= number { place -= 1 }
            if place < numbers.count, numbers[place] == number { return }
            numbers.insert(number, at: place)
        }
    }

    let plan: Plan
    var inheritance: Inheritance
    /// The root file system.
    var rootfs = Rootfs()
    /// A procfs that no other mount can cover.
    var procfs: OwnedFD?
    /// The host's `/dev/null`.
    var null: OwnedFD?
    /// An empty tmpfs, for masks.
    var cover: OwnedFD?
    /// The terminal's end for the container.
    var terminal: OwnedFD?
    /// The seccomp filter.
    var filter: [UInt8] = []
    /// The program's path, found in the container.
    var executable = ""
    /// The program's environment.
    var environment: [String] = []
    /// The filter is loaded together with the exec.
    var loadsFilterLate = false
    /// The process is in the container's pid namespace, where it has joined the container.
    var hasEnteredPIDNamespace = false
    /// The AppArmor label of the runtime, where the program is to have another and it can't be read any more.
    var ownLabel: String?
    /// `start` has asked: from now on it is the one to be told.
    var isStarted = false

    private init(_ plan: Plan, _ inheritance: consuming Inheritance) {
        self.plan = plan
        self.inheritance = inheritance
    }

    /// Runs the steps; never returns.
    static func run(_ plan: Plan, _ inheritance: consuming Inheritance) -> Never {
        var process = ContainerProcess(plan, inheritance)
        let progress = process.inheritance.progress
        process.closeForeignDescriptors()
        process.procfs = process.inheritance.procfs.take()
        process.resetSignals()
        for (index, step) in plan.containerSteps.enumerated() {
            progress.enter(index)
            do throws(StageFailure) {
                try process.perform(step, at: index)
            } catch {
                var failure = error
                if failure.step.isEmpty { failure.name(step) }
                process.report(failure)
                Processes.exitNow(1)
            }
        }
        // The last step is the exec, which does not return.
        Processes.exitNow(1)
    }

    /// Closes what was the runtime's alone. The lock of the state folder is held as long as anybody has its descriptor,
    /// and none of the host's is to be found through `/proc` while the container is put together.
    private func closeForeignDescriptors() {
        do throws(SyscallError) {
            try Self.closeAll(but: inheritance.descriptors)
        } catch {
            var failure = StageFailure(error)
            failure.name(.closeDescriptors)
            report(failure)
            Processes.exitNow(1)
        }
    }

    /// Closes every descriptor but the standard ones and those of an ordered list.
    static func closeAll(but kept: [Int32]) throws(SyscallError) {
        var next: UInt32 = 3
        for descriptor in kept {
            let number = UInt32(bitPattern: descriptor)
            if number > next { try Files.closeRange(from: next, through: number - 1) }
            next = max(next, number + 1)
        }
        try Files.closeRange(from: next)
    }

    /// The program starts with no signal blocked or ignored, whatever the caller and the runtime have made of theirs.
    private func resetSignals() {
        Signals.resetDispositions()
        // Best effort: it fails for no set of signals.
        _ = try? Signals.setMask([])
    }

    /// Tells the runtime, or `start` once it has asked.
    private func report(_ failure: StageFailure) {
        let bytes = StageMessage.failure(failure).encoded
        // Best effort: whoever should read it may be gone, and this process ends in any case.
        try? Files.writeAll(isStarted ? inheritance.resultPipe : inheritance.channel.borrowed, bytes)
    }

    /// Does one step.
    private mutating func perform(_ step: Step, at index: Int) throws(StageFailure) {
        switch step {
        case .runHooks(let kind):
            do throws(RuntimeError) {
                try runHooks(kind)
            } catch {
                throw StageFailure(error)
            }
        case .findExecutable(let name):
            do throws(CommandFailure) {
                try findExecutable(name)
            } catch {
                throw StageFailure(error)
            }
        case .execute:
            try execute(at: index)
        default:
            do throws(SyscallError) {
                if try performRootfs(step) { return }
                if try performLockdown(step) { return }
                throw SyscallError(operation: "\(step.name)", errno: .EINVAL, subject: "not a step of the container")
            } catch {
                throw StageFailure(error)
            }
        }
    }

    /// Waits for a message of the runtime's.
    func receive() throws(SyscallError) -> StageMessage {
        let packet = try Sockets.receive(inheritance.channel.borrowed, maximumBytes: StageMessage.maximumBytes)
        return try Self.message(packet.bytes)
    }

    /// Waits for the control groups, and enters them.
    func enterCgroups() throws(SyscallError) {
        let packet = try Sockets.receive(
            inheritance.channel.borrowed, maximumBytes: StageMessage.cgroupsOpen.encoded.count,
            maximumDescriptors: StageMessage.maximumDescriptors)
        guard case .cgroupsOpen = try Self.message(packet.bytes) else {
            throw SyscallError(operation: "read channel", errno: .EPROTO, subject: "control groups")
        }
        for file in packet.descriptors.borrowed { try Files.writeByte(file, UInt8(ascii: "0")) }
    }

    private static func message(_ packet: [UInt8]) throws(SyscallError) -> StageMessage {
        guard let message = StageMessage(decoding: packet) else {
            // End of file: the runtime has died, and a container that nobody knows of must not live on.
            throw SyscallError(operation: "read channel", errno: .EPIPE, subject: "runtime")
        }
        return message
    }

    /// Sends a message to the runtime.
    func send(_ message: StageMessage) throws(SyscallError) {
        try Files.writeAll(inheritance.channel.borrowed, message.encoded)
    }
}
