import LosslessJSON
import OCISpec

extension Conversion {
    /// Where a node's kubelet looks for the files of `localhostProfile`.
    package static let kubeletFolder = "/var/lib/kubelet/seccomp"

    /// A container's securityContext, for `version` of Kubernetes or today's.
    mutating func convertToKubernetes(version: KubernetesVersion?) {
        var context: [(name: String, value: JSONValue)] = []
        var document: [(name: String, value: JSONValue)] = []
        if !source.isSeccompAlone {
            context.append(("capabilities", capabilities()))
            context.append(("allowPrivilegeEscalation", .bool(!security.noNewPrivileges)))
        }
        var remarks: [String] = []
        if let version, version < .seccompField {
            lose("seccomp", "securityContext.seccompProfile is there since Kubernetes 1.19")
        } else {
            context.append(("seccompProfile", seccompProfile(&remarks)))
        }
        if !source.isSeccompAlone {
            let profile = security.appArmorProfile
            if let version, version < .appArmorField {
                let key = "container.apparmor.security.beta.kubernetes.io/\(source.resourceName)"
                let value = profile.map { "localhost/\($0)" } ?? "unconfined"
                document.append(("metadata", .object([("annotations", .object([(key, .string(value))]))])))
                remarks.append(
                    "The annotation is the pod's, its key ends in the container's name: \(source.resourceName)")
            } else if let profile {
                context.append(
                    ("appArmorProfile", .object([("type", "Localhost"), ("localhostProfile", .string(profile))])))
            } else {
                context.append(("appArmorProfile", .object([("type", "Unconfined")])))
            }
            _ = attachAppArmor()
            if let label = security.selinuxLabel, !label.isEmpty { appendLabel(label, to: &context) }
            if let isReadonly = source.paths.rootReadonly {
                context.append(("readOnlyRootFilesystem", .bool(isReadonly)))
            }
            losePaths("the runtime has a list of its own, and a securityContext none")
        }
        document.append(("securityContext", .object(context)))
        finish(.yaml([.object(document)], remarks: remarks))
    }

    private mutating func capabilities() -> JSONValue {
        loseCapabilitySets(
            others: [], means: "Kubernetes makes of capabilities: all for root, and nothing for another user")
        if let kept = source.ambientForOthers, !kept.isEmpty {
            note(
                "for a user other than root Kubernetes keeps no capability; the profile keeps "
                    + shortNames(kept).joined(separator: ", "))
        }
        let bounding = security.capabilities.bounding
        if bounding == .all { return .object([("add", .strings(["ALL"]))]) }
        var members: [(name: String, value: JSONValue)] = [("drop", .strings(["ALL"]))]
        if !bounding.isEmpty { members.append(("add", .strings(shortNames(bounding)))) }
        return .object(members)
    }

    private mutating func seccompProfile(_ remarks: inout [String]) -> JSONValue {
        guard let filter = security.seccomp else { return .object([("type", "Unconfined")]) }
        let file = "\(source.resourceName).seccomp.json"
        attach(file, .json(filter.json))
        let path = "raind/\(source.resourceName).json"
        remarks.append("\(file) must stand on each node as \(Conversion.kubeletFolder)/\(path)")
        return .object([("type", "Localhost"), ("localhostProfile", .string(path))])
    }

    private mutating func appendLabel(_ label: String, to context: inout [(name: String, value: JSONValue)]) {
        guard let parts = selinuxParts(label) else {
            lose(
                "selinuxLabel", "\(quoted(label)) isn't user:role:type:level, which seLinuxOptions takes it apart into")
            return
        }
        let members = zip(["user", "role", "type", "level"], parts).map { (name: $0, value: JSONValue.string($1)) }
        context.append(("seLinuxOptions", .object(members)))
    }
}
