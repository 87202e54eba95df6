/// A seccomp filter as the kernel runs it: classic BPF on `struct seccomp_data` (linux/filter.h, linux/seccomp.h).
///
/// It takes every instruction that seccomp(2) takes, not only those of this program's own filters, so that a filter which
/// was read from a running process can be looked at too.
package struct SeccompMachine: Equatable, Sendable {
    /// Why a program is none that the kernel takes (net/core/filter.c, bpf_check_classic; kernel/seccomp.c,
    /// seccomp_check_filter).
    package enum Fault: Error, Equatable, Sendable {
        /// The bytes are no whole number of instructions, none at all, or more than 4096 (BPF_MAXINSNS).
        case length(byteCount: Int)
        /// An instruction that seccomp doesn't know.
        case instruction(at: Int, code: UInt16)
        /// A constant that the instruction can't have: a place outside of the data, a division by 0.
        case constant(at: Int, UInt32)
        /// A jump out of the program.
        case jump(at: Int)
        /// The last instruction is no return.
        case noReturn
    }

    /// An instruction (`struct sock_filter`).
    package struct Instruction: Equatable, Sendable {
        /// What is done (`code`).
        package var code: UInt16
        /// How many instructions are passed over where a test holds (`jt`).
        package var jumpTrue: UInt8
        /// How many are passed over where it doesn't (`jf`).
        package var jumpFalse: UInt8
        /// The constant (`k`).
        package var constant: UInt32

        /// Makes an instruction.
        package init(code: UInt16, jumpTrue: UInt8, jumpFalse: UInt8, constant: UInt32) {
            self.code = code
            self.jumpTrue = jumpTrue
            self.jumpFalse = jumpFalse
            self.constant = constant
        }
    }

    /// The instructions.
    package let instructions: [Instruction]

    /// BPF_MAXINSNS.
    private static let maximumInstructionCount = 4096

    /// Reads a program as seccomp(2) takes it and PTRACE_SECCOMP_GET_FILTER gives it: `struct sock_filter`s of 8 bytes, in
    /// this machine's own order of bytes.
    package init(_ bytes: [UInt8]) throws(Fault) {
        guard bytes.count % 8 == 0 else { throw .length(byteCount: bytes.count) }
        var instructions: [Instruction] = []
        instructions.reserveCapacity(bytes.count / 8)
        for start in stride(from: 0, to: bytes.count, by: 8) {
            func number(_ range: Range<Int>) -> UInt32 {
                var value: UInt32 = 0
                for place in range {
                    #if _endian(little)
                        value |= UInt32(bytes[start + place]) << UInt32(8 * (place - range.lowerBound))
                    #else
                        value = value << 8 | UInt32(bytes[start + place])
                    #endif
                }
                return value
            }
            instructions.append(
                Instruction(
                    code: UInt16(truncatingIfNeeded: number(0..<2)), jumpTrue: bytes[start + 2],
                    jumpFalse: bytes[start + 3], constant: number(4..<8)))
        }
        try self.init(instructions)
    }

    /// Takes a program that the kernel would take.
    package init(_ instructions: [Instruction]) throws(Fault) {
        guard !instructions.isEmpty, instructions.count <= Self.maximumInstructionCount else {
            throw .length(byteCount: 8 * instructions.count)
        }
        self.instructions = instructions
        for (place, instruction) in instructions.enumerated() { try check(instruction, at: place) }
        guard instructions.last.map({ Code.isReturn($0.code) }) == true else { throw .noReturn }
    }

    private func check(_ instruction: Instruction, at place: Int) throws(Fault) {
        let constant = instruction.constant
        switch instruction.code {
        case Code.load:
            guard constant < 64, constant % 4 == 0 else { throw .constant(at: place, constant) }
        case Code.loadMemory, Code.loadIndexMemory, Code.store, Code.storeIndex:
            guard constant < 16 else { throw .constant(at: place, constant) }
        case Code.divide:
            guard constant != 0 else { throw .constant(at: place, constant) }
        case Code.shiftLeft, Code.shiftRight:
            guard constant < 32 else { throw .constant(at: place, constant) }
        case Code.jump:
            guard Int(constant) < instructions.count - place - 1 else { throw .jump(at: place) }
        case let code where Code.isTest(code):
            guard place + 1 + Int(max(instruction.jumpTrue, instruction.jumpFalse)) < instructions.count else {
                throw .jump(at: place)
            }
        case let code where Code.isOther(code): break
        default: throw .instruction(at: place, code: instruction.code)
        }
    }

    /// Classes, sizes, modes and operations, put together (linux/bpf_common.h).
    enum Code {
        static let load: UInt16 = 0x20
        static let loadLength: UInt16 = 0x80
        static let loadImmediate: UInt16 = 0x00
        static let loadMemory: UInt16 = 0x60
        static let loadIndexLength: UInt16 = 0x81
        static let loadIndexImmediate: UInt16 = 0x01
        static let loadIndexMemory: UInt16 = 0x61
        static let store: UInt16 = 0x02
        static let storeIndex: UInt16 = 0x03
        static let and: UInt16 = 0x54
        static let divide: UInt16 = 0x34
        static let shiftLeft: UInt16 = 0x64
        static let shiftRight: UInt16 = 0x74
        static let negate: UInt16 = 0x84
        static let jump: UInt16 = 0x05
        static let returnConstant: UInt16 = 0x06
        static let returnAccumulator: UInt16 = 0x16
        static let toIndex: UInt16 = 0x07
        static let toAccumulator: UInt16 = 0x87
        /// BPF_X: the second operand is the index register and not the constant.
        static let byIndex: UInt16 = 0x08

        static func isReturn(_ code: UInt16) -> Bool { code == returnConstant || code == returnAccumulator }

        /// BPF_JEQ, BPF_JGT, BPF_JGE and BPF_JSET, by the constant or the index register.
        static func isTest(_ code: UInt16) -> Bool {
            switch code & ~byIndex {
            case 0x15, 0x25, 0x35, 0x45: true
            default: false
            }
        }

        /// BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH and BPF_XOR; seccomp has no BPF_MOD.
        static func isArithmetic(_ code: UInt16) -> Bool {
            switch code & ~byIndex {
            case 0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0xA4: true
            default: false
            }
        }

        static func isOther(_ code: UInt16) -> Bool {
            switch code {
            case loadLength, loadImmediate, loadIndexLength, loadIndexImmediate, negate, returnConstant,
                returnAccumulator, toIndex, toAccumulator:
                true
            default: isArithmetic(code)
            }
        }
    }

    /// The size of `struct seccomp_data` in bytes.
    static let dataByteCount: UInt32 = 64

    /// What an operation makes of two numbers, as the kernel's interpreter has it.
    static func arithmetic(_ code: UInt16, _ one: UInt32, _ two: UInt32) -> UInt32 {
        switch code & ~Code.byIndex {
        case 0x04: one &+ two
        case 0x14: one &- two
        case 0x24: one &* two
        case 0x34: two == 0 ? 0 : one / two
        case 0x44: one | two
        case 0x54: one & two
        // The kernel's interpreter shifts by the low five bits.
        case 0x64: one << (two & 31)
        case 0x74: one >> (two & 31)
        default: one ^ two
        }
    }

    /// Whether a test holds of two numbers.
    static func test(_ code: UInt16, _ one: UInt32, _ two: UInt32) -> Bool {
        switch code & ~Code.byIndex {
        case 0x15: one == two
        case 0x25: one > two
        case 0x35: one >= two
        default: one & two != 0
        }
    }

    /// What the filter answers for a call: `SECCOMP_RET_*` with its data.
    package func answer(to call: SeccompCallData) -> UInt32 {
        var accumulator: UInt32 = 0
        var index: UInt32 = 0
        var memory: [UInt32] = []
        var place = 0
        while true {
            let instruction = instructions[place]
            let constant = instruction.constant
            let operand = instruction.code & Code.byIndex == 0 ? constant : index
            place += 1
            switch instruction.code {
            case Code.load: accumulator = call.word(at: Int(constant) / 4)
            case Code.loadImmediate: accumulator = constant
            case Code.loadLength: accumulator = Self.dataByteCount
            case Code.loadMemory: accumulator = memory.isEmpty ? 0 : memory[Int(constant)]
            case Code.loadIndexImmediate: index = constant
            case Code.loadIndexLength: index = Self.dataByteCount
            case Code.loadIndexMemory: index = memory.isEmpty ? 0 : memory[Int(constant)]
            case Code.store, Code.storeIndex:
                if memory.isEmpty { memory = Array(repeating: 0, count: 16) }
                memory[Int(constant)] = instruction.code == Code.store ? accumulator : index
            case Code.toIndex: index = accumulator
            case Code.toAccumulator: accumulator = index
            case Code.negate: accumulator = 0 &- accumulator
            case Code.jump: place += Int(constant)
            case Code.returnConstant: return constant
            case Code.returnAccumulator: return accumulator
            case let code where Code.isTest(code):
                place += Int(
                    Self.test(code, accumulator, operand) ? instruction.jumpTrue : instruction.jumpFalse)
            default: accumulator = Self.arithmetic(instruction.code, accumulator, operand)
            }
        }
    }

    /// What several filters of one process answer together: the strictest of their answers, and of two that are as
    /// strict the one that comes first (seccomp(2)). Without a filter every call is allowed.
    ///
    /// - Parameter filters: as the kernel asks them, the one that was loaded last first.
    package static func answer(of filters: [SeccompMachine], to call: SeccompCallData) -> UInt32 {
        strictest(filters.map { $0.answer(to: call) })
    }

    static func strictest(_ answers: [UInt32]) -> UInt32 {
        var strictest: UInt32 = 0x7FFF_0000
        for answer in answers where order(answer) < order(strictest) { strictest = answer }
        return strictest
    }

    /// The kernel compares actions as numbers with a sign.
    private static func order(_ answer: UInt32) -> Int32 { Int32(bitPattern: answer & 0xFFFF_0000) }
}

