import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan

/// Control groups of a container whose record is damaged: by its name, or the path that its config asks for.
extension CgroupTree {
    /// The groups that a process of the container's is in, as far as they are named for the container: with control groups
    /// disabled it is in its caller's.
    /// - Throws: `SyscallError` where the hierarchies can't be read.
    init(around pid: Int32, id: String, config: [UInt8]?) throws(SyscallError) {
        let wanted = Self.names(id: id, config: config)
        var groups: [Group] = []
        let text = try Files.readFile("/proc/\(pid)/cgroup", limit: 1 << 16)
        for hierarchy in try CgroupLayout.read().hierarchies {
            guard let path = Self.path(in: hierarchy, text),
                let own = Self.prefix(of: path.bytewiseParts(separatedBy: "/"), ending: wanted)
            else { continue }
            groups.append(Self.group("/" + own.joined(separator: "/"), in: hierarchy))
        }
        self.init(groups: groups)
    }

    /// The groups where a container of this caller's would have them.
    /// - Throws: `SyscallError` where the hierarchies can't be read.
    init(id: String, config: [UInt8]?) throws(SyscallError) {
        let path = Self.wantedPath(config)
        // A scope is systemd's, which removes it once it is empty.
        guard path?.utf8.contains(UInt8(ascii: ":")) != true else {
            self.init(groups: [])
            return
        }
        self.init(planned: ValidCgroup(path: path, layout: try CgroupLayout.read()), id: id)
    }

    /// Removes those that have no process: whose the others are is not known.
    func removeUnused() {
        for group in groups {
            // Best effort: rmdir(2) takes no group with processes, or groups, in it.
            try? Files.removeDirectory(group.folder)
        }
    }

    /// The last parts of the path of the container's groups.
    private static func names(id: String, config: [UInt8]?) -> [String] {
        guard let path = wantedPath(config) else { return [id] }
        let parts = path.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
        // systemd's: slice, prefix, name.
        if parts.count == 3 { return ["\(parts[1])-\(parts[2].isEmpty ? id : parts[2]).scope"] }
        return path.bytewiseParts(separatedBy: "/").filter { $0 != "." }
    }

    private static func wantedPath(_ config: [UInt8]?) -> String? {
        guard let config, let json = try? JSON(parsing: config), let path = json["linux"]?["cgroupsPath"]?.stringValue,
            !path.isEmpty, !path.bytewiseParts(separatedBy: "/").contains("..")
        else { return nil }
        return path
    }

    /// A process's path in a hierarchy, by the lines of /proc/PID/cgroup.
    private static func path(in hierarchy: CgroupLayout.Hierarchy, _ text: [UInt8]) -> String? {
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let names = parts[1].split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
            if hierarchy.isUnified ? names.isEmpty : names == hierarchy.controllers {
                return String(decoding: parts[2], as: UTF8.self)
            }
        }
        return nil
    }

    /// The path up to where these parts stand in it; a container may have groups below its own.
    private static func prefix(of path: [String], ending wanted: [String]) -> ArraySlice<String>? {
        guard !wanted.isEmpty, path.count >= wanted.count else { return nil }
        for end in wanted.count...path.count where path[(end - wanted.count)..<end].elementsEqual(wanted) {
            return path[..<end]
        }
        return nil
    }

    private static func group(_ path: String, in hierarchy: CgroupLayout.Hierarchy) -> Group {
        Group(
            mountPoint: hierarchy.mountPoint, path: path, isUnified: hierarchy.isUnified,
            controllers: hierarchy.controllers)
    }
}
