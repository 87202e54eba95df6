/// The two versions of control groups (cgroups(7)).
package enum CgroupVersion: String, Sendable {
    /// A hierarchy for each controller or two.
    case v1
    /// One hierarchy for all controllers.
    case v2

    /// Written out: what the standard library has for types with a raw value goes through its generic witnesses.
    package static func == (left: CgroupVersion, right: CgroupVersion) -> Bool {
        switch (left, right) {
        case (.v1, .v1), (.v2, .v2): true
        default: false
        }
    }
}
