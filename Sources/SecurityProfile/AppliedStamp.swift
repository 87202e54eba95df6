/// What the annotation of an applied profile says (``BundleSecurity/appliedAnnotation``): `NAME@sha256:HEX`, then
/// `;audit` and `;tightened` where they hold.
package struct AppliedStamp: Equatable, Sendable {
    /// The name of the profile.
    package var name: ProfileName
    /// The SHA-256 of all that it decides, as 64 hexadecimal digits: of the profile itself, whether it is enforced,
    /// audited or tightened.
    package var digest: String
    /// Whether its refusals are logged and not enforced.
    package var isAudit: Bool
    /// Whether the bundle refuses more than the profile, because it did so before.
    package var isTightened: Bool

    /// Makes what the annotation is to say.
    package init(name: ProfileName, digest: String, isAudit: Bool = false, isTightened: Bool = false) {
        self.name = name
        self.digest = digest
        self.isAudit = isAudit
        self.isTightened = isTightened
    }

    /// Reads the annotation; nil for a text that no `apply` has written.
    package init?(_ text: String) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        let words = parts.dropFirst()
        guard let at = parts[0].firstIndex(of: "@"), let name = ProfileName(String(parts[0][..<at])),
            parts[0][at...].hasPrefix("@sha256:"), Set(words).isSubset(of: ["audit", "tightened"]),
            Set(words).count == words.count
        else { return nil }
        let digest = parts[0][at...].dropFirst("@sha256:".count)
        guard digest.utf8.count == 64, digest.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
            return nil
        }
        self.init(
            name: name, digest: String(digest), isAudit: words.contains("audit"),
            isTightened: words.contains("tightened"))
    }

    /// The annotation's text.
    package var text: String {
        "\(name)@sha256:\(digest)" + (isAudit ? ";audit" : "") + (isTightened ? ";tightened" : "")
    }
}
