import OCISpec
import ProfileRegistry
import SecurityProfile
import Testing

/// What a person is told about a manifest: the place, what is wrong, what would be right.
@Suite struct ManifestErrorTests {
    static let head = "apiVersion: raind.io/v1\nkind: SecurityProfile\nmetadata: {name: web}\nspec:\n"

    static let errors: [(String, String)] = [
        ("  add-caps: [CHOWN]", "5:3: spec has no key \"add-caps\"; did you mean add-cap?"),
        ("  add-cap: [CAP_SYS_PTRAC]", "5:13: no capability is named \"CAP_SYS_PTRAC\"; did you mean CAP_SYS_PTRACE?"),
        ("  drop-cap:\n    - net_ra", "6:7: no capability is named \"net_ra\"; did you mean CAP_NET_RAW?"),
        ("  drop-cap: CHOWN", "5:13: spec.drop-cap is \"CHOWN\"; it must be a list"),
        ("  add-cap: [ALL]\n  drop-cap: [all]", "6:14: ALL is both added and dropped; drop ALL and add"),
        ("  noNewPrivileges: yes", "5:20: spec.noNewPrivileges is \"yes\"; it must be true or false"),
        ("  ambient: all", "5:12: spec.ambient is \"all\"; it must be auto, never or a list"),
        ("  ambient: [ALL]", "5:13: spec.ambient holds ALL; name the capabilities"),
        ("  extends: oci://example.org/team/web:1.0", "5:12: spec.extends is an artifact, \"oci://example.org/team/we"),
        ("  extends: oci://Web", "5:12: spec.extends is \"oci://Web\"; it must be oci://HOST/PATH:TAG"),
        ("  extends: ./base.yaml", "5:12: spec.extends is a path, \"./base.yaml\"; register that manifest"),
        ("  extends: Base", "5:12: spec.extends is \"Base\"; it must be 1 to 63 of"),
        ("  seccomp: none", "5:12: spec.seccomp is \"none\"; it must be unconfined or a mapping"),
        ("  seccomp: {mode: merge}", "5:19: spec.seccomp.mode is \"merge\"; it must be extend, replace or intersect"),
        ("  seccomp: {alow: [read]}", "5:13: spec.seccomp has no key \"alow\"; did you mean allow?"),
        ("  seccomp: {allow: [reed]}", "5:21: no syscall is named \"reed\"; did you mean read?"),
        (
            "  seccomp: {allow: [io_uring_setpu]}",
            "5:21: no syscall is named \"io_uring_setpu\"; did you mean io_uring_setup?"
        ),
        ("  seccomp:\n    allow: [read]\n    deny: [read]", "7:12: read stands twice in allow and deny"),
        (
            "  seccomp:\n    syscalls: [{names: [ptrce], action: SCMP_ACT_ALLOW}]",
            "6:25: no syscall is named \"ptrce\"; did you mean ptrace?"
        ),
        (
            "  seccomp:\n    syscalls:\n      - names: [read]\n        action: SCMP_ACT_ALOW",
            "8:17: action is \"SCMP_ACT_ALOW\"; it must be SCMP_ACT_ALLOW"
        ),
        (
            "  seccomp:\n    allow: [read]\n    syscalls: [{names: [read], action: SCMP_ACT_KILL}]",
            "7:16: read stands in a rule, and in allow or deny too"
        ),
        (
            "  seccomp: {defaultAction: SCMP_ACT_ERNO}",
            "5:28: spec.seccomp.defaultAction is \"SCMP_ACT_ERNO\"; it must be SCMP_ACT_ERRNO"
        ),
        ("  seccomp: {defaultErrnoRet: ENOSIS}", "5:30: spec.seccomp.defaultErrnoRet is \"ENOSIS\"; it must be ENOSYS"),
        (
            "  seccomp: {defaultAction: SCMP_ACT_ALLOW, defaultErrnoRet: 1}",
            "5:61: defaultErrnoRet stands beside the default action SCMP_ACT_ALLOW"
        ),
        (
            "  seccomp: {architectures: [SCMP_ARCH_X86_46]}",
            "5:29: an architecture is \"SCMP_ARCH_X86_46\"; it must be SCMP_ARCH_X86_64"
        ),
        ("  seccomp: {architectures: [amd64]}", "5:29: an architecture is \"amd64\"; it must be SCMP_ARCH_X86_64"),
        ("  seccomp: {architectures: []}", "5:28: spec.seccomp.architectures is a list; it must be auto, or a list"),
        (
            "  seccomp: {flags: [SECCOMP_FILTER_FLAG_LOGS]}",
            "5:21: a flag is \"SECCOMP_FILTER_FLAG_LOGS\"; it must be SECCOMP_FILTER_FLAG_LOG"
        ),
        ("  seccomp: {mode: replace}", "5:12: spec.seccomp has no defaultAction, which the mode replace needs"),
        (
            "  seccomp: {defaultAction: SCMP_ACT_NOTIFY}",
            "5:28: a profile can't leave calls to a supervisor (SCMP_ACT_NOTIFY)"
        ),
        (
            "  seccomp: {syscalls: [{names: [mount], action: SCMP_ACT_NOTIFY}]}",
            "5:24: a profile can't leave calls to a supervisor"
        ),
        (
            "  seccomp: {syscalls: [{names: [mount], action: SCMP_ACT_ALLOW, includes: {arches: [amd46]}}]}",
            "5:85: no architecture is named \"amd46\"; did you mean amd64?"
        ),
        (
            "  seccomp: {syscalls: [{names: [mount], action: SCMP_ACT_ALLOW, includes: {minKernel: 5}}]}",
            "5:87: includes.minKernel is 5; it must be a kernel's version of two numbers"
        ),
        ("  apparmor: none", "5:13: spec.apparmor is \"none\"; it must be unconfined or a mapping"),
        ("  apparmor: {mode: enforce}", "5:13: spec.apparmor has no profile"),
        (
            "  apparmor: {profile: a, mode: kill}",
            "5:32: spec.apparmor.mode is \"kill\"; it must be enforce or complain"
        ),
        (
            "  apparmor: {profile: a, rules: {denyPaths: [etc]}}",
            "5:46: an element of spec.apparmor.rules.denyPaths is no"
        ),
        ("  apparmor: {profile: raind-default, rules: {}}", "5:13: the AppArmor profile raind-default is built in"),
        (
            "  apparmor: {profile: a, rules: {network: {tpc: true}}}",
            "5:44: spec.apparmor.rules.network has no key \"tpc\"; did you mean tcp?"
        ),
        ("  paths: {masked: all}", "5:19: spec.paths.masked is \"all\"; it must be keep or a list of absolute paths"),
        (
            "  paths: {readonly: [/proc/../etc]}",
            "5:22: an element of spec.paths.readonly is \"/proc/../etc\"; it must be"
        ),
        ("  paths: {masked: [/a, /a]}", "5:24: /a stands twice in spec.paths.masked"),
        ("  paths: {rootReadonly: 1}", "5:25: spec.paths.rootReadonly is 1; it must be keep, true or false"),
        ("  selinuxLabel: container_t", "5:17: spec.selinuxLabel is \"container_t\"; it must be USER:ROLE:TYPE"),
    ]

