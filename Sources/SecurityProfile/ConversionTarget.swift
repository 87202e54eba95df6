/// A form that a profile can be converted to.
package enum ConversionTarget: String, CaseIterable, Sendable {
    /// The seccomp section of an OCI config.json (`/linux/seccomp`).
    case oci
    /// Options of `docker run`, and the seccomp filter in Docker's form.
    case docker
    /// Options of `podman run`, and the seccomp filter in the same form.
    case podman
    /// Resources of the Security Profiles Operator: a SeccompProfile and an AppArmorProfile.
    case spo
    /// The securityContext of a container of Kubernetes, and the seccomp filter that it names.
    case kubernetes
    /// A manifest of raind-profile.
    case raind
}

/// A version of Kubernetes: `1.29`, `v1.30.2`.
package struct KubernetesVersion: Comparable, Sendable {
    /// The first number.
    package let major: Int
    /// The second number.
    package let minor: Int

    /// Takes `text` for a version, or gives nil if it is none.
    package init?(_ text: String) {
        let parts = (text.hasPrefix("v") ? text.dropFirst() : text[...]).split(
            separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 4 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
            ),
            let major = Int(parts[0]), let minor = Int(parts[1])
        else { return nil }
        self.init(major: major, minor: minor)
    }

    private init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// securityContext.appArmorProfile is there since this version; before it was an annotation (1.4, beta).
    static let appArmorField = KubernetesVersion(major: 1, minor: 30)
    /// securityContext.seccompProfile is there since this version.
    static let seccompField = KubernetesVersion(major: 1, minor: 19)

    /// By the numbers.
    package static func < (first: KubernetesVersion, second: KubernetesVersion) -> Bool {
        (first.major, first.minor) < (second.major, second.minor)
    }
}
