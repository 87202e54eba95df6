import LinuxSys
import OCISpec
import RuntimePlan

extension CgroupTree {
    /// The groups that systemd has put a process in, and those of the hierarchies that it leaves alone (the freezer's, on
    /// v1), in the place that the others have.
    /// - Parameter controllers: what the container is to have values of. systemd passes on what it knows; what is missing is
    ///   passed on as far as it can be.
    /// - Throws: `SyscallError`, ESRCH where the process is not in the unit: whatever group it is in is not the container's.
    init(
        of unit: String, process pid: Int32, on layout: CgroupLayout, for controllers: [String]
    ) throws(SyscallError) {
        let path = try Self.path(of: unit, in: "/proc/\(pid)/cgroup", on: layout)
        var groups: [Group] = []
        for hierarchy in layout.hierarchies {
            let group = Group(
                mountPoint: hierarchy.mountPoint, path: path, isUnified: hierarchy.isUnified,
                controllers: hierarchy.controllers)
            if group.isUnified {
                groups.append(try Self.completed(group, for: controllers))
            } else {
                try Self.complete(group)
                groups.append(group)
            }
        }
        self.init(groups: groups)
    }

    /// The same groups as the container's own process finds them, once systemd has put it in the unit.
    /// - Parameter hasNamespace: it will see them through a control group namespace, which has no names above them.
    /// - Throws: `SyscallError`, ESRCH where this process is not in the unit.
    init(of unit: String, on layout: CgroupLayout, hasNamespace: Bool) throws(SyscallError) {
        let path = hasNamespace ? "" : try Self.path(of: unit, in: "/proc/self/cgroup", on: layout)
        self.init(
            groups: layout.hierarchies.map {
                Group(mountPoint: $0.mountPoint, path: path, isUnified: $0.isUnified, controllers: $0.controllers)
            })
    }

    /// The path below each hierarchy of the unit's group, from a process's file in /proc.
    private static func path(of unit: String, in file: String, on layout: CgroupLayout) throws(SyscallError) -> String {
        let text = try Files.readFile(file, limit: 1 << 16)
        let isPure = layout.kind == .v2
        var path: String?
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].elementsEqual((isPure ? "" : "name=systemd").utf8) else { continue }
            path = String(decoding: parts[2], as: UTF8.self)
        }
        guard let path, path.bytewiseParts(separatedBy: "/").last == unit,
            !path.bytewiseParts(separatedBy: "/").contains("..")
        else {
            throw SyscallError(operation: "look in \(file) for \(unit)", errno: .ESRCH, subject: path ?? "")
        }
        return path
    }

    /// The group with the controllers that it has in fact.
    private static func completed(_ group: Group, for controllers: [String]) throws(SyscallError) -> Group {
        var names = try Self.controllers(of: group)
        let missing = controllers.filter { group.controllers.contains($0) && !names.contains($0) }
        if !missing.isEmpty {
            enableFromTheTop(missing, to: group)
            names = try Self.controllers(of: group)
        }
        return Group(mountPoint: group.mountPoint, path: group.path, isUnified: true, controllers: names)
    }

    private static func controllers(of group: Group) throws(SyscallError) -> [String] {
        let text = try Files.readFile(group.folder + "/cgroup.controllers", limit: 4096)
        return text.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
