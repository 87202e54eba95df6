import LinuxSys
import Testing

/// Calls that change nothing outside the test although they need a privileged user: what they make is attached nowhere.
@Suite(.enabled(if: isPrivileged)) struct MountingTests {
    @Test func fileSystemsAreMadeAndUsedDetached() throws {
        let context = try Mounting.openFileSystem("tmpfs")
        try context.set("size", "64k")
        try context.set("mode", "0700")
        try context.set(flag: "noswap")
        try context.create()
        let mount = try context.mount([.noSetUserID, .noDevice, .noExecute])
        let status = try Files.fileSystem(of: mount.borrowed)
        #expect(status.type == FileSystemStatus.tmpfs)
        #expect(status.isNoSetUserID && status.isNoDevice && status.isNoExecute)
        #expect(status.isReadOnly == false)
        #expect(try Files.status(of: mount.borrowed).permissions == 0o700)

        try Files.writeFile("file", in: mount.borrowed, "x", flags: .create)
        try Mounting.setAttributes(mount.borrowed, set: .readOnly)
        let error = syscallError { () throws(SyscallError) in
            try Files.writeFile("file", in: mount.borrowed, "y")
        }
        #expect(error == SyscallError(operation: "openat", errno: .EROFS, subject: "file"))
        try Mounting.setAttributes(mount.borrowed, clear: .readOnly)
        try Files.writeFile("file", in: mount.borrowed, "y")
    }

    @Test func errorsCarryTheKernelsWords() throws {
        let context = try Mounting.openFileSystem("tmpfs")
        let error = syscallError { () throws(SyscallError) in try context.set("size", "nonsense") }
        #expect(error?.operation == "fsconfig(size)")
        #expect(error?.errno == .EINVAL)
        #expect(error?.subject.hasPrefix("tmpfs (tmpfs: ") == true, "\(error?.subject ?? "")")
        let flag = syscallError { () throws(SyscallError) in try context.set(flag: "raind") }
        #expect(flag?.subject.contains("raind") == true)
    }

    @Test func unknownTypesAreTold() {
        let error = syscallError { () throws(SyscallError) in _ = try Mounting.openFileSystem("raind-nothing") }
        #expect(error == SyscallError(operation: "fsopen", errno: .ENODEV, subject: "raind-nothing"))
    }

    @Test func treesAreClonedAndMovedBetweenDetachedMounts() throws {
        let directory = try TemporaryDirectory()
        try Files.writeFile("\(directory.path)/file", "x", flags: .create)
        try Files.makeSymlink("\(directory.path)/link", to: "file")
        let tree = try Mounting.openTree(directory.path, [.clone, .recursive])
        #expect(try Files.status(of: tree.borrowed).isMountRoot)
        #expect(try Files.readFile("file", in: tree.borrowed, limit: 9) == Array("x".utf8))
        let own = try Files.open(directory.path, [.path, .directory])
        #expect(try Files.status(of: tree.borrowed).mountID != Files.status(of: own.borrowed).mountID)
        let link = try Mounting.openTree("link", in: own.borrowed, [.clone, .noFollow])
        #expect(try Files.status(of: link.borrowed).type == .symbolicLink)
    }

    @Test func mountsMoveInANamespaceOfTheirOwn() throws {
        let directory = try TemporaryDirectory()
        let target = "\(directory.path)/target"
        try Files.makeDirectory(target, mode: 0o755)
        var options = SpawnOptions()
        options.cloneFlags = .newMount
        options.prepare = { () throws(SyscallError) in
            let root = try Files.open("/", [.path, .directory])
            try Mounting.setAttributes(root.borrowed, recursive: true, propagation: .isPrivate)
            let context = try Mounting.openFileSystem("tmpfs")
            try context.create()
            let mount = try context.mount()
            let place = try Files.open(target, [.path, .directory])
            try Mounting.moveMount(mount.borrowed, to: place.borrowed)
            try Files.writeFile("\(target)/inside", "x", flags: .create)
            if try Files.status(target).isMountRoot == false { Processes.exitNow(1) }
            try Mounting.legacyMount(source: target, target: target, type: nil, .bind)
            try Mounting.unmount(target, .detach)
            // The descriptor of the mount still holds it.
            try Mounting.unmount(target, .detach)
            if try Files.exists("\(target)/inside") { Processes.exitNow(2) }
            try Files.changeDirectory(target)
            try Mounting.legacyMount(source: "tmpfs", target: ".", type: "tmpfs", .noDevice, data: "size=64k")
            try Files.changeDirectory(target)
            try Mounting.pivotRoot(newRoot: ".", putOld: ".")
            try Mounting.unmount(".", .detach)
            Processes.exitNow(try Files.workingDirectory() == "/" ? 42 : 3)
        }
        let program = try PreparedExec(path: "/bin/true", arguments: ["true"], environment: [])
        let child = try Processes.spawn(program, options)
        #expect(try child.wait() == .exited(42))
        #expect(try Files.status(target).isMountRoot == false)
    }
}

