import OCISpec

/// The control group hierarchies of a machine, as `/proc/self/cgroup` and the mounts below `/sys/fs/cgroup` show
/// them (cgroups(7)).
package struct CgroupLayout: Sendable, Equatable {
    /// Which of the usual arrangements a machine has.
    package enum Kind: String, Sendable {
        /// cgroup2 alone, mounted on `/sys/fs/cgroup`.
        case v2
        /// v1 hierarchies alone.
        case v1
        /// v1 hierarchies, and cgroup2 beside them.
        case hybrid
        /// No hierarchy is mounted.
        case none

        /// Written out: what the standard library has for types with a raw value goes through its generic witnesses.
        package static func == (left: Kind, right: Kind) -> Bool {
            switch (left, right) {
            case (.v2, .v2), (.v1, .v1), (.hybrid, .hybrid), (.none, .none): true
            default: false
            }
        }
    }

    /// One mounted hierarchy.
    package struct Hierarchy: Sendable, Equatable {
        /// Its controllers (`cpu`, `cpuacct`); for a named v1 hierarchy the one entry `name=systemd`.
        package var controllers: [String]
        /// Where it is mounted.
        package var mountPoint: String
        /// The caller's own group in it, absolute, from `/proc/self/cgroup`.
        package var ownPath: String
        /// Whether it is the cgroup2 hierarchy.
        package var isUnified: Bool

        /// A hierarchy as given.
        package init(controllers: [String], mountPoint: String, ownPath: String, isUnified: Bool) {
            self.controllers = controllers
            self.mountPoint = mountPoint
            self.ownPath = ownPath
            self.isUnified = isUnified
        }

        /// The last component of the mount point, which is the folder's name inside a container's `/sys/fs/cgroup`.
        package var folderName: String {
            mountPoint.bytewiseParts(separatedBy: "/").last ?? mountPoint
        }
    }

    /// Every hierarchy, the v1 ones first, in the order of `/proc/self/cgroup`.
    package var hierarchies: [Hierarchy]

    /// A layout of these hierarchies.
    package init(hierarchies: [Hierarchy]) {
        self.hierarchies = hierarchies
    }

    /// The arrangement that these hierarchies make.
    package var kind: Kind {
        let unified = hierarchies.contains { $0.isUnified }
        let legacy = hierarchies.contains { !$0.isUnified }
        return switch (legacy, unified) {
        case (true, true): .hybrid
        case (true, false): .v1
        case (false, true): .v2
        case (false, false): .none
        }
    }

    /// The index of the hierarchy that has a controller, nil where none has it.
    package func index(of controller: String) -> Int? {
        hierarchies.firstIndex { $0.controllers.contains(controller) }
    }

    /// The index of the cgroup2 hierarchy.
    package var unifiedIndex: Int? { hierarchies.firstIndex { $0.isUnified } }

    /// Every controller there is, in the order of the hierarchies, for error texts.
    package var controllers: [String] {
        hierarchies.flatMap { $0.controllers.filter { !$0.startsBytewise(with: "name=") } }
    }
}
