import OCISpec
import Testing

@testable import SecurityProfile

/// Programs that no compiler of ours makes, as another one could have loaded into a running process.
@Suite struct SeccompPathsTests {
    static let allow: UInt32 = 0x7FFF_0000
    static let eperm: UInt32 = 0x0005_0001

    static func instruction(
        _ code: UInt16, _ constant: UInt32, _ jumpTrue: UInt8 = 0, _ jumpFalse: UInt8 = 0
    ) -> SeccompMachine.Instruction {
        .init(code: code, jumpTrue: jumpTrue, jumpFalse: jumpFalse, constant: constant)
    }

    static func machine(_ instructions: SeccompMachine.Instruction...) throws -> SeccompMachine {
        try SeccompMachine(instructions)
    }

    /// Allows everything, or nothing.
    static func constant(_ answer: UInt32) throws -> SeccompMachine { try machine(instruction(0x06, answer)) }

    @Test func noFilterIsAFilterThatAllows() throws {
        #expect(SeccompComparison([], [try Self.constant(Self.allow)], on: [.amd64]).isEqual)
        let refused = SeccompComparison([], [try Self.constant(Self.eperm)], on: [.amd64])
        #expect(refused.widened.isEmpty && refused.changed.isEmpty)
        // 0...newest + 64, x32's, and -1.
        #expect(refused.narrowed.count > 1000)
        #expect(refused.narrowed.contains { $0.call.name == "read" && $0.call.platform == .x32 })
        #expect(refused.narrowed.contains { $0.call.number == .max })
    }

    /// 64 numbers past the highest one that is known.
    @Test func numbersThatAreStillToCome() throws {
        let refused = SeccompComparison([], [try Self.constant(Self.eperm)], on: [.riscv64])
        let newest = UInt32(SyscallTable.newestNumber(on: .riscv64))
        #expect(refused.narrowed.map(\.call.number) == Array(0...newest + 64) + [.max])
        #expect(refused.narrowed.first { $0.call.number == newest }?.call.name != nil)
        #expect(refused.narrowed.first { $0.call.number == newest + 1 }?.call.name == nil)
    }

    @Test func theStrictestOfSeveralCounts() throws {
        let kill = try Self.constant(0x8000_0000)
        let error = try Self.constant(Self.eperm)
        let allow = try Self.constant(Self.allow)
        #expect(SeccompComparison([error, kill, allow], [kill], on: [.amd64]).isEqual)
        #expect(SeccompComparison([allow, error], [error], on: [.amd64]).isEqual)
        #expect(!SeccompComparison([allow, error], [allow], on: [.amd64]).isEqual)
        // Of two that are as strict the one that was loaded last.
        let other = try Self.constant(0x0005_0026)
        #expect(SeccompComparison([other, error], [other], on: [.amd64]).isEqual)
        #expect(!SeccompComparison([error, other], [other], on: [.amd64]).isEqual)
    }

    /// The first argument's low word is looked at in two ways that mean the same.
    @Test func anotherSpellingIsNoDifference() throws {
        // A = low word of argument 0; refuse if A & 3 == 3.
        let masked = try Self.machine(
            Self.instruction(0x20, 16), Self.instruction(0x54, 3), Self.instruction(0x15, 3, 0, 1),
            Self.instruction(0x06, Self.eperm), Self.instruction(0x06, Self.allow))
        // Refuse if bit 0 is set and bit 1 is set, through the memory and the index register.
        let bits = try Self.machine(
            Self.instruction(0x20, 16), Self.instruction(0x02, 7), Self.instruction(0x45, 1, 0, 5),
            Self.instruction(0x61, 7), Self.instruction(0x87, 0), Self.instruction(0x54, 2),
            Self.instruction(0x15, 0, 1, 0), Self.instruction(0x06, Self.eperm), Self.instruction(0x06, Self.allow))
        #expect(SeccompComparison([masked], [bits], on: [.amd64]).isEqual)
        // Bit 0 alone is another filter: the argument that shows it is 1.
        let one = try Self.machine(
            Self.instruction(0x20, 16), Self.instruction(0x45, 1, 0, 1), Self.instruction(0x06, Self.eperm),
            Self.instruction(0x06, Self.allow))
        let comparison = SeccompComparison([masked], [one], on: [.amd64])
        let read = try #require(comparison.differences.first { $0.call.name == "read" })
        #expect(read.narrows && read.arguments[0] & 3 == 1 && read.decisiveArguments == [0])
        #expect(read.first.description == "allow" && read.second.description == "EPERM")
    }

    /// A difference that shows only with several bits at once, which no constant of either program has.
    @Test func bitsOfSeveralTestsTogether() throws {
        // Refuse where one of the two bits is set.
        let any = try Self.machine(
            Self.instruction(0x20, 16), Self.instruction(0x45, 4, 2, 0), Self.instruction(0x20, 16),
            Self.instruction(0x45, 8, 0, 1), Self.instruction(0x06, Self.eperm), Self.instruction(0x06, Self.allow))
        // Refuse where one of them, but not both.
        let either = try Self.machine(
            Self.instruction(0x20, 16), Self.instruction(0x45, 4, 0, 1), Self.instruction(0x45, 8, 2, 1),
            Self.instruction(0x45, 8, 0, 1), Self.instruction(0x06, Self.eperm), Self.instruction(0x06, Self.allow))
        let comparison = SeccompComparison([any], [either], on: [.x86])
        #expect(comparison.undecided.isEmpty)
        let read = try #require(comparison.differences.first { $0.call.name == "read" })
        #expect(read.widens && read.arguments[0] & 12 == 12)
    }

