import OCISpec
import SecurityProfile

/// A profile as lines for people.
struct ProfileTable {
    private let resolution: Resolution
    private let isAudit: Bool

    /// Lays out a profile; `isAudit` where its refusals have been turned into lines of the log.
    init(_ resolution: Resolution, isAudit: Bool = false) {
        self.resolution = resolution
        self.isAudit = isAudit
    }

    /// The lines.
    var text: String {
        let profile = resolution.profile
        var table = Table(heading: .column)
        table.append("NAME", profile.name.description)
        table.append("TYPE", resolution.type)
        if let description = resolution.chain.last?.description { table.append("FOR", description) }
        if let own { describe(own, in: &table) }
        if isAudit { table.append("AUDIT", "refusals of seccomp and AppArmor are logged and let through") }
        appendCapabilities(to: &table)
        if let filter = profile.seccomp {
            let action = word(filter.defaultAction, filter.defaultErrnoReturn)
            table.append("SECCOMP", "default \(action)" + from(profile.provenance.seccompDefault))
            for architecture in filter.architectures { table.append("", "for \(architecture.rawValue)") }
            for rule in filter.rules {
                let heading = word(rule.action, rule.errnoReturn) + conditions(rule)
                for (layers, names) in byLayers(rule.names) {
                    append("", heading + layers + ":", names, to: &table)
                }
            }
        } else {
            table.append("SECCOMP", "disabled" + from(profile.provenance.seccomp))
        }
        table.append("APPARMOR", (profile.appArmorProfile ?? "-") + from(profile.provenance.appArmor))
        table.append(
            "NO_NEW_PRIVS", (profile.noNewPrivileges ? "true" : "false") + from(profile.provenance.noNewPrivileges))
        if let label = profile.selinuxLabel { table.append("SELINUX", label + from(profile.provenance.selinuxLabel)) }
        if let masked = profile.paths.masked {
            append("MASKED", "\(masked.count) paths" + from(profile.provenance.maskedPaths), masked, to: &table)
        }
        if let readonly = profile.paths.readonly {
            append("READONLY", "\(readonly.count) paths" + from(profile.provenance.readonlyPaths), readonly, to: &table)
        }
        if let isReadonly = profile.paths.rootReadonly {
            table.append("ROOT", (isReadonly ? "read-only" : "writable") + from(profile.provenance.rootReadonly))
        }
        return table.text
    }

    /// The profile's own layer, where it isn't a built-in one: of those, what comes from where is of no use to anybody.
    private var own: Profile? { resolution.type == "custom" ? resolution.chain.last : nil }

    private func describe(_ own: Profile, in table: inout Table) {
        table.append("EXTENDS", own.parent?.description ?? "-")
        let changes = own.capabilities
        table.append("ADDED", changes.added.words.isEmpty ? "-" : changes.added.words.joined(separator: " "))
        table.append("DROPPED", changes.dropped.words.isEmpty ? "-" : changes.dropped.words.joined(separator: " "))
    }

    private func appendCapabilities(to table: inout Table) {
        let profile = resolution.profile
        let heading = "\(profile.capabilities.count) caps"
        guard own != nil else { return append("CAPABILITIES", heading, profile.capabilities.names, to: &table) }
        table.append("CAPABILITIES", heading)
        for layer in resolution.chain {
            let names = profile.capabilities.filter {
                profile.provenance.capabilities[$0]?.layer == .profile(layer.name)
            }.map(\.name)
            if !names.isEmpty { append("", "from \(layer.name):", names, to: &table) }
        }
    }

    /// The layer that decided something, in parentheses.
    private func from(_ decision: Provenance.Decision?) -> String {
        guard own != nil, let decision else { return "" }
        return " (\(decision.layer))"
    }

    /// The names of a rule, by the layers whose rules it is made of.
    private func byLayers(_ names: [String]) -> [(layers: String, names: [String])] {
        guard own != nil else { return [("", names)] }
        var groups: [(layers: String, names: [String])] = []
        for name in names {
            var layers: [String] = []
            for origin in resolution.profile.provenance.syscalls[name] ?? []
            where !layers.contains(origin.decision.layer.description) {
                layers.append(origin.decision.layer.description)
            }
            let text = layers.isEmpty ? "" : " (\(layers.joined(separator: ", ")))"
            if let group = groups.firstIndex(where: { $0.layers == text }) {
                groups[group].names.append(name)
            } else {
                groups.append((text, [name]))
            }
        }
        return groups
    }

    /// A heading, and below it names in lines that fit a terminal.
    private func append(_ title: String, _ heading: String, _ names: [String], to table: inout Table) {
        table.append(title, heading)
        var line = ""
        for name in names {
            if line.utf8.count + name.utf8.count > 72 {
                table.append("", "  " + line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + name
        }
        if !line.isEmpty { table.append("", "  " + line) }
    }

    private func word(_ action: SeccompAction, _ errno: UInt32?) -> String {
        guard action == .errno else { return action.rawValue }
        let number = Int32(errno ?? 1)
        return "\(action.rawValue) \(ErrnoName.name(of: number) ?? String(number))"
    }

    private func conditions(_ rule: SeccompRule) -> String {
        guard !rule.conditions.isEmpty else { return "" }
        return " if " + rule.conditions.map(\.text).joined(separator: " and ")
    }
}
