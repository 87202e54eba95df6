import OCISpec
import Testing

@testable import SecurityProfile

@Suite struct BuiltInProfilesTests {
    static let fourteen = [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
        "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
    ]

    @Test func areSevenInOrder() {
        #expect(
            BuiltInProfiles.names.map(\.description) == [
                "default", "dev", "deploy", "restricted", "privileged", "unconfined", "hardened",
            ])
    }

    @Test(arguments: [
        ("default", 14, SeccompAction.allow, "raind-default", false),
        ("dev", 14, .allow, "raind-default", false),
        ("deploy", 12, .allow, "raind-default", true),
        ("restricted", 0, .allow, "raind-default", true),
        ("privileged", 41, nil, nil, false),
        ("unconfined", 14, nil, nil, false),
        ("hardened", 0, .errno, "raind-default", true),
    ])
    func resolveToTheTable(
        name: String, capabilities: Int, defaultAction: SeccompAction?, appArmor: String?, noNewPrivileges: Bool
    ) throws {
        let profile = try resolved(name)
        #expect(profile.capabilities.count == capabilities)
        #expect(profile.seccomp?.defaultAction == defaultAction)
        #expect(profile.appArmorProfile == appArmor)
        #expect(profile.noNewPrivileges == noNewPrivileges)
        #expect(profile.addedOnPurpose.isEmpty)
        #expect(profile.selinuxLabel == nil)
    }

    @Test func haveTheCapabilitiesByName() throws {
        let fourteen = try CapabilityRequest(Self.fourteen, option: "").named
        #expect(try resolved("default").capabilities == fourteen)
        #expect(try resolved("dev").capabilities == fourteen)
        #expect(try resolved("unconfined").capabilities == fourteen)
        let dropped = try CapabilityRequest(["NET_RAW", "MKNOD"], option: "").named
        #expect(try resolved("deploy").capabilities == fourteen.subtracting(dropped))
        #expect(try resolved("privileged").capabilities == .all)
    }

    @Test func denyListHoldsThePromiseAndWhatReachesTheSame() throws {
        let filter = try #require(try resolved("default").seccomp)
        let promised = """
            bpf perf_event_open kexec_load open_by_handle_at ptrace process_vm_readv process_vm_writev userfaultfd \
            reboot swapon swapoff name_to_handle_at init_module finit_module delete_module kcmp mount unshare setns
            """.split(separator: " ").map(String.init)
        #expect(promised.count == 19)
        let others = """
            fsopen fsconfig fsmount fspick move_mount open_tree open_tree_attr mount_setattr umount umount2 \
            pivot_root kexec_file_load pidfd_getfd process_madvise
            """.split(separator: " ").map(String.init)
        for name in promised + others {
            let rules = filter.rules.filter { $0.names.contains(name) }
            #expect(rules == [SeccompRule(names: rules.first?.names ?? [], action: .errno, errnoReturn: 1)], "\(name)")
        }
        let clone = filter.rules.filter { $0.names == ["clone"] }
        let flags: [UInt64] = [
            0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
        ]
        #expect(
            clone
                == flags.map {
                    SeccompRule(
                        names: ["clone"], action: .errno, errnoReturn: 1,
                        conditions: [SeccompCondition(index: 0, .maskedEqual, $0, $0)])
                })
        #expect(
            filter.rules.filter { $0.names.contains("clone3") } == [
                SeccompRule(names: ["clone3"], action: .errno, errnoReturn: 38)
            ])
        #expect(Set(filter.rules.flatMap(\.names)) == Set(promised + others + ["clone", "clone3"]))
        #expect(filter.defaultAction == .allow)
        #expect(filter.defaultErrnoReturn == nil)
        #expect(filter.flags == nil)
        #expect(filter.architectures == [.amd64, .x86, .x32])
    }

    @Test func cloneFlagsAreTheSecondArgumentOnS390() throws {
        for (architecture, index) in [(SeccompArchitecture.s390x, 1), (.aarch64, 0), (.riscv64, 0)] {
            for name in ["default", "hardened"] {
                let filter = try #require(try resolved(name, on: architecture).seccomp)
                let conditions = filter.rules.filter { $0.names == ["clone"] }.flatMap(\.conditions)
                #expect(!conditions.isEmpty)
                #expect(conditions.allSatisfy { $0.index == index })
            }
        }
    }

    @Test func everyNamedSyscallExists() throws {
        for name in ["default", "hardened"] {
            for architecture in [SeccompArchitecture.amd64, .aarch64, .s390x, .riscv64, .ppc64le] {
                let filter = try #require(
                    try resolved(name, add: ["ALL"], on: architecture).seccomp)
                for syscall in filter.rules.flatMap(\.names) {
                    #expect(SyscallTable.contains(syscall), "\(name) on \(architecture): \(syscall)")
                }
            }
        }
    }

    @Test func hardenedNeverAllowsWhatTheDenyListDenies() throws {
        for add in [[], ["SYS_ADMIN"], ["SYS_PTRACE"], ["ALL"]] {
            let deny = SeccompDecisions(try #require(try resolved("restricted", add: add).seccomp))
            let hardened = SeccompDecisions(try #require(try resolved("hardened", add: add).seccomp))
            for name in deny.names {
                let samples = try #require(SeccompDecisions.samples(for: name, deny, hardened))
                for arguments in samples
                where deny.action(for: name, arguments: arguments, overlap: .strictest) == .errno {
                    #expect(
                        hardened.action(for: name, arguments: arguments, overlap: .mostLenient) == .errno,
                        "\(name) \(arguments) with \(add)")
                }
            }
        }
    }

    @Test func hardenedAnswersTheUnknownWithENOSYS() throws {
        let filter = try #require(try resolved("hardened").seccomp)
        #expect(filter.defaultAction == .errno)
        #expect(filter.defaultErrnoReturn == 38)
        #expect(!filter.rules.contains { $0.names.contains("clone3") }, "the default says ENOSYS already")
        #expect(filter.rules.contains { $0.names.contains("mount") && $0.action == .errno && $0.errnoReturn == 1 })
    }

    @Test func everyAppArmorProfileIsBuiltIn() throws {
        for name in BuiltInProfiles.names {
            guard let wanted = try resolved(name.description).appArmorProfile else { continue }
            let text = try #require(BuiltInProfiles.appArmorProfile(named: wanted))
            #expect(text.contains("\nprofile \(wanted) "))
            #expect(text.hasSuffix("}\n"))
        }
        #expect(BuiltInProfiles.appArmorProfile(named: "other") == nil)
    }
}
