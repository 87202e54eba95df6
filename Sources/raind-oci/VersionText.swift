import OCISpec

/// What `--version` prints. Callers look for `runc version` or for the line `commit:`, and take the version from `spec:`.
enum VersionText {
    /// The program's own version.
    static let version = "0.1.0"

    /// The whole text.
    static var text: String {
        """
        raind-oci version \(version)
        commit: \(version)
        spec: \(OCIVersion.current)

        """
    }
}
