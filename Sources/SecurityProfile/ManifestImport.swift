package import LosslessJSON
import OCISpec

/// A manifest made of somebody else's document, and what could not be taken over.
package struct ManifestImport: Sendable {
    /// What the document is.
    package enum Form: String, CaseIterable, Sendable {
        /// A seccomp list in Docker's or OCI's form.
        case docker
        /// Resources of the Security Profiles Operator.
        case spo
        /// A container's securityContext: alone, in a pod, or in what makes pods.
        case kubernetes
    }

    /// The manifest.
    package private(set) var manifest = JSONValue.null
    /// What wasn't taken over, or means something else here: a line each.
    package private(set) var notes: [String] = []

    /// The members of `spec` in their order, each with what it was made of.
    private var spec: [(name: String, value: JSONValue, place: SourcePlace)] = []
    /// The name that a document has.
    private var documentName: String?

    /// Reads `documents`, the parts of one file. `form` is nil to tell by what stands there, `name` the profile's, or else
    /// the documents' own or `fallback`; `container` is which of a pod's containers is meant.
    package init(
        _ documents: [ManifestNode], as form: Form?, named name: ProfileName?, fallback: String, container: String?
    ) throws(ProfileError) {
        var items: [ManifestNode] = []
        for document in documents {
            items += document["kind"]?.text == "List" ? document["items"]?.list ?? [] : [document]
        }
        guard let first = items.first else {
            throw .manifest(
                SourcePlace(source: fallback, line: 1, column: 1), "the file is empty",
                remedy: "there is nothing to import")
        }
        let told: Form
        if let form { told = form } else { told = try Self.form(of: first) }
        switch told {
        case .docker:
            guard items.count == 1 else {
                throw .manifest(
                    items[1].place, "a second document stands there", remedy: "import one seccomp list at a time")
            }
            try importSeccompList(first)
        case .spo: try importResources(items)
        case .kubernetes:
            guard items.count == 1 else {
                throw .manifest(items[1].place, "a second object stands there", remedy: "import one at a time")
            }
            try importPod(first, container: container)
        }
        let own = name?.description ?? ManifestDocument.profileName(from: documentName ?? fallback)
        try check(named: own, at: first.place)
        manifest = ManifestDocument.manifest(named: own, nil, spec: spec.map { ($0.name, $0.value) })
    }

    /// Reads the manifest as whoever registers it will, so that what none can say is told here, where it stands in the document.
    private func check(named name: String, at place: SourcePlace) throws(ProfileError) {
        var entries = [
            ManifestNode.Entry(
                key: "name", place: place, value: ManifestNode(ManifestNode.Content.string(name), at: place))
        ]
        for (key, value, place) in spec {
            entries.append(ManifestNode.Entry(key: key, place: place, value: ManifestNode(value, at: place)))
        }
        _ = try Profile(manifest: ManifestNode(.map(entries), at: place), origin: .file(name)) { _ in
            // The file belongs beside the manifest, and may not be there yet.
            ManifestNode(.object([("defaultAction", .string(SeccompAction.errno.rawValue))]), at: place)
        }
    }

    private static func form(of document: ManifestNode) throws(ProfileError) -> Form {
        if document["apiVersion"]?.text?.hasPrefix("security-profiles-operator.x-k8s.io/") == true { return .spo }
        if document["defaultAction"] != nil { return .docker }
        if document["kind"] != nil || document["securityContext"] != nil || document["spec"] != nil
            || ["capabilities", "allowPrivilegeEscalation", "seccompProfile"].contains(where: { document[$0] != nil })
        {
            return .kubernetes
        }
        throw .manifest(
            document.place, "this is no seccomp list, no resource of the Security Profiles Operator and no pod",
            remedy: "--from says which of them is meant")
    }

    // What the forms have in common.

    mutating func note(_ text: String) { notes.append(text.oneLine) }

    /// A part of the document that a manifest has no word for.
    mutating func skip(_ node: ManifestNode, _ what: String, _ why: String) {
        note("\(node.place): \(what) isn't taken over: \(why)")
    }

    mutating func put(_ name: String, _ value: JSONValue, at place: SourcePlace) { spec.append((name, value, place)) }

    mutating func take(name: String?) { if documentName == nil { documentName = name } }

    /// Puts a list in place of the parent's. A call that it refuses and that isn't known can't be left out.
    mutating func put(_ list: SeccompList, at place: SourcePlace) throws(ProfileError) {
        // What the check of the whole would tell of the list is told of the rule here.
        try list.requireKnownRefusals(at: place)
        try Profile.refuseSupervised(SeccompLayer(replacingBy: list), place)
        var members: [(name: String, value: JSONValue)] = [
            ("mode", "replace"), ("defaultAction", .string(list.defaultAction.rawValue)),
        ]
        if let errno = list.defaultErrnoReturn { members.append(("defaultErrnoRet", .integer(errno))) }
        members.append(("architectures", architectures(list.architectures)))
        if let flags = list.flags { members.append(("flags", .strings(flags))) }
        let known = list.entries.compactMap { entry -> SeccompList.Entry? in
            var entry = entry
            entry.rule.names.removeAll { !SyscallTable.contains($0) }
            return entry.rule.names.isEmpty ? nil : entry
        }
        let unknown = Set(list.entries.flatMap(\.rule.names)).filter { !SyscallTable.contains($0) }.sorted()
        if !unknown.isEmpty {
            note("syscalls that no kernel is known to have aren't taken over: \(unknown.joined(separator: ", "))")
        }
        members.append(("syscalls", .array(known.map(\.json))))
        put("seccomp", .object(members), at: place)
    }

    private mutating func architectures(_ listed: SeccompList.Architectures) -> JSONValue {
        switch listed {
        // OCI's form means the host's own alone. A filter that leaves out what the host also runs kills it there, which
        // is what `auto` is there to spare one.
        case .auto: return "auto"
        case .listed([]):
            note(
                "no architectures are named, which kills who calls by another one than the host's own; auto, which stands "
                    + "there, has the rules hold for those too")
            return "auto"
        case .listed(let architectures): return .strings(architectures.map(\.rawValue))
        case .mapped(let map):
            let others = map.filter { Set($0.with) != Set($0.of.subArchitectures) }.map(\.of.rawValue)
            if !others.isEmpty {
                note(
                    "archMap has other sub-architectures for \(others.joined(separator: ", ")) than auto, which stands there"
                )
            }
            return "auto"
        }
    }

    private mutating func importSeccompList(_ node: ManifestNode) throws(ProfileError) {
        for name in ["listenerPath", "listenerMetadata"] {
            if let member = node[name], !member.isNull { skip(member, name, "a supervisor's socket is the host's") }
        }
        put("extends", "default", at: node.place)
        note("a seccomp list says nothing of capabilities, no_new_privs and AppArmor: the manifest extends default")
        try put(try SeccompList(node), at: node.place)
    }
}

