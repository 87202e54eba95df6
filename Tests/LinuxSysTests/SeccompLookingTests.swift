import LinuxSys
import Testing

/// What is certain to be let pass by a filter.
struct SeccompLookingTests {
    private static let amd64 = SeccompExamples.amd64

    /// A filter that answers EPERM, with `change` made to what it is built of.
    private func program(
        _ defaultAction: UInt32 = SeccompExamples.errorEPERM,
        _ builder: SeccompProgram.Builder = .direct, _ change: (inout SeccompDescription) -> Void
    ) throws -> [UInt8] {
        var description = SeccompExamples.description(defaultAction, on: [Self.amd64, SeccompExamples.x86])
        change(&description)
        return try SeccompProgram.compile(description, with: builder)
    }

    /// It says of every call what the machine of the tests says, which knows the arguments.
    @Test(arguments: [SeccompProgram.Builder.direct, .libseccomp])
    func agreesWithTheKernelsMachine(builder: SeccompProgram.Builder) throws {
        let filter = try program(SeccompExamples.errorEPERM, builder) {
            for name in ["read", "write", "openat", "statx", "futex", "execve"] { $0.add(SeccompAction.allow, name) }
            $0.add(SeccompAction.log, "close")
            $0.add(SeccompAction.killProcess, "ptrace")
        }
        let machine = try SeccompMachine(filter)
        var allowed = 0
        for call in UInt32(0)..<500 {
            for architecture in [Self.amd64, SeccompExamples.x86, SeccompExamples.aarch64] {
                let expected = machine.answer(architecture, call) == SeccompAction.allow
                #expect(SeccompProgram.allows(filter, architecture: architecture, call: call) == expected)
                allowed += expected ? 1 : 0
            }
        }
        #expect(allowed == 12)
    }

    @Test func argumentsMakeItUncertain() throws {
        let filter = try program {
            $0.add(
                SeccompAction.allow, "read",
                SeccompDescription.Condition(argumentIndex: 0, comparison: .notEqual, value: 7))
            $0.add(SeccompAction.allow, "close")
        }
        #expect(!SeccompProgram.allows(filter, architecture: Self.amd64, call: 0))
        #expect(SeccompProgram.allows(filter, architecture: Self.amd64, call: 3))
    }

    @Test func argumentsThatAreGivenDecide() throws {
        let filter = try program {
            $0.add(
                SeccompAction.allow, "clone",
                SeccompDescription.Condition(
                    argumentIndex: 0, comparison: .maskedEqual, value: 0x7e02_0000, valueTwo: 0))
            $0.add(
                SeccompAction.allow, "ioctl",
                SeccompDescription.Condition(argumentIndex: 1, comparison: .equal, value: 1 << 32 | 5))
        }
        func allows(_ call: UInt32, _ arguments: UInt64...) -> Bool {
            SeccompProgram.allows(filter, architecture: Self.amd64, call: call, arguments: arguments)
        }
        #expect(allows(56, 0x10_8000) && !allows(56, 0x2000_8000) && !allows(56))
        #expect(allows(16, 0, 1 << 32 | 5) && !allows(16, 0, 5) && !allows(16, 1 << 32 | 5, 0) && !allows(16, 0))
    }

    static let succession = [
        "clone", "exit_group", "setsid", "getpid", "madvise", "close_range", "brk", "mmap", "munmap",
    ]

    @Test func successionTakesAllOfThem() throws {
        #if arch(x86_64)
            func filter(_ names: [String]) throws -> [UInt8] {
                try program { for name in names { $0.add(SeccompAction.allow, name) } }
            }
            func allows(_ filter: [UInt8], withTerminal: Bool = false, reading: Bool = false) -> Bool {
                SeccompProgram.allowsSuccession(filter, withTerminal: withTerminal, reading: reading)
            }
            let all = try filter(Self.succession)
            #expect(allows(all) && !allows(all, withTerminal: true) && !allows(all, reading: true))
            #expect(allows(try filter(Self.succession + ["ioctl"]), withTerminal: true))
            #expect(allows(try filter(Self.succession + ["recvmsg"]), reading: true))
            for missing in Self.succession {
                #expect(!allows(try filter(Self.succession.filter { $0 != missing })), "\(missing)")
            }
            // A process, but none in a new namespace, as engines have it.
            let masked = try program(SeccompAction.allow) {
                $0.add(
                    SeccompExamples.errorEPERM, "clone",
                    SeccompDescription.Condition(
                        argumentIndex: 0, comparison: .maskedEqual, value: 0x1000_0000, valueTwo: 0x1000_0000))
            }
            #expect(allows(masked, withTerminal: true, reading: true))
        #endif
    }

    static let looks = [
        "openat", "read", "close", "statx", "fstatfs", "faccessat2", "readlinkat", "brk", "mmap", "munmap",
    ]

    @Test func lookingTakesAllOfThem() throws {
        #if arch(x86_64)
            #expect(
                SeccompProgram.allowsLooking(
                    try program { for name in Self.looks { $0.add(SeccompAction.allow, name) } }))
            #expect(SeccompProgram.allowsLooking(try program(SeccompAction.allow) { _ in }))
            for missing in Self.looks {
                let filter = try program {
                    for name in Self.looks where name != missing { $0.add(SeccompAction.allow, name) }
                }
                #expect(!SeccompProgram.allowsLooking(filter), "\(missing)")
            }
        #endif
    }

    /// Whatever the bytes are, the answer comes.
    @Test func anyBytes() throws {
        #expect(!SeccompProgram.allows([], architecture: Self.amd64, call: 0))
        #expect(!SeccompProgram.allows([6, 0, 0], architecture: Self.amd64, call: 0))
        var state: UInt64 = 7
        for _ in 0..<2000 {
            var bytes = [UInt8](repeating: 0, count: 64)
            for place in bytes.indices {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[place] = UInt8(truncatingIfNeeded: state >> 33)
            }
            for place in stride(from: 0, to: 64, by: 8) {
                bytes[place] = [0x20, 0x54, 0x05, 0x15, 0x25, 0x45, 0x06][Int(bytes[place]) % 7]
                bytes[place + 1] = 0
            }
            _ = SeccompProgram.allows(bytes, architecture: Self.amd64, call: 0)
        }
    }
}
