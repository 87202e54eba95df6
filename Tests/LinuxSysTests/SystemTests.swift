import LinuxSys
import Testing

@Suite struct CredentialsTests {
    @Test func capabilitiesAreRead() throws {
        let sets = try Credentials.capabilities()
        #expect(sets.effective & ~sets.permitted == 0)
        #expect(Credentials.lastCapability() >= 37)
        let last = try Files.readFile("/proc/sys/kernel/cap_last_cap", limit: 10)
        #expect(String(decoding: last, as: UTF8.self) == "\(Credentials.lastCapability())\n")
        let unknown = syscallError { () throws(SyscallError) in
            _ = try Credentials.isInBoundingSet(Credentials.lastCapability() + 1)
        }
        #expect(unknown?.errno == .EINVAL)
    }

    @Test func ownSetsAreThoseOfProc() throws {
        let status = String(decoding: try Files.readFile("/proc/thread-self/status", limit: 1 << 16), as: UTF8.self)
        func field(_ name: String) -> UInt64? {
            status.split(separator: "\n").first { $0.hasPrefix(name) }
                .flatMap { UInt64($0.dropFirst(name.utf8.count + 2), radix: 16) }
        }
        let sets = try Credentials.capabilities()
        #expect(field("CapEff") == sets.effective)
        #expect(field("CapPrm") == sets.permitted)
        #expect(field("CapInh") == sets.inheritable)
        #expect(try field("CapBnd") == Credentials.boundingSet())
    }

    @Test(.enabled(if: isPrivileged)) func everythingCanBeGivenUp() throws {
        var options = SpawnOptions()
        let groups: [UInt32] = [1, 70000]
        options.prepare = { () throws(SyscallError) in
            try Credentials.dropFromBoundingSet(0)
            if try Credentials.isInBoundingSet(0) { Processes.exitNow(1) }
            try Credentials.setGroups(groups)
            if try Credentials.groups() != groups { Processes.exitNow(2) }
            try Credentials.setGroups([])
            if try Credentials.groups().isEmpty == false { Processes.exitNow(3) }
            try Credentials.setKeepCapabilities(true)
            try Credentials.setGroupIDs(IDs(all: 70001))
            try Credentials.setUserIDs(IDs(real: 70002, effective: 70003, saved: 70004))
            if Credentials.userIDs() != IDs(real: 70002, effective: 70003, saved: 70004) { Processes.exitNow(4) }
            if Credentials.groupIDs() != IDs(all: 70001) { Processes.exitNow(5) }
            let sets = CapabilitySets(effective: 1 << 5, permitted: 1 << 5 | 1 << 31, inheritable: 1 << 31)
            try Credentials.setCapabilities(sets)
            if try Credentials.capabilities() != sets { Processes.exitNow(6) }
            try Credentials.raiseAmbient(31)
            if try Credentials.isAmbient(31) == false { Processes.exitNow(7) }
            try Credentials.clearAmbient()
            if try Credentials.isAmbient(31) { Processes.exitNow(8) }
            do throws(SyscallError) {
                try Credentials.raiseAmbient(5)
                Processes.exitNow(9)
            } catch {
                Processes.exitNow(error.errno == .EPERM ? 42 : 10)
            }
        }
        let program = try PreparedExec(path: "/bin/true", arguments: ["true"], environment: [])
        let child = try Processes.spawn(program, options)
        #expect(try child.wait() == .exited(42))
    }

    @Test func namesOfCapabilities() {
        #expect(CapabilityNames.name(of: 0) == "CAP_CHOWN")
        #expect(CapabilityNames.name(of: 21) == "CAP_SYS_ADMIN")
        #expect(CapabilityNames.name(of: 63) == nil)
        #expect(CapabilityNames.name(of: -1) == nil)
        #expect(CapabilityNames.number(of: "CAP_SYS_ADMIN") == 21)
        #expect(CapabilityNames.number(of: "cap_chown") == 0)
        for bad in ["21", "", "CAP_", "CAP_NOTHING", "chown", "CAP_CHOWN\0", "CAP_63", "cap_chown cap_kill"] {
            #expect(CapabilityNames.number(of: bad) == nil, "\(bad)")
        }
    }
}

@Suite struct NamespacesTests {
    @Test func ownNamespacesAreKnown() throws {
        let proc = try Files.open("/proc", [.path, .directory])
        for type in NamespaceType.allCases {
            let fd = try Namespaces.open(type, procfs: proc.borrowed)
            #expect(try Namespaces.type(of: fd.borrowed) == type)
            let again = try Namespaces.open(type, of: "\(Processes.processID)", procfs: proc.borrowed)
            #expect(try Namespaces.identity(of: fd.borrowed) == Namespaces.identity(of: again.borrowed))
        }
    }

    @Test func typesDiffer() throws {
        let proc = try Files.open("/proc", [.path, .directory])
        let mount = try Namespaces.open(.mount, procfs: proc.borrowed)
        let uts = try Namespaces.open(.uts, procfs: proc.borrowed)
        #expect(try Namespaces.identity(of: mount.borrowed) != Namespaces.identity(of: uts.borrowed))
    }

    @Test func otherFilesAreNoNamespaces() throws {
        let fd = try Files.open("/dev/null")
        let error = syscallError { () throws(SyscallError) in
            _ = try Namespaces.type(of: fd.borrowed, subject: "/dev/null")
        }
        #expect(error == SyscallError(operation: "ioctl(NS_GET_NSTYPE)", errno: .ENOTTY, subject: "/dev/null"))
    }

