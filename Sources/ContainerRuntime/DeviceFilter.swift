import LinuxSys
import RuntimePlan

/// What a container may do with devices: lines of the v1 devices controller, or an eBPF program on cgroup2.
enum DeviceFilter {
    /// Lets the group of the v1 controller use every device or none, and those that are listed the other way.
    static func limit(_ groups: CgroupTree, allowsOthers: Bool, exceptions: [DeviceRule]) throws(SyscallError) {
        guard let group = groups.group(of: "devices") else {
            throw SyscallError(operation: "open", errno: .ENOENT, subject: "devices")
        }
        let folder = group.folder
        // A new group has its parent's rights; this takes back what an old one was given.
        try Files.writeFile(folder + (allowsOthers ? "/devices.allow" : "/devices.deny"), "a")
        guard !exceptions.isEmpty else { return }
        let path = folder + (allowsOthers ? "/devices.deny" : "/devices.allow")
        let file = try Files.open(path, .writeOnly)
        for exception in exceptions {
            // The controller takes one line a write.
            try Files.writeOnce(file.borrowed, Array(exception.line.utf8), subject: path)
        }
    }

    /// Attaches rules to the cgroup2 group: everything is refused but what they let through, the last that matches
    /// deciding. They take the place of those that the group has.
    static func attach(_ rules: [DeviceRule], to groups: CgroupTree) throws(SyscallError) {
        guard let group = groups.unified else {
            throw SyscallError(operation: "open", errno: .ENOENT, subject: "cgroup2")
        }
        let folder = try Files.open(group.folder, [.directory])
        // Linux 5.11 and later count programs as the group's memory: RLIMIT_MEMLOCK has no say.
        let program = try BPF.loadDeviceProgram(DeviceProgram(rules).bytes)
        let old = try BPF.devicePrograms(of: folder.borrowed).ids
        if old.count == 1 {
            // In one go, so that there is no moment without rules and none in which both sets have to allow.
            let replaced = try BPF.openProgram(old[0])
            return try BPF.attachDeviceProgram(
                program.borrowed, to: folder.borrowed, .allowMulti, replacing: replaced.borrowed)
        }
        try BPF.attachDeviceProgram(program.borrowed, to: folder.borrowed, .allowMulti)
        for id in old {
            let replaced = try BPF.openProgram(id)
            try BPF.detachDeviceProgram(replaced.borrowed, from: folder.borrowed)
        }
    }
}
