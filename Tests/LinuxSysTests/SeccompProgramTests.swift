import LinuxSys
import Testing

/// What filters answer.
struct SeccompProgramTests {
    typealias Condition = SeccompDescription.Condition
    private static let amd64 = SeccompExamples.amd64
    private static let x32 = SeccompExamples.x32
    private static let x86 = SeccompExamples.x86
    private static let aarch64 = SeccompExamples.aarch64
    private static let allow = SeccompAction.allow
    private static let errorEPERM = SeccompExamples.errorEPERM
    private static let errorENOSYS = SeccompExamples.errorENOSYS
    private static let kill = SeccompAction.killProcess

    private func machine(
        _ description: SeccompDescription, _ builder: SeccompProgram.Builder
    ) throws -> SeccompMachine {
        try SeccompMachine(SeccompProgram.compile(description, with: builder))
    }

    @Test(arguments: [SeccompProgram.Builder.direct, .libseccomp])
    func listedCallsAndOthers(builder: SeccompProgram.Builder) throws {
        var description = SeccompExamples.description(Self.errorEPERM, on: [Self.amd64])
        description.add(Self.allow, "read")
        description.add(SeccompAction.error | 22, "clone3")
        description.add(SeccompAction.trap, "ptrace")
        description.add(SeccompAction.log, "mseal")
        let machine = try machine(description, builder)
        #expect(machine.answer(Self.amd64, 0) == Self.allow)
        #expect(machine.answer(Self.amd64, 1) == Self.errorEPERM)
        #expect(machine.answer(Self.amd64, 435) == SeccompAction.error | 22)
        #expect(machine.answer(Self.amd64, 101) == SeccompAction.trap)
        #expect(machine.answer(Self.amd64, 462) == SeccompAction.log)
        #expect(machine.answer(Self.amd64, 463) == Self.errorEPERM)
        // x32 isn't listed, nor is 32-bit x86: their numbers mean other calls.
        #expect(machine.answer(Self.amd64, 0x4000_0000) == Self.kill)
        #expect(machine.answer(Self.amd64, 0x7FFF_FFFF) == Self.kill)
        #expect(machine.answer(Self.amd64, 0xFFFF_FFFE) == Self.kill)
        #expect(machine.answer(Self.amd64, 0xFFFF_FFFF) == Self.errorEPERM)
        #expect(machine.answer(Self.x86, 0) == Self.kill)
        #expect(machine.answer(Self.aarch64, 0) == Self.kill)
        #expect(machine.answer(0, 0) == Self.kill)
    }

    @Test(arguments: [SeccompProgram.Builder.direct, .libseccomp])
    func newerCallsAreENOSYS(builder: SeccompProgram.Builder) throws {
        var description = SeccompExamples.description(
            Self.errorEPERM, on: [Self.amd64, Self.x86, Self.x32], newerENOSYS: true)
        for name in ["read", "execveat", "clone3", "cachestat"] { description.add(Self.allow, name) }
        let machine = try machine(description, builder)
        #expect(machine.answer(Self.amd64, 1) == Self.errorEPERM)
        #expect(machine.answer(Self.amd64, 450) == Self.errorEPERM)
        #expect(machine.answer(Self.amd64, 451) == Self.allow)
        #expect(machine.answer(Self.amd64, 452) == Self.errorENOSYS)
        #expect(machine.answer(Self.amd64, 0x3FFF_FFFF) == Self.errorENOSYS)
        #expect(machine.answer(Self.x86, 450) == Self.errorEPERM)
        #expect(machine.answer(Self.x86, 451) == Self.allow)
        #expect(machine.answer(Self.x86, 452) == Self.errorENOSYS)
        #expect(machine.answer(Self.x86, 0xFFFF_FFFF) == Self.errorENOSYS)
        // execveat is 545 of x32: the numbers from 512 to 547 don't tell how new a filter is.
        #expect(machine.answer(Self.amd64, 0x4000_0000 + 545) == Self.allow)
        #expect(machine.answer(Self.amd64, 0x4000_0000 + 544) == Self.errorEPERM)
        #expect(machine.answer(Self.amd64, 0x4000_0000 + 512) == Self.errorEPERM)
        #expect(machine.answer(Self.amd64, 0x4000_0000 + 511) == Self.errorENOSYS)
        #expect(machine.answer(Self.amd64, 0x4000_0000 + 548) == Self.errorENOSYS)
        #expect(machine.answer(Self.amd64, 0x4000_0000 + 452) == Self.errorENOSYS)
        #expect(machine.answer(Self.amd64, 0x4000_0000 + 451) == Self.allow)
        #expect(machine.answer(Self.amd64, 0x4000_0000 + 450) == Self.errorEPERM)
        #expect(machine.answer(Self.aarch64, 452) == Self.kill)
    }