    @Test(.enabled(if: isPrivileged)) func namesOfHosts() throws {
        var options = SpawnOptions()
        options.cloneFlags = .newUTS
        options.prepare = { () throws(SyscallError) in
            try Namespaces.setHostName("raind-test")
            try Namespaces.setDomainName("raind.test")
            let name = try HostName.current()
            Processes.exitNow(name.node == "raind-test" && name.domain == "raind.test" ? 42 : 1)
        }
        let program = try PreparedExec(path: "/bin/true", arguments: ["true"], environment: [])
        let child = try Processes.spawn(program, options)
        #expect(try child.wait() == .exited(42))
        #expect(try HostName.current().node != "raind-test")
        #expect(try HostName.current().release.utf8.first.map { $0 >= 0x30 && $0 <= 0x39 } == true)
    }
}

@Suite struct TerminalTests {
    @Test func pseudoterminalsWithoutPaths() throws {
        let devpts = try Files.open("/dev/pts", [.path, .directory])
        let master = try Terminal.openMaster(devpts: devpts.borrowed)
        let peer = try Terminal.openPeer(of: master.borrowed)
        #expect(Terminal.isTerminal(peer.borrowed))
        #expect(try Files.isCloseOnExec(peer.borrowed))
        let number = try Terminal.number(of: master.borrowed)
        #expect(try Files.status("/dev/pts/\(number)").isSameFile(as: Files.status(of: peer.borrowed)))

        let size = WindowSize(rows: 43, columns: 132)
        try Terminal.setWindowSize(of: master.borrowed, to: size)
        #expect(try Terminal.windowSize(of: peer.borrowed) == size)

        let before = try Terminal.attributes(of: peer.borrowed)
        try Terminal.setAttributes(of: peer.borrowed, to: before.unprocessed)
        try Files.writeAll(peer.borrowed, "a\n")
        #expect(try Sockets.readSome(master.borrowed) == Array("a\n".utf8))
        try Terminal.setAttributes(of: peer.borrowed, to: before)
        try Files.writeAll(peer.borrowed, "b\n")
        #expect(try Sockets.readSome(master.borrowed) == Array("b\r\n".utf8))
    }

    @Test func foreignMastersAreRefused() throws {
        let directory = try TemporaryDirectory()
        let fd = try Files.open(directory.path, [.path, .directory])
        try Files.makeSymlink("\(directory.path)/ptmx", to: "/dev/pts/ptmx")
        let link = syscallError { () throws(SyscallError) in _ = try Terminal.openMaster(devpts: fd.borrowed) }
        #expect(link?.errno == .ELOOP)
        try Files.unlink("\(directory.path)/ptmx")
        try Files.writeFile("\(directory.path)/ptmx", "", flags: .create)
        let file = syscallError { () throws(SyscallError) in _ = try Terminal.openMaster(devpts: fd.borrowed) }
        #expect(file?.errno == .ENODEV)
    }

    @Test func otherFilesAreNoTerminals() throws {
        let fd = try Files.open("/dev/null")
        #expect(Terminal.isTerminal(fd.borrowed) == false)
        #expect(
            syscallError { () throws(SyscallError) in _ = try Terminal.attributes(of: fd.borrowed) }
                == SyscallError(operation: "tcgetattr", errno: .ENOTTY, subject: fd.borrowed.description))
    }
}

extension Sockets {
    /// What one read gives.
    fileprivate static func readSome(_ fd: BorrowedFD) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var entries = [PollEntry(fd, .readable)]
        while try Poll.wait(&entries, timeoutMilliseconds: bytes.isEmpty ? 1000 : 50) > 0 {
            guard let byte = try Files.readByte(fd) else { break }
            bytes.append(byte)
        }
        return bytes
    }
}

@Suite struct EnvironmentTests {
    @Test func variablesComeAndGo() throws {
        #expect(Environment.value(of: "RAIND_TEST_VARIABLE") == nil)
        try Environment.set("RAIND_TEST_VARIABLE", to: "a=b")
        #expect(Environment.value(of: "RAIND_TEST_VARIABLE") == "a=b")
        #expect(Environment.variables.contains("RAIND_TEST_VARIABLE=a=b"))
        #expect(Environment.variableBytes.contains(Array("RAIND_TEST_VARIABLE=a=b".utf8)))
        try Environment.unset("RAIND_TEST_VARIABLE")
        #expect(Environment.value(of: "RAIND_TEST_VARIABLE") == nil)
        for bad in ["", "A=B", "A\0"] {
            #expect(
                syscallError { () throws(SyscallError) in try Environment.set(bad, to: "x") }?.errno == .EINVAL)
        }
    }

    @Test func argumentsHaveTheProgramFirst() {
        #expect(Environment.arguments.isEmpty == false)
        #expect(Environment.arguments.count == Environment.argumentBytes.count)
    }
}

@Suite struct LabelTests {
    @Test(arguments: [
        ("unconfined", "unconfined", ""), ("docker-default (enforce)", "docker-default", "enforce"),
        ("name with blanks (complain)", "name with blanks", "complain"), ("odd (name) (kill)", "odd (name)", "kill"),
        ("", "", ""),
    ])
    func labelsAreTakenApart(label: String, name: String, mode: String) {
        let profile = AppArmor.profile(label: label)
        #expect(profile.name == name)
        #expect(profile.mode == mode)
    }

    @Test func profilesAreListed() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/profiles"
        try Files.writeFile(path, "a (enforce)\n/usr/bin/b c (complain)\n", flags: .create)
        let profiles = try AppArmor.profiles(path: path)
        #expect(profiles.map(\.name) == ["a", "/usr/bin/b c"])
        #expect(profiles.map(\.mode) == ["enforce", "complain"])
    }
}
