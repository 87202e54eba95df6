import LosslessJSON
import OCISpec

/// Looks for what is wrong or open in a bundle's configuration. Members of a wrong type are passed over: to tell of them
/// is the runtime's part.
struct BundleLinter {
    private let config: JSON
    private let source: String
    private let architecture: SeccompArchitecture
    private(set) var findings: [LintFinding] = []

    init(_ config: JSON, named source: String, on architecture: SeccompArchitecture) {
        self.config = config
        self.source = source
        self.architecture = architecture
    }

    /// Looks at everything.
    mutating func run() {
        checkCapabilities()
        checkProcess()
        checkFilter()
        checkMounts()
        checkPaths()
        checkNamespaces()
        checkResources()
    }

    /// Tells of the value at a pointer; where there is none, of the nearest that stands around it.
    private mutating func tell(_ rule: LintRule, _ pointer: String, _ message: String) {
        var path = pointer[...]
        while true {
            if let value = config.value(at: String(path)) {
                findings.append(LintFinding(rule, at: LintPlace(value, in: source), message))
                return
            }
            path = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
        }
    }

    private func strings(_ pointer: String) -> [String] {
        config.value(at: pointer)?.elements.compactMap(\.stringValue) ?? []
    }

    private func elements(_ pointer: String) -> [JSON] { config.value(at: pointer).map { Array($0.elements) } ?? [] }

    private func value(_ pointer: String) -> JSON? {
        config.value(at: pointer).flatMap { $0.isNull ? nil : $0 }
    }

    private func isTrue(_ pointer: String) -> Bool { config.value(at: pointer)?.boolValue == true }

    // Capabilities

    private static let sets = ["bounding", "effective", "permitted", "inheritable", "ambient"]

    private func capabilities(_ set: String) -> CapabilitySet {
        CapabilitySet(strings("/process/capabilities/\(set)").compactMap { Capability(lenientName: $0) })
    }

    private mutating func checkCapabilities() {
        for set in BundleLinter.sets {
            for (index, name) in elements("/process/capabilities/\(set)").enumerated() {
                guard let text = name.stringValue, Capability(lenientName: text) == nil else { continue }
                let nearest = CapabilityRequest.nearest(to: text)
                tell(
                    .unknownCapability, "/process/capabilities/\(set)/\(index)",
                    "no capability is named \(quoted(text))" + (nearest.map { "; did you mean \($0)?" } ?? ""))
            }
        }
        let inheritable = capabilities("inheritable").subtracting(capabilities("ambient"))
        if !inheritable.isEmpty {
            tell(
                .inheritableCapability, "/process/capabilities/inheritable",
                "\(LintText.list(inheritable.names)): inheritable and not ambient")
        }
        let granted = BundleLinter.sets.reduce(CapabilitySet()) { $0.union(capabilities($1)) }
        if let finding = LintBaseline.finding(granted, at: { _ in place("/process/capabilities/bounding") }) {
            findings.append(finding)
        }
    }

    private func place(_ pointer: String) -> LintPlace {
        LintPlace(config.value(at: pointer) ?? config.value(at: "/process/capabilities") ?? config, in: source)
    }

    // The process

    private mutating func checkProcess() {
        let uid = value("/process/user/uid")?.numberText ?? "0"
        if uid == "0", !hasOwnUsers {
            tell(.rootUser, "/process/user/uid", "the process runs as user 0, and there is no user namespace")
        }
        if uid != "0" {
            if value("/process/user/gid")?.numberText ?? "0" == "0" {
                tell(.rootGroup, "/process/user/gid", "user \(uid) is in group 0")
            }
            for (index, group) in elements("/process/user/additionalGids").enumerated()
            where group.numberText == "0" {
                tell(.rootGroup, "/process/user/additionalGids/\(index)", "user \(uid) is in group 0 beside its own")
            }
        }
        if !isTrue("/process/noNewPrivileges") {
            tell(.newPrivileges, "/process/noNewPrivileges", "noNewPrivileges isn't true")
        }
        if ["", "unconfined"].contains(value("/process/apparmorProfile")?.stringValue ?? "") {
            tell(.appArmorAbsent, "/process/apparmorProfile", "no AppArmor profile is named")
        }
        let stamp = "/annotations/\(BundleSecurity.appliedAnnotation)"
        if let applied = value(stamp)?.stringValue, applied.split(separator: ";").dropFirst().contains("audit") {
            tell(.auditedProfile, stamp, "\(quoted(applied)): applied for audit")
        }
    }

    /// Whether the process is in a user namespace where root is somebody else.
    private var hasOwnUsers: Bool {
        guard let namespace = namespace("user") else { return false }
        // Joined by its path it has mappings of its own, which don't stand here.
        if namespace["path"]?.stringValue.map({ !$0.isEmpty }) == true { return true }
        return !elements("/linux/uidMappings").contains {
            $0["containerID"]?.numberText == "0" && $0["hostID"]?.numberText == "0"
        }
    }

