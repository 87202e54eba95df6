import LosslessJSON
import OCISpec

extension Conversion {
    /// A manifest that stands by itself: it extends nothing and depends on no condition.
    mutating func convertToManifest() {
        var spec: [(name: String, value: JSONValue)] = []
        if source.isSeccompAlone {
            spec.append(("extends", "default"))
            note("a seccomp list says nothing of capabilities, no_new_privs and AppArmor: the manifest extends default")
        } else {
            spec.append(("add-cap", .strings(security.capabilities.bounding.names)))
            spec.append(("ambient", ambient()))
            spec.append(("noNewPrivileges", .bool(security.noNewPrivileges)))
        }
        spec.append(("seccomp", security.seccomp.map { ManifestDocument.seccomp($0) } ?? "unconfined"))
        if !source.isSeccompAlone {
            spec.append(("apparmor", appArmor()))
            if let label = security.selinuxLabel { spec.append(("selinuxLabel", .string(label))) }
            if let paths = paths() { spec.append(("paths", paths)) }
        }
        let name = ManifestDocument.profileName(from: source.name)
        finish(.yaml([ManifestDocument.manifest(named: name, source.description, spec: spec)], remarks: []))
    }

    /// What a user other than root keeps. It is written out, since `auto` keeps what a manifest adds, and this one adds all
    /// that the profile has.
    private mutating func ambient() -> JSONValue {
        let kept: CapabilitySet
        if let others = source.ambientForOthers {
            kept = others
        } else {
            let sets = security.capabilities
            kept = source.uid == 0 ? [] : sets.ambient.intersection(sets.bounding)
            loseCapabilitySets(
                others: kept, means: "a profile gives: all of bounding to root, the ambient ones to another user")
        }
        return kept.isEmpty ? "never" : .strings(kept.names)
    }

    private func appArmor() -> JSONValue {
        guard let profile = source.plainAppArmorName else { return "unconfined" }
        let isComplaining = source.appArmorIsComplaining
        guard case .rules(let rules) = source.appArmorContent else {
            return .object([("profile", .string(profile)), ("mode", isComplaining ? "complain" : "enforce")])
        }
        return ManifestDocument.appArmor(profile, rules, isComplaining: isComplaining)
    }

    private func paths() -> JSONValue? {
        var members: [(name: String, value: JSONValue)] = []
        if let masked = source.paths.masked { members.append(("masked", .strings(masked))) }
        if let readonly = source.paths.readonly { members.append(("readonly", .strings(readonly))) }
        if let isReadonly = source.paths.rootReadonly { members.append(("rootReadonly", .bool(isReadonly))) }
        return members.isEmpty ? nil : .object(members)
    }
}
