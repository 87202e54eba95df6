/// The two versions of control groups (cgroups(7)).
package enum CgroupVersion: String, Sendable {
    /// A hierarchy for each controller or two.
    case v1
    /// One hierarchy for all controllers.
    case v2
}