    private mutating func checkFilter() {
        guard let section = value("/linux/seccomp") else {
            return tell(.filterAbsent, "/linux/seccomp", "there is no seccomp filter")
        }
        guard section.count > 0 else {
            return tell(.emptyFilter, "/linux/seccomp", "the seccomp section is empty")
        }
        var told: [LintFinding] = []
        let filter = LocatedFilter(
            ManifestNode(section, in: nil), in: source, capabilities: nil, on: architecture, tell: { told.append($0) })
        findings += told
        guard let filter else { return }
        var linter = FilterLinter(
            filter, noNewPrivileges: isTrue("/process/noNewPrivileges"), capabilities: capabilities("bounding"))
        linter.run()
        findings += linter.findings
    }

    // The file system

    /// Where engines listen.
    private static let sockets = [
        "docker.sock", "podman.sock", "containerd.sock", "crio.sock", "buildkitd.sock", "dockershim.sock",
    ]

    /// What the benchmark counts as the host's system (5.6), and what stands for its kernel.
    private static let folders = [
        "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/sys", "/usr", "/run", "/var/run", "/var/lib/docker",
        "/var/lib/containerd", "/var/lib/containers", "/var/lib/kubelet", "/root",
    ]

    private mutating func checkMounts() {
        if !isTrue("/root/readonly") { tell(.writableRoot, "/root", "root.readonly isn't true") }
        for (index, mount) in elements("/mounts").enumerated() {
            let pointer = "/mounts/\(index)"
            let options = mount["options"]?.elements.compactMap(\.stringValue) ?? []
            if options.contains("shared") || options.contains("rshared") {
                tell(.sharedPropagation, pointer, "\(LintMount.destination(mount)) is mounted with shared propagation")
            }
            if mount["type"]?.stringValue == "proc", LintMount.destination(mount) != "/proc" {
                tell(.secondProc, pointer, "proc is mounted at \(LintMount.destination(mount))")
            }
            guard LintMount.isBind(mount), let path = LintMount.source(mount) else { continue }
            let how = options.contains("ro") ? "read-only" : "writable"
            if path == "/" {
                tell(.hostRootMounted, pointer, "the host's / is at \(LintMount.destination(mount)), \(how)")
            } else if BundleLinter.sockets.contains(where: { path.hasSuffix("/\($0)") }) {
                tell(.engineSocketMounted, pointer, "\(path) is at \(LintMount.destination(mount))")
            } else if BundleLinter.folders.contains(path) || path.hasPrefix("/proc/") || path.hasPrefix("/sys/") {
                tell(.hostFolderMounted, pointer, "the host's \(path) is at \(LintMount.destination(mount)), \(how)")
            }
        }
        let propagation = value("/linux/rootfsPropagation")?.stringValue ?? ""
        if propagation == "shared" || propagation == "rshared" {
            tell(.sharedPropagation, "/linux/rootfsPropagation", "the root is mounted with shared propagation")
        }
    }

    private mutating func checkPaths() {
        guard elements("/mounts").contains(where: { LintMount.destination($0) == "/proc" }) else {
            return
        }
        let masked = strings("/linux/maskedPaths")
        let readOnly = strings("/linux/readonlyPaths")
        let open = LintPaths.masked.filter { !LintPaths.isCovered($0, by: masked) }
        if !open.isEmpty {
            tell(.pathUnmasked, "/linux/maskedPaths", "\(LintText.list(open)): not masked")
        }
        let writable = LintPaths.readOnly.filter { !LintPaths.isCovered($0, by: masked + readOnly) }
        if !writable.isEmpty {
            tell(.pathWritable, "/linux/readonlyPaths", "\(LintText.list(writable)): writable")
        }
    }

    // Namespaces and resources

    private func namespace(_ type: String) -> JSON? {
        elements("/linux/namespaces").first { $0["type"]?.stringValue == type }
    }

    private mutating func checkNamespaces() {
        let kinds: [(type: String, file: String, rule: LintRule)] = [
            ("pid", "pid", .hostPIDNamespace), ("ipc", "ipc", .hostIPCNamespace),
            ("network", "net", .hostNetworkNamespace), ("uts", "uts", .hostUTSNamespace),
        ]
        for kind in kinds {
            guard let namespace = namespace(kind.type) else {
                tell(kind.rule, "/linux/namespaces", "there is no \(kind.type) namespace")
                continue
            }
            guard let path = namespace["path"]?.stringValue, path == "/proc/1/ns/\(kind.file)" else { continue }
            tell(kind.rule, "\(namespace.pointer)/path", "\(path) is the host's \(kind.type) namespace")
        }
    }

    private mutating func checkResources() {
        // The last entry that speaks of all devices counts.
        var open: Int?
        for (index, device) in elements("/linux/resources/devices").enumerated()
        where LintMount.isEveryDevice(device) {
            open = device["allow"]?.boolValue == true ? index : nil
        }
        if let open { tell(.allDevices, "/linux/resources/devices/\(open)", "every device may be made and used") }
        if !isLimit("/linux/resources/memory/limit") {
            tell(.memoryUnlimited, "/linux/resources/memory/limit", "no limit of memory is set")
        }
        if !isLimit("/linux/resources/pids/limit") {
            tell(.processesUnlimited, "/linux/resources/pids/limit", "no limit of processes is set")
        }
    }

    private func isLimit(_ pointer: String) -> Bool {
        guard let text = value(pointer)?.numberText else { return false }
        return !text.hasPrefix("-") && text != "0"
    }
}
