import OCISpec
import Testing

@testable import SecurityProfile

/// A capability lifts what it makes useful, and nothing else.
@Suite struct SeccompLiftingTests {
    static let lifted: [(String, [String])] = [
        ("SYS_PTRACE", ["ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise"]),
        (
            "SYS_ADMIN",
            [
                "mount", "umount", "umount2", "pivot_root", "fsopen", "fsconfig", "fsmount", "fspick", "move_mount",
                "open_tree", "open_tree_attr", "mount_setattr", "unshare", "setns", "clone", "clone3", "bpf",
                "perf_event_open",
            ]
        ),
        ("BPF", ["bpf"]), ("PERFMON", ["perf_event_open"]), ("DAC_READ_SEARCH", ["open_by_handle_at"]),
        ("SYS_MODULE", ["init_module", "finit_module", "delete_module"]), ("SYS_BOOT", ["reboot"]),
        ("NET_ADMIN", []), ("SYS_RESOURCE", []), ("SYS_TIME", []),
    ]

    @Test(arguments: lifted)
    func denyListEntries(capability: String, names: [String]) throws {
        let before = Set(try #require(try resolved("restricted").seccomp).rules.flatMap(\.names))
        let after = Set(try #require(try resolved("restricted", add: [capability]).seccomp).rules.flatMap(\.names))
        #expect(before.subtracting(after) == Set(names))
        #expect(after.subtracting(before).isEmpty)
    }

    @Test func someStayDeniedUnderEveryCapability() throws {
        let filter = try #require(try resolved("default", add: ["ALL"]).seccomp)
        #expect(
            Set(filter.rules.flatMap(\.names)) == [
                "kexec_load", "kexec_file_load", "swapon", "swapoff", "name_to_handle_at", "userfaultfd",
            ])
    }

    @Test func theFinalSetDecides() throws {
        // Dropped again, the capability lifts nothing.
        let base = try builtIn("default")
        let child = try profile("child", extends: "default", add: try CapabilityRequest(["SYS_PTRACE"], option: ""))
        func denies(_ changes: CapabilityChanges) throws -> Bool {
            let filter = try ResolvedProfile([base, child], changes: changes, on: .amd64).seccomp
            return try #require(filter).rules.contains { $0.names.contains("ptrace") }
        }
        #expect(try !denies(.none))
        let dropping = try CapabilityRequest(["SYS_PTRACE"], option: "")
        #expect(try denies(CapabilityChanges(added: .none, dropped: dropping)))
    }

    @Test(arguments: [
        ("SYS_PTRACE", "ptrace"), ("SYS_ADMIN", "mount"), ("SYS_ADMIN", "clone3"), ("SYS_CHROOT", "chroot"),
        ("SYS_BOOT", "reboot"), ("SYS_MODULE", "init_module"), ("SYS_TIME", "clock_settime"), ("SYS_NICE", "mbind"),
        ("DAC_READ_SEARCH", "open_by_handle_at"), ("BPF", "bpf"), ("PERFMON", "perf_event_open"),
        ("SYSLOG", "syslog"), ("SYS_PACCT", "acct"), ("SYS_RAWIO", "ioperm"), ("SYS_TTY_CONFIG", "vhangup"),
        ("MKNOD", "mknodat"), ("NET_RAW", "socket"),
    ])
    func hardenedAllowsWhatACapabilityMakesUseful(capability: String, name: String) throws {
        func allowed(_ filter: SeccompFilter?) throws -> Int {
            try #require(filter).rules.count {
                $0.names.contains(name) && $0.action == .allow && $0.conditions.count < 2
            }
        }
        let without = try resolved("hardened").seccomp
        let with = try resolved("hardened", add: [capability]).seccomp
        #expect(with != without)
        #expect(try allowed(with) > 0)
        let denied = try #require(with).rules.filter { $0.names.contains(name) && $0.action == .errno }
        #expect(denied.isEmpty)
    }

    @Test func rulesThatSayTheDefaultAreLeftOut() throws {
        let list = try SeccompList(
            node(
                """
                {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
                  {"names": ["a"], "action": "SCMP_ACT_ERRNO"}, {"names": ["b"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
                  {"names": ["c"], "action": "SCMP_ACT_ERRNO", "errnoRet": "ENOSYS"},
                  {"names": ["d"], "action": "SCMP_ACT_ALLOW", "errnoRet": 5}]}
                """))
        #expect(
            list.filter(for: [], on: .amd64).rules == [
                SeccompRule(names: ["c"], action: .errno, errnoReturn: 38), SeccompRule(names: ["d"], action: .allow),
            ])
    }
}
