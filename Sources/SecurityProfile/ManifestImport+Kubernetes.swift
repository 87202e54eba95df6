import LosslessJSON
import OCISpec

extension ManifestImport {
    /// A container's securityContext, and what its pod says for all containers.
    mutating func importPod(_ object: ManifestNode, container name: String?) throws(ProfileError) {
        take(name: object["metadata"]?["name"]?.text)
        let (metadata, podSpec) = pod(of: object)
        var context: ManifestNode?
        var containerName = name
        if let podSpec {
            let found = try container(named: name, of: podSpec)
            containerName = found["name"]?.text
            context = found["securityContext"]
        } else {
            // A context alone, or as a member.
            context = object["securityContext"] ?? (object["kind"] == nil ? object : nil)
            if object["securityContext"] == nil, object["spec"] != nil || context == nil {
                throw .manifest(object.place, "no container stands there", remedy: "a pod has spec.containers")
            }
        }
        let pod = podSpec?["securityContext"]
        func value(_ key: String) -> ManifestNode? {
            for place in [context, pod] { if let value = place?[key], !value.isNull { return value } }
            return nil
        }
        let isPrivileged =
            try value("privileged").map { node throws(ProfileError) in try ManifestReader.bool(node, "privileged") }
            ?? false
        put("extends", isPrivileged ? "privileged" : "default", at: object.place)
        if !isPrivileged {
            note("Kubernetes starts from its runtime's capabilities, the manifest from the fourteen of default")
        }
        try importCapabilities(value("capabilities"))
        if let node = value("allowPrivilegeEscalation") {
            put(
                "noNewPrivileges", .bool(try !ManifestReader.bool(node, "allowPrivilegeEscalation")), at: node.place)
        }
        if !isPrivileged {
            try importSeccomp(value("seccompProfile"), place: object)
            let annotations = metadata?["annotations"] ?? object["metadata"]?["annotations"]
            try importAppArmor(value("appArmorProfile"), annotation(of: containerName, in: annotations), place: object)
        }
        try importLabel(value("seLinuxOptions"))
        if let node = value("readOnlyRootFilesystem") {
            let isReadonly = try ManifestReader.bool(node, "readOnlyRootFilesystem")
            put("paths", .object([("rootReadonly", .bool(isReadonly))]), at: node.place)
        }
        for part in [context, pod] { skipOthers(of: part) }
    }

    /// The metadata and the spec of the pod that an object is or makes; no spec if it is none.
    private func pod(of object: ManifestNode) -> (ManifestNode?, ManifestNode?) {
        var holder = object
        for key in ["jobTemplate", "template"] {
            if let inner = holder["spec"]?[key] { holder = inner }
        }
        guard let spec = holder["spec"], spec["containers"] != nil else { return (nil, nil) }
        return (holder["metadata"], spec)
    }

    private func container(named name: String?, of spec: ManifestNode) throws(ProfileError) -> ManifestNode {
        var all: [ManifestNode] = []
        for key in ["containers", "initContainers"] {
            if let list = spec[key], !list.isNull { all += try ManifestReader.list(list, key) }
        }
        let names = all.compactMap { $0["name"]?.text }.map(quoted)
        if let name {
            if let found = all.first(where: { $0["name"]?.text == name }) { return found }
            throw .manifest(
                spec.place, "no container is named \(quoted(name))",
                remedy: "there are " + names.joined(separator: ", "))
        }
        guard let only = all.first, all.count == 1 else {
            throw .manifest(
                spec.place, "there are \(all.count) containers",
                remedy: "--container names one of " + names.joined(separator: ", "))
        }
        return only
    }

    private mutating func importCapabilities(_ node: ManifestNode?) throws(ProfileError) {
        guard let node else { return }
        var requests: [String: CapabilityRequest] = [:]
        for (key, member) in [("add", "add-cap"), ("drop", "drop-cap")] {
            guard let list = node[key], !list.isNull else { continue }
            var request = CapabilityRequest.none
            for element in try ManifestReader.list(list, "capabilities.\(key)") {
                let name = try ManifestReader.string(element, "a capability")
                try request.insert(name, option: "\(element.place)")
            }
            requests[key] = request
            let names = (request.isAll ? ["ALL"] : []) + request.named.names
            if !names.isEmpty { put(member, .strings(names), at: list.place) }
        }
        if requests["add"]?.isAll == true, requests["drop"]?.isAll == true {
            throw .allAddedAndDropped(layer: "\(node.place): capabilities")
        }
        // Kubernetes gives capabilities to root alone.
        if requests["add"] != nil { put("ambient", "never", at: node.place) }
    }

