import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

@Suite struct ExplainTests {
    static let bundle = """
        {"process": {"capabilities": {"bounding": ["CAP_CHOWN", "CAP_SYS_ADMIN"], "effective": ["CAP_CHOWN"],
          "permitted": ["CAP_CHOWN"]}},
         "root": {"readonly": true},
         "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
          {"destination": "/data", "type": "bind", "source": "/srv", "options": ["rbind", "rw", "noexec"]},
          {"destination": "/data/x", "type": "tmpfs", "source": "tmpfs", "options": ["ro"]}],
         "linux": {"maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"],
          "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"],
           "syscalls": [
            {"names": ["read", "chroot"], "action": "SCMP_ACT_ALLOW"},
            {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
             "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
            {"names": ["mount"], "action": "SCMP_ACT_KILL"}]}}}
        """

    private func explainer(_ text: String = bundle, on architecture: SeccompArchitecture = .amd64) throws -> Explainer {
        try Explainer(bundle: try BundleRewriter.parse(Array(text.utf8)), named: "c.json", on: architecture)
    }

    private func profile(_ name: String) throws -> Explainer {
        let chain = try Profile.chain(of: profileName(name)) { name throws(ProfileError) in
            guard let profile = try BuiltInProfiles.profile(named: name) else {
                throw .unknownProfile(name.description, nearest: nil)
            }
            return profile
        }
        return Explainer(try ResolvedProfile(chain, on: .amd64), chain: chain, on: .amd64)
    }

    @Test func aRuleIsNamedByItsLine() throws {
        let read = try explainer().explain(call: "read", arguments: [:])
        #expect(read.verdict == .allowed)
        #expect(read.causes.first?.place?.description == "c.json:10:16 /linux/seccomp/syscalls/0/names/0")
        #expect(read.causes.first?.text == "SCMP_ACT_ALLOW, by a rule for read")
    }

    @Test func theDefaultActionIsNamedByItsLine() throws {
        let kcmp = try explainer().explain(call: "kcmp", arguments: [:])
        #expect(kcmp.verdict == .refused)
        #expect(kcmp.causes.first?.place?.description == "c.json:8:32 /linux/seccomp/defaultAction")
        #expect(kcmp.causes.first?.text == "SCMP_ACT_ERRNO EPERM, by the default action")
    }

    @Test func argumentsDecide() throws {
        let explainer = try explainer()
        #expect(try explainer.explain(call: "clone", arguments: [:]).verdict == .depends)
        #expect(try explainer.explain(call: "clone", arguments: [0: 0x11]).verdict == .allowed)
        let refused = try explainer.explain(call: "clone", arguments: [0: 0x1000_0000])
        #expect(refused.verdict == .refused)
        #expect(refused.causes.first?.place?.pointer == "/linux/seccomp/defaultAction")
        // Another argument than the rule asks about decides nothing.
        #expect(try explainer.explain(call: "clone", arguments: [1: 0]).verdict == .depends)
    }

    @Test func whatTheFilterAllowsMayNeedACapability() throws {
        let chroot = try explainer().explain(call: "chroot", arguments: [:])
        #expect(chroot.verdict == .refused)
        #expect(chroot.causes.map(\.layer) == ["capabilities", "seccomp"])
        #expect(chroot.causes[0].text.contains("CAP_SYS_CHROOT"))
        // What the filter refuses it refuses first.
        let mount = try explainer().explain(call: "mount", arguments: [:])
        #expect(mount.verdict == .refused && mount.causes.map(\.layer) == ["seccomp", "capabilities"])
    }

    @Test func anArchitectureThatIsNotListedIsKilled() throws {
        let read = try explainer(on: .aarch64).explain(call: "read", arguments: [:])
        #expect(read.verdict == .refused && read.causes[0].text.contains("SCMP_ARCH_AARCH64"))
    }

    @Test func withoutAFilterAllIsAllowed() throws {
        let read = try explainer(#"{"process": {}}"#).explain(call: "ptrace", arguments: [:])
        #expect(read.verdict == .allowed && read.causes[0].text == "there is no seccomp filter")
    }

    @Test func questionsThatCannotBeAnswered() throws {
        let explainer = try explainer()
        #expect(throws: Explainer.QuestionError.unknownCall("ptrase", nearest: "ptrace")) {
            try explainer.explain(call: "ptrase", arguments: [:])
        }
        #expect(throws: Explainer.QuestionError.notOnArchitecture("socketcall", "SCMP_ARCH_X86_64")) {
            try explainer.explain(call: "socketcall", arguments: [:])
        }
        #expect(throws: Explainer.QuestionError.self) {
            try Explainer(
                bundle: try BundleRewriter.parse(
                    Array(#"{"process": {}, "linux": {"seccomp": {"defaultAction": "x"}}}"#.utf8)),
                named: "c.json", on: .amd64)
        }
    }

    @Test(arguments: [
        ("deploy", "ptrace", Explanation.Verdict.refused, "CAP_SYS_PTRACE would lift the refusal"),
        ("default", "mount", .refused, "CAP_SYS_ADMIN would lift the refusal"),
        ("restricted", "chroot", .refused, "it needs CAP_SYS_CHROOT"),
        ("privileged", "mount", .allowed, "there is no seccomp filter"),
        ("deploy", "read", .allowed, "by the default action"),
    ])
    func profiles(_ name: String, call: String, verdict: Explanation.Verdict, text: String) throws {
        let explanation = try profile(name).explain(call: call, arguments: [:])
        #expect(explanation.verdict == verdict)
        #expect(explanation.causes.contains { $0.text.contains(text) }, "\(explanation.causes.map(\.text))")
    }

