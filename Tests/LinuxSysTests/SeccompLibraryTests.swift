import LinuxSys
import Testing

/// Our programs against libseccomp's own, call by call.
struct SeccompLibraryTests {
    /// A generator whose sequence is told by its seed (SplitMix64).
    private struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    private static let narrowValues: [UInt64] = [0, 1, 38, 0x7E02_0000, 0xFFFF_FFFF]
    private static let values = narrowValues + [0x1_0000_0000, 0x5_0000_0001, .max - 1, .max]

    /// Where the library looks at 32 bits only of values and arguments.
    private static let narrow: Set<UInt32> = [SeccompExamples.x86, SeccompExamples.arm, SeccompExamples.x32]

    /// Names that 32-bit x86 carries in other calls: there ours differ on purpose, and have tests of their own.
    private static let carried: Set<String> = ["socket", "connect", "accept", "semop", "shmget"]

    /// A description that libseccomp can express: on each call one action, with conditions or without.
    private static func expressible(
        on tokens: [UInt32], with values: [UInt64], using generator: inout SeededGenerator
    ) -> SeccompDescription {
        let answers = [
            SeccompAction.allow, SeccompAction.error | 1, SeccompAction.error | 38, SeccompAction.killProcess,
            SeccompAction.trap, SeccompAction.log, SeccompAction.trace | 9,
        ]
        let defaultAction = answers.randomElement(using: &generator) ?? 0
        var description = SeccompExamples.description(defaultAction, on: tokens)
        let actions = answers.filter { $0 != defaultAction }
        for name in SeccompExamples.names.shuffled(using: &generator).prefix(Int.random(in: 1...40, using: &generator))
        {
            let action = actions.randomElement(using: &generator) ?? 0
            guard !carried.contains(name), Bool.random(using: &generator) else {
                description.add(action, name)
                continue
            }
            // Of several comparisons of size on one argument the library loses some.
            let index = Int.random(in: 0...5, using: &generator)
            let count = Int.random(in: 1...3, using: &generator)
            for _ in 0..<count {
                description.add(action, name, condition(on: index, of: values, ordered: count == 1, using: &generator))
            }
        }
        return description
    }

    private static func condition(
        on index: Int, of values: [UInt64], ordered: Bool = true, using generator: inout SeededGenerator
    ) -> SeccompDescription.Condition {
        let comparisons: [SeccompDescription.Comparison] =
            ordered ? SeccompDescription.Comparison.allCases : [.equal, .notEqual, .maskedEqual]
        let comparison = comparisons.randomElement(using: &generator) ?? .equal
        let value = values.randomElement(using: &generator) ?? 0
        let masked = (values.randomElement(using: &generator) ?? 0) & value
        return SeccompDescription.Condition(
            argumentIndex: index, comparison: comparison, value: value,
            valueTwo: comparison == .maskedEqual ? masked : 0)
    }

    /// Runs both programs on every number there is and some that there aren't, and reports where they differ.
    private static func compare(
        _ ours: SeccompMachine, _ theirs: SeccompMachine, on tokens: [UInt32], using generator: inout SeededGenerator
    ) -> [String] {
        var differences: [String] = []
        for token in tokens {
            let base: UInt32 = token == SeccompExamples.x32 ? 0x4000_0000 : 0
            let values = narrow.contains(token) ? narrowValues : values
            for number in Array(UInt32(0)...560) + [5000, 0x0F_0002, 0x0F_0005, 0x3FFF_FFFF] {
                for _ in 0..<2 {
                    var arguments = (0..<6).map { _ in
                        let value = values.randomElement(using: &generator) ?? 0
                        return value ^ UInt64.random(in: 0...1, using: &generator)
                    }
                    // The library doesn't know of the version that `ipc` takes in the higher bits.
                    if token == SeccompExamples.x86, number == 117 { arguments[0] &= 0xFFFF }
                    let audit = SeccompExamples.auditValue(token)
                    let one = ours.run(audit, base + number, arguments).answer
                    let other = theirs.run(audit, base + number, arguments).answer
                    if one != other { differences.append("\(token) \(number) \(arguments): \(one), not \(other)") }
                }
            }
        }
        for (audit, number): (UInt32, UInt32) in [
            (SeccompExamples.amd64, 0xFFFF_FFFF), (SeccompExamples.amd64, 0x4000_0001),
            (SeccompExamples.amd64, 0x8000_0000), (SeccompExamples.amd64, 0xFFFF_FFFE), (SeccompExamples.x86, 3),
            (SeccompExamples.aarch64, 63), (0xC000_00F3, 63), (0, 0),
        ] {
            let one = ours.run(audit, number, []).answer
            let other = theirs.run(audit, number, []).answer
            if one != other { differences.append("\(audit) \(number): \(one), not \(other)") }
        }
        return differences
    }

