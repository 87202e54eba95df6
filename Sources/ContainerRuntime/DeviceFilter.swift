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
    /// deciding.
    static func attach(_ rules: [DeviceRule], to groups: CgroupTree) throws(SyscallError) {
        guard let group = groups.unified else {
            throw SyscallError(operation: "open", errno: .ENOENT, subject: "cgroup2")
        }
        let folder = try Files.open(group.folder, [.directory])
        let program = try BPF.loadDeviceProgram(DeviceProgram(rules).bytes)
        try BPF.attachDeviceProgram(program.borrowed, to: folder.borrowed, .allowMulti)
    }
}