    @Test func aCapabilityThatLiftsIsNamed() throws {
        var custom = Profile(name: try profileName("custom"), origin: .file("custom.yaml"), parent: nil)
        custom.capabilities.added = CapabilityRequest(named: [.sysPtrace], isAll: false)
        let chain = [try builtIn("default"), custom]
        let explainer = Explainer(try ResolvedProfile(chain, on: .amd64), chain: chain, on: .amd64)
        let ptrace = try explainer.explain(call: "ptrace", arguments: [:])
        #expect(ptrace.verdict == .allowed)
        let lifting = try #require(ptrace.causes.first { $0.text.contains("lifts the refusal") })
        #expect(lifting.place?.description == "custom/capabilities/base")
    }

    /// What a manifest says is told by its lines.
    @Test func linesOfAManifest() throws {
        let manifest = try node(
            """
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "mine"},
             "spec": {"extends": "default",
              "add-cap": ["SYS_PTRACE"],
              "drop-cap": ["NET_RAW"],
              "seccomp": {"mode": "extend",
               "deny": ["keyctl"]}}}
            """)
        let mine = try Profile(manifest: manifest, origin: .file("test.json")) { path throws(ProfileError) in
            throw .unknownProfile(path, nearest: nil)
        }
        let chain = [try builtIn("default"), mine]
        let explainer = Explainer(try ResolvedProfile(chain, on: .amd64), chain: chain, on: .amd64)
        func places(_ explanation: Explanation) -> [String] {
            explanation.causes.compactMap { $0.place.map { "\($0.source):\($0.line ?? 0):\($0.column ?? 0)" } }
        }
        let keyctl = try explainer.explain(call: "keyctl", arguments: [:])
        #expect(keyctl.verdict == .refused && places(keyctl).first == "test.json:6:13")
        #expect(keyctl.causes.first?.text == "SCMP_ACT_ERRNO EPERM, by a rule for keyctl (profile mine)")
        #expect(places(try explainer.explain(call: "ptrace", arguments: [:])).contains("test.json:3:15"))
        #expect(places(explainer.explain(.netRaw)).first == "test.json:4:16")
        // What is inherited is the parent's, which is built in: a line of its file, and no column.
        let inherited = places(try explainer.explain(call: "bpf", arguments: [:])).first
        #expect(inherited?.hasPrefix("profiles/seccomp/deny-list.yaml:") == true && inherited?.hasSuffix(":0") == true)
    }

    @Test func capabilities() throws {
        let explainer = try explainer()
        let chown = explainer.explain(.chown)
        #expect(chown.verdict == .allowed)
        #expect(chown.causes.first?.place?.pointer == "/process/capabilities/bounding/0")
        // Bound and not in force, in the hands of nobody.
        let admin = explainer.explain(.sysAdmin)
        #expect(admin.verdict == .refused)
        #expect(admin.causes.last?.text.contains("the filter refuses mount") == true)
        let raw = explainer.explain(.netRaw)
        #expect(raw.verdict == .refused && raw.causes.first?.place?.pointer == "/process/capabilities")
        #expect(try profile("deploy").explain(.netRaw).verdict == .refused)
        let inherited = try profile("deploy").explain(.chown)
        #expect(inherited.verdict == .allowed)
        #expect(inherited.causes.first?.place?.description == "profiles/default.yaml:9")
        #expect(inherited.causes.first?.text == "CAP_CHOWN is in the bounding set (profile default)")
    }

    @Test(arguments: [
        ("/proc/kcore", Explanation.Verdict.refused, "/linux/maskedPaths/0", "masked"),
        ("/proc/sys/kernel", .allowed, "/linux/readonlyPaths/0", "not written"),
        ("/proc/1", .allowed, "/mounts/0", "writable"),
        ("/data/y", .allowed, "/mounts/1", "the host's /srv is mounted at /data, writable, nothing in it can be run"),
        ("/data/x/../x/z", .allowed, "/mounts/2", "tmpfs is mounted at /data/x, read-only"),
        ("/database", .allowed, "/root", "read-only"),
    ])
    func paths(_ path: String, verdict: Explanation.Verdict, pointer: String, text: String) throws {
        let config = try BundleRewriter.parse(Array(Self.bundle.utf8))
        let explanation = PathExplainer.explain(path, in: config, named: "c.json")
        #expect(explanation.verdict == verdict)
        #expect(explanation.causes.first?.place?.pointer == pointer)
        #expect(explanation.causes.first?.text.contains(text) == true, "\(explanation.causes.map(\.text))")
    }

    @Test func pathsOfAProfile() throws {
        #expect(PathExplainer.explain("/proc/kcore", in: try resolved("deploy")) == nil)
        let manifest = try node(
            """
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "mine"},
             "spec": {"extends": "default",
              "paths": {"masked": ["/proc/kcore"],
               "readonly": ["/proc/sys"]}}}
            """)
        let mine = try Profile(manifest: manifest, origin: .file("test.json")) { path throws(ProfileError) in
            throw .unknownProfile(path, nearest: nil)
        }
        let profile = try ResolvedProfile([try builtIn("default"), mine], on: .amd64)
        let masked = try #require(PathExplainer.explain("/proc/kcore", in: profile))
        #expect(masked.verdict == .refused && masked.causes.first?.place?.line == 3)
        let readOnly = try #require(PathExplainer.explain("/proc/sys/net", in: profile))
        #expect(readOnly.verdict == .allowed && readOnly.causes.contains { $0.place?.line == 4 })
        #expect(PathExplainer.explain("/proc/1", in: profile)?.verdict == .allowed)
    }
}