extension SeccompMachine.Fault: CustomStringConvertible {
    /// What is wrong with the program, in one line.
    package var description: String {
        switch self {
        case .length(let count): "\(count) bytes are no filter of 1 to 4096 instructions"
        case .instruction(let place, let code):
            "instruction \(place) has the code 0x\(String(code, radix: 16)), which seccomp doesn't know"
        case .constant(let place, let constant):
            "instruction \(place) can't have the constant 0x\(String(constant, radix: 16))"
        case .jump(let place): "instruction \(place) jumps out of the filter"
        case .noReturn: "the last instruction is no return"
        }
    }
}

/// What a filter is asked about (`struct seccomp_data`, linux/seccomp.h): a call, and where it is made.
package struct SeccompCallData: Equatable, Sendable {
    /// The call's number.
    package var number: UInt32
    /// The audit value of the architecture that it is made for (linux/audit.h).
    package var architecture: UInt32
    /// The address of the instruction that makes it.
    package var instructionPointer: UInt64
    /// The six arguments.
    package var arguments: [UInt64]

    /// Makes a call; arguments that aren't given are 0.
    package init(
        number: UInt32, architecture: UInt32, instructionPointer: UInt64 = 0, arguments: [UInt64] = []
    ) {
        self.number = number
        self.architecture = architecture
        self.instructionPointer = instructionPointer
        self.arguments = (arguments + Array(repeating: 0, count: 6)).prefix(6).map { $0 }
    }

    /// A word of 32 bits by its place: the number, the architecture, the address, the arguments.
    func word(at place: Int) -> UInt32 {
        switch place {
        case 0: return number
        case 1: return architecture
        default:
            let value = place < 4 ? instructionPointer : arguments[(place - 4) / 2]
            return UInt32(truncatingIfNeeded: SeccompCallData.isLow(place, architecture) ? value : value >> 32)
        }
    }

    /// Whether the word at a place, from 2 on, is the low half of its value. Bit 30 of an audit value: the low byte, and
    /// with it the low word, comes first.
    static func isLow(_ place: Int, _ architecture: UInt32) -> Bool {
        (place % 2 == 0) == (architecture & 0x4000_0000 != 0)
    }
}
