import Foundation
import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

/// A rule each, by one change of a bundle that nothing is to be said of.
@Suite struct LintTests {
    /// A change of ``base``, and what it must lead to.
    struct Row: Sendable, CustomTestStringConvertible {
        var rule: LintRule
        var path: String
        var value: String
        /// The pointer that the finding names.
        var pointer: String

        init(_ rule: LintRule, _ path: String, _ value: String, at pointer: String? = nil) {
            self.rule = rule
            self.path = path
            self.value = value
            self.pointer = pointer ?? path
        }

        var testDescription: String { "\(rule.rawValue) \(path) \(value)" }
    }

    static let base = """
        {"ociVersion": "1.0.2",
         "process": {"user": {"uid": 1000, "gid": 1000}, "cwd": "/", "args": ["sh"],
          "capabilities": {"bounding": ["CAP_CHOWN"], "effective": [], "permitted": [], "inheritable": [],
           "ambient": []},
          "noNewPrivileges": true, "apparmorProfile": "raind-default"},
         "root": {"path": "rootfs", "readonly": true},
         "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
          {"destination": "/etc/hosts", "type": "bind", "source": "/run/x/hosts", "options": ["rbind", "ro"]}],
         "annotations": {"other": "kept"},
         "linux": {
          "namespaces": [{"type": "pid"}, {"type": "ipc"}, {"type": "network"}, {"type": "uts"}, {"type": "mount"}],
          "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
           "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"],
          "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
          "resources": {"devices": [{"allow": false, "access": "rwm"}], "memory": {"limit": 1000000},
           "pids": {"limit": 100}},
          "seccomp": {"defaultAction": "SCMP_ACT_ALLOW",
           "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
           "syscalls": [{"names": ["ptrace"], "action": "SCMP_ACT_ERRNO"}]}}}
        """

    static let deny =
        #"{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "#
        + #""SCMP_ARCH_X32"], "syscalls": [RULES]}"#

    /// A deny list of these rules.
    static func deny(_ rules: String) -> String { deny.replacing("RULES", with: rules) }

    /// An allow list of what every program needs, and these rules.
    static func allow(_ rules: String, without missing: [String] = []) -> String {
        let names = [
            "execve", "exit_group", "read", "write", "close", "brk", "mmap", "munmap", "mprotect", "rt_sigaction",
            "rt_sigprocmask", "rt_sigreturn", "futex", "clone", "capset", "prctl", "setuid", "setgid", "setgroups",
        ].filter { !missing.contains($0) }.map { "\"\($0)\"" }.joined(separator: ", ")
        return #"{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_AARCH64", "#
            + #""SCMP_ARCH_ARM"], "syscalls": [{"names": [\#(names)], "action": "SCMP_ACT_ALLOW"}"#
            + (rules.isEmpty ? "" : ", " + rules) + "]}"
    }

    static let filter = "/linux/seccomp"
    static let ptrace = #"{"names": ["ptrace"], "action": "SCMP_ACT_ERRNO"}"#
    static let mounts = #"{"destination": "/proc", "type": "proc", "source": "proc"}"#

    static func bind(_ source: String, _ options: String = #""rbind""#) -> String {
        #"[\#(mounts), {"destination": "/x", "type": "bind", "source": "\#(source)", "options": [\#(options)]}]"#
    }