    /// A default that lets calls through, or hands them to someone, is left alone, and so is one without the flag.
    @Test(arguments: [
        SeccompAction.allow, SeccompAction.log, SeccompAction.trace | 7, SeccompAction.notify,
    ])
    func newerCallsFallThrough(defaultAction: UInt32) throws {
        var description = SeccompExamples.description(defaultAction, on: [Self.amd64], newerENOSYS: true)
        description.add(Self.errorEPERM, "clone3")
        #expect(try machine(description, .direct).answer(Self.amd64, 500) == defaultAction)
        description.defaultAction = SeccompAction.killThread
        #expect(try machine(description, .direct).answer(Self.amd64, 500) == Self.errorENOSYS)
        description.answersNewerWithENOSYS = false
        #expect(try machine(description, .direct).answer(Self.amd64, 500) == SeccompAction.killThread)
        // Without a rule there is nothing to be newer than.
        description.answersNewerWithENOSYS = true
        description.rules = []
        #expect(try machine(description, .direct).answer(Self.amd64, 500) == SeccompAction.killThread)
    }

    @Test func armsOwnCallsAreNotNew() throws {
        var description = SeccompExamples.description(
            Self.errorEPERM, on: [SeccompExamples.aarch64, SeccompExamples.arm], newerENOSYS: true)
        for name in ["read", "set_tls", "cachestat"] { description.add(Self.allow, name) }
        let machine = try machine(description, .direct)
        #expect(machine.answer(SeccompExamples.arm, 0x0F_0005) == Self.allow)
        #expect(machine.answer(SeccompExamples.arm, 0x0F_0004) == Self.errorEPERM)
        #expect(machine.answer(SeccompExamples.arm, 452) == Self.errorENOSYS)
        #expect(machine.answer(SeccompExamples.arm, 451) == Self.allow)
        #expect(machine.answer(SeccompExamples.aarch64, 452) == Self.errorENOSYS)
    }

    /// Every comparison with values on both sides of a word's border, against Swift's own arithmetic.
    @Test(arguments: [SeccompExamples.amd64, SeccompExamples.s390x])
    func conditionsSeeAllBits(token: UInt32) throws {
        let values: [UInt64] = [
            0, 1, 2, 0x7E02_0000, 0xFFFF_FFFE, 0xFFFF_FFFF, 0x1_0000_0000, 0x1_0000_0001, 0x2_0000_0001,
            0xFFFF_FFFF_0000_0000, 0xFFFF_FFFF_FFFF_FFFE, .max,
        ]
        for comparison in SeccompDescription.Comparison.allCases {
            for value in values {
                for valueTwo in comparison == .maskedEqual ? values : [0] {
                    var description = SeccompExamples.description(Self.errorEPERM, on: [token])
                    let condition = Condition(
                        argumentIndex: 5, comparison: comparison, value: value, valueTwo: valueTwo)
                    description.rules = [.init(action: Self.allow, name: "x", numbers: [7], conditions: [condition])]
                    let machine = try machine(description, .direct)
                    for argument in values {
                        let holds =
                            switch comparison {
                            case .equal: argument == value
                            case .notEqual: argument != value
                            case .less: argument < value
                            case .lessOrEqual: argument <= value
                            case .greater: argument > value
                            case .greaterOrEqual: argument >= value
                            case .maskedEqual: argument & value == valueTwo
                            }
                        let answer = machine.answer(token, 7, .max, 1, 0, 2, 3, argument)
                        #expect((answer == Self.allow) == holds, "\(comparison) \(value) \(valueTwo) \(argument)")
                        #expect(machine.answer(token, 8, 0, 0, 0, 0, 0, argument) == Self.errorEPERM)
                    }
                }
            }
        }
    }

