import LinuxSys
import RuntimePlan

/// What a container may do with devices: lines of the v1 devices controller, or an eBPF program on cgroup2.
enum DeviceFilter {
    /// Applies rules to a container's groups: everything is refused but what the rules let through, the last rule that
    /// matches deciding.
    static func apply(_ rules: [DeviceRule], to groups: CgroupTree) throws(SyscallError) {
        if let group = groups.groups.first(where: { $0.controllers.contains("devices") && !$0.isUnified }) {
            try write(rules, to: group)
        } else if let group = groups.unified {
            try attach(rules, to: group)
        }
    }

    private static func write(_ rules: [DeviceRule], to group: CgroupTree.Group) throws(SyscallError) {
        // A new group has its parent's rights; the file applies each line to what the group has by then.
        try Files.writeFile(group.folder + "/devices.deny", "a")
        for rule in rules {
            let file = rule.allow ? "/devices.allow" : "/devices.deny"
            try Files.writeFile(group.folder + file, rule.isTotal ? "a" : rule.line)
        }
    }

    private static func attach(_ rules: [DeviceRule], to group: CgroupTree.Group) throws(SyscallError) {
        let folder = try Files.open(group.folder, [.directory])
        let program = try BPF.loadDeviceProgram(DeviceProgram(rules).bytes)
        try BPF.attachDeviceProgram(program.borrowed, to: folder.borrowed, .allowMulti)
    }
}
