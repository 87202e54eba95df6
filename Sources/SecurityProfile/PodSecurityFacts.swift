import LosslessJSON
import OCISpec

/// What the controls of the Pod Security Standards are judged by.
struct PodSecurityFacts {
    /// The configuration, or nil for a profile.
    let config: JSON?
    private let source: String

    /// Whether it is a profile, of which a bundle's part can't be judged.
    var isProfile: Bool { config == nil }

    /// All that the process can have.
    let capabilities: CapabilitySet
    let noNewPrivileges: Bool
    /// Whether a filter is there that refuses something; nil where none is there at all.
    let refusesCalls: Bool?
    /// Whether AppArmor was turned off by name.
    let isAppArmorUnconfined: Bool
    let selinuxLabel: String?

    init(_ config: JSON, named source: String) {
        self.config = config
        self.source = source
        var granted: CapabilitySet = []
        for set in config.value(at: "/process/capabilities").map({ Array($0.members) }) ?? [] {
            granted = granted.union(
                CapabilitySet(set.value.elements.compactMap { $0.stringValue.flatMap { Capability(lenientName: $0) } }))
        }
        capabilities = granted
        noNewPrivileges = config.value(at: "/process/noNewPrivileges")?.boolValue == true
        isAppArmorUnconfined = config.value(at: "/process/apparmorProfile")?.stringValue == "unconfined"
        selinuxLabel = config.value(at: "/process/selinuxLabel")?.stringValue
        if let section = config.value(at: "/linux/seccomp"), !section.isNull {
            // By its actions alone, so that a rule that can't be read doesn't hide the others.
            let actions =
                [section["defaultAction"]?.stringValue]
                + (section["syscalls"].map { Array($0.elements) } ?? []).map { $0["action"]?.stringValue }
            refusesCalls = actions.contains {
                ($0.flatMap { SeccompAction(rawValue: $0) }?.reach ?? .permits) != .permits
            }
        } else {
            refusesCalls = nil
        }
    }

    init(_ profile: ResolvedProfile, chain: [Profile]) {
        config = nil
        source = profile.name.description
        capabilities = profile.capabilities
        noNewPrivileges = profile.noNewPrivileges
        refusesCalls = profile.seccomp.map { filter in
            ([filter.defaultAction] + filter.rules.map(\.action)).contains { $0.reach != .permits }
        }
        isAppArmorUnconfined = chain.last { $0.appArmor != nil }?.appArmor == .unconfined
        selinuxLabel = profile.selinuxLabel
    }

    /// The place at a pointer of the bundle, or of the nearest value around it; in a profile that of `shown` in what
    /// `show -o json` prints.
    func place(_ pointer: String, shown: String? = nil) -> LintPlace? {
        guard let config else { return shown.map { LintPlace(profile: source, pointer: $0) } }
        var path = pointer[...]
        while true {
            if let value = config.value(at: String(path)) { return LintPlace(value, in: source) }
            path = path.lastIndex(of: "/").map { path[..<$0] } ?? ""
        }
    }

    func elements(_ pointer: String) -> [JSON] { config?.value(at: pointer).map { Array($0.elements) } ?? [] }

    /// The bundle's folder, without a slash at its end.
    var folder: String {
        source.lastIndex(of: "/").map { LintPaths.normalized(String(source[..<$0])) } ?? ""
    }

    func place(_ value: JSON) -> LintPlace { LintPlace(value, in: source) }
}