    /// A number that lies past all that are known, where a program singles it out.
    @Test func numbersThatAProgramNames() throws {
        let far = try Self.machine(
            Self.instruction(0x20, 0), Self.instruction(0x15, 123_456, 0, 1), Self.instruction(0x06, Self.allow),
            Self.instruction(0x06, Self.eperm))
        let comparison = SeccompComparison([try Self.constant(Self.eperm)], [far], on: [.amd64])
        #expect(comparison.differences.map(\.call.number) == [123_456])
        #expect(comparison.differences[0].call.name == nil)
    }

    /// What can't be followed is never taken for equal, and never taken for allowed.
    @Test func arithmeticOnAnArgumentIsUndecided() throws {
        // Refuse if argument 0 plus 1 is 0.
        let sum = try Self.machine(
            Self.instruction(0x20, 16), Self.instruction(0x04, 1), Self.instruction(0x15, 0, 0, 1),
            Self.instruction(0x06, Self.eperm), Self.instruction(0x06, Self.allow))
        let comparison = SeccompComparison([sum], [try Self.constant(Self.allow)], on: [.x86])
        #expect(!comparison.isEqual)
        #expect(comparison.undecided.contains { $0.name == "read" })
        // The same program is equal to itself whatever it does.
        #expect(SeccompComparison([sum], [sum], on: [.x86]).isEqual)
    }

    @Test func highHalvesCount() throws {
        // Allow if the upper half of argument 1 is 0.
        let high = try Self.machine(
            Self.instruction(0x20, 28), Self.instruction(0x15, 0, 0, 1), Self.instruction(0x06, Self.allow),
            Self.instruction(0x06, Self.eperm))
        let allow = try Self.constant(Self.allow)
        let amd64 = SeccompComparison([high], [allow], on: [.amd64])
        let read = try #require(amd64.differences.first { $0.call.name == "read" && $0.call.platform == .amd64 })
        #expect(read.widens && read.arguments[1] >> 32 != 0)
        // Nothing can stand there on 32 bits.
        #expect(SeccompComparison([high], [allow], on: [.x86]).isEqual)
    }

    @Test func highByteFirst() throws {
        // The same place is the low half on s390x.
        let place = try Self.machine(
            Self.instruction(0x20, 28), Self.instruction(0x15, 5, 0, 1), Self.instruction(0x06, Self.allow),
            Self.instruction(0x06, Self.eperm))
        let comparison = SeccompComparison([try Self.constant(Self.eperm)], [place], on: [.s390x])
        #expect(comparison.differences.first?.arguments == [0, 5, 0, 0, 0, 0])
    }

    @Test func whatTheKernelRefusesIsRefused() throws {
        typealias Fault = SeccompMachine.Fault
        func fault(_ instructions: [SeccompMachine.Instruction]) -> Fault? {
            #expect(throws: Fault.self) { _ = try SeccompMachine(instructions) }
        }
        #expect(throws: Never.self) { try SeccompMachine(Array(repeating: Self.instruction(0x06, 0), count: 4096)) }
        let end = Self.instruction(0x06, 0)
        #expect(fault([]) == .length(byteCount: 0))
        #expect(fault(Array(repeating: end, count: 4097)) == .length(byteCount: 8 * 4097))
        #expect(fault([Self.instruction(0x20, 64), end]) == .constant(at: 0, 64))
        #expect(fault([Self.instruction(0x20, 2), end]) == .constant(at: 0, 2))
        #expect(fault([Self.instruction(0x60, 16), end]) == .constant(at: 0, 16))
        #expect(fault([Self.instruction(0x34, 0), end]) == .constant(at: 0, 0))
        #expect(fault([Self.instruction(0x94, 1), end]) == .instruction(at: 0, code: 0x94))
        #expect(fault([Self.instruction(0x28, 0), end]) == .instruction(at: 0, code: 0x28))
        #expect(fault([Self.instruction(0x05, 1), end]) == .jump(at: 0))
        #expect(fault([Self.instruction(0x05, .max), end]) == .jump(at: 0))
        #expect(fault([Self.instruction(0x15, 0, 1, 0), end]) == .jump(at: 0))
        #expect(fault([end, Self.instruction(0x20, 0)]) == .noReturn)
        #expect(throws: Fault.length(byteCount: 7)) { try SeccompMachine([UInt8](repeating: 0, count: 7)) }
    }

    /// Conditions on a word: what the solver says is what trying all values of few bits says.
    @Test func solverAgreesWithTrying() {
        var generator = SeededGenerator(seed: 5)
        var solved = 0
        for _ in 0..<3000 {
            let conditions = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                WordCondition(
                    word: 4, mask: UInt32.random(in: 0...15, using: &generator),
                    test: [.equal, .notEqual, .greater, .notGreater][Int.random(in: 0..<4, using: &generator)],
                    constant: UInt32.random(in: 0...16, using: &generator))
            }
            let exists = (0..<16 as Range<UInt32>).contains { value in conditions.allSatisfy { $0.holds(for: value) } }
            switch WordCondition.solve(conditions) {
            case .value(let value):
                #expect(exists && conditions.allSatisfy { $0.holds(for: value) }, "\(conditions)")
                solved += 1
            case .none: #expect(!exists, "\(conditions)")
            case .unknown: Issue.record("\(conditions)")
            }
        }
        #expect((500..<2500).contains(solved), "\(solved)")
    }
}
