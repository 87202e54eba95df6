/// Writes classic BPF from its end to its beginning, so that the target of each jump is there before the jump.
///
/// Conditional jumps reach 255 instructions far. Where a target is farther, a return is repeated nearby and any other
/// target is reached by an unconditional jump, which has 32 bits.
struct SeccompAssembler {
    /// An instruction as a jump's target.
    struct Label: Equatable {
        /// The instruction's place, counted from the program's last one.
        fileprivate let place: Int

        /// The first instruction of what follows the program.
        static let end = Label(place: -1)
    }

    /// An instruction (`struct sock_filter`, linux/filter.h).
    struct Instruction: Equatable {
        var code: UInt16
        var jumpTrue: UInt8 = 0
        var jumpFalse: UInt8 = 0
        var constant: UInt32
    }

    /// The instructions, last one first.
    private(set) var reversed: [Instruction] = []
    /// For each answer the last place where it is returned.
    private var returns: [(answer: UInt32, label: Label)] = []

    private static let reach = 255

    init() { reversed.reserveCapacity(512) }

    /// The instruction that was written last, and so the one that what is written now goes on to.
    var next: Label { Label(place: reversed.count - 1) }

    /// A place where `answer` is returned that a conditional jump reaches with room for the jumps it is a part of.
    mutating func returning(_ answer: UInt32) -> Label {
        let known = returns.firstIndex { $0.answer == answer }
        if let known, reversed.count - returns[known].label.place < SeccompAssembler.reach - 8 {
            return returns[known].label
        }
        reversed.append(Instruction(code: Code.return, constant: answer))
        if let known { returns[known].label = next } else { returns.append((answer, next)) }
        return next
    }

    /// Loads a word of `struct seccomp_data` into the accumulator.
    mutating func load(offset: Int) {
        reversed.append(Instruction(code: Code.load, constant: UInt32(offset)))
    }

    /// Keeps of the accumulator the bits of a mask.
    mutating func and(_ mask: UInt32) {
        if mask != .max { reversed.append(Instruction(code: Code.and, constant: mask)) }
    }

    /// Classes, modes and operations, put together (linux/bpf_common.h).
    private enum Code {
        static let load: UInt16 = 0x20
        static let and: UInt16 = 0x54
        static let jump: UInt16 = 0x05
        static let `return`: UInt16 = 0x06
    }

    /// What a conditional jump tests the accumulator for.
    enum Test: UInt16 {
        case equal = 0x15
        case greater = 0x25
        case greaterOrEqual = 0x35
    }

    /// Goes to one of two places.
    mutating func branch(_ test: Test, _ constant: UInt32, ifTrue: Label, ifFalse: Label) {
        // A jump that is written for one target moves the other one by one.
        let nearTrue = near(ifTrue, margin: 1)
        let nearFalse = near(ifFalse, margin: 0)
        reversed.append(
            Instruction(
                code: test.rawValue, jumpTrue: UInt8(distance(to: nearTrue)), jumpFalse: UInt8(distance(to: nearFalse)),
                constant: constant))
    }

    /// Goes to a place, if it isn't the next one anyway.
    mutating func jump(to label: Label) {
        if label != next { reversed.append(Instruction(code: Code.jump, constant: UInt32(distance(to: label)))) }
    }

    /// How many instructions lie between one that is written now and `label`.
    private func distance(to label: Label) -> Int { reversed.count - label.place - 1 }

    private mutating func near(_ label: Label, margin: Int) -> Label {
        if distance(to: label) + margin <= SeccompAssembler.reach { return label }
        if label != .end, reversed[label.place].code == Code.return { return returning(reversed[label.place].constant) }
        reversed.append(Instruction(code: Code.jump, constant: UInt32(distance(to: label))))
        return next
    }

    /// The program in its order, as bytes in the machine's own order.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(reversed.count * 8)
        for instruction in reversed.reversed() {
            #if _endian(little)
                bytes.append(UInt8(truncatingIfNeeded: instruction.code))
                bytes.append(UInt8(truncatingIfNeeded: instruction.code >> 8))
            #else
                bytes.append(UInt8(truncatingIfNeeded: instruction.code >> 8))
                bytes.append(UInt8(truncatingIfNeeded: instruction.code))
            #endif
            bytes.append(instruction.jumpTrue)
            bytes.append(instruction.jumpFalse)
            for byte in 0..<UInt32(4) {
                #if _endian(little)
                    bytes.append(UInt8(truncatingIfNeeded: instruction.constant >> (8 * byte)))
                #else
                    bytes.append(UInt8(truncatingIfNeeded: instruction.constant >> (24 - 8 * byte)))
                #endif
            }
        }
        return bytes
    }
}
