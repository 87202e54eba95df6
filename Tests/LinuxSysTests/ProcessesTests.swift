import LinuxSys
import Testing

@Suite struct ProcessesTests {
    private func shell(_ script: String) throws -> PreparedExec {
        try PreparedExec(path: "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin", "A=b"])
    }

    private func segmentationFault(_ dumpsCore: Bool) -> LinuxSys.ExitStatus { .signaled(11, coreDumped: dumpsCore) }

    /// What a script writes, and how it ends.
    private func run(
        _ script: String, _ change: (inout SpawnOptions) -> Void = { _ in }
    ) throws -> (String, LinuxSys.ExitStatus) {
        let pipe = try Files.pipe()
        var options = SpawnOptions()
        options.standardOutput = pipe.writing.borrowed
        change(&options)
        let child = try Processes.spawn(try shell(script), options)
        let reading = pipe.keepReading()
        let text = try Files.readAll(reading.borrowed, limit: 1 << 20)
        return (String(decoding: text, as: UTF8.self), try child.wait())
    }

    @Test(arguments: [0, 1, 42, 255] as [Int32])
    func exitCodesAreTold(code: Int32) throws {
        let child = try Processes.spawn(try shell("exit \(code)"))
        let status = try child.wait()
        #expect(status == .exited(code))
        #expect(status.shellCode == code)
        #expect(status.isSuccess == (code == 0))
    }

    @Test func signalsAreTold() throws {
        let child = try Processes.spawn(try shell("kill -KILL $$"))
        let status = try child.wait()
        #expect(status == .signaled(Signals.kill, coreDumped: false))
        #expect(status.shellCode == 137)
    }

    /// A child makes its sibling: the number is known to the parent, whose child it is, and the page to none but the two.
    @Test func siblingsAreKnownToTheParent() throws {
        let page = try SharedProcessID()
        #expect(page.value == nil)
        switch try Processes.clone([]) {
        case .child:
            guard let isSibling = try? page.cloneSibling() else { Processes.exitNow(9) }
            // What the sibling has of the page is no memory.
            if isSibling { Processes.exitNow(page.value == nil ? 8 : 9) }
            Processes.exitNow(7)
        case .parent(let child):
            #expect(try child.wait() == .exited(7))
            let sibling = try #require(page.value)
            #expect(sibling != child.pid)
            let status = try Processes.wait(for: sibling)
            #expect(status == segmentationFault(true) || status == segmentationFault(false))
            #expect(syscallError { () throws(SyscallError) in _ = try Processes.wait(for: sibling) }?.errno == .ECHILD)
        }
    }

    @Test func runningChildrenAreNotReaped() throws {
        let child = try Processes.spawn(try shell("sleep 60"))
        #expect(try child.waitNoHang() == nil)
        var entries = [PollEntry(child.pidfd.borrowed, .readable)]
        #expect(try Poll.wait(&entries, timeoutMilliseconds: 20) == 0)
        try child.signal(Signals.terminate)
        #expect(try Poll.wait(&entries) == 1)
        #expect(entries[0].ready.contains(.readable))
        #expect(try child.waitNoHang() == .signaled(Signals.terminate, coreDumped: false))
        let gone = syscallError { () throws(SyscallError) in try child.signal(Signals.kill) }
        #expect(gone?.errno == .ESRCH)
    }

    @Test func failedExecsAreThrown() throws {
        let missing = try PreparedExec(path: "/nonexistent/program", arguments: ["program"], environment: [])
        let error = syscallError { () throws(SyscallError) in _ = try Processes.spawn(missing) }
        #expect(error == SyscallError(operation: "execve", errno: .ENOENT, subject: "/nonexistent/program"))
        let directory = try PreparedExec(path: "/", arguments: ["program"], environment: [])
        #expect(syscallError { () throws(SyscallError) in _ = try Processes.spawn(directory) }?.errno == .EACCES)
    }

    @Test func preparationFailuresAreThrownAsTheyAre() throws {
        var options = SpawnOptions()
        let thrown = SyscallError(operation: "setns", errno: .EPERM, subject: "some namespace")
        options.prepare = { () throws(SyscallError) in throw thrown }
        let program = try shell("exit 0")
        #expect(syscallError { () throws(SyscallError) in _ = try Processes.spawn(program, options) } == thrown)
    }

    @Test func textsWithNULAreRefused() {
        for (path, argument, variable) in [
            ("/bin/sh\0x", "a", "B=c"), ("/bin/sh", "a\0", "B=c"), ("/bin/sh", "a", "\0"),
        ] {
            let error = syscallError { () throws(SyscallError) in
                _ = try PreparedExec(path: path, arguments: [argument], environment: [variable])
            }
            #expect(error?.errno == .EINVAL)
        }
    }

    @Test func argumentsAndEnvironmentArriveByteForByte() throws {
        let pipe = try Files.pipe()
        var options = SpawnOptions()
        options.standardOutput = pipe.writing.borrowed
        let argument: [UInt8] = [0xff, 0x20, 0xc3, 0x28]
        let program = try PreparedExec(
            path: Array("/bin/cat".utf8), arguments: [Array("cat".utf8), Array("/proc/self/cmdline".utf8), argument],
            environment: [[0x41, 0x3d, 0xfe]])
        let child = try Processes.spawn(program, options)
        let reading = pipe.keepReading()
        let output = try Files.readAll(reading.borrowed, limit: 4096)
        #expect(output == Array("cat\0/proc/self/cmdline\0".utf8) + argument + [0])
        _ = try child.wait()
    }

    @Test func nothingElseIsInherited() throws {
        // Inheritable on purpose: the options decide, not the flag.
        let leak = try Files.duplicate(.standardInput, atLeast: 300)
        try Files.setCloseOnExec(leak.borrowed, false)
        let wanted = try Files.duplicate(.standardInput, atLeast: 400)
        let (text, _) = try run("ls /proc/self/fd") { $0.inherited = [wanted.borrowed] }
        // ls opens the directory as one more, the lowest free.
        let numbers = text.split(separator: "\n").compactMap { Int32($0) }
        #expect(Set(numbers) == [0, 1, 2, 3, wanted.borrowed.rawValue])
        extendLifetime(leak)
        extendLifetime(wanted)
    }

    @Test func signalsStartAfresh() throws {
        // Not grep, which has a handler of its own for the overflow of its stack.
        let (text, _) = try run("exec cat /proc/self/status")
        let lines = text.split(separator: "\n").filter { line in
            ["SigBlk", "SigIgn", "SigCgt"].contains { line.hasPrefix($0) }
        }
        for line in lines { #expect(line.hasSuffix("0000000000000000"), "\(line)") }
        #expect(lines.count == 3)
    }

    @Test func workingDirectoryIsSet() throws {
        let directory = try Files.open("/proc", [.path, .directory])
        let (text, _) = try run("pwd -P") { $0.workingDirectory = directory.borrowed }
        #expect(text == "/proc\n")
        extendLifetime(directory)
    }

    @Test func standardStreamsMayChangePlaces() throws {
        let pipe = try Files.pipe()
        var options = SpawnOptions()
        options.standardOutput = pipe.writing.borrowed
        options.standardError = pipe.writing.borrowed
        options.standardInput = try BorrowedFD(rawValue: Files.open("/dev/null").release())
        defer { _ = options.standardInput.map { OwnedFD(adopting: $0.rawValue) } }
        let child = try Processes.spawn(try shell("echo out; echo err >&2; cat"), options)
        let reading = pipe.keepReading()
        #expect(try Files.readAll(reading.borrowed, limit: 100) == Array("out\nerr\n".utf8))
        #expect(try child.wait().isSuccess)
    }

    @Test func limitsOfChildrenCanBeSet() throws {
        // RLIMIT_NOFILE
        let own = try Processes.limit(resource: 7)
        let child = try Processes.spawn(try shell("sleep 60"))
        try Processes.setLimit(of: child.pid, resource: 7, soft: 17, hard: own.hard)
        #expect(try Processes.limit(of: child.pid, resource: 7).soft == 17)
        #expect(try Processes.limit(resource: 7).soft == own.soft)
        let error = syscallError { () throws(SyscallError) in
            try Processes.setLimit(of: child.pid, resource: 7, soft: 18, hard: 17)
        }
        #expect(error == SyscallError(operation: "prlimit", errno: .EINVAL, subject: "resource 7"))
        try child.signal(Signals.kill)
        _ = try child.wait()
    }

    @Test func theOldCloneServesAsWell() throws {
        let child = try cloneExiting(7)
        #expect(try child.wait() == .exited(7))
        let error = syscallError { () throws(SyscallError) in _ = try Processes.legacyClone(.newTime) }
        #expect(error == SyscallError(operation: "clone", errno: .EINVAL))
    }

    private func cloneExiting(_ code: Int32) throws -> ChildProcess {
        let result = try Processes.legacyClone()
        switch consume result {
        case .child: Processes.exitNow(code)
        case .parent(let child): return child
        }
    }

    @Test func descriptorsOfOthersCanBeCopied() throws {
        let child = try Processes.spawn(try shell("exec 5</dev/null; kill -STOP $$"))
        // Best effort: the loop below decides.
        var copy: Int32 = -1
        for _ in 0..<500 where copy < 0 {
            copy = (try? Processes.copyDescriptor(5, of: child.pidfd.borrowed))?.release() ?? -1
            var nothing: [PollEntry] = []
            if copy < 0 { try Poll.wait(&nothing, timeoutMilliseconds: 10) }
        }
        let fd = OwnedFD(adopting: copy)
        #expect(try Files.status(of: fd.borrowed).representedDevice == DeviceNumber(major: 1, minor: 3))
        try child.signal(Signals.kill)
        _ = try child.wait()
    }

    @Test func signalsAreReadFromDescriptors() throws {
        var options = SpawnOptions()
        options.prepare = { () throws(SyscallError) in
            let set = SignalSet(signal: Signals.terminate)
            try Signals.block(set)
            let fd = try Signals.openDescriptor(set)
            if try Signals.read(fd.borrowed) != nil { Processes.exitNow(1) }
            try Processes.kill(Processes.processID, Signals.terminate)
            guard let signal = try Signals.read(fd.borrowed) else { Processes.exitNow(2) }
            let isRight = signal.number == Signals.terminate && signal.senderProcess == Processes.processID
            Processes.exitNow(isRight ? 42 : 3)
        }
        let child = try Processes.spawn(try shell("exit 9"), options)
        #expect(try child.wait() == .exited(42))
    }

    @Test func rangesOfDescriptorsAreClosed() throws {
        var options = SpawnOptions()
        options.prepare = { () throws(SyscallError) in
            try Files.duplicate(.standardInput, to: 50)
            try Files.duplicate(.standardInput, to: 51)
            try Files.duplicate(.standardInput, to: 52)
            try Files.closeRange(from: 51, through: 51)
            try Files.closeRange(from: 52, .setCloseOnExec)
            let inherited = try Files.isCloseOnExec(BorrowedFD(rawValue: 50))
            let closes = try Files.isCloseOnExec(BorrowedFD(rawValue: 52))
            let isOpen = Files.isOpen(BorrowedFD(rawValue: 51))
            Processes.exitNow(inherited == false && closes && isOpen == false ? 42 : 1)
        }
        let child = try Processes.spawn(try shell("exit 9"), options)
        #expect(try child.wait() == .exited(42))
    }

    @Test func attributesOfTheProcess() throws {
        var options = SpawnOptions()
        options.prepare = { () throws(SyscallError) in
            try Processes.setNoNewPrivileges()
            if try Processes.hasNoNewPrivileges() == false { Processes.exitNow(1) }
            try Processes.setDumpable(false)
            if try Processes.isDumpable() { Processes.exitNow(2) }
            try Processes.setChildSubreaper(true)
            if try Processes.isChildSubreaper() == false { Processes.exitNow(3) }
            try Processes.setParentDeathSignal(Signals.kill)
            try Processes.startSession()
            Processes.exitNow(42)
        }
        let child = try Processes.spawn(try shell("exit 9"), options)
        #expect(try child.wait() == .exited(42))
    }

    @Test func affinityGoesThere() throws {
        let cpus = try Scheduling.affinity(of: 0)
        #expect(cpus.isEmpty == false)
        let child = try Processes.spawn(try shell("sleep 60"))
        try Scheduling.setAffinity(of: child.pid, cpus: [cpus[0]])
        #expect(try Scheduling.affinity(of: child.pid) == [cpus[0]])
        // More than the 1024 CPUs of libc's own set; the kernel passes over those that it does not have.
        try Scheduling.setAffinity(of: child.pid, cpus: cpus + [4000])
        #expect(try Scheduling.affinity(of: child.pid) == cpus)
        for bad in [[-1], [65536], [60000], []] {
            let error = syscallError { () throws(SyscallError) in
                try Scheduling.setAffinity(of: child.pid, cpus: bad)
            }
            #expect(error?.errno == .EINVAL)
        }
        try Scheduling.setIOPriority(of: child.pid, ioClass: 3, priority: 0)
        #expect(try Scheduling.ioPriority(of: child.pid).ioClass == 3)
        var batch = SchedulerAttributes(policy: 3)
        batch.nice = 5
        try Scheduling.setAttributes(of: child.pid, to: batch)
        #expect(try Scheduling.attributes(of: child.pid).policy == 3)
        #expect(try Scheduling.attributes(of: child.pid).nice == 5)
        try child.signal(Signals.kill)
        _ = try child.wait()
    }
}