    @Test(arguments: [SeccompProgram.Builder.direct, .libseccomp])
    func severalConditionsAndRules(builder: SeccompProgram.Builder) throws {
        var description = SeccompExamples.description(Self.errorEPERM, on: [Self.amd64])
        // Docker's: 38 (ALG) and 40 (VSOCK) are refused.
        description.add(Self.allow, "socket", Condition(argumentIndex: 0, comparison: .less, value: 38))
        description.add(Self.allow, "socket", Condition(argumentIndex: 0, comparison: .equal, value: 39))
        description.add(Self.allow, "socket", Condition(argumentIndex: 0, comparison: .greater, value: 40))
        description.add(
            Self.allow, "clone",
            Condition(argumentIndex: 0, comparison: .maskedEqual, value: 0x7E02_0000, valueTwo: 0))
        description.add(
            Self.allow, "ioctl", Condition(argumentIndex: 0, comparison: .equal, value: 3),
            Condition(argumentIndex: 1, comparison: .notEqual, value: 0x5412))
        let machine = try machine(description, builder)
        for family: UInt64 in 0..<60 {
            #expect((machine.answer(Self.amd64, 41, family) == Self.allow) == (family != 38 && family != 40))
        }
        #expect(machine.answer(Self.amd64, 56, 0x11) == Self.allow)
        #expect(machine.answer(Self.amd64, 56, 0x1000_0011) == Self.errorEPERM)
        #expect(machine.answer(Self.amd64, 56, 0x0002_0011) == Self.errorEPERM)
        #expect(machine.answer(Self.amd64, 56, 0x1_0000_0011) == Self.allow)
        #expect(machine.answer(Self.amd64, 16, 3, 1) == Self.allow)
        #expect(machine.answer(Self.amd64, 16, 3, 0x5412) == Self.errorEPERM)
        #expect(machine.answer(Self.amd64, 16, 4, 1) == Self.errorEPERM)
        #expect(machine.answer(Self.amd64, 16, 3, 0x1_0000_5412) == Self.allow)
    }

    @Test(arguments: [SeccompProgram.Builder.direct, .libseccomp])
    func theStrictestRuleWins(builder: SeccompProgram.Builder) throws {
        var description = SeccompExamples.description(Self.errorEPERM, on: [Self.amd64])
        let isOne = Condition(argumentIndex: 0, comparison: .equal, value: 1)
        description.add(Self.allow, "personality")
        description.add(SeccompAction.trap, "personality", isOne)
        description.add(SeccompAction.error | 22, "ptrace", isOne)
        description.add(Self.allow, "ptrace")
        description.add(SeccompAction.error | 5, "keyctl")
        description.add(Self.allow, "keyctl", isOne)
        // The same as the default, but it stands beside a rule that allows.
        description.add(Self.errorEPERM, "bpf", isOne)
        description.add(Self.allow, "bpf")
        // One rank: the first listed.
        description.add(SeccompAction.error | 7, "mount")
        description.add(SeccompAction.error | 8, "mount")
        let machine = try machine(description, builder)
        #expect(machine.answer(Self.amd64, 135, 1) == SeccompAction.trap)
        #expect(machine.answer(Self.amd64, 135, 2) == Self.allow)
        #expect(machine.answer(Self.amd64, 101, 1) == SeccompAction.error | 22)
        #expect(machine.answer(Self.amd64, 101, 0) == Self.allow)
        #expect(machine.answer(Self.amd64, 250, 1) == SeccompAction.error | 5)
        #expect(machine.answer(Self.amd64, 321, 1) == Self.errorEPERM)
        #expect(machine.answer(Self.amd64, 321, 0) == Self.allow)
        #expect(machine.answer(Self.amd64, 165) == SeccompAction.error | 7)
    }

