import Testing

@testable import OCISpec

/// Names and numbers of capabilities, signals, limits, errors and kernel constants.
struct NameTableTests {
    @Test func capabilities() {
        #expect(Capability.allCases.count == 41)
        #expect(Capability.names.count == 41)
        for (bit, capability) in Capability.allCases.enumerated() {
            #expect(capability.rawValue == UInt8(bit))
            #expect(Capability(name: capability.name) == capability)
            #expect(Capability(lenientName: capability.name.lowercased()) == capability)
            #expect(Capability(lenientName: String(capability.name.dropFirst(4))) == capability)
        }
        #expect(Capability.chown.name == "CAP_CHOWN" && Capability.chown.rawValue == 0)
        #expect(Capability.sysAdmin.name == "CAP_SYS_ADMIN" && Capability.sysAdmin.rawValue == 21)
        #expect(Capability.setfcap.name == "CAP_SETFCAP" && Capability.setfcap.rawValue == 31)
        #expect(Capability.macOverride.name == "CAP_MAC_OVERRIDE" && Capability.macOverride.rawValue == 32)
        #expect(Capability.checkpointRestore.name == "CAP_CHECKPOINT_RESTORE")
        #expect(Capability.checkpointRestore.rawValue == 40)
    }

    @Test(arguments: ["", "CHOWN", "cap_chown", "CAP_", "CAP_chown", "CAP_CHOWN ", "ALL", "CAP_\u{212A}ILL"])
    func namesThatTheSpecificationDoesNotHave(name: String) {
        #expect(Capability(name: name) == nil)
    }

    @Test(arguments: ["", "CAP", "CAP_", "CAP_CAP_CHOWN", "NET ADMIN", "ALL", "\u{212A}ILL", "CHOWN\0"])
    func namesThatNobodyHas(name: String) {
        #expect(Capability(lenientName: name) == nil)
    }

    @Test func suggestedCapabilities() {
        #expect(Capability.suggestion(for: "CAP_SYS_ADMN") == "CAP_SYS_ADMIN")
        #expect(Capability.suggestion(for: "sys-admin") == "CAP_SYS_ADMIN")
        #expect(Capability.suggestion(for: "netraw") == "CAP_NET_RAW")
        #expect(Capability.suggestion(for: "CAP_ZZZZZZ") == nil)
    }

    @Test func capabilitySets() {
        var set: CapabilitySet = [.kill, .chown]
        #expect(set.rawValue == 0b10_0001)
        #expect(set.names == ["CAP_CHOWN", "CAP_KILL"])
        set.insert(.checkpointRestore)
        set.remove(.chown)
        #expect(Array(set) == [.kill, .checkpointRestore])
        #expect(set.contains(.kill) && !set.contains(.chown))
        #expect(set.count == 2 && !set.isEmpty)
        #expect(CapabilitySet.all.count == 41)
        #expect(CapabilitySet.all == CapabilitySet(Capability.allCases))
        #expect(CapabilitySet.all == .upTo(last: 40))
        #expect(CapabilitySet.upTo(last: 0) == [.chown])
        #expect(CapabilitySet.upTo(last: 63).rawValue == .max)
        #expect(CapabilitySet.upTo(last: 63).names.count == 41)
        #expect(set.isSubset(of: .all) && !CapabilitySet.all.isSubset(of: set))
        #expect(set.union([.bpf]).subtracting([.kill]) == [.bpf, .checkpointRestore])
        #expect(set.intersection([.kill, .bpf]) == [.kill])
        #expect(CapabilitySet.empty.isEmpty && Array(CapabilitySet.empty).isEmpty)
    }