    @Test(arguments: [
        [SeccompExamples.amd64], [SeccompExamples.aarch64], [SeccompExamples.amd64, SeccompExamples.x86],
        [SeccompExamples.amd64, SeccompExamples.x86, SeccompExamples.x32],
        [SeccompExamples.aarch64, SeccompExamples.arm],
    ])
    func answersAreTheLibrarys(tokens: [UInt32]) throws {
        var generator = SeededGenerator(state: UInt64(tokens.count) << 32 | UInt64(tokens[0]))
        for round in 0..<6 {
            let values = Self.narrow.isDisjoint(with: tokens) ? Self.values : Self.narrowValues
            let description = Self.expressible(on: tokens, with: values, using: &generator)
            let ours = try SeccompMachine(SeccompProgram.compile(description))
            let theirs = try SeccompMachine(SeccompProgram.libseccompExport(description))
            let differences = Self.compare(ours, theirs, on: tokens, using: &generator)
            #expect(differences.isEmpty, "round \(round): \(differences.prefix(3)) \(description.rules)")
        }
    }

    /// Any description, against what it means.
    @Test(arguments: [
        [SeccompExamples.aarch64], [SeccompExamples.amd64, SeccompExamples.x86, SeccompExamples.x32],
        [SeccompExamples.x32, SeccompExamples.x86], [SeccompExamples.arm, SeccompExamples.aarch64],
        [SeccompExamples.s390x],
    ])
    func answersAreTheMeaning(tokens: [UInt32]) throws {
        var generator = SeededGenerator(state: UInt64(tokens.count) << 32 | UInt64(tokens[0]))
        for round in 0..<6 {
            var description = Self.expressible(on: tokens, with: Self.values, using: &generator)
            description.answersNewerWithENOSYS = Bool.random(using: &generator)
            for _ in 0..<20 {
                let name = SeccompExamples.names.randomElement(using: &generator) ?? ""
                let actions: [UInt32] = [SeccompAction.allow, SeccompAction.error | 5, SeccompAction.trap]
                let action = actions.randomElement(using: &generator) ?? 0
                let indexes = (0..<6).shuffled(using: &generator).prefix(Int.random(in: 0...3, using: &generator))
                description.add(
                    action, name, indexes.map { Self.condition(on: $0, of: Self.values, using: &generator) })
            }
            let machine = try SeccompMachine(SeccompProgram.compile(description))
            var differences: [String] = []
            for token in tokens {
                for number in Array(0...560) + [4000, 0x0F_0001, 0x0F_0002, 0x0F_0005, 0x3FFF_FFFF] {
                    for _ in 0..<2 {
                        let possible = SeccompExamples.narrow.contains(token) ? Self.narrowValues : Self.values
                        let arguments = (0..<6).map { _ in possible.randomElement(using: &generator) ?? 0 }
                        let real = token == SeccompExamples.x32 ? number + 0x4000_0000 : number
                        let audit = SeccompExamples.auditValue(token)
                        let answer = machine.run(audit, UInt32(real), arguments).answer
                        let meaning = description.meaning(on: token, real, arguments)
                        if answer != meaning {
                            differences.append("\(token) \(real) \(arguments): \(answer), not \(meaning)")
                        }
                    }
                }
            }
            #expect(differences.isEmpty, "round \(round): \(differences.prefix(3))")
        }
    }

    /// Both builders, with all that the library can't do.
    @Test func buildersAgree() throws {
        let tokens = [SeccompExamples.amd64, SeccompExamples.x86, SeccompExamples.x32]
        var generator = SeededGenerator(state: 99)
        for round in 0..<6 {
            var description = Self.expressible(on: tokens, with: Self.narrowValues, using: &generator)
            description.answersNewerWithENOSYS = Bool.random(using: &generator)
            for name in ["mseal", "cachestat", "socket", "personality", "clone"] {
                description.add(
                    SeccompAction.error | 5, name, Self.condition(on: 0, of: Self.narrowValues, using: &generator))
                if Bool.random(using: &generator) { description.add(SeccompAction.allow, name) }
            }
            let ours = try SeccompMachine(SeccompProgram.compile(description))
            let theirs = try SeccompMachine(SeccompProgram.compile(description, with: .libseccomp))
            let differences = Self.compare(ours, theirs, on: tokens, using: &generator)
            #expect(differences.isEmpty, "round \(round): \(differences.prefix(3)) \(description.rules)")
        }
    }

    @Test func theLibraryKnowsNumbers() {
        #expect(SeccompProgram.libseccompNumber(of: "read", onArchitecture: SeccompExamples.x86) == 3)
        #expect(SeccompProgram.libseccompNumber(of: "socket", onArchitecture: SeccompExamples.x86) == nil)
        #expect(SeccompProgram.libseccompNumber(of: "no_such_call", onArchitecture: SeccompExamples.amd64) == nil)
        #expect(SeccompProgram.libseccompNumber(of: "read", onArchitecture: 1) == nil)
    }
}
