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

    /// Whether a process under the filter may make another one by `SharedProcessID.cloneSibling` and end, and that one lead a
    /// session, and get ready for its program.
    /// - Parameters:
    ///   - withTerminal: whether a terminal is to control the session.
    ///   - reading: whether something is received on a socket before.
    package static func allowsSuccession(_ program: [UInt8], withTerminal: Bool, reading: Bool) -> Bool {
        var calls: [(UInt32, [UInt64])] = [
            (CLINUX_CALL_CLONE, [CLINUX_CLONE_PARENT | CLINUX_CLONE_PARENT_SETTID]), (CLINUX_CALL_EXIT_GROUP, []),
            (CLINUX_CALL_SETSID, []), (CLINUX_CALL_GETPID, []), (CLINUX_CALL_MADVISE, []),
            (CLINUX_CALL_CLOSE_RANGE, []),
            // What memory comes by.
            (CLINUX_CALL_BRK, []), (CLINUX_CALL_MMAP, []), (CLINUX_CALL_MUNMAP, []),
        ]
        if withTerminal { calls.append((CLINUX_CALL_IOCTL, [0, CLINUX_CONTROL_TERMINAL])) }
        if reading { calls.append((CLINUX_CALL_RECVMSG, [])) }
        return calls.allSatisfy { allows(program, architecture: CLINUX_ARCHITECTURE, call: $0.0, arguments: $0.1) }
    }

    /// Whether the filter answers SECCOMP_RET_ALLOW for a call by a way that does not depend on where it is made, or on
    /// arguments that are not given. False also for an instruction that this module's filters don't have.
    /// - Parameters:
    ///   - program: `struct sock_filter`s as bytes, in the machine's own order.
    ///   - arguments: the first of the call's; the rest can be anything.
    package static func allows(
        _ program: [UInt8], architecture: UInt32, call: UInt32, arguments: [UInt64] = []
    ) -> Bool {
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
            // Its arguments, of which each is two words.
            case 0x20 where constant >= 16 && constant % 4 == 0 && Int(constant - 16) / 8 < arguments.count:
                let argument = arguments[Int(constant - 16) / 8]
                let isFirst = constant % 8 == 0
                #if _endian(little)
                    accumulator = UInt32(truncatingIfNeeded: isFirst ? argument : argument >> 32)
                #else
                    accumulator = UInt32(truncatingIfNeeded: isFirst ? argument >> 32 : argument)
                #endif
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
