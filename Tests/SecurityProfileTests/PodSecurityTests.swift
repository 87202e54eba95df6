import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

/// Each control by one change of a bundle that meets the restricted level.
@Suite struct PodSecurityTests {
    static let base = LintTests.base.replacing("CAP_CHOWN", with: "CAP_NET_BIND_SERVICE")
        .replacing("/run/x/hosts", with: "/var/lib/kubelet/pods/1/etc-hosts")

    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var path: String
        var value: String
        var level: PodSecurity.Level

        init(_ name: String, _ path: String, _ value: String, _ level: PodSecurity.Level) {
            self.name = name
            self.path = path
            self.value = value
            self.level = level
        }

        var testDescription: String { "\(name) \(value)" }
    }

    static let all = "[" + Capability.names.map { "\"\($0)\"" }.joined(separator: ",") + "]"

    /// The control that isn't met any more, the change, and the level that is left.
    static let failing: [Row] = [
        Row("Host Namespaces", "/linux/namespaces", #"[{"type": "pid"}, {"type": "ipc"}]"#, .privileged),
        Row(
            "Host Namespaces", "/linux/namespaces",
            LintTests.namespaces.replacing(#""pid""#, with: #""pid", "path": "/proc/1/ns/pid""#), .privileged),
        Row(
            "Privileged Containers", "/linux/resources/devices",
            #"[{"allow": true, "type": "a", "access": "rwm"}]"#, .privileged),
        Row("Capabilities", "/process/capabilities/bounding", #"["CAP_NET_RAW"]"#, .privileged),
        Row("Capabilities", "/process/capabilities/ambient", #"["CAP_SYS_ADMIN"]"#, .privileged),
        Row("Capabilities", "/process/capabilities/bounding", #"["CAP_CHOWN"]"#, .baseline),
        Row("HostPath Volumes", "/mounts", LintTests.bind("/srv"), .privileged),
        Row("AppArmor", "/process/apparmorProfile", #""unconfined""#, .privileged),
        Row("SELinux", "/process/selinuxLabel", #""system_u:system_r:spc_t:s0""#, .privileged),
        Row("SELinux", "/process/selinuxLabel", #""sysadm_u:system_r:container_t:s0""#, .privileged),
        Row("/proc Mount Type", "/linux/maskedPaths", "[]", .privileged),
        Row("/proc Mount Type", "/linux/readonlyPaths", "[]", .privileged),
        Row("Seccomp", "/linux/seccomp", "null", .privileged),
        Row("Seccomp", "/linux/seccomp", #"{"defaultAction": "SCMP_ACT_LOG"}"#, .privileged),
        Row("Sysctls", "/linux/sysctl", #"{"kernel.shmmax": "1"}"#, .privileged),
        Row("Privilege Escalation", "/process/noNewPrivileges", "false", .baseline),
        Row("Running as Non-root", "/process/user", "{}", .baseline),
    ]

    /// Changes that leave the level as it is.
    static let passing: [Row] = [
        Row(
            "Host Namespaces", "/linux/namespaces",
            LintTests.namespaces.replacing(#""network""#, with: #""network", "path": "/run/netns/pod""#), .restricted),
        Row("AppArmor", "/process/apparmorProfile", "null", .restricted),
        Row("SELinux", "/process/selinuxLabel", #""system_u:system_r:container_t:s0:c1,c2""#, .restricted),
        Row(
            "Sysctls", "/linux/sysctl", #"{"net.ipv4.ping_group_range": "0 0", "net/ipv4/tcp_syncookies": "1"}"#,
            .restricted),
        Row("HostPath Volumes", "/mounts", LintTests.bind("/b/volume"), .restricted),
        Row(
            "Privileged Containers", "/linux/resources/devices",
            #"[{"allow": true, "access": "rwm"}, {"allow": false, "access": "rwm"}]"#, .restricted),
    ]

    private func judged(_ row: Row) throws -> PodSecurity {
        let bytes = try JSONEdit.apply(
            [
                .set(
                    path: row.path.split(separator: "/").map(String.init),
                    value: JSONValue(try JSON(parsing: Array(row.value.utf8))))
            ], to: try JSON(parsing: Array(Self.base.utf8)))
        return PodSecurity.judge(bundle: try BundleRewriter.parse(bytes), named: "/b/config.json")
    }

    @Test func theBaseIsRestricted() throws {
        let judged = PodSecurity.judge(
            bundle: try BundleRewriter.parse(Array(Self.base.utf8)), named: "/b/config.json")
        #expect(judged.level == .restricted && judged.meets(.restricted) && judged.meets(.privileged))
        #expect(judged.controls.filter { $0.verdict == .notMet }.map(\.name) == [])
        #expect(
            judged.controls.filter { $0.verdict == .notJudged }.map(\.name) == [
                "HostProcess", "Host Ports", "Host Probes / Lifecycle Hooks", "Volume Types",
            ])
    }

    @Test(arguments: failing)
    func fails(_ row: Row) throws {
        let judged = try judged(row)
        let control = try #require(judged.controls.first { $0.name == row.name && $0.verdict == .notMet })
        #expect(control.place != nil)
        #expect(judged.level == row.level)
        #expect(!judged.meets(.restricted))
        #expect(judged.meets(.baseline) == (row.level == .baseline))
    }

    @Test(arguments: passing)
    func passes(_ row: Row) throws {
        let judged = try judged(row)
        #expect(judged.controls.filter { $0.verdict == .notMet }.map(\.name) == [])
        #expect(judged.level == row.level)
    }

    @Test func allOfAPrivilegedContainer() throws {
        let text = Self.base.replacing(#"["CAP_NET_BIND_SERVICE"]"#, with: Self.all)
            .replacing(#""seccomp": {"#, with: #""other": {"#).replacing(#""maskedPaths""#, with: #""otherPaths""#)
        let judged = PodSecurity.judge(bundle: try BundleRewriter.parse(Array(text.utf8)), named: "/b/config.json")
        let control = try #require(judged.controls.first { $0.name == "Privileged Containers" })
        #expect(control.verdict == .notMet && control.place?.pointer == "/process/capabilities/bounding")
    }

    /// What the built-ins meet, as far as a profile shows it.
    @Test(arguments: [
        ("default", PodSecurity.Level.privileged), ("deploy", .baseline), ("restricted", .restricted),
        ("hardened", .restricted), ("privileged", .privileged), ("unconfined", .privileged),
    ])
    func builtIns(_ name: String, level: PodSecurity.Level) throws {
        let chain = try Profile.chain(of: profileName(name)) { name throws(ProfileError) in
            guard let profile = try BuiltInProfiles.profile(named: name) else {
                throw .unknownProfile(name.description, nearest: nil)
            }
            return profile
        }
        let judged = PodSecurity.judge(try ResolvedProfile(chain, on: .amd64), chain: chain)
        #expect(judged.level == level, "\(judged.controls.filter { $0.verdict == .notMet }.map(\.name))")
        for name in ["Host Namespaces", "HostPath Volumes", "/proc Mount Type", "Sysctls", "Running as Non-root"] {
            #expect(judged.controls.first { $0.name == name }?.verdict == .notJudged)
        }
    }
}
