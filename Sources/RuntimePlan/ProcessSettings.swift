package import OCISpec

/// Who the container's process is.
package struct UserIdentity: Sendable, Equatable {
    /// The user id inside the container.
    package var userID: UInt32
    /// The group id inside the container.
    package var groupID: UInt32
    /// The supplementary groups; always set, an empty list clears the caller's.
    package var additionalGroupIDs: [UInt32]
    /// The caller's supplementary groups stay (annotation `run.oci.keep_original_groups`).
    package var keepsOriginalGroups: Bool

    /// An identity as given.
    package init(userID: UInt32, groupID: UInt32, additionalGroupIDs: [UInt32], keepsOriginalGroups: Bool) {
        self.userID = userID
        self.groupID = groupID
        self.additionalGroupIDs = additionalGroupIDs
        self.keepsOriginalGroups = keepsOriginalGroups
    }

    /// `1000:1000 +5,6`.
    package var summary: String {
        "\(userID):\(groupID)"
            + (additionalGroupIDs.isEmpty ? "" : " +" + additionalGroupIDs.map(String.init).joined(separator: ","))
    }
}

/// The five capability sets of a process (capabilities(7)), known names only.
package struct ProcessCapabilities: Sendable, Equatable {
    /// What no exec can go beyond.
    package var bounding: CapabilitySet
    /// What is checked.
    package var effective: CapabilitySet
    /// What may be made effective.
    package var permitted: CapabilitySet
    /// What an exec of a file with inheritable capabilities gains.
    package var inheritable: CapabilitySet
    /// What an exec of an ordinary file keeps.
    package var ambient: CapabilitySet

    /// Sets as given.
    package init(
        bounding: CapabilitySet, effective: CapabilitySet, permitted: CapabilitySet, inheritable: CapabilitySet,
        ambient: CapabilitySet
    ) {
        self.bounding = bounding
        self.effective = effective
        self.permitted = permitted
        self.inheritable = inheritable
        self.ambient = ambient
    }

    /// The sizes: `14 effective, 14 permitted, 0 inheritable, 0 ambient`.
    package var summary: String {
        "\(effective.count) effective, \(permitted.count) permitted, \(inheritable.count) inheritable, "
            + "\(ambient.count) ambient"
    }
}

/// One limit of getrlimit(2).
package struct ResourceLimit: Sendable, Equatable {
    /// The limit's name, `RLIMIT_NOFILE`.
    package var name: String
    /// Its number.
    package var resource: Int32
    /// What is enforced.
    package var soft: UInt64
    /// What the soft limit may be raised to.
    package var hard: UInt64

    /// A limit as given.
    package init(name: String, resource: Int32, soft: UInt64, hard: UInt64) {
        self.name = name
        self.resource = resource
        self.soft = soft
        self.hard = hard
    }

    /// `RLIMIT_NOFILE=1024:1024`.
    package var summary: String { "\(name)=\(soft):\(hard)" }
}

/// The size of a terminal in characters.
package struct TerminalSize: Sendable, Equatable {
    /// Characters a line.
    package var columns: UInt16
    /// Lines.
    package var rows: UInt16

    /// A size as given.
    package init(columns: UInt16, rows: UInt16) {
        self.columns = columns
        self.rows = rows
    }
}
