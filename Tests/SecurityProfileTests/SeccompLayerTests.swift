import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

/// How the seccomp parts of a chain come together.
@Suite struct SeccompLayerTests {
    /// A list in Docker's form, made after its default profile: an allow list with conditions of each kind.
    static let docker = #"""
        {
          "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1,
          "archMap": [
            {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
            {"architecture": "SCMP_ARCH_S390X", "subArchitectures": ["SCMP_ARCH_S390"]}
          ],
          "syscalls": [
            {"names": ["read", "write", "exit_group"], "action": "SCMP_ACT_ALLOW", "args": null, "comment": "",
             "includes": {}, "excludes": {}},
            {"names": ["process_vm_readv", "ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
            {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
            {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
             "args": [{"index": 0, "value": 2114060288, "op": "SCMP_CMP_MASKED_EQ"}],
             "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}},
            {"names": ["s390_pci_mmio_read"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["s390", "s390x"]}},
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38, "excludes": {"caps": ["CAP_SYS_ADMIN"]}}
          ]
        }
        """#

    /// A profile from the seccomp part of a manifest, as JSON.
    private func layer(_ name: String, extends parent: String?, _ seccomp: String, file: String = "") throws -> Profile
    {
        let extends = parent.map { #""extends": "\#($0)", "# } ?? ""
        let text = #"{"name": "\#(name)", \#(extends)"seccomp": \#(seccomp)}"#
        return try Profile(manifest: try node(text), origin: .file("\(name).yaml")) { _ throws(ProfileError) in
            do {
                return try node(file)
            } catch {
                throw .file("\(error)")
            }
        }
    }

    private func filter(
        _ chain: [Profile], adding: CapabilitySet = [], on architecture: SeccompArchitecture = .amd64,
        kernel: KernelVersion? = nil
    ) throws -> SeccompFilter {
        let changes = CapabilityChanges(
            added: CapabilityRequest(named: adding, isAll: false), dropped: .none)
        return try #require(
            try ResolvedProfile(chain, changes: changes, on: architecture, kernel: kernel).seccomp)
    }

    private func action(_ name: String, _ filter: SeccompFilter, _ arguments: [UInt64] = [0, 0, 0, 0, 0, 0])
        -> SeccompAction
    {
        SeccompDecisions(filter).action(for: name, arguments: arguments, overlap: .strictest)
    }

    private var parent: Profile {
        get throws {
            try layer(
                "parent", extends: nil,
                """
                {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
                 "flags": ["SECCOMP_FILTER_FLAG_LOG"], "deny": ["ptrace", "mount", "keyctl"],
                 "syscalls": [{"names": ["bpf"], "action": "SCMP_ACT_KILL_PROCESS"}]}
                """)
        }
    }

    @Test func dockersFormIsResolvedForTheHost() throws {
        let profile = try layer(
            "web", extends: nil, #"{"mode": "replace", "file": "docker.json"}"#, file: Self.docker)
        let plain = try filter([profile])
        #expect(plain.architectures == [.amd64, .x86, .x32])
        #expect(plain.defaultAction == .errno && plain.defaultErrnoReturn == 1)
        #expect(action("ptrace", plain) == .allow && action("mount", plain) == .errno)
        #expect(action("clone", plain) == .allow && action("clone", plain, [0x1000_0000, 0, 0, 0, 0, 0]) == .errno)
        #expect(plain.rules.contains { $0.names == ["clone3"] && $0.errnoReturn == 38 })
        #expect(plain.flags == nil)
        let old = try filter([profile], kernel: KernelVersion(4, 7))
        #expect(action("ptrace", old) == .errno && action("read", old) == .allow)
        #expect(action("ptrace", try filter([profile], kernel: KernelVersion(4, 8))) == .allow)
        #expect(action("ptrace", try filter([profile], kernel: KernelVersion(5, 0))) == .allow)
        #expect(action("mount", try filter([profile], adding: [.sysAdmin])) == .allow)
        let s390 = try filter([profile], on: .s390x)
        #expect(s390.architectures == [.s390x, .s390])
        #expect(action("s390_pci_mmio_read", s390) == .allow && action("s390_pci_mmio_read", plain) == .errno)
        // A host that the map says nothing of: itself alone.
        #expect(try filter([profile], on: .aarch64).architectures == [.aarch64])
    }

    @Test func extendReplacesTheWordOnASyscallAndKeepsTheRest() throws {
        let child = try layer(
            "child", extends: "parent",
            """
            {"allow": ["ptrace"], "syscalls": [{"names": ["bpf"], "action": "SCMP_ACT_ERRNO", "errnoRet": "ENOSYS"}],
             "deny": ["unshare"], "architectures": ["SCMP_ARCH_X86"], "flags": ["SECCOMP_FILTER_FLAG_TSYNC"]}
            """)
        let both = try filter([try parent, child])
        #expect(both.defaultAction == .allow)
        #expect(both.architectures == [.amd64, .x86])
        #expect(both.flags == ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC"])
        #expect(
            action("ptrace", both) == .allow && action("mount", both) == .errno && action("unshare", both) == .errno)
        #expect(both.rules.filter { $0.names.contains("bpf") }.map(\.errnoReturn) == [38])
        #expect(!both.rules.contains { $0.names.contains("ptrace") }, "a rule of the default is left out")
    }

    @Test func aChildsDefaultActionReplacesTheParentsAndItsRulesStay() throws {
        let child = try layer("child", extends: "parent", #"{"defaultAction": "SCMP_ACT_ERRNO", "allow": ["read"]}"#)
        let both = try filter([try parent, child])
        #expect(both.defaultAction == .errno)
        #expect(
            action("read", both) == .allow && action("write", both) == .errno && action("bpf", both) == .killProcess)
        let errno = try layer("child", extends: "parent", #"{"defaultErrnoRet": 38}"#)
        let error = #expect(throws: ProfileError.self) { try filter([try parent, errno]) }
        #expect(error?.description.contains("defaultErrnoRet stands beside the default action SCMP_ACT_ALLOW") == true)
    }

    @Test func aConditionDecidesWhetherTheChildHasAWord() throws {
        let child = try layer(
            "child", extends: "parent",
            """
            {"syscalls": [{"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["SYS_PTRACE"]}}]}
            """)
        #expect(action("ptrace", try filter([try parent, child])) == .errno)
        #expect(action("ptrace", try filter([try parent, child], adding: [.sysPtrace])) == .allow)
    }

    @Test func aPermissionUnderAConditionDoesNotLiftARefusalWhole() throws {
        let child = try layer(
            "child", extends: "parent",
            """
            {"syscalls": [{"names": ["ptrace"], "action": "SCMP_ACT_ALLOW",
                           "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]}]}
            """)
        let error = #expect(throws: ProfileError.self) { try filter([try parent, child]) }
        #expect(error?.description.contains("would be allowed whatever its arguments are") == true)
        // Where the default refuses, the condition holds.
        let strict = try layer("parent", extends: nil, #"{"defaultAction": "SCMP_ACT_ERRNO", "deny": ["ptrace"]}"#)
        let both = try filter([strict, child])
        #expect(action("ptrace", both) == .allow && action("ptrace", both, [1, 0, 0, 0, 0, 0]) == .errno)
    }

    @Test func replaceStartsAnew() throws {
        let child = try layer(
            "child", extends: "parent",
            """
            {"mode": "replace", "defaultAction": "SCMP_ACT_KILL_PROCESS", "allow": ["read", "exit_group"]}
            """)
        let alone = try filter([try parent, child])
        #expect(alone.defaultAction == .killProcess && alone.flags == nil)
        #expect(alone.rules.flatMap(\.names).sorted() == ["exit_group", "read"])
        #expect(alone.architectures == [.amd64, .x86, .x32])
    }

    @Test func intersectAllowsWhatBothAllow() throws {
        let child = try layer(
            "child", extends: "parent",
            """
            {"mode": "intersect", "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": "ENOSYS",
             "allow": ["read", "ptrace", "bpf"], "flags": ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]}
            """)
        let both = try filter([try parent, child])
        #expect(both.defaultAction == .errno && both.defaultErrnoReturn == 38)
        #expect(both.architectures == [.amd64])
        #expect(both.flags == ["SECCOMP_FILTER_FLAG_LOG"], "a protection that one side keeps is kept")
        #expect(action("read", both) == .allow && action("write", both) == .errno && action("ptrace", both) == .errno)
        #expect(action("bpf", both) == .killProcess)
        let other = try layer(
            "child", extends: "parent",
            """
            {"mode": "intersect", "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_S390X"]}
            """)
        let error = #expect(throws: ProfileError.self) { try filter([try parent, other]) }
        #expect(error?.description.contains("can't be intersected") == true)
    }

    @Test func intersectNeverAllowsWhatABuiltInListDenies() throws {
        let child = try layer(
            "child", extends: "default",
            """
            {"mode": "intersect", "defaultAction": "SCMP_ACT_ALLOW", "deny": ["keyctl"]}
            """)
        let base = try filter([try builtIn("default")])
        let both = try filter([try builtIn("default"), child])
        #expect(action("keyctl", both) == .errno)
        for name in Set(base.rules.flatMap(\.names)) {
            let one = SeccompDecisions(base)
            let two = SeccompDecisions(both)
            for arguments in try #require(SeccompDecisions.samples(for: name, one, two))
            where one.action(for: name, arguments: arguments, overlap: .mostLenient) != .allow {
                #expect(two.action(for: name, arguments: arguments, overlap: .mostLenient) != .allow, "\(name)")
            }
        }
    }

    @Test func noFilterIsOneThatAllows() throws {
        let free = try layer("free", extends: nil, #""unconfined""#)
        let child = try layer("child", extends: "free", #"{"deny": ["keyctl"]}"#)
        let both = try filter([free, child])
        #expect(both.defaultAction == .allow && action("keyctl", both) == .errno)
        #expect(both.architectures == [.amd64, .x86, .x32])
        let tight = try layer(
            "tight", extends: "free",
            """
            {"mode": "intersect", "defaultAction": "SCMP_ACT_ERRNO", "allow": ["read"]}
            """)
        #expect(try filter([free, tight]).rules.flatMap(\.names) == ["read"])
        // Who extends nothing inherits no default.
        let orphan = try layer("orphan", extends: nil, #"{"allow": ["read"]}"#)
        let error = #expect(throws: ProfileError.self) { try filter([orphan]) }
        #expect(error?.description.contains("extends no profile") == true)
        #expect(try ResolvedProfile([try parent, free], on: .amd64).seccomp == nil)
    }

    @Test func theManifestsWordComesAfterTheFiles() throws {
        let profile = try layer(
            "web", extends: nil,
            """
            {"deny": ["write"], "syscalls": [{"names": ["bpf"], "action": "SCMP_ACT_ALLOW"}], "mode": "replace",
             "file": "docker.json", "defaultErrnoRet": "ENOSYS", "architectures": "auto"}
            """, file: Self.docker)
        let both = try filter([profile])
        #expect(both.defaultErrnoReturn == 38)
        #expect(action("write", both) == .errno && action("bpf", both) == .allow && action("read", both) == .allow)
    }

    @Test func eachRuleKnowsItsLayer() throws {
        let child = try layer("child", extends: "default", #"{"allow": ["kcmp"], "deny": ["keyctl"]}"#)
        let profile = try ResolvedProfile([try builtIn("default"), child], on: .amd64)
        func layers(_ name: String) -> [String] {
            (profile.provenance.syscalls[name] ?? []).map { "\($0.decision.layer) \($0.rule.action.rawValue)" }
        }
        #expect(layers("kcmp") == ["child SCMP_ACT_ALLOW"])
        #expect(layers("keyctl") == ["child SCMP_ACT_ERRNO"])
        #expect(layers("mount") == ["default SCMP_ACT_ERRNO"])
        #expect(layers("clone").count == 7)
        #expect(profile.provenance.syscalls["keyctl"]?[0].decision.place?.description.hasPrefix("test.json:1:") == true)
        #expect(profile.provenance.seccompDefault?.layer == .profile(try profileName("default")))
        #expect(profile.provenance.seccomp?.layer == .profile(try profileName("child")))
    }

    @Test(arguments: [
        ("6.1", "6.1"), ("6.1.0-18-amd64", "6.1"), ("4.19.0+", "4.19"), ("6.18-rc1", "6.18"), ("6", nil), ("", nil),
        ("a.b", nil), ("-1.2", nil), ("6.", nil), ("123456.1", nil),
    ])
    func kernelsAreReadByTheirRelease(release: String, wanted: String?) {
        #expect(KernelVersion(release: release)?.description == wanted)
    }

    @Test func versionsAreNumbersAndNotTexts() {
        #expect(KernelVersion(4, 10) > KernelVersion(4, 8))
        #expect(KernelVersion(exactly: "4.8") != nil && KernelVersion(exactly: "4.08") == nil)
        #expect(KernelVersion(exactly: "4.8.1") == nil)
    }
}