    private mutating func importSeccomp(_ node: ManifestNode?, place: ManifestNode) throws(ProfileError) {
        guard let node else {
            put("seccomp", "unconfined", at: place.place)
            return note(
                "\(place.place): no seccompProfile stands there, which is no filter where the kubelet adds none")
        }
        switch node["type"]?.text {
        case "Unconfined": put("seccomp", "unconfined", at: node.place)
        case "RuntimeDefault":
            note("\(node.place): seccompProfile RuntimeDefault is the runtime's own; the manifest has that of default")
        case "Localhost":
            guard let path = node["localhostProfile"]?.text, let name = path.split(separator: "/").last,
                name != ".", name != ".."
            else {
                throw .manifest(
                    node.place, "seccompProfile has no localhostProfile", remedy: "it names the node's file")
            }
            put("seccomp", .object([("mode", "replace"), ("file", .string("./" + String(name)))]), at: node.place)
            note("the node's file \(Conversion.kubeletFolder)/\(path) belongs beside the manifest as \(name)")
        default:
            throw .manifest(
                node.place, "seccompProfile has no type", remedy: "it is RuntimeDefault, Localhost or Unconfined")
        }
    }

    /// The value of the annotation by which older versions say it.
    private func annotation(of container: String?, in annotations: ManifestNode?) -> String? {
        let prefix = "container.apparmor.security.beta.kubernetes.io/"
        guard case .map(let entries) = annotations?.content else { return nil }
        let found = entries.filter { $0.key.hasPrefix(prefix) }
        if let container { return found.first { $0.key == prefix + container }?.value.text }
        return found.count == 1 ? found[0].value.text : nil
    }

    private mutating func importAppArmor(
        _ node: ManifestNode?, _ annotation: String?, place: ManifestNode
    ) throws(ProfileError) {
        var type = node?["type"]?.text
        var profile = node?["localhostProfile"]?.text
        if node == nil, let annotation {
            type =
                annotation == "unconfined"
                ? "Unconfined" : annotation == "runtime/default" ? "RuntimeDefault" : "Localhost"
            if annotation.hasPrefix("localhost/") { profile = String(annotation.dropFirst("localhost/".count)) }
        }
        switch type {
        case "Unconfined": put("apparmor", "unconfined", at: (node ?? place).place)
        case "RuntimeDefault", nil:
            note("AppArmor: the runtime's own profile is meant; the manifest has that of default, raind-default")
        case "Localhost":
            guard let profile, !profile.isEmpty else {
                throw .manifest(
                    (node ?? place).place, "the AppArmor profile has no name", remedy: "localhostProfile names it")
            }
            put("apparmor", .object([("profile", .string(profile))]), at: (node ?? place).place)
        default:
            throw .manifest(
                (node ?? place).place, "appArmorProfile has an unknown type",
                remedy: "it is RuntimeDefault, Localhost or Unconfined")
        }
    }

    private mutating func importLabel(_ node: ManifestNode?) throws(ProfileError) {
        guard let node else { return }
        let parts = ["user", "role", "type", "level"].compactMap { node[$0]?.text }
        guard parts.count == 4 else {
            return skip(
                node, "seLinuxOptions", "the parts that are missing are the node's; a manifest has a whole label")
        }
        put("selinuxLabel", .string(parts.joined(separator: ":")), at: node.place)
    }

    private mutating func skipOthers(of context: ManifestNode?) {
        guard case .map(let entries)? = context?.content else { return }
        let known = [
            "privileged", "capabilities", "allowPrivilegeEscalation", "seccompProfile", "appArmorProfile",
            "seLinuxOptions", "readOnlyRootFilesystem",
        ]
        for entry in entries where !known.contains(entry.key) {
            skip(entry.value, entry.key, "it is the container's, not a profile's")
        }
    }
}