extension SeccompList.Entry {
    /// The entry in Docker's form.
    var json: JSONValue {
        let filter = SeccompFilter(defaultAction: .allow, rules: [rule]).json
        guard case .array(let rules) = filter["syscalls"], var value = rules.first else { return .null }
        var includes: [(name: String, value: JSONValue)] = []
        var excludes: [(name: String, value: JSONValue)] = []
        if !requiredCapabilities.isEmpty { includes.append(("caps", .strings(requiredCapabilities.names))) }
        if let architectures = requiredArchitectures {
            includes.append(("arches", .strings(architectures.map(\.rawValue))))
        }
        if let requiredKernel { includes.append(("minKernel", .string(requiredKernel.description))) }
        if let excludedKernel { excludes.append(("minKernel", .string(excludedKernel.description))) }
        if !liftingCapabilities.isEmpty { excludes.append(("caps", .strings(liftingCapabilities.names))) }
        if !excludedArchitectures.isEmpty {
            excludes.append(("arches", .strings(excludedArchitectures.map(\.rawValue))))
        }
        if !includes.isEmpty { value["includes"] = .object(includes) }
        if !excludes.isEmpty { value["excludes"] = .object(excludes) }
        return value
    }
}

extension ManifestNode {
    var text: String? {
        guard case .string(let text) = content else { return nil }
        return text
    }

    var list: [ManifestNode]? {
        guard case .list(let elements) = content else { return nil }
        return elements
    }

    var isNull: Bool {
        guard case .null = content else { return false }
        return true
    }
}
