/// The kernel's machine for seccomp filters: classic BPF on `struct seccomp_data`, with the kernel's own checks
/// (net/core/filter.c, bpf_check_classic; kernel/seccomp.c, seccomp_check_filter).
struct SeccompMachine {
    /// What the kernel would refuse a program for, or what can't happen in one that it takes.
    enum Fault: Error, Equatable {
        case length(Int)
        case instruction(at: Int, code: UInt16)
        case jump(at: Int)
        case offset(at: Int, UInt32)
        case noReturn
    }

    private struct Instruction {
        let code: UInt16
        let jumpTrue: Int
        let jumpFalse: Int
        let constant: UInt32
    }

    private let program: [Instruction]

    /// How many instructions the program has.
    var count: Int { program.count }

    /// Reads a program in this machine's byte order, and checks it.
    init(_ bytes: [UInt8]) throws {
        guard bytes.count % 8 == 0, !bytes.isEmpty, bytes.count <= 8 * 4096 else { throw Fault.length(bytes.count) }
        program = stride(from: 0, to: bytes.count, by: 8).map { start in
            func word(_ range: Range<Int>) -> UInt32 {
                var value: UInt32 = 0
                for (shift, byte) in bytes[start + range.lowerBound..<start + range.upperBound].enumerated() {
                    #if _endian(little)
                        value |= UInt32(byte) << (8 * UInt32(shift))
                    #else
                        value = value << 8 | UInt32(byte)
                    #endif
                }
                return value
            }
            return Instruction(
                code: UInt16(word(0..<2)), jumpTrue: Int(bytes[start + 2]), jumpFalse: Int(bytes[start + 3]),
                constant: word(4..<8))
        }
        for (place, instruction) in program.enumerated() {
            switch instruction.code {
            case 0x20:
                guard instruction.constant < 64, instruction.constant % 4 == 0 else {
                    throw Fault.offset(at: place, instruction.constant)
                }
            case 0x05:
                guard place + 1 + Int(instruction.constant) < program.count else { throw Fault.jump(at: place) }
            case 0x15, 0x25, 0x35, 0x45:
                guard place + 1 + max(instruction.jumpTrue, instruction.jumpFalse) < program.count else {
                    throw Fault.jump(at: place)
                }
            case 0x06, 0x54: break
            default: throw Fault.instruction(at: place, code: instruction.code)
            }
        }
        guard program.last?.code == 0x06 else { throw Fault.noReturn }
    }

    /// What the program answers, and after how many instructions.
    func run(_ architecture: UInt32, _ number: UInt32, _ arguments: [UInt64]) -> (answer: UInt32, stepCount: Int) {
        // On a machine that has the high byte first the halves of an argument lie the other way around.
        let isLowByteFirst = architecture & 0x4000_0000 != 0
        var accumulator: UInt32 = 0
        var place = 0
        var stepCount = 0
        while true {
            let instruction = program[place]
            let constant = instruction.constant
            place += 1
            stepCount += 1
            switch instruction.code {
            case 0x20:
                switch constant {
                case 0: accumulator = number
                case 4: accumulator = architecture
                case 8, 12: accumulator = 0
                default:
                    let index = Int(constant - 16) / 8
                    let argument = index < arguments.count ? arguments[index] : 0
                    let isLow = (constant % 8 == 0) == isLowByteFirst
                    accumulator = UInt32(truncatingIfNeeded: isLow ? argument : argument >> 32)
                }
            case 0x54: accumulator &= constant
            case 0x05: place += Int(constant)
            case 0x15: place += accumulator == constant ? instruction.jumpTrue : instruction.jumpFalse
            case 0x25: place += accumulator > constant ? instruction.jumpTrue : instruction.jumpFalse
            case 0x35: place += accumulator >= constant ? instruction.jumpTrue : instruction.jumpFalse
            case 0x45: place += accumulator & constant != 0 ? instruction.jumpTrue : instruction.jumpFalse
            default: return (constant, stepCount)
            }
        }
    }

    /// What the program answers.
    func answer(_ architecture: UInt32, _ number: UInt32, _ arguments: UInt64...) -> UInt32 {
        run(architecture, number, arguments).answer
    }
}
