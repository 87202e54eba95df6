import CLinux

/// How a program is attached to a cgroup: BPF_F_*.
package struct BPFAttachFlags: OptionSet, Sendable {
    /// The bits.
    package let rawValue: UInt32

    /// The flags of the bits `rawValue`.
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The union of flags. Written out, because the standard library's goes through its generic witnesses.
    package init(arrayLiteral elements: BPFAttachFlags...) {
        var bits: UInt32 = 0
        for element in elements { bits |= element.rawValue }
        rawValue = bits
    }

    /// BPF_F_ALLOW_OVERRIDE: a program of a cgroup below replaces this one there.
    package static let allowOverride = BPFAttachFlags(rawValue: CLINUX_BPF_F_ALLOW_OVERRIDE)
    /// BPF_F_ALLOW_MULTI: all programs must allow.
    package static let allowMulti = BPFAttachFlags(rawValue: CLINUX_BPF_F_ALLOW_MULTI)
}

/// Programs of type cgroup device, which decide over device nodes in cgroup v2: bpf(2).
package enum BPF {
    /// BPF_PROG_LOAD. `instructions` are structs bpf_insn of 8 bytes each (EINVAL otherwise). What the verifier says of
    /// a program that it refuses is in the error's subject.
    package static func loadDeviceProgram(_ instructions: [UInt8]) throws(SyscallError) -> OwnedFD {
        let count = instructions.count / 8
        if instructions.isEmpty || instructions.count % 8 != 0 {
            throw SyscallError(operation: "bpf(PROG_LOAD)", errno: .EINVAL, subject: "\(instructions.count) bytes")
        }
        let result = unsafe instructions.withUnsafeBytes { bytes in
            // SAFETY: count instructions, and a C string.
            unsafe clinux_bpf_load_device_program(bytes.baseAddress, count, "Apache", nil, 0)
        }
        if result >= 0 { return OwnedFD(adopting: result) }
        throw SyscallError(
            operation: "bpf(PROG_LOAD)", errno: Errno(rawValue: -result), subject: verdict(on: instructions))
    }

    /// The last words of the verifier, on one line.
    private static func verdict(on instructions: [UInt8]) -> String {
        var log = [UInt8](repeating: 0, count: 65536)
        let result = unsafe instructions.withUnsafeBytes { bytes in
            unsafe log.withUnsafeMutableBytes { log in
                // SAFETY: all instructions, a C string, and the whole log.
                unsafe clinux_bpf_load_device_program(
                    bytes.baseAddress, bytes.count / 8, "Apache", log.baseAddress, log.count)
            }
        }
        if result >= 0 {
            // It was refused a moment ago, so this one is not to be used.
            _ = OwnedFD(adopting: result)
        }
        let lines = log.prefix { $0 != 0 }.split(separator: 0x0a).suffix(2)
        return lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
    }

    /// BPF_PROG_ATTACH to the cgroup directory `cgroup`; in the place of `replaced` (BPF_F_REPLACE, Linux 5.6) if that
    /// is given.
    package static func attachDeviceProgram(
        _ program: BorrowedFD, to cgroup: BorrowedFD, _ flags: BPFAttachFlags, replacing replaced: BorrowedFD? = nil
    ) throws(SyscallError) {
        let bits = flags.rawValue | (replaced == nil ? 0 : CLINUX_BPF_F_REPLACE)
        let result = clinux_bpf_attach_device_program(
            cgroup.rawValue, program.rawValue, bits, replaced?.rawValue ?? 0)
        try check(result, "bpf(PROG_ATTACH)", cgroup.description)
    }

    /// BPF_PROG_DETACH from the cgroup directory `cgroup`.
    package static func detachDeviceProgram(_ program: BorrowedFD, from cgroup: BorrowedFD) throws(SyscallError) {
        try check(
            clinux_bpf_detach_device_program(cgroup.rawValue, program.rawValue), "bpf(PROG_DETACH)",
            cgroup.description)
    }

    /// BPF_PROG_QUERY: the ids of the programs attached to `cgroup` itself, 64 at most (ENOSPC for more), and how they
    /// are attached.
    package static func devicePrograms(
        of cgroup: BorrowedFD
    ) throws(SyscallError) -> (ids: [UInt32], flags: BPFAttachFlags) {
        var count: UInt32 = 64
        var flags: UInt32 = 0
        var ids = [UInt32](repeating: 0, count: 64)
        let result = unsafe ids.withUnsafeMutableBufferPointer { list in
            // SAFETY: count ids.
            unsafe clinux_bpf_query_device_programs(cgroup.rawValue, list.baseAddress, &count, &flags)
        }
        try check(result, "bpf(PROG_QUERY)", cgroup.description)
        return (Array(ids.prefix(Int(count))), BPFAttachFlags(rawValue: flags))
    }

    /// BPF_PROG_GET_FD_BY_ID. Needs CAP_SYS_ADMIN. ENOENT when it is gone.
    package static func openProgram(_ id: UInt32) throws(SyscallError) -> OwnedFD {
        OwnedFD(adopting: try check(clinux_bpf_program_by_id(id), "bpf(PROG_GET_FD_BY_ID)", "program \(id)"))
    }
}
