import RuntimePlan

extension CgroupTree {
    /// The groups that a plan asks for.
    init(planned cgroup: ValidCgroup, id: String) {
        self.init(
            groups: cgroup.layout.hierarchies.map { hierarchy in
                Group(
                    mountPoint: hierarchy.mountPoint, path: cgroup.path(in: hierarchy, id: id),
                    isUnified: hierarchy.isUnified, controllers: hierarchy.controllers)
            })
    }
}