    /// On 32-bit x86 `socket` and its like also go through `socketcall`, where their arguments are out of sight.
    @Test(arguments: [SeccompProgram.Builder.direct, .libseccomp])
    func carriedCalls(builder: SeccompProgram.Builder) throws {
        let isALG = Condition(argumentIndex: 0, comparison: .equal, value: 38)
        var deny = SeccompExamples.description(Self.allow, on: [Self.amd64, Self.x86])
        deny.add(Self.errorEPERM, "socket", isALG)
        deny.add(Self.errorEPERM, "accept")
        deny.add(Self.errorEPERM, "shmget")
        let denying = try machine(deny, builder)
        #expect(denying.answer(Self.x86, 359, 38) == Self.errorEPERM)
        #expect(denying.answer(Self.x86, 359, 2) == Self.allow)
        #expect(denying.answer(Self.x86, 102, 1) == Self.errorEPERM)
        #expect(denying.answer(Self.x86, 102, 2) == Self.allow)
        #expect(denying.answer(Self.x86, 102, 5) == Self.errorEPERM)
        #expect(denying.answer(Self.x86, 395) == Self.errorEPERM)
        #expect(denying.answer(Self.x86, 117, 23) == Self.errorEPERM)
        // The kernel cuts a version off: this is shmget too.
        #expect(denying.answer(Self.x86, 117, 0x1_0017) == Self.errorEPERM)
        #expect(denying.answer(Self.x86, 117, 22) == Self.allow)
        #expect(denying.answer(Self.amd64, 43) == Self.errorEPERM)
        #expect(denying.answer(Self.amd64, 102) == Self.allow)

        var permit = SeccompExamples.description(Self.errorEPERM, on: [Self.amd64, Self.x86])
        permit.add(Self.allow, "socket", Condition(argumentIndex: 0, comparison: .notEqual, value: 38))
        permit.add(Self.allow, "connect")
        let permitting = try machine(permit, builder)
        #expect(permitting.answer(Self.x86, 359, 2) == Self.allow)
        #expect(permitting.answer(Self.x86, 359, 38) == Self.errorEPERM)
        #expect(permitting.answer(Self.x86, 102, 1) == Self.errorEPERM)
        #expect(permitting.answer(Self.x86, 102, 3) == Self.allow)
        permit.add(Self.allow, "socketcall")
        #expect(try machine(permit, builder).answer(Self.x86, 102, 1) == Self.allow)
    }

    @Test func x32Alone() throws {
        var description = SeccompExamples.description(Self.errorEPERM, on: [Self.x32])
        description.add(Self.allow, "read")
        let machine = try machine(description, .direct)
        #expect(machine.answer(Self.amd64, 0) == Self.kill)
        #expect(machine.answer(Self.amd64, 0x4000_0000) == Self.allow)
        #expect(machine.answer(Self.amd64, 0x4000_0001) == Self.errorEPERM)
    }

