import OCISpec
import Testing

/// Architectures by name and value.
struct SeccompArchitectureTests {
    @Test(
        arguments: [
            ("SCMP_ARCH_X86_64", 0xC000_003E), ("SCMP_ARCH_X86", 0x4000_0003), ("SCMP_ARCH_X32", 0xC000_003E),
            ("SCMP_ARCH_AARCH64", 0xC000_00B7), ("SCMP_ARCH_ARM", 0x4000_0028), ("SCMP_ARCH_RISCV64", 0xC000_00F3),
            ("SCMP_ARCH_S390X", 0x8000_0016), ("SCMP_ARCH_PPC64LE", 0xC000_0015),
            ("SCMP_ARCH_LOONGARCH64", 0xC000_0102),
            ("SCMP_ARCH_MIPSEL64N32", 0xE000_0008),
        ] as [(String, UInt32)])
    func auditValues(name: String, value: UInt32) {
        #expect(SeccompArchitecture(rawValue: name)?.auditValue == value)
    }

    @Test func tokensDiffer() {
        #expect(Set(SeccompArchitecture.allCases.map(\.token)).count == SeccompArchitecture.allCases.count)
        #expect(SeccompArchitecture.x32.token == 0x4000_003E)
        #expect(SeccompArchitecture(rawValue: "SCMP_ARCH_AMD64") == nil)
        #expect(SeccompArchitecture(rawValue: "x86_64") == nil)
    }

    @Test func subArchitecturesShareTheByteOrder() {
        #expect(SeccompArchitecture.amd64.subArchitectures == [.x86, .x32])
        #expect(SeccompArchitecture.aarch64.subArchitectures == [.arm])
        #expect(SeccompArchitecture.riscv64.subArchitectures.isEmpty)
        for architecture in SeccompArchitecture.allCases {
            for sub in architecture.subArchitectures {
                #expect(sub.auditValue & 0x4000_0000 == architecture.auditValue & 0x4000_0000)
            }
        }
    }
}
