/// An architecture that a seccomp filter can speak of (runtime-spec, config-linux.md, Seccomp; `/linux/seccomp/architectures`).
package enum SeccompArchitecture: String, CaseIterable, Sendable {
    /// 64-bit x86.
    case amd64 = "SCMP_ARCH_X86_64"
    /// 32-bit x86 (i386).
    case x86 = "SCMP_ARCH_X86"
    /// 32-bit pointers on 64-bit x86: calls of x86_64 with bit 30 of the number set.
    case x32 = "SCMP_ARCH_X32"
    /// 64-bit Arm.
    case aarch64 = "SCMP_ARCH_AARCH64"
    /// 32-bit Arm, EABI.
    case arm = "SCMP_ARCH_ARM"
    /// 64-bit RISC-V.
    case riscv64 = "SCMP_ARCH_RISCV64"
    /// 64-bit LoongArch.
    case loongarch64 = "SCMP_ARCH_LOONGARCH64"
    /// 64-bit z/Architecture.
    case s390x = "SCMP_ARCH_S390X"
    /// 31-bit z/Architecture.
    case s390 = "SCMP_ARCH_S390"
    /// 64-bit PowerPC, low byte first.
    case ppc64le = "SCMP_ARCH_PPC64LE"
    /// 64-bit PowerPC, high byte first.
    case ppc64 = "SCMP_ARCH_PPC64"
    /// 32-bit PowerPC.
    case ppc = "SCMP_ARCH_PPC"
    /// MIPS, o32 ABI, high byte first.
    case mips = "SCMP_ARCH_MIPS"
    /// MIPS, n64 ABI, high byte first.
    case mips64 = "SCMP_ARCH_MIPS64"
    /// MIPS, n32 ABI, high byte first.
    case mips64n32 = "SCMP_ARCH_MIPS64N32"
    /// MIPS, o32 ABI, low byte first.
    case mipsel = "SCMP_ARCH_MIPSEL"
    /// MIPS, n64 ABI, low byte first.
    case mipsel64 = "SCMP_ARCH_MIPSEL64"
    /// MIPS, n32 ABI, low byte first.
    case mipsel64n32 = "SCMP_ARCH_MIPSEL64N32"
    /// 32-bit PA-RISC.
    case parisc = "SCMP_ARCH_PARISC"
    /// 64-bit PA-RISC.
    case parisc64 = "SCMP_ARCH_PARISC64"
    /// Motorola 68000.
    case m68k = "SCMP_ARCH_M68K"
    /// SuperH, low byte first.
    case sh = "SCMP_ARCH_SH"
    /// SuperH, high byte first.
    case sheb = "SCMP_ARCH_SHEB"

    /// What this program was built for, or nil where that is none of these.
    package static var native: SeccompArchitecture? {
        #if arch(x86_64)
            .amd64
        #elseif arch(i386)
            .x86
        #elseif arch(arm64)
            .aarch64
        #elseif arch(arm)
            .arm
        #elseif arch(riscv64)
            .riscv64
        #elseif arch(s390x)
            .s390x
        #elseif arch(powerpc64le)
            .ppc64le
        #elseif arch(powerpc64)
            .ppc64
        #else
            nil
        #endif
    }

    /// What the kernel calls the architecture in `seccomp_data.arch` (linux/audit.h): the ELF machine, with bit 31 for
    /// 64-bit, bit 30 for low byte first, bit 29 for n32. x32 has x86_64's: only the number tells them apart.
    package var auditValue: UInt32 { self == .x32 ? SeccompArchitecture.amd64.auditValue : token }

    /// What libseccomp calls the architecture (seccomp.h, `SCMP_ARCH_*`).
    package var token: UInt32 {
        switch self {
        case .amd64: 0xC000_003E
        case .x86: 0x4000_0003
        case .x32: 0x4000_003E
        case .aarch64: 0xC000_00B7
        case .arm: 0x4000_0028
        case .riscv64: 0xC000_00F3
        case .loongarch64: 0xC000_0102
        case .s390x: 0x8000_0016
        case .s390: 0x0000_0016
        case .ppc64le: 0xC000_0015
        case .ppc64: 0x8000_0015
        case .ppc: 0x0000_0014
        case .mips: 0x0000_0008
        case .mips64: 0x8000_0008
        case .mips64n32: 0xA000_0008
        case .mipsel: 0x4000_0008
        case .mipsel64: 0xC000_0008
        case .mipsel64n32: 0xE000_0008
        case .parisc: 0x0000_000F
        case .parisc64: 0x8000_000F
        case .m68k: 0x0000_0004
        case .sh: 0x4000_002A
        case .sheb: 0x0000_002A
        }
    }

    /// The architectures whose programs a kernel of this one runs too, and that a profile for it therefore covers.
    package var subArchitectures: [SeccompArchitecture] {
        switch self {
        case .amd64: [.x86, .x32]
        case .aarch64: [.arm]
        case .s390x: [.s390]
        case .mips64: [.mips, .mips64n32]
        case .mips64n32: [.mips, .mips64]
        case .mipsel64: [.mipsel, .mipsel64n32]
        case .mipsel64n32: [.mipsel, .mipsel64]
        default: []
        }
    }
}