    @Test func impossibleFiltersAreRefused() {
        func refused(_ error: SeccompError, _ change: (inout SeccompDescription) -> Void) {
            var description = SeccompExamples.description(Self.errorEPERM, on: [Self.amd64])
            description.add(Self.allow, "read")
            change(&description)
            for builder in [SeccompProgram.Builder.direct, .libseccomp] {
                #expect(throws: error) { try SeccompProgram.compile(description, with: builder) }
            }
        }
        refused(.noArchitecture) { $0.architectures = [] }
        refused(.numberCount(syscall: "read")) { $0.rules[0].numbers = [0, 3] }
        refused(.number(syscall: "read", number: -1)) { $0.rules[0].numbers = [-1] }
        refused(.number(syscall: "read", number: 0x4000_0000)) { $0.rules[0].numbers = [0x4000_0000] }
        refused(.unknownAction(0x7FFE_0000)) { $0.rules[0].action = 0x7FFE_0000 }
        refused(.unknownAction(0x0001_0000)) { $0.defaultAction = 0x0001_0000 }
        refused(.repeatedArchitecture(token: Self.amd64)) {
            $0.architectures.append($0.architectures[0])
            $0.rules = []
        }
        refused(.mixedByteOrders) {
            $0.architectures.append(.init(token: SeccompExamples.s390x))
            $0.rules = []
        }
        let low = Condition(argumentIndex: 1, comparison: .greater, value: 1)
        let high = Condition(argumentIndex: 1, comparison: .less, value: 5)
        refused(.repeatedArgument(syscall: "read", index: 1)) { $0.rules[0].conditions = [low, high] }
        refused(.argumentIndex(syscall: "read", index: 6)) {
            $0.rules[0].conditions = [Condition(argumentIndex: 6, comparison: .equal, value: 0)]
        }
        refused(.argumentIndex(syscall: "read", index: -1)) {
            $0.rules[0].conditions = [Condition(argumentIndex: -1, comparison: .equal, value: 0)]
        }
        var rule = SeccompDescription.Rule(action: 0, name: "read", numbers: [0], conditions: [low, high])
        #expect(rule.asAlternatives.map(\.conditions) == [[low], [high]])
        rule.conditions = [low]
        #expect(rule.asAlternatives == [rule])
    }

    /// Far targets: many conditions push the ends of a program out of a conditional jump's reach.
    @Test func longProgramsJumpFar() throws {
        var description = SeccompExamples.description(Self.errorEPERM, on: [Self.amd64, Self.aarch64])
        for number in 0..<120 {
            let conditions = [0, 3].map { index in
                Condition(
                    argumentIndex: index, comparison: .greaterOrEqual, value: UInt64(number) << 30 + UInt64(index))
            }
            description.rules.append(
                .init(
                    action: number % 3 == 0 ? SeccompAction.trap : Self.allow, name: "n\(number)",
                    numbers: [number * 2, number * 3], conditions: conditions))
        }
        let machine = try machine(description, .direct)
        #expect(machine.count > 1500)
        for number in 0..<120 {
            let match = number % 3 == 0 ? SeccompAction.trap : Self.allow
            let value = UInt64(number) << 30
            for (token, call) in [(Self.amd64, number * 2), (Self.aarch64, number * 3)] {
                #expect(machine.answer(token, UInt32(call), value, 0, 0, value + 3) == match)
                #expect(machine.answer(token, UInt32(call), value, 0, 0, value + 2) == Self.errorEPERM)
                #expect(machine.answer(token, UInt32(call) + 1, value, 0, 0, value + 3) == Self.errorEPERM)
            }
        }
        for number in 120..<600 {
            description.rules.append(
                .init(
                    action: Self.allow, name: "n\(number)", numbers: [number * 2, number * 3],
                    conditions: [Condition(argumentIndex: 0, comparison: .greater, value: 1)]))
        }
        #expect {
            try SeccompProgram.compile(description)
        } throws: { error in
            if case .tooLong(let count) = error as? SeccompError { count > 4096 } else { false }
        }
    }

    @Test func flagsHaveTheKernelsBits() {
        let bits = SeccompFlags.names.map { SeccompFlags(name: $0)?.rawValue }
        #expect(bits == [1, 2, 4, 32])
        #expect(SeccompFlags(name: "SECCOMP_FILTER_FLAG_NEW_LISTENER") == nil)
        #expect(SeccompFlags(name: "") == nil)
    }
}
