package import OCISpec

/// How the owners of a mount's files are shown: the mapping of a user namespace, laid over the mount (config.md,
/// "Linux mount options", `idmap`; mount_setattr(2), MOUNT_ATTR_IDMAP).
package struct MountIDMap: Sendable, Equatable {
    /// The user namespace whose mapping counts.
    package enum Namespace: Sendable, Equatable {
        /// One that is made for these mappings: an id of the file system is the `containerID`, what it is shown as the
        /// `hostID`.
        case new(users: [IDMapping], groups: [IDMapping])
        /// One that exists.
        case existing(HostPath)
    }

    /// The user namespace whose mapping counts.
    package var namespace: Namespace
    /// Whether the mounts below are mapped too (`ridmap`).
    package var isRecursive: Bool

    /// A mapping as given.
    package init(_ namespace: Namespace, isRecursive: Bool) {
        self.namespace = namespace
        self.isRecursive = isRecursive
    }

    /// `ids 0-65535 as 100000; groups 0 as 100000`.
    package var summary: String {
        switch namespace {
        case .new(let users, let groups):
            let ids = Self.text(users)
            let groupIDs = Self.text(groups)
            return ids == groupIDs ? "ids \(ids)" : "ids \(ids); groups \(groupIDs)"
        case .existing(let path): return "ids of \(path.string)"
        }
    }

    private static func text(_ map: [IDMapping]) -> String {
        var text = ""
        for mapping in map {
            if !text.isEmpty { text += ", " }
            text += String(mapping.containerID)
            if mapping.size > 1 { text += "-\(UInt64(mapping.containerID) + UInt64(mapping.size) - 1)" }
            text += " as \(mapping.hostID)"
        }
        return text
    }
}