    @Test(arguments: errors)
    func wrongSpecsAreToldWhereAndWhatWouldBeRight(spec: String, wanted: String) throws {
        let (registry, _) = registry(["dir/m.yaml": Self.head + spec])
        let said = refusal { _ = try registry.manifest(at: "dir/m.yaml") }
        #expect(said.hasPrefix("dir/m.yaml:" + wanted), "\(said)")
        #expect(said.contains("; "), "it says what would be right: \(said)")
    }

    @Test(arguments: [
        ("kind: SecurityProfile\nmetadata: {name: a}\nspec: {}", "1:1: the manifest has no apiVersion"),
        ("apiVersion: raind.io/v2\nkind: SecurityProfile\nmetadata: {name: a}\nspec: {}", "1:13: apiVersion is"),
        (
            "apiVersion: raind.io/v1\nkind: Profile\nmetadata: {name: a}\nspec: {}",
            "2:7: kind is \"Profile\"; it must be"
        ),
        ("apiVersion: raind.io/v1\nkind: SecurityProfile\nspec: {}", "1:1: the manifest has no metadata"),
        ("apiVersion: raind.io/v1\nkind: SecurityProfile\nmetadata: {name: a}", "1:1: the manifest has no spec"),
        ("apiVersion: raind.io/v1\nkind: SecurityProfile\nmetadata: {}\nspec: {}", "3:11: metadata has no name"),
        ("name: A", "1:7: metadata.name is \"A\"; it must be"),
        ("name: a\nspec: {}", "1:1: a manifest has no key \"name\""),
        ("name: a\nextend: dev", "2:1: a manifest has no key \"extend\"; did you mean extends?"),
        ("- a", "1:1: a manifest is a list; it must be a mapping"),
        ("name: a\nlabels: {}", "2:1: a manifest has no key"),
        (
            "apiVersion: raind.io/v1\nkind: SecurityProfile\nmetadata: {name: a, labels: {a: 1}}\nspec: {}",
            "3:33: the label \"a\" is 1; it must be a string"
        ),
        (
            "apiVersion: raind.io/v1\nkind: SecurityProfile\nmetadata: {labels: {\"a\\nb\": 1}}",
            "3:29: the label \"a\\u000ab\" is 1"
        ),
    ])
    func wrongFramesAreTold(text: String, wanted: String) throws {
        let (registry, _) = registry(["m.yaml": text])
        let said = refusal { _ = try registry.manifest(at: "m.yaml") }
        #expect(said.hasPrefix("m.yaml:" + wanted), "\(said)")
    }

