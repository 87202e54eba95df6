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
        if isAudit { table.append("AUDIT", "refusals of seccomp and AppArmor are logged and let through") }
        append("CAPABILITIES", "\(profile.capabilities.count) caps", profile.capabilities.names, to: &table)
        if let filter = profile.seccomp {
            table.append("SECCOMP", "default \(word(filter.defaultAction, filter.defaultErrnoReturn))")
            for architecture in filter.architectures { table.append("", "for \(architecture.rawValue)") }
            for rule in filter.rules {
                let heading = word(rule.action, rule.errnoReturn) + conditions(rule)
                append("", heading + ":", rule.names, to: &table)
            }
        } else {
            table.append("SECCOMP", "disabled")
        }
        table.append("APPARMOR", profile.appArmorProfile ?? "-")
        table.append("NO_NEW_PRIVS", profile.noNewPrivileges ? "true" : "false")
        return table.text
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
