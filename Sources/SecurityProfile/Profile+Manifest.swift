import OCISpec

extension Profile {
    /// Reads a manifest, in either of its forms: with `apiVersion`, `kind`, `metadata` and `spec`, or flat, where `name`
    /// and what `spec` says stand at the top.
    ///
    /// `loadingFile` gives the content of a file that the manifest names, by the path that it stands there with.
    package init(
        manifest node: ManifestNode, origin: Origin,
        loadingFile: (String) throws(ProfileError) -> ManifestNode
    ) throws(ProfileError) {
        if Profile.isFlat(node) {
            self = try Profile.flat(node, origin: origin, loadingFile: loadingFile)
            return
        }
        var metadata: ManifestNode?
        var spec: ManifestNode?
        var missing = ["apiVersion", "kind"]
        for entry in try ManifestReader.entries(
            of: node, named: "a manifest", keys: ["apiVersion", "kind", "metadata", "spec"])
        {
            missing.removeAll { $0 == entry.key }
            switch entry.key {
            case "apiVersion": try Profile.require("raind.io/v1", entry)
            case "kind": try Profile.require("SecurityProfile", entry)
            case "metadata": metadata = entry.value
            default: spec = entry.value
            }
        }
        guard missing.isEmpty else {
            throw .manifest(
                node.place, "the manifest has no \(missing[0])",
                remedy: missing[0] == "kind" ? "kind: SecurityProfile" : "apiVersion: raind.io/v1")
        }
        guard let metadata else {
            throw .manifest(node.place, "the manifest has no metadata", remedy: "metadata: {name: ...} names it")
        }
        self = try Profile.named(by: metadata, origin: origin)
        guard let spec else {
            throw .manifest(node.place, "the manifest has no spec", remedy: "spec: {extends: default} is the least")
        }
        try read(spec: spec, loadingFile: loadingFile)
    }

    /// Whether a manifest has the flat form, in which what `metadata` and `spec` say stands at the top.
    private static func isFlat(_ node: ManifestNode) -> Bool {
        guard case .map(let entries) = node.content else { return false }
        return entries.contains { $0.key == "name" }
            && !entries.contains { ["apiVersion", "kind", "metadata", "spec"].contains($0.key) }
    }

    private static func flat(
        _ node: ManifestNode, origin: Origin, loadingFile: (String) throws(ProfileError) -> ManifestNode
    ) throws(ProfileError) -> Profile {
        let own = ["name", "description"]
        let entries = try ManifestReader.entries(of: node, named: "a manifest", keys: own + specKeys)
        func part(_ isOwn: Bool) -> ManifestNode {
            ManifestNode(.map(entries.filter { own.contains($0.key) == isOwn }), at: node.place)
        }
        var profile = try named(by: part(true), origin: origin)
        try profile.read(spec: part(false), loadingFile: loadingFile)
        return profile
    }

    private static func named(by metadata: ManifestNode, origin: Origin) throws(ProfileError) -> Profile {
        var profile: Profile?
        var description: String?
        var labels: [(name: String, value: String)] = []
        for entry in try ManifestReader.entries(
            of: metadata, named: "metadata", keys: ["name", "description", "labels"])
        {
            switch entry.key {
            case "name":
                profile = Profile(name: try name(entry.value, "metadata.name"), origin: origin)
                profile?.places.keys["name"] = entry.value.place
            case "description": description = try ManifestReader.string(entry.value, "metadata.description")
            default:
                guard case .map(let members) = entry.value.content else {
                    throw ManifestReader.mismatch(entry.value, "metadata.labels", "a mapping of strings")
                }
                for member in members {
                    labels.append(
                        (member.key, try ManifestReader.string(member.value, "the label \(quoted(member.key))")))
                }
            }
        }
        guard var profile else {
            throw .manifest(metadata.place, "metadata has no name", remedy: "name: my-profile")
        }
        profile.description = description
        profile.labels = labels.sorted { $0.name < $1.name }
        return profile
    }