    @Test func aSeccompFilesOwnErrorsHaveItsName() throws {
        let manifest = Self.head + "  seccomp: {mode: replace, file: ./list.json}"
        let lists: [(String, String)] = [
            (#"{"defaultAction": "SCMP_ACT_ALOW"}"#, "dir/list.json:1:19: defaultAction is"),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"], "action": "SCMP_ACT_KILL"}]}"#,
                "dir/list.json:1:50: no syscall is named \"a\", so it can't be refused"
            ),
            (
                #"{"defaultAction": "SCMP_ACT_ERRNO", "listenerPath": "/run/s"}"#,
                "dir/list.json:1:37: a profile can't have a supervisor"
            ),
            (
                #"{"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"], "archMap": []}"#,
                "dir/list.json:1:73: architectures and archMap stand in one list"
            ),
        ]
        for (list, wanted) in lists {
            let (registry, _) = registry(["dir/m.yaml": manifest, "dir/list.json": list])
            let said = refusal { _ = try registry.manifest(at: "dir/m.yaml") }
            #expect(said.hasPrefix(wanted), "\(said)")
        }
        let (missing, _) = registry(["dir/m.yaml": manifest])
        #expect(refusal { _ = try missing.manifest(at: "dir/m.yaml") }.hasPrefix("dir/list.json: ENOENT"))
    }

    @Test func aSeccompFileIsKeptWithTheProfile() throws {
        let list =
            #"{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}"#
        let (registry, storage) = registry([
            "dir/m.yaml": Self.head + "  seccomp: {mode: replace, file: ./list.json}", "dir/list.json": list,
            "dir/n.yaml": Self.head + "  extends: dev",
        ])
        _ = try registry.register("dir/m.yaml", replacing: false)
        #expect(storage["/store/web.seccomp"] == list)
        storage["dir/list.json"] = nil
        let filter = try ResolvedProfile(try registry.chain(of: "web"), on: .amd64).seccomp
        #expect(filter?.rules.map(\.names) == [["read"]])
        _ = try registry.register("dir/n.yaml", replacing: true)
        #expect(storage["/store/web.seccomp"] == nil, "a list that nobody names any more goes")
        storage["/store/web.seccomp"] = list
        _ = try registry.remove("web")
        #expect(storage.files.keys.sorted() == ["dir/m.yaml", "dir/n.yaml"])
    }
}
