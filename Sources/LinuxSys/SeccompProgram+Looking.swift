import CLinux

/// What a filter lets pass whatever the arguments are.
extension SeccompProgram {
    /// Whether a process under the filter may look at files, and read them, without being stopped, ended or lied to for it.
    package static func allowsLooking(_ program: [UInt8]) -> Bool {
        let calls = [
            CLINUX_CALL_OPENAT, CLINUX_CALL_READ, CLINUX_CALL_CLOSE, CLINUX_CALL_STATX, CLINUX_CALL_FSTATFS,
            CLINUX_CALL_FACCESSAT2, CLINUX_CALL_READLINKAT,
            // What memory comes by.
            CLINUX_CALL_BRK, CLINUX_CALL_MMAP, CLINUX_CALL_MUNMAP,
        ]
        return calls.allSatisfy { allows(program, architecture: CLINUX_ARCHITECTURE, call: $0) }
    }

    /// Whether the filter answers SECCOMP_RET_ALLOW for a call by a way that does not depend on its arguments, or on where it
    /// is made. False also for an instruction that this module's filters don't have.
    /// - Parameter program: `struct sock_filter`s as bytes, in the machine's own order.
    package static func allows(_ program: [UInt8], architecture: UInt32, call: UInt32) -> Bool {
        var accumulator: UInt32 = 0
        var place = 0
        // Jumps lead forward only.
        while place >= 0, (place + 1) * 8 <= program.count {
            let instruction = program[(place * 8)..<(place * 8 + 8)]
            let start = instruction.startIndex
            // The two jumps of 8 bits are bytes 2 and 3 in either order of bytes.
            let code = number(instruction[start..<(start + 2)])
            let constant = number(instruction[(start + 4)..<(start + 8)])
            func jump(_ isTrue: Bool) -> Int { Int(instruction[start + (isTrue ? 2 : 3)]) }
            place += 1
            switch code {
            // BPF_LD | BPF_W | BPF_ABS, of struct seccomp_data: the number and the architecture.
            case 0x20 where constant == 0: accumulator = call
            case 0x20 where constant == 4: accumulator = architecture
            // BPF_ALU | BPF_AND | BPF_K
            case 0x54: accumulator &= constant
            // BPF_JMP: BPF_JA, BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET
            case 0x05: place += Int(constant)
            case 0x15: place += jump(accumulator == constant)
            case 0x25: place += jump(accumulator > constant)
            case 0x35: place += jump(accumulator >= constant)
            case 0x45: place += jump(accumulator & constant != 0)
            // BPF_RET | BPF_K: SECCOMP_RET_ALLOW.
            case 0x06: return constant == 0x7fff_0000
            default: return false
            }
        }
        return false
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var value: UInt32 = 0
        for (place, byte) in bytes.enumerated() {
            #if _endian(little)
                value |= UInt32(byte) << UInt32(place * 8)
            #else
                value = value << 8 | UInt32(byte)
            #endif
        }
        return value
    }
}
