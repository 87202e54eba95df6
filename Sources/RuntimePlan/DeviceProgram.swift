/// The eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE that decides as a list of rules does: for each kind of access
/// from the last rule to the first, the first that matches wins, and what none matches is refused.
///
/// The context that the kernel hands over (`struct bpf_cgroup_dev_ctx`, linux/bpf.h): access << 16 | type, major, minor,
/// 32 bits each; the access bits are 1 mknod, 2 read, 4 write, the types 1 block and 2 character.
package struct DeviceProgram: Sendable, Equatable {
    /// The instructions, 8 bytes each, in the machine's byte order.
    package let bytes: [UInt8]

    /// The program of these rules.
    package init(_ rules: [DeviceRule]) {
        var code = Code()
        // r2 = type, r3 = access that is not decided yet, r4 = major, r5 = minor.
        code.add(opcode: 0x61, destination: 2, source: 1, offset: 0, immediate: 0)
        code.add(opcode: 0xbc, destination: 3, source: 2, offset: 0, immediate: 0)
        code.add(opcode: 0x54, destination: 2, source: 0, offset: 0, immediate: 0xffff)
        code.add(opcode: 0x74, destination: 3, source: 0, offset: 0, immediate: 16)
        code.add(opcode: 0x61, destination: 4, source: 1, offset: 4, immediate: 0)
        code.add(opcode: 0x61, destination: 5, source: 1, offset: 8, immediate: 0)
        let relevant = Self.relevant(rules)
        for rule in relevant.reversed() {
            code.add(block: Self.block(rule))
        }
        // Behind a rule that matches everything nothing can be reached, and the verifier refuses what can't be.
        guard relevant.first?.isTotal != true else {
            bytes = code.bytes
            return
        }
        code.add(opcode: 0xb7, destination: 0, source: 0, offset: 0, immediate: 0)
        code.add(opcode: 0x95, destination: 0, source: 0, offset: 0, immediate: 0)
        bytes = code.bytes
    }

    /// A rule about everything leaves nothing for those before it to decide.
    private static func relevant(_ rules: [DeviceRule]) -> ArraySlice<DeviceRule> {
        guard let last = rules.lastIndex(where: \.isTotal) else { return rules[...] }
        return rules[last...]
    }

    /// The instructions of one rule; a condition that does not hold jumps behind them.
    private static func block(_ rule: DeviceRule) -> Code {
        var conditions: [(opcode: UInt8, register: UInt8, immediate: UInt32)] = []
        // Compared as 32 bits (Linux 5.1): a number with the high bit would be extended by its sign.
        if rule.kind != .all { conditions.append((0x56, 2, rule.kind == .block ? 1 : 2)) }
        if let major = rule.major { conditions.append((0x56, 4, major)) }
        if let minor = rule.minor { conditions.append((0x56, 5, minor)) }
        let access = (rule.make ? 1 : 0) | (rule.read ? 2 : 0) | (rule.write ? 4 : 0) as UInt32
        var code = Code()
        // Each bit of a request is decided by the last rule that names it. What a rule allows is decided, and no rule
        // before it is asked about it; the request is allowed once nothing is left, and refused with any bit of it.
        let accessLength = access == 7 ? 0 : rule.allow ? 2 : 3
        for (place, condition) in conditions.enumerated() {
            let behind = conditions.count - place - 1 + accessLength + 2
            code.add(
                opcode: condition.opcode, destination: condition.register, source: 0, offset: Int16(behind),
                immediate: condition.immediate)
        }
        if accessLength > 0, rule.allow {
            code.add(opcode: 0x54, destination: 3, source: 0, offset: 0, immediate: 7 & ~access)
            code.add(opcode: 0x56, destination: 3, source: 0, offset: 2, immediate: 0)
        } else if accessLength > 0 {
            code.add(opcode: 0xbc, destination: 1, source: 3, offset: 0, immediate: 0)
            code.add(opcode: 0x54, destination: 1, source: 0, offset: 0, immediate: access)
            code.add(opcode: 0x16, destination: 1, source: 0, offset: 2, immediate: 0)
        }
        code.add(opcode: 0xb7, destination: 0, source: 0, offset: 0, immediate: rule.allow ? 1 : 0)
        code.add(opcode: 0x95, destination: 0, source: 0, offset: 0, immediate: 0)
        return code
    }

    /// Instructions as `struct bpf_insn` lays them out.
    private struct Code {
        var bytes: [UInt8] = []

        mutating func add(opcode: UInt8, destination: UInt8, source: UInt8, offset: Int16, immediate: UInt32) {
            bytes.append(opcode)
            // Two halves of a byte, in the order of the machine's bits: little-endian machines have the destination low.
            bytes.append(source << 4 | destination)
            let offset = UInt16(bitPattern: offset)
            bytes += [UInt8(truncatingIfNeeded: offset), UInt8(truncatingIfNeeded: offset >> 8)]
            for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: immediate >> shift)) }
        }

        mutating func add(block: Code) { bytes += block.bytes }
    }
}