    static let rows: [Row] = [
        Row(.unreadableFilter, filter, #"{"defaultAction": "SCMP_ACT_ALOW"}"#, at: "/linux/seccomp/defaultAction"),
        Row(
            .unreadableFilter, filter, deny(#"\#(ptrace), {"names": ["kcmp"], "action": "NO"}"#),
            at: "/linux/seccomp/syscalls/1/action"),
        Row(.emptyFilter, filter, "{}"),
        Row(.emptyFilter, filter, #"{"defaultAction": "SCMP_ACT_ALLOW"}"#),
        Row(
            .unknownCallRefused, filter, deny(#"{"names": ["ptrace", "ptrase"], "action": "SCMP_ACT_ERRNO"}"#),
            at: "/linux/seccomp/syscalls/0/names/1"),
        Row(
            .unknownCall, filter, allow(#"{"names": ["opennat"], "action": "SCMP_ACT_ALLOW"}"#),
            at: "/linux/seccomp/syscalls/1/names/0"),
        Row(
            .repeatedArgument, filter,
            deny(
                #"{"names": ["mbind"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 1, "op": "#
                    + #""SCMP_CMP_GT"}, {"index": 1, "value": 9, "op": "SCMP_CMP_LT"}]}"#),
            at: "/linux/seccomp/syscalls/0/args"),
        Row(
            .contradiction, filter, deny(#"\#(ptrace), {"names": ["kcmp", "ptrace"], "action": "SCMP_ACT_KILL"}"#),
            at: "/linux/seccomp/syscalls/1/names/1"),
        Row(
            .shadowedRule, filter,
            deny(
                #"\#(ptrace), {"names": ["ptrace"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": 16, "#
                    + #""op": "SCMP_CMP_EQ"}]}"#),
            at: "/linux/seccomp/syscalls/1/names/0"),
        Row(
            .redundantRule, filter, deny(#"\#(ptrace), {"names": ["read"], "action": "SCMP_ACT_ALLOW"}"#),
            at: "/linux/seccomp/syscalls/1"),
        Row(
            .redundantRule, filter, deny("\(ptrace), \(ptrace)"), at: "/linux/seccomp/syscalls/1/names/0"),
        Row(
            .redundantRule, filter,
            deny(
                #"{"names": ["mbind"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 5, "op": "#
                    + #""SCMP_CMP_GT"}]}, {"names": ["mbind"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "#
                    + #""value": 7, "op": "SCMP_CMP_GT"}]}"#),
            at: "/linux/seccomp/syscalls/1/names/0"),
        Row(
            .conditionNeverMet, filter,
            deny(
                #"\#(ptrace), {"names": ["mbind"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 1, "#
                    + #""valueTwo": 2, "op": "SCMP_CMP_MASKED_EQ"}]}"#),
            at: "/linux/seccomp/syscalls/1"),
        Row(.programCallRefused, filter, allow("", without: ["exit_group"]), at: "/linux/seccomp/defaultAction"),
        Row(
            .programCallRefused, filter, deny(#"{"names": ["brk"], "action": "SCMP_ACT_KILL_PROCESS"}"#),
            at: "/linux/seccomp/syscalls/0/names/0"),
        Row(
            .clone3Answer, filter, deny(#"{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}"#),
            at: "/linux/seccomp/syscalls/0/names/0"),
        Row(
            .clone3Answer, filter, allow("").replacing("38", with: "1"), at: "/linux/seccomp/defaultAction"),
        Row(
            .architectureMissing, filter, deny(ptrace).replacing(#", "SCMP_ARCH_X86", "SCMP_ARCH_X32""#, with: "")),
        Row(
            .otherNameAllowed, filter, deny(#"{"names": ["init_module"], "action": "SCMP_ACT_ERRNO"}"#),
            at: "/linux/seccomp/syscalls/0/names/0"),
        Row(
            .thirtyTwoBitHole, filter, deny(#"{"names": ["socket"], "action": "SCMP_ACT_ERRNO"}"#),
            at: "/linux/seccomp/syscalls/0/names/0"),
        Row(
            .thirtyTwoBitHole, filter,
            deny(
                #"{"names": ["mbind"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": "#
                    + #"18446744073709551615, "op": "SCMP_CMP_EQ"}]}"#),
            at: "/linux/seccomp/syscalls/0"),
        Row(
            .highWord, filter,
            deny(
                #"{"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 21522, "op": "#
                    + #""SCMP_CMP_EQ"}]}"#),
            at: "/linux/seccomp/syscalls/0/names/0"),
        Row(
            .highWord, filter,
            allow(
                #"{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "#
                    + #""SCMP_CMP_NE"}]}"#),
            at: "/linux/seccomp/syscalls/1/names/0"),
        Row(.auditedFilter, filter, deny(ptrace.replacing("ERRNO", with: "LOG")), at: "/linux/seccomp/syscalls/0"),
        Row(
            .auditedFilter, filter, allow("").replacing("SCMP_ACT_ERRNO", with: "SCMP_ACT_LOG"),
            at: "/linux/seccomp/defaultAction"),
        Row(.filterAbsent, filter, "null"),
        Row(
            .auditedProfile, "/annotations/io.raind.security-profile.applied",
            #""deploy@sha256:00;audit;tightened""#),
        Row(
            .unknownCapability, "/process/capabilities/bounding", #"["CAP_CHOWN", "CAP_NET_ROW"]"#,
            at: "/process/capabilities/bounding/1"),
        Row(
            .capabilityCallsRefused, "/process/capabilities/bounding", #"["CAP_SYS_PTRACE"]"#,
            at: "/linux/seccomp/syscalls/0/names/0"),
        Row(.inheritableCapability, "/process/capabilities/inheritable", #"["CAP_CHOWN"]"#),
        Row(.capabilityBeyondBaseline, "/process/capabilities/bounding", #"["CAP_NET_ADMIN"]"#),
        Row(
            .allCapabilities, "/process/capabilities/bounding",
            "[" + Capability.names.map { "\"\($0)\"" }.joined(separator: ",") + "]"),
        Row(.rootUser, "/process/user", #"{"uid": 0, "gid": 0}"#, at: "/process/user/uid"),
        Row(.rootGroup, "/process/user", #"{"uid": 1000, "gid": 0}"#, at: "/process/user/gid"),
        Row(
            .rootGroup, "/process/user", #"{"uid": 1000, "gid": 1000, "additionalGids": [10, 0]}"#,
            at: "/process/user/additionalGids/1"),
        Row(.newPrivileges, "/process/noNewPrivileges", "false"),
        Row(.appArmorAbsent, "/process/apparmorProfile", #""unconfined""#),
        Row(.writableRoot, "/root", #"{"path": "rootfs"}"#),
        Row(.hostRootMounted, "/mounts", bind("//./"), at: "/mounts/1"),
        Row(.engineSocketMounted, "/mounts", bind("/run/docker.sock"), at: "/mounts/1"),
        Row(.engineSocketMounted, "/mounts", bind("/run/podman/podman.sock"), at: "/mounts/1"),
        Row(.hostFolderMounted, "/mounts", bind("/dev/"), at: "/mounts/1"),
        Row(.hostFolderMounted, "/mounts", bind("/sys/kernel/debug"), at: "/mounts/1"),
        Row(.sharedPropagation, "/mounts", bind("/srv", #""rbind", "rshared""#), at: "/mounts/1"),
        Row(.sharedPropagation, "/linux/rootfsPropagation", #""shared""#),
        Row(.pathUnmasked, "/linux/maskedPaths", #"["/proc/kcore"]"#),
        Row(.pathWritable, "/linux/readonlyPaths", #"["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sysrq-trigger"]"#),
        Row(
            .secondProc, "/mounts", #"[\#(mounts), {"destination": "/mnt/proc", "type": "proc", "source": "proc"}]"#,
            at: "/mounts/1"),
        Row(.hostPIDNamespace, "/linux/namespaces", namespaces.replacing("pid", with: "time")),
        Row(.hostIPCNamespace, "/linux/namespaces", namespaces.replacing("ipc", with: "time")),
        Row(.hostNetworkNamespace, "/linux/namespaces", namespaces.replacing("network", with: "time")),
        Row(
            .hostNetworkNamespace, "/linux/namespaces",
            namespaces.replacing(#""network""#, with: #""network", "path": "/proc/1/ns/net""#),
            at: "/linux/namespaces/2/path"),
        Row(.hostUTSNamespace, "/linux/namespaces", namespaces.replacing("uts", with: "time")),
        Row(
            .allDevices, "/linux/resources/devices",
            #"[{"allow": false, "access": "rwm"}, {"allow": true, "type": "a", "access": "rwm"}]"#,
            at: "/linux/resources/devices/1"),
        Row(.memoryUnlimited, "/linux/resources/memory", #"{"limit": -1}"#, at: "/linux/resources/memory/limit"),
        Row(.processesUnlimited, "/linux/resources/pids", "{}"),
    ]

    static let namespaces = #"[{"type": "pid"}, {"type": "ipc"}, {"type": "network"}, {"type": "uts"}]"#

    /// Changes that are near to one of the above and that nothing is to be said of by that rule.
    static let nearMisses: [Row] = [
        Row(.emptyFilter, filter, deny(ptrace.replacing("ERRNO", with: "LOG"))),
        Row(.repeatedArgument, filter, deny(mbind(#""index": 1"#, #""index": 2"#))),
        Row(.contradiction, filter, deny(#"\#(ptrace), {"names": ["kcmp"], "action": "SCMP_ACT_KILL"}"#)),
        Row(.contradiction, filter, deny(mbind(#""value": 3"#, #""value": 4"#))),
        Row(.clone3Answer, filter, deny(#"{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}"#)),
        Row(.clone3Answer, filter, allow("")),
        Row(.programCallRefused, filter, allow("")),
        Row(.launcherCallRefused, filter, allow("", without: ["capset"])),
        Row(
            .otherNameAllowed, filter,
            deny(#"{"names": ["init_module", "finit_module"], "action": "SCMP_ACT_ERRNO"}"#)),
        Row(.thirtyTwoBitHole, filter, deny(#"{"names": ["socket", "socketcall"], "action": "SCMP_ACT_ERRNO"}"#)),
        Row(.thirtyTwoBitHole, filter, allow("")),
        Row(
            .highWord, filter,
            deny(
                #"{"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 4294967295, "#
                    + #""valueTwo": 21522, "op": "SCMP_CMP_MASKED_EQ"}]}"#)),
        Row(
            .highWord, filter,
            allow(
                #"{"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 38, "op": "#
                    + #""SCMP_CMP_LT"}]}"#)),
        Row(.auditedProfile, "/annotations/io.raind.security-profile.applied", #""audit@sha256:00;tightened""#),
        Row(.capabilityCallsRefused, "/process/capabilities/bounding", #"["CAP_SYS_CHROOT"]"#),
        Row(
            .inheritableCapability, "/process/capabilities",
            #"{"inheritable": ["CAP_CHOWN"], "ambient": ["CAP_CHOWN"]}"#),
        Row(.allCapabilities, "/process/capabilities/bounding", #"["CAP_SYS_ADMIN"]"#),
        Row(.hostRootMounted, "/mounts", bind("/srv")),
        Row(.hostFolderMounted, "/mounts", bind("/dev/null")),
        Row(.hostFolderMounted, "/mounts", #"[{"destination": "/sys", "type": "sysfs", "source": "/sys"}]"#),
        Row(.engineSocketMounted, "/mounts", bind("/run/notdocker.sock")),
        Row(.sharedPropagation, "/mounts", bind("/srv", #""rbind", "rslave""#)),
        Row(.pathUnmasked, "/linux/maskedPaths", #"["/proc", "/sys"]"#),
        Row(.pathWritable, "/linux/readonlyPaths", #"["/proc/"]"#),
        Row(.pathUnmasked, "/mounts", "[]"),
        Row(
            .allDevices, "/linux/resources/devices",
            #"[{"allow": true, "access": "rwm"}, {"allow": false, "access": "rwm"}]"#),
        Row(
            .allDevices, "/linux/resources/devices",
            #"[{"allow": true, "type": "c", "major": 1, "minor": 3, "access": "rwm"}]"#),
    ]

    /// Two rules with a condition each for one call, those of the second as the first's but for one text.
    private static func mbind(_ one: String, _ other: String) -> String {
        let rule =
            #"{"names": ["mbind"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 3, "op": "#
            + #""SCMP_CMP_EQ"}]}"#
        return rule + ", " + rule.replacing(one, with: other).replacing("ERRNO", with: "KILL")
    }

    static func findings(_ path: String, _ value: String) throws -> [LintFinding] {
        let base = try JSON(parsing: Array(base.utf8))
        let value = JSONValue(try JSON(parsing: Array(value.utf8)))
        let names = path.split(separator: "/").map(String.init)
        let bytes = try JSONEdit.apply([.set(path: names, value: value)], to: base)
        return Lint.findings(inBundle: try BundleRewriter.parse(bytes), named: "c.json", on: .amd64)
    }

    @Test func nothingIsToBeSaidOfTheBase() throws {
        let config = try BundleRewriter.parse(Array(Self.base.utf8))
        #expect(Lint.findings(inBundle: config, named: "c.json", on: .amd64).map(\.message) == [])
    }

    @Test(arguments: rows)
    func isFound(_ row: Row) throws {
        let found = try Self.findings(row.path, row.value)
        let finding = try #require(found.first { $0.rule == row.rule }, "\(found.map(\.message))")
        // What isn't there is told at what stands around it.
        let pointer = try #require(finding.place.pointer)
        #expect(row.pointer == pointer || row.pointer.hasPrefix(pointer + "/"))
        #expect(finding.severity == row.rule.severity)
        #expect(finding.place.line ?? 0 > 0)
        #expect(!finding.message.isEmpty && !finding.message.contains("\n"))
    }

    @Test(arguments: nearMisses)
    func isNotFound(_ row: Row) throws {
        let found = try Self.findings(row.path, row.value)
        #expect(!found.contains { $0.rule == row.rule }, "\(found.map(\.message))")
    }

    @Test func everyRuleHasARow() {
        let tested = Set(Self.rows.map(\.rule)).union([.addedAndDropped, .launcherCallRefused])
        #expect(Set(LintRule.allCases).subtracting(tested).map(\.rawValue) == [])
    }

    @Test func aLauncherNeedsMoreWithoutNoNewPrivileges() throws {
        let base = Self.base.replacing(#""noNewPrivileges": true"#, with: #""noNewPrivileges": false"#)
        for (missing, isFound) in [(["capset"], true), ([], false)] {
            let bytes = try JSONEdit.apply(
                [
                    .set(
                        path: ["linux", "seccomp"],
                        value: JSONValue(try JSON(parsing: Array(Self.allow("", without: missing).utf8))))
                ],
                to: try JSON(parsing: Array(base.utf8)))
            let found = Lint.findings(inBundle: try BundleRewriter.parse(bytes), named: "c.json", on: .amd64)
            #expect(found.contains { $0.rule == .launcherCallRefused && $0.severity == .error } == isFound)
        }
    }

    @Test func aUserNamespaceMakesRootSomebodyElse() throws {
        let mapped =
            #"{"namespaces": [{"type": "user"}], "uidMappings": [{"containerID": 0, "hostID": ID, "size": 9}]}"#
        for (host, isFound) in [("100000", false), ("0", true)] {
            let text = Self.base.replacing(#""uid": 1000"#, with: #""uid": 0"#)
            let bytes = try JSONEdit.apply(
                [
                    .set(
                        path: ["linux"],
                        value: JSONValue(try JSON(parsing: Array(mapped.replacing("ID,", with: host + ",").utf8))))
                ], to: try JSON(parsing: Array(text.utf8)))
            let found = Lint.findings(inBundle: try BundleRewriter.parse(bytes), named: "c.json", on: .amd64)
            #expect(found.contains { $0.rule == .rootUser } == isFound)
        }
    }

    @Test func aPlaceIsLineAndColumn() throws {
        let config = try BundleRewriter.parse(Array(Self.base.replacing("CAP_CHOWN", with: "CAP_CHWON").utf8))
        let finding = try #require(Lint.findings(inBundle: config, named: "b/c.json", on: .amd64).first)
        #expect(finding.place.description == "b/c.json:3:33 /process/capabilities/bounding/0")
        #expect(finding.message == #"no capability is named "CAP_CHWON"; did you mean CAP_CHOWN?"#)
    }

    @Test func aListIsReadWithItsConditions() throws {
        let list = try node(
            #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["ptrase"], "action": "SCMP_ACT_ERRNO", "#
                + #""excludes": {"caps": ["CAP_SYS_PTRACE"]}}]}"#)
        func rules(_ capabilities: CapabilitySet) -> [LintRule] {
            Lint.findings(inSeccompList: list, named: "l.json", capabilities: capabilities, on: .amd64).map(\.rule)
        }
        #expect(rules([]) == [.unknownCallRefused])
        #expect(rules([.sysPtrace]) == [.emptyFilter])
    }

    @Test func aManifestIsToldOfByItsLines() throws {
        let text = """
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile", "metadata": {"name": "x"},
             "spec": {"extends": "default",
              "add-cap": ["NET_ADMIN", "SYS_PTRACE"],
              "drop-cap": ["cap_sys_ptrace"]}}
            """
        let manifest = try node(text)
        let profile = try Profile(manifest: manifest, origin: .file("test.json")) { path throws(ProfileError) in
            throw .unknownProfile(path, nearest: nil)
        }
        let chain = [try builtIn("default"), profile]
        let found = Lint.findings(in: try ResolvedProfile(chain, on: .amd64), chain: chain)
        #expect(
            found.map { "\($0.place.source):\($0.place.line ?? 0):\($0.place.column ?? 0) \($0.rule.rawValue)" } == [
                "test.json:3:15 capability/beyond-baseline", "test.json:4:16 manifest/added-and-dropped",
                "profiles/default.yaml:23:0 process/new-privileges",
            ])
    }

    @Test func whatIsAnErrorRefuses() throws {
        let warning = try Self.findings("/process/noNewPrivileges", "false")
        #expect(!warning.areRefused(strict: false) && warning.areRefused(strict: true))
        let error = try Self.findings("/linux/seccomp", "{}")
        #expect(error.areRefused(strict: false))
        let note = try Self.findings("/process/apparmorProfile", "null")
        #expect(note.count == 1 && !note.areRefused(strict: true))
    }

    @Test func codesAreUniqueAndWellFormed() {
        for rule in LintRule.allCases {
            #expect(rule.rawValue.split(separator: "/").count == 2)
            #expect(rule.rawValue.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-/".utf8.contains($0) })
            #expect(!rule.title.isEmpty && rule.reason.hasSuffix(".") && !rule.remedy.hasSuffix("."))
        }
        #expect(Set(LintRule.allCases.map(\.title)).count == LintRule.allCases.count)
    }
}
