import OCISpec

/// What a profile was read from, for messages that name its lines.
package struct ManifestDocuments: Sendable {
    /// The manifest.
    package let manifest: ManifestNode
    /// The seccomp list that it names, or nil.
    package let list: ManifestNode?

    /// Takes both.
    package init(manifest: ManifestNode, list: ManifestNode?) {
        self.manifest = manifest
        self.list = list
    }

    /// The path of the seccomp list that a manifest names, as it stands there.
    package static func listPath(in manifest: ManifestNode) -> String? {
        guard case .string(let path)? = manifest["spec"]?["seccomp"]?["file"]?.content else { return nil }
        return path
    }

    /// What a manifest says of something. Its flat form has no `spec`.
    private func value(_ key: String) -> ManifestNode? { manifest["spec"]?[key] ?? manifest[key] }

    /// The place of what decides the value at a pointer into what `show -o json` prints; what the manifest inherits
    /// stands nowhere in it, and its spec has the place.
    func place(of pointer: String) -> LintPlace {
        let keys = [
            "/capabilities": "add-cap", "/noNewPrivileges": "noNewPrivileges", "/apparmorProfile": "apparmor",
            "/seccomp": "seccomp",
        ]
        let key = keys.first { LintPaths.isInside(pointer, $0.key) }?.value
        let node = key.flatMap(value) ?? manifest["spec"] ?? manifest
        return LintPlace(node.place, in: "")
    }

    /// The place of a capability in the manifest's drop-cap.
    func place(ofDropped capability: Capability) -> LintPlace? {
        guard case .list(let elements)? = value("drop-cap")?.content else { return nil }
        return elements.first {
            if case .string(let name) = $0.content { Capability(lenientName: name) == capability } else { false }
        }.map { LintPlace($0.place, in: "") }
    }
}

extension ManifestNode {
    /// The value of a key of a mapping, or nil.
    package subscript(_ key: String) -> ManifestNode? {
        guard case .map(let entries) = content else { return nil }
        return entries.first { $0.key == key }?.value
    }
}