@Suite(.enabled(if: isPrivileged)) struct BPFTests {
    /// One struct bpf_insn.
    private func instruction(_ code: UInt8, _ registers: UInt8, _ immediate: UInt8) -> [UInt8] {
        [code, registers, 0, 0, immediate, 0, 0, 0]
    }

    @Test func programsAreLoaded() throws {
        // r0 = 1; exit
        let fd = try BPF.loadDeviceProgram(instruction(0xb7, 0, 1) + instruction(0x95, 0, 0))
        #expect(try Files.isCloseOnExec(fd.borrowed))
    }

    @Test func refusedProgramsCarryTheVerdict() {
        // exit, with nothing in r0
        let error = syscallError { () throws(SyscallError) in
            _ = try BPF.loadDeviceProgram(instruction(0x95, 0, 0))
        }
        #expect(error?.operation == "bpf(PROG_LOAD)")
        #expect(error?.subject.contains("R0 !read_ok") == true, "\(error?.subject ?? "")")
    }

    @Test(arguments: [0, 7, 9]) func brokenProgramsAreRefused(size: Int) {
        let error = syscallError { () throws(SyscallError) in
            _ = try BPF.loadDeviceProgram([UInt8](repeating: 0x95, count: size))
        }
        #expect(error?.errno == .EINVAL)
    }
}

@Suite struct SeccompLoadingTests {
    /// One struct sock_filter.
    private func instruction(_ code: UInt16, _ k: UInt32, _ jumpTrue: UInt8 = 0, _ jumpFalse: UInt8 = 0) -> [UInt8] {
        [UInt8(truncatingIfNeeded: code), UInt8(truncatingIfNeeded: code >> 8), jumpTrue, jumpFalse]
            + (0..<4).map { UInt8(truncatingIfNeeded: k >> ($0 * 8)) }
    }

    /// Ends the process at any system call but these.
    private func killingAllBut(_ numbers: [UInt32]) -> [UInt8] {
        // The number of the call is the first word of what the filter sees.
        var program = instruction(0x20, 0)
        for (index, number) in numbers.enumerated() {
            program += instruction(0x15, number, UInt8(numbers.count - index))
        }
        return program + instruction(0x06, 0x8000_0000) + instruction(0x06, 0x7fff_0000)
    }

    #if arch(x86_64)
        private let write: UInt32 = 1
        private let exitGroup: UInt32 = 231
        private let execve: UInt32 = 59
        private let capset: UInt32 = 126
        private let prctl: UInt32 = 157
    #else
        private let write: UInt32 = 64
        private let exitGroup: UInt32 = 94
        private let execve: UInt32 = 221
        private let capset: UInt32 = 91
        private let prctl: UInt32 = 167
    #endif

    @Test(arguments: [0, 7, 12, 8 * 65536]) func brokenFiltersAreRefused(size: Int) {
        let error = syscallError { () throws(SyscallError) in
            _ = try Seccomp.load(program: [UInt8](repeating: 0, count: size), flags: 0)
        }
        #expect(error == SyscallError(operation: "seccomp(SET_MODE_FILTER)", errno: .EINVAL))
    }

    @Test func actionsAreKnown() {
        #expect(Seccomp.isActionAvailable(0x7fff_0000))
        #expect(Seccomp.isActionAvailable(0x8000_0000))
        #expect(Seccomp.isActionAvailable(0x1234_0000) == false)
    }

    /// Under a filter that ends the process at its first other call, exec fails and the failure is still reported.
    @Test func onlyExecveFollowsTheFilter() throws {
        let filter = killingAllBut([write, execve, exitGroup])
        var options = SpawnOptions()
        options.prepare = { () throws(SyscallError) in
            try Processes.setNoNewPrivileges()
            if try Seccomp.load(program: filter, flags: 0) != nil { Processes.exitNow(1) }
        }
        let program = try PreparedExec(path: "/nonexistent", arguments: ["a", "b"], environment: ["A=b"])
        let error = syscallError { () throws(SyscallError) in _ = try Processes.spawn(program, options) }
        #expect(error == SyscallError(operation: "execve", errno: .ENOENT, subject: "/nonexistent"))
    }

    @Test func theFilterIsReal() throws {
        let filter = killingAllBut([write, execve])
        var options = SpawnOptions()
        options.prepare = { () throws(SyscallError) in
            try Processes.setNoNewPrivileges()
            _ = try Seccomp.load(program: filter, flags: 0)
            Processes.exitNow(0)
        }
        let program = try PreparedExec(path: "/nonexistent", arguments: [], environment: [])
        let child = try Processes.spawn(program, options)
        guard case .signaled(31, _) = try child.wait() else {
            Issue.record("SIGSYS was expected")
            return
        }
    }

    @Test func credentialsAreOneCallEach() throws {
        let filter = killingAllBut([write, capset, prctl, exitGroup])
        let sets = CapabilitySets(effective: 0, permitted: 0, inheritable: 0)
        var options = SpawnOptions()
        options.prepare = { () throws(SyscallError) in
            try Processes.setNoNewPrivileges()
            _ = try Seccomp.load(program: filter, flags: 0)
            try Credentials.setCapabilities(sets)
            try Credentials.clearAmbient()
            try Processes.setParentDeathSignal(0)
            Processes.exitNow(42)
        }
        let program = try PreparedExec(path: "/nonexistent", arguments: [], environment: [])
        let child = try Processes.spawn(program, options)
        #expect(try child.wait() == .exited(42))
    }

    @Test func listenersGiveADescriptor() throws {
        var options = SpawnOptions()
        options.prepare = { () throws(SyscallError) in
            try Processes.setNoNewPrivileges()
            let fd = try Seccomp.load(program: [0x06, 0, 0, 0, 0, 0, 0xff, 0x7f], flags: Seccomp.newListenerFlag)
            guard let number = fd?.release() else { Processes.exitNow(1) }
            Processes.exitNow(try Files.isCloseOnExec(BorrowedFD(rawValue: number)) ? 42 : 2)
        }
        let program = try PreparedExec(path: "/nonexistent", arguments: [], environment: [])
        let child = try Processes.spawn(program, options)
        #expect(try child.wait() == .exited(42))
    }
}
