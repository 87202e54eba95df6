extension Profile {
    /// Reads a manifest.
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
        for entry in try ManifestReader.entries(
            of: node, named: "a manifest", keys: ["apiVersion", "kind", "metadata", "spec"])
        {
            switch entry.key {
            case "apiVersion": try Profile.require("raind.io/v1", entry)
            case "kind": try Profile.require("SecurityProfile", entry)
            case "metadata": metadata = entry.value
            default: spec = entry.value
            }
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
        var name: ProfileName?
        var description: String?
        for entry in try ManifestReader.entries(
            of: metadata, named: "metadata", keys: ["name", "description", "labels"])
        {
            switch entry.key {
            case "name": name = try self.name(entry.value, "metadata.name")
            case "description": description = try ManifestReader.string(entry.value, "metadata.description")
            default: break  // Labels are the user's own.
            }
        }
        guard let name else {
            throw .manifest(metadata.place, "metadata has no name", remedy: "name: my-profile")
        }
        var profile = Profile(name: name, origin: origin)
        profile.description = description
        return profile
    }

    private mutating func read(
        spec: ManifestNode, loadingFile: (String) throws(ProfileError) -> ManifestNode
    ) throws(ProfileError) {
        for entry in try ManifestReader.entries(of: spec, named: "spec", keys: Profile.specKeys) {
            switch entry.key {
            case "extends": parent = try Profile.name(entry.value, "spec.extends")
            case "add-cap": capabilities.added = try Profile.capabilities(entry.value, "spec.add-cap")
            case "drop-cap": capabilities.dropped = try Profile.capabilities(entry.value, "spec.drop-cap")
            case "ambient": ambient = try Profile.ambient(entry.value)
            case "noNewPrivileges":
                noNewPrivileges = try ManifestReader.bool(entry.value, "spec.noNewPrivileges")
            case "seccomp": seccomp = try Profile.seccomp(entry.value, loadingFile: loadingFile)
            case "apparmor": appArmor = try Profile.appArmor(entry.value)
            default: selinuxLabel = try ManifestReader.string(entry.value, "spec.selinuxLabel")
            }
        }
        try capabilities.check(layer: "\(spec.place): \(name)")
    }

    private static let specKeys = [
        "extends", "add-cap", "drop-cap", "ambient", "noNewPrivileges", "seccomp", "apparmor", "selinuxLabel",
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

    private static func capabilities(_ node: ManifestNode, _ what: String) throws(ProfileError) -> CapabilityRequest {
        var request = CapabilityRequest.none
        for element in try ManifestReader.list(node, what) {
            let name = try ManifestReader.string(element, "an element of \(what)")
            try request.insert(name, option: "\(element.place): \(what)")
        }
        return request
    }

    private static func ambient(_ node: ManifestNode) throws(ProfileError) -> Ambient {
        switch node.content {
        case .string("auto"): return .auto
        case .string("never"): return .never
        default:
            let request = try capabilities(node, "spec.ambient")
            guard !request.isAll else {
                throw .manifest(node.place, "spec.ambient is ALL", remedy: "name the capabilities that are meant")
            }
            return .listed(request.named)
        }
    }

    private static func seccomp(
        _ node: ManifestNode, loadingFile: (String) throws(ProfileError) -> ManifestNode
    ) throws(ProfileError) -> Seccomp {
        if case .string("unconfined") = node.content { return .unconfined }
        var file: String?
        for entry in try ManifestReader.entries(of: node, named: "spec.seccomp", keys: ["mode", "file"]) {
            switch entry.key {
            case "mode":
                guard try ManifestReader.string(entry.value, "spec.seccomp.mode") == "replace" else {
                    throw ManifestReader.mismatch(entry.value, "spec.seccomp.mode", "replace")
                }
            default: file = try ManifestReader.string(entry.value, "spec.seccomp.file")
            }
        }
        guard let file else {
            throw .manifest(node.place, "spec.seccomp has no file", remedy: "name a seccomp list, or say unconfined")
        }
        return .replace(try SeccompList(try loadingFile(file)))
    }

    private static func appArmor(_ node: ManifestNode) throws(ProfileError) -> AppArmor {
        if case .string("unconfined") = node.content { return .unconfined }
        var profile: String?
        var mode = AppArmor.Mode.enforce
        for entry in try ManifestReader.entries(of: node, named: "spec.apparmor", keys: ["profile", "mode"]) {
            let text = try ManifestReader.string(entry.value, "spec.apparmor.\(entry.key)")
            if entry.key == "profile" {
                profile = text
            } else if let named = AppArmor.Mode(rawValue: text) {
                mode = named
            } else {
                throw ManifestReader.mismatch(entry.value, "spec.apparmor.mode", "enforce or complain")
            }
        }
        guard let profile, !profile.isEmpty else {
            throw .manifest(node.place, "spec.apparmor has no profile", remedy: "name a profile, or say unconfined")
        }
        return .profile(profile, mode)
    }
}
