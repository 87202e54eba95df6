import LosslessJSON
import OCISpec

extension Conversion {
    // Those that releases of the operator know that serve v1 too, and those before them.
    private static let seccompVersion = "security-profiles-operator.x-k8s.io/v1beta1"
    private static let appArmorVersion = "security-profiles-operator.x-k8s.io/v1alpha1"
    private static let architectures: Set<SeccompArchitecture> = [
        .x86, .amd64, .x32, .arm, .aarch64, .mips, .mips64, .mips64n32, .mipsel, .mipsel64, .mipsel64n32, .ppc, .ppc64,
        .ppc64le, .s390, .s390x, .parisc, .parisc64, .riscv64,
    ]
    private static let flags: Set<String> = [
        "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
        "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
    ]

    /// The operator's resources: a SeccompProfile, and an AppArmorProfile where the profile's rules are known.
    mutating func convertToSecurityProfilesOperator() {
        var documents = [resource("SeccompProfile", Self.seccompVersion, seccompSpec())]
        if !source.isSeccompAlone {
            let remedy = "a pod's securityContext says it: --to kubernetes"
            lose("capabilities", "neither resource has them; \(remedy)")
            lose("noNewPrivileges", "neither resource has it; \(remedy)")
            losePaths("neither resource has them; they are the runtime's")
            if source.paths.rootReadonly != nil { lose("paths.rootReadonly", "neither resource has it; \(remedy)") }
            if security.selinuxLabel != nil { lose("selinuxLabel", "neither resource has it; \(remedy)") }
            if let spec = appArmorSpec() { documents.append(resource("AppArmorProfile", Self.appArmorVersion, spec)) }
        }
        let place = "operator/\(source.resourceName).json"
        finish(.yaml(documents, remarks: ["In the pod: seccompProfile: {type: Localhost, localhostProfile: \(place)}"]))
    }

    private func resource(_ kind: String, _ version: String, _ spec: JSONValue) -> JSONValue {
        .object([
            ("apiVersion", .string(version)), ("kind", .string(kind)),
            ("metadata", .object([("name", .string(source.resourceName))])), ("spec", spec),
        ])
    }

    private mutating func seccompSpec() -> JSONValue {
        guard let filter = security.seccomp else {
            loseAbsentFilter(instead: "the resource (seccompProfile: {type: Unconfined} in the pod)")
            return SeccompFilter(defaultAction: .allow).json
        }
        var known = filter
        known.defaultErrnoReturn = nil
        if let errno = filter.defaultErrnoReturn, errno != SeccompList.defaultErrno {
            let name = ErrnoName.name(of: Int32(errno)) ?? String(errno)
            lose(
                "seccomp.defaultErrnoRet", "a SeccompProfile has none: what no rule names fails with EPERM, not \(name)"
            )
        }
        known.architectures = filter.architectures.filter { Self.architectures.contains($0) }
        let unknown = filter.architectures.filter { !Self.architectures.contains($0) }
        if !unknown.isEmpty {
            lose("seccomp.architectures", "a SeccompProfile has no " + unknown.map(\.rawValue).joined(separator: ", "))
        }
        known.flags = filter.flags?.filter { Self.flags.contains($0) }
        let missing = (filter.flags ?? []).filter { !Self.flags.contains($0) }
        if !missing.isEmpty { lose("seccomp.flags", "a SeccompProfile has no " + missing.joined(separator: ", ")) }
        known.rules = []
        for rule in filter.rules {
            // An int64 for what the kernel compares as 64 bits without a sign.
            guard rule.conditions.allSatisfy({ $0.value <= Int64.max && $0.valueTwo <= Int64.max }) else {
                lose(
                    "seccomp.syscalls \(rule.names.joined(separator: ", "))",
                    "a SeccompProfile can't compare with numbers past \(Int64.max); the rule is left out")
                continue
            }
            known.rules.append(uniquelyNamed(rule))
        }
        return known.json
    }

    /// The rule with each name once, as a set has it.
    private func uniquelyNamed(_ rule: SeccompRule) -> SeccompRule {
        var rule = rule
        var seen: Set<String> = []
        rule.names = rule.names.filter { seen.insert($0).inserted }
        return rule
    }

    private mutating func appArmorSpec() -> JSONValue? {
        guard let name = source.plainAppArmorName else { return nil }
        guard case .rules(let rules) = source.appArmorContent else {
            lose(
                "apparmor",
                "an AppArmorProfile has lists of paths alone, which \(name) isn't made of; load it onto the nodes otherwise"
            )
            return nil
        }
        if name != source.resourceName {
            note("the operator names the AppArmor profile \(source.resourceName), not \(name)")
        }
        if !rules.denyPaths.isEmpty {
            lose("apparmor.rules.denyPaths", "an AppArmorProfile allows paths and denies none")
        }
        let isOpen = rules.readOnlyPaths.isEmpty && rules.readWritePaths.isEmpty
        let executable = isOpen ? ["/**"] : rules.readOnlyPaths
        let files: [(name: String, value: JSONValue)] =
            isOpen
            ? [("readWritePaths", .strings(["/**"]))]
            : [("readOnlyPaths", .strings(rules.readOnlyPaths)), ("readWritePaths", .strings(rules.readWritePaths))]
        return .object([
            ("mode", source.appArmorIsComplaining ? "Complain" : "Enforce"),
            (
                "abstract",
                .object([
                    (
                        "executable",
                        .object([
                            ("allowedExecutables", .strings(executable)), ("allowedLibraries", .strings(executable)),
                        ])
                    ),
                    ("filesystem", .object(files)),
                    (
                        "network",
                        .object([
                            ("allowRaw", .bool(rules.network.raw ?? true)),
                            (
                                "allowedProtocols",
                                .object([("allowTcp", .bool(rules.network.tcp ?? true)), ("allowUdp", true)])
                            ),
                        ])
                    ),
                    (
                        "capability",
                        .object([
                            (
                                "allowedCapabilities",
                                .strings(shortNames(security.capabilities.bounding).map { $0.lowercased() })
                            )
                        ])
                    ),
                ])
            ),
        ])
    }
}
