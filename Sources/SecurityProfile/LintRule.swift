/// What lint looks for. The raw value is the code, which never changes its meaning.
package enum LintRule: String, CaseIterable, Sendable {
    /// How much a finding matters.
    package enum Severity: String, CaseIterable, Sendable {
        /// It doesn't work, or doesn't protect, as it is written.
        case error
        /// It leaves open what a hardened container would close, or is probably not meant.
        case warning
        /// It is worth knowing.
        case note

        /// 0 for the worst.
        package var rank: Int {
            switch self {
            case .error: 0
            case .warning: 1
            case .note: 2
            }
        }
    }

    /// The version of the CIS Docker Benchmark whose controls are named.
    package static let benchmark = "CIS Docker Benchmark 1.6.0"

    // What is written wrong.
    case unreadableFilter = "seccomp/unreadable"
    case emptyFilter = "seccomp/empty"
    case unknownCallRefused = "seccomp/unknown-syscall-refused"
    case unknownCall = "seccomp/unknown-syscall"
    case repeatedArgument = "seccomp/repeated-argument"
    case contradiction = "seccomp/contradiction"
    case shadowedRule = "seccomp/shadowed-rule"
    case redundantRule = "seccomp/redundant-rule"
    case conditionNeverMet = "seccomp/condition-never-met"
    // What doesn't run.
    case programCallRefused = "seccomp/program-call-refused"
    case launcherCallRefused = "seccomp/launcher-call-refused"
    case clone3Answer = "seccomp/clone3-eperm"
    case architectureMissing = "seccomp/architecture-missing"
    // What can be walked around.
    case otherNameAllowed = "seccomp/other-name-allowed"
    case thirtyTwoBitHole = "seccomp/32-bit-hole"
    case highWord = "seccomp/high-word"
    case auditedFilter = "seccomp/audit"
    case filterAbsent = "seccomp/absent"
    case auditedProfile = "profile/audit"
    case addedAndDropped = "manifest/added-and-dropped"
    // Capabilities.
    case unknownCapability = "capability/unknown"
    case capabilityCallsRefused = "capability/calls-refused"
    case inheritableCapability = "capability/inheritable"
    case capabilityBeyondBaseline = "capability/beyond-baseline"
    case allCapabilities = "capability/all"
    // The process.
    case rootUser = "process/root-user"
    case rootGroup = "process/root-group"
    case newPrivileges = "process/new-privileges"
    case appArmorAbsent = "apparmor/absent"
    // The file system.
    case writableRoot = "root/writable"
    case hostRootMounted = "mount/host-root"
    case engineSocketMounted = "mount/engine-socket"
    case hostFolderMounted = "mount/host-folder"
    case sharedPropagation = "mount/shared"
    case pathUnmasked = "path/unmasked"
    case pathWritable = "path/writable"
    case secondProc = "path/second-proc"
    // The rest of the host.
    case hostPIDNamespace = "namespace/host-pid"
    case hostIPCNamespace = "namespace/host-ipc"
    case hostNetworkNamespace = "namespace/host-network"
    case hostUTSNamespace = "namespace/host-uts"
    case allDevices = "device/all"
    case memoryUnlimited = "resource/memory"
    case processesUnlimited = "resource/pids"
}

extension LintRule {
    /// How much a finding of this rule matters, unless the finding says otherwise.
    package var severity: Severity {
        switch self {
        case .unreadableFilter, .emptyFilter, .unknownCallRefused, .repeatedArgument, .programCallRefused,
            .launcherCallRefused, .clone3Answer, .unknownCapability, .hostRootMounted, .engineSocketMounted:
            .error
        case .redundantRule, .architectureMissing, .appArmorAbsent: .note
        default: .warning
        }
    }

    /// The number of the control in the CIS Docker Benchmark 1.6.0 that asks for the same, or nil if none does.
    package var benchmarkControl: String? {
        switch self {
        case .rootUser: "4.1"
        case .appArmorAbsent: "5.2"
        case .capabilityBeyondBaseline: "5.4"
        case .allCapabilities: "5.5"
        case .hostRootMounted, .hostFolderMounted: "5.6"
        case .hostNetworkNamespace: "5.10"
        case .memoryUnlimited: "5.11"
        case .writableRoot: "5.13"
        case .hostPIDNamespace: "5.16"
        case .hostIPCNamespace: "5.17"
        case .allDevices: "5.18"
        case .sharedPropagation: "5.20"
        case .hostUTSNamespace: "5.21"
        case .filterAbsent: "5.22"
        case .newPrivileges: "5.26"
        case .processesUnlimited: "5.29"
        case .engineSocketMounted: "5.32"
        default: nil
        }
    }

    /// What is wrong, in a few words.
    package var title: String { text.title }

    /// Why it matters.
    package var reason: String { text.reason }

    /// What to do about it.
    package var remedy: String { text.remedy }

    /// The table of all codes, in Markdown.
    package static var markdownTable: String {
        var lines = ["| code | severity | CIS | what | remedy |", "|---|---|---|---|---|"]
        for rule in allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
            lines.append(
                "| `\(rule.rawValue)` | \(rule.severity.rawValue) | \(rule.benchmarkControl ?? "") | \(rule.title) "
                    + "| \(rule.remedy) |")
        }
        return lines.joined(separator: "\n")
    }
}
