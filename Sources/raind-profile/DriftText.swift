import OCISpec
import SecurityProfile

/// Differences in a few words.
enum DriftText {
    /// What the second of two sides allows and refuses otherwise than the first.
    static func of(_ comparison: SecurityComparison) -> String {
        var parts: [String] = []
        let widened = names(comparison.widened)
        let narrowed = names(comparison.narrowed)
        if !widened.isEmpty { parts.append("allows what was not promised: " + widened.joined(separator: ", ")) }
        if !narrowed.isEmpty { parts.append("lacks what was promised: " + narrowed.joined(separator: ", ")) }
        parts += comparison.incomparable.map { "\($0.kind.rawValue) \($0.second) in place of \($0.first)" }
        if !comparison.seccomp.isEqual { parts.append(of(comparison.seccomp)) }
        return parts.joined(separator: "; ")
    }

    /// What the second of two filters answers otherwise than the first.
    static func of(_ comparison: SeccompComparison) -> String {
        func calls(_ differences: [SeccompComparison.Difference]) -> String {
            var names: [String] = []
            for difference in differences {
                let call = difference.call
                let name =
                    (call.name ?? "syscall \(call.number)")
                    + (call.platform == .native
                        ? "" : " (\(call.platform?.rawValue ?? String(call.architecture, radix: 16)))")
                let text = "\(name): \(difference.second) instead of \(difference.first)"
                if !names.contains(text) { names.append(text) }
            }
            let rest = names.count - 6
            return names.prefix(6).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
        }
        var parts: [String] = []
        if !comparison.widened.isEmpty { parts.append("permits what was refused: " + calls(comparison.widened)) }
        if !comparison.narrowed.isEmpty { parts.append("refuses what was permitted: " + calls(comparison.narrowed)) }
        if !comparison.changed.isEmpty { parts.append("answers otherwise: " + calls(comparison.changed)) }
        if !comparison.undecided.isEmpty { parts.append("\(comparison.undecided.count) calls couldn't be followed") }
        return parts.joined(separator: "; ")
    }

    private static func names(_ surplus: SecurityComparison.Surplus) -> [String] {
        var names: [String] = []
        for gain in surplus.capabilities {
            names.append("\(gain.set.rawValue) \(gain.capabilities.names.joined(separator: " "))")
        }
        if surplus.newPrivileges { names.append("new privileges") }
        if !surplus.unmaskedPaths.isEmpty { names.append("unmasked " + surplus.unmaskedPaths.joined(separator: " ")) }
        if !surplus.writablePaths.isEmpty { names.append("writable " + surplus.writablePaths.joined(separator: " ")) }
        if let name = surplus.appArmorProfile { names.append("what AppArmor profile \(name) refuses") }
        if let label = surplus.selinuxLabel { names.append("what SELinux refuses to \(label)") }
        return names
    }
}