    @Test func resourceLimits() {
        #expect(ResourceLimitType.allCases.map(\.name) == ResourceLimitType.names)
        #expect(ResourceLimitType.names.count == 16)
        for type in ResourceLimitType.allCases { #expect(ResourceLimitType(name: type.name) == type) }
        #expect(ResourceLimitType(name: "RLIMIT_NPROC")?.rawValue == 6)
        #expect(ResourceLimitType(name: "RLIMIT_NOFILE")?.rawValue == 7)
        #expect(ResourceLimitType(name: "RLIMIT_AS")?.rawValue == 9)
        #expect(ResourceLimitType(name: "RLIMIT_RTTIME")?.rawValue == 15)
        #expect(ResourceLimitType(name: "NOFILE") == nil)
        #expect(ResourceLimitType(name: "rlimit_nofile") == nil)
        #expect(ResourceLimitType(name: "") == nil)
    }

    @Test(
        arguments: [
            ("TERM", 15), ("SIGTERM", 15), ("sigkill", 9), ("9", 9), ("0", 0), ("64", 64), ("009", 9), ("HUP", 1),
            ("SIGSTKFLT", 16), ("SYS", 31), ("IOT", 6), ("CLD", 17), ("POLL", 29), ("RTMIN", 34), ("SIGRTMIN+3", 37),
            ("RTMIN+30", 64), ("RTMAX", 64), ("SIGRTMAX-1", 63), ("sigrtmax-30", 34),
        ] as [(String, Int32)])
    func signals(text: String, number: Int32) {
        #expect(Signal(parsing: text)?.rawValue == number)
    }

    @Test(
        arguments: [
            "", "SIG", "65", "-1", "+9", "18446744073709551625", "SIGSIGTERM", "RTMIN-1", "RTMIN+", "RTMIN+31",
            "RTMAX+1",
            "RTMAX-31", "RTMIN+1x", "9 ", "TERM\0", "\u{212A}ILL", "1e1",
        ])
    func textsThatAreNoSignal(text: String) {
        #expect(Signal(parsing: text) == nil)
    }

    @Test func signalNames() {
        #expect(Signal.terminate.name == "SIGTERM")
        #expect(Signal.kill.name == "SIGKILL" && Signal.kill.rawValue == 9)
        #expect(Signal(rawValue: 33)?.name == "33")
        #expect(Signal(rawValue: 34)?.name == "SIGRTMIN")
        #expect(Signal(rawValue: 40)?.name == "SIGRTMIN+6")
        #expect(Signal(rawValue: 65) == nil && Signal(rawValue: -1) == nil)
        for number in 0...64 {
            let signal = Signal(rawValue: Int32(number))
            #expect(signal.flatMap { Signal(parsing: $0.name) } == signal)
        }
    }

    @Test func errnoNames() {
        #expect(ErrnoName.name(of: 1) == "EPERM")
        #expect(ErrnoName.name(of: 38) == "ENOSYS")
        #expect(ErrnoName.name(of: 133) == "EHWPOISON")
        for number in [0, -1, 41, 58, 134, Int32.max, Int32.min] { #expect(ErrnoName.name(of: number) == nil) }
        #expect((1...133).compactMap { ErrnoName.name(of: $0) }.count == 131)
        for number in Int32(1)...133 {
            guard let name = ErrnoName.name(of: number) else { continue }
            #expect(ErrnoName.number(of: name) == number)
        }
        #expect(ErrnoName.number(of: "EWOULDBLOCK") == 11)
        #expect(ErrnoName.number(of: "EDEADLOCK") == 35)
        #expect(ErrnoName.number(of: "ENOTSUP") == 95)
        #expect(ErrnoName.number(of: "") == nil)
        #expect(ErrnoName.number(of: "eperm") == nil)
        #expect(ErrnoName.number(of: "EPERMS") == nil)
    }

    @Test func namespaces() {
        let all = NamespaceType.allCases
        #expect(all.count == 8)
        #expect(all.reduce(0) { $0 | $1.cloneFlag } == 0x7E02_0080)
        #expect(NamespaceType.network.procName == "net" && NamespaceType.mount.procName == "mnt")
        #expect(NamespaceType.user.cloneFlag == 0x1000_0000 && NamespaceType.time.cloneFlag == 0x80)
        #expect(Set(all.map(\.procName)).count == 8)
    }

    @Test func kernelConstants() {
        #expect(SchedulerPolicy.allCases.map(\.kernelValue) == [0, 1, 2, 3, 4, 5, 6])
        #expect(SchedulerFlag.allCases.map(\.kernelValue) == [1, 2, 4, 8, 16, 32, 64])
        #expect(IOPriorityClass.allCases.map(\.kernelValue) == [1, 2, 3])
        #expect(PersonalityDomain.linux32.kernelValue == 8)
        #expect(MemoryPolicyMode.allCases.map(\.kernelValue) == [0, 2, 3, 6, 1, 5, 4])
        #expect(MemoryPolicyFlag.allCases.map(\.kernelValue) == [8192, 16384, 32768])
        #expect(SeccompFlag.allCases.map(\.kernelValue) == [1, 2, 4, 32])
        #expect(SeccompAction.kill.kernelValue == SeccompAction.killThread.kernelValue)
        #expect(SeccompAction.errno.kernelValue == 0x5_0000 && SeccompAction.allow.kernelValue == 0x7FFF_0000)
        #expect(SeccompAction.allCases.filter(\.takesErrno) == [.errno, .trace])
        #expect(DeviceType.allCases.map(\.modeBits) == [0o20000, 0o60000, 0o20000, 0o10000])
        #expect(RootfsPropagation.recursiveSlave.propagation == Propagation(.slave, isRecursive: true))
        #expect(RootfsPropagation.private.propagation.kernelValue == 0x4_0000)
        #expect(
            RootfsPropagation.allCases.map(\.propagation.kernelValue)
                == [0x40000, 0x10_0000, 0x80000, 0x20000, 0x40000, 0x10_0000, 0x80000, 0x20000])
        #expect(RootfsPropagation.allCases.filter(\.propagation.isRecursive).count == 4)
    }
}