    private mutating func read(
        spec: ManifestNode, loadingFile: (String) throws(ProfileError) -> ManifestNode
    ) throws(ProfileError) {
        for entry in try ManifestReader.entries(of: spec, named: "spec", keys: Profile.specKeys) {
            places.keys[entry.key] = entry.value.place
            switch entry.key {
            case "extends": parent = try Profile.parent(entry.value)
            case "add-cap":
                capabilities.added = try Profile.capabilities(
                    entry.value, "spec.add-cap", &places.added, &places.addedAll)
            case "drop-cap":
                capabilities.dropped = try Profile.capabilities(
                    entry.value, "spec.drop-cap", &places.dropped, &places.droppedAll)
            case "ambient": ambient = try Profile.ambient(entry.value)
            case "noNewPrivileges":
                noNewPrivileges = try ManifestReader.bool(entry.value, "spec.noNewPrivileges")
            case "seccomp": seccomp = try Profile.seccomp(entry.value, loadingFile: loadingFile)
            case "apparmor": try readAppArmor(entry.value)
            case "paths": try readPaths(entry.value)
            default: selinuxLabel = try Profile.selinuxLabel(entry.value)
            }
        }
        guard let place = places.droppedAll, places.addedAll != nil else { return }
        throw .manifest(
            place, "ALL is both added and dropped",
            remedy: "drop ALL and add what is needed by name, or add ALL and drop by name")
    }

    static let specKeys = [
        "extends", "add-cap", "drop-cap", "ambient", "noNewPrivileges", "seccomp", "apparmor", "selinuxLabel", "paths",
    ]

    private static func require(_ value: String, _ entry: ManifestNode.Entry) throws(ProfileError) {
        guard try ManifestReader.string(entry.value, entry.key) == value else {
            throw ManifestReader.mismatch(entry.value, entry.key, value)
        }
    }

    private static func name(_ node: ManifestNode, _ what: String) throws(ProfileError) -> ProfileName {
        guard let name = ProfileName(try ManifestReader.string(node, what)) else {
            throw ManifestReader.mismatch(
                node, what, "1 to 63 of a to z, 0 to 9, `_`, `.` and `-`, the first a letter or digit")
        }
        return name
    }

    private static func parent(_ node: ManifestNode) throws(ProfileError) -> ProfileName {
        let text = try ManifestReader.string(node, "spec.extends")
        if text.hasPrefix("oci:") {
            guard ArtifactReference(text) != nil else {
                throw ManifestReader.mismatch(
                    node, "spec.extends", "oci://HOST/PATH:TAG, oci://HOST/PATH@sha256:DIGEST or a profile's name")
            }
            throw .manifest(
                node.place, "spec.extends is an artifact, \(quoted(text)), and artifacts can't be fetched yet",
                remedy: "fetch the manifest in it by other means, register it, and extend it by its name")
        }
        if text.utf8.contains(UInt8(ascii: "/")) || text.hasSuffix(".yaml") {
            throw .manifest(
                node.place, "spec.extends is a path, \(quoted(text))",
                remedy: "register that manifest, and extend it by its name")
        }
        return try name(node, "spec.extends")
    }

    private static func capabilities(
        _ node: ManifestNode, _ what: String, _ places: inout [Capability: SourcePlace], _ all: inout SourcePlace?
    ) throws(ProfileError) -> CapabilityRequest {
        var request = CapabilityRequest.none
        for element in try ManifestReader.list(node, what) {
            let name = try ManifestReader.string(element, "an element of \(what)")
            if CapabilityRequest.isAll(name) {
                request.isAll = true
                all = element.place
            } else if let capability = Capability(lenientName: name) {
                request.named.insert(capability)
                places[capability] = element.place
            } else {
                throw .manifest(
                    element.place, "no capability is named \(quoted(name))",
                    remedy: CapabilityRequest.nearest(to: name).map { "did you mean \($0)?" }
                        ?? "capabilities(7) lists all")
            }
        }
        return request
    }

    private static func ambient(_ node: ManifestNode) throws(ProfileError) -> Ambient {
        switch node.content {
        case .string("auto"): return .auto
        case .string("never"): return .never
        case .list: break
        default: throw ManifestReader.mismatch(node, "spec.ambient", "auto, never or a list of capabilities")
        }
        var places: [Capability: SourcePlace] = [:]
        var all: SourcePlace?
        let request = try capabilities(node, "spec.ambient", &places, &all)
        if let all { throw .manifest(all, "spec.ambient holds ALL", remedy: "name the capabilities that are meant") }
        return .listed(request.named)
    }

    private static func selinuxLabel(_ node: ManifestNode) throws(ProfileError) -> String {
        let label = try ManifestReader.string(node, "spec.selinuxLabel")
        // user:role:type, and a level, which may hold colons itself.
        let parts = label.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3, !parts.contains(where: \.isEmpty), label.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw ManifestReader.mismatch(
                node, "spec.selinuxLabel", "USER:ROLE:TYPE or USER:ROLE:TYPE:LEVEL, as system_u:system_r:container_t:s0"
            )
        }
        return label
    }
}
