import OCISpec
import Testing

/// Syscall numbers against facts from the kernel's tables.
struct SyscallTableTests {
    @Test(
        arguments: [
            ("read", .amd64, 0), ("read", .x86, 3), ("read", .x32, 0x4000_0000), ("read", .aarch64, 63),
            ("read", .arm, 3),
            ("read", .riscv64, 63), ("read", .loongarch64, 63), ("read", .s390x, 3), ("read", .s390, 3),
            ("read", .ppc64le, 3),
            ("read", .ppc64, 3), ("read", .ppc, 3), ("read", .mips, 4003), ("read", .mipsel, 4003),
            ("read", .mips64, 5000),
            ("read", .mipsel64, 5000), ("read", .mips64n32, 6000), ("read", .mipsel64n32, 6000), ("read", .parisc, 3),
            ("read", .m68k, 3), ("read", .sh, 3),
            ("execve", .x32, 0x4000_0208), ("execve", .amd64, 59), ("clone3", .amd64, 435), ("clone3", .mips64, 5435),
            ("mseal", .amd64, 462), ("setxattrat", .aarch64, 463), ("open_tree_attr", .x86, 467),
            ("file_setattr", .s390x, 469), ("file_setattr", .x32, 0x4000_01D5), ("uretprobe", .amd64, 335),
            ("uprobe", .amd64, 336), ("riscv_hwprobe", .riscv64, 258), ("riscv_flush_icache", .riscv64, 259),
            ("socketcall", .x86, 102), ("socketcall", .amd64, nil), ("accept", .x86, nil), ("accept", .amd64, 43),
            ("umount", .x86, 22), ("umount", .amd64, nil), ("fcntl64", .x86, 221), ("newfstatat", .aarch64, 79),
            ("fstat", .loongarch64, 80), ("renameat", .aarch64, 38), ("renameat", .riscv64, nil),
            ("renameat", .loongarch64, nil), ("getrlimit", .loongarch64, nil), ("open", .aarch64, nil),
            ("set_tls", .arm, 0x0F_0005), ("cacheflush", .arm, 0x0F_0002), ("cacheflush", .mips, 4147),
            ("arm_sync_file_range", .arm, 341), ("sync_file_range2", .arm, 341), ("memfd_secret", .amd64, 447),
            ("memfd_secret", .arm, nil), ("memfd_secret", .s390x, 447), ("", .amd64, nil), ("a", .amd64, nil),
            ("rea", .amd64, nil), ("read\n", .amd64, nil), ("reads", .amd64, nil), ("zzz", .amd64, nil),
            ("read\nreadahead", .amd64, nil), ("READ", .amd64, nil), ("syscalls", .amd64, nil),
            ("arch_specific_syscall", .riscv64, nil), ("Linux", .mips, nil), ("SYSCALL_BASE", .arm, nil),
        ] as [(String, SeccompArchitecture, Int?)])
    func numbers(name: String, architecture: SeccompArchitecture, number: Int?) {
        #expect(SyscallTable.number(of: name, on: architecture) == number)
    }

    @Test func severalArchitectures() {
        let architectures: [SeccompArchitecture] = [.amd64, .x86, .x32]
        #expect(SyscallTable.numbers(of: "mmap2", on: architectures) == [nil, 192, nil])
        #expect(SyscallTable.numbers(of: "ioctl", on: architectures) == [16, 54, 0x4000_0202])
        #expect(SyscallTable.numbers(of: "no_such_call", on: architectures) == [nil, nil, nil])
    }

    @Test func newestNumbers() {
        let bases: [SeccompArchitecture: Int] = [
            .x32: 0x4000_0000, .mips: 4000, .mipsel: 4000, .mips64: 5000, .mipsel64: 5000, .mips64n32: 6000,
            .mipsel64n32: 6000,
        ]
        for architecture in SeccompArchitecture.allCases {
            #expect(SyscallTable.newestNumber(on: architecture) == 469 + bases[architecture, default: 0])
        }
    }

    @Test func everyNameIsFoundOnce() {
        for architecture in SeccompArchitecture.allCases {
            let names = SyscallTable.names(on: architecture)
            #expect(names.count > 290)
            #expect(names == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
            for name in names {
                #expect(SyscallTable.number(of: name, on: architecture) != nil)
                #expect(SyscallTable.contains(name))
            }
            for name in ["read", "execveat", "seccomp", "pidfd_open", "file_getattr"] { #expect(names.contains(name)) }
        }
        #expect(SyscallTable.contains("accept"))
        #expect(!SyscallTable.contains("no_such_call"))
    }

    /// From 424 on Linux numbers new syscalls alike everywhere.
    @Test func newNumbersAreTheSameEverywhere() {
        for name in SyscallTable.names(on: .amd64) {
            guard let number = SyscallTable.number(of: name, on: .amd64), number >= 424 else { continue }
            for architecture in SeccompArchitecture.allCases {
                guard let other = SyscallTable.number(of: name, on: architecture) else {
                    // Not on all: memfd_secret needs the direct map to be splittable, clone3 needs assembly.
                    #expect(["memfd_secret", "clone3"].contains(name))
                    continue
                }
                #expect(other % 1000 == number || other - 0x4000_0000 == number)
            }
        }
    }
}
