import LosslessJSON
import OCISpec
import SecurityProfile

/// What is shown of a profile of one's own beside what it decides: its own changes, and where each part comes from.
struct CustomProfileDocument {
    private let chain: [Profile]
    private let profile: ResolvedProfile

    /// Describes a profile.
    init(_ resolution: Resolution) {
        chain = resolution.chain
        profile = resolution.profile
    }

    /// The members.
    var members: [(name: String, value: JSONValue)] {
        guard let own = chain.last else { return [] }
        var members: [(name: String, value: JSONValue)] = [
            ("extends", own.parent.map { .string($0.description) } ?? .null),
            ("chain", .strings(chain.map(\.name.description))),
            ("added", .strings(own.capabilities.added.words)),
            ("dropped", .strings(own.capabilities.dropped.words)),
        ]
        if !own.labels.isEmpty { members.append(("labels", .object(own.labels.map { ($0.name, .string($0.value)) }))) }
        switch profile.ambient {
        case .auto: members.append(("ambient", "auto"))
        case .never: members.append(("ambient", "never"))
        case .listed(let set): members.append(("ambient", .strings(set.names)))
        }
        if let label = profile.selinuxLabel { members.append(("selinuxLabel", .string(label))) }
        members.append(
            (
                "paths",
                .object([
                    ("masked", profile.paths.masked.map { .strings($0) } ?? "keep"),
                    ("readonly", profile.paths.readonly.map { .strings($0) } ?? "keep"),
                    ("rootReadonly", profile.paths.rootReadonly.map { .bool($0) } ?? "keep"),
                ])
            ))
        members.append(("provenance", provenance))
        return members
    }

    private var provenance: JSONValue {
        let origin = profile.provenance
        var members: [(name: String, value: JSONValue)] = []
        let capabilities = Capability.allCases.compactMap { capability in
            origin.capabilities[capability].map { (name: capability.name, value: document($0)) }
        }
        members.append(("capabilities", .object(capabilities)))
        let single: [(String, Provenance.Decision?)] = [
            ("seccomp", origin.seccomp), ("defaultAction", origin.seccompDefault),
        ]
        members += single.compactMap { name, decision in decision.map { (name: name, value: document($0)) } }
        if profile.seccomp != nil {
            let syscalls = origin.syscalls.sorted { $0.key < $1.key }.map { name, rules in
                (name: name, value: JSONValue.array(rules.map { document($0.decision) }))
            }
            members.append(("syscalls", .object(syscalls)))
        }
        let rest: [(String, Provenance.Decision?)] = [
            ("apparmorProfile", origin.appArmor), ("noNewPrivileges", origin.noNewPrivileges),
            ("ambient", origin.ambient), ("selinuxLabel", origin.selinuxLabel), ("masked", origin.maskedPaths),
            ("readonly", origin.readonlyPaths), ("rootReadonly", origin.rootReadonly),
        ]
        members += rest.compactMap { name, decision in decision.map { (name: name, value: document($0)) } }
        return .object(members)
    }

    private func document(_ decision: Provenance.Decision) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [("profile", .string(decision.layer.description))]
        guard let place = decision.place, let source = place.source else { return .object(members) }
        members.append(("file", .string(source)))
        members.append(("line", .integer(place.line)))
        if let column = place.column { members.append(("column", .integer(column))) }
        return .object(members)
    }
}

extension CapabilityRequest {
    /// What is asked for, as it would stand in a manifest.
    var words: [String] { (isAll ? ["ALL"] : []) + named.names }
}
