import LosslessJSON
import OCISpec

extension SpecCheck {
    /// Checks `/linux/namespaces` and the id maps, and decides how the process comes into its namespaces.
    mutating func checkNamespaces() {
        let linux = spec.linux ?? Linux()
        var new: [NamespaceType] = []
        var joined: [ProcessCreation.Joined] = []
        for (place, namespace) in (linux.namespaces ?? []).enumerated() {
            var pointer: String { "/linux/namespaces/\(place)" }
            if new.contains(namespace.type) || joined.contains(where: { $0.type == namespace.type }) {
                report(pointer, "\(namespace.type.rawValue) is there twice")
                continue
            }
            guard let path = namespace.path, !path.isEmpty else {
                new.append(namespace.type)
                continue
            }
            if path.utf8.first != UInt8(ascii: "/") {
                report(pointer + "/path", "expected an absolute path, found \"\(path)\"")
            }
            joined.append(ProcessCreation.Joined(type: namespace.type, path: HostPath(path), index: place))
        }
        if !new.contains(.mount) {
            report(
                "/linux/namespaces",
                joined.contains { $0.type == .mount }
                    ? "a mount namespace that exists cannot be the container's: its root would be put over everybody's"
                    : "a mount namespace is missing: the container's mounts would be the host's")
        }
        let userMap = linux.uidMappings ?? []
        let groupMap = linux.gidMappings ?? []
        let hasUserNamespace = new.contains(.user) || joined.contains { $0.type == .user }
        if !hasUserNamespace {
            if !userMap.isEmpty { report("/linux/uidMappings", "needs a user namespace") }
            if !groupMap.isEmpty { report("/linux/gidMappings", "needs a user namespace") }
        } else if new.contains(.user) {
            check(userMap, "/linux/uidMappings")
            check(groupMap, "/linux/gidMappings")
        }
        checkTimeOffsets(linux, hasNewNamespace: new.contains(.time))
        // The user namespace first: it decides whether the others may be entered.
        joined.sort { first, second in first.type == .user && second.type != .user }
        let route: ProcessCreation.Route
        if new.contains(.user), joined.isEmpty {
            route = .newUserNamespace
        } else if hasUserNamespace {
            route = .joinedUserNamespace
        } else {
            route = .direct
        }
        valid.creation = ProcessCreation(
            route: route, new: new, joined: joined, userMap: new.contains(.user) ? userMap : [],
            groupMap: new.contains(.user) ? groupMap : [])
    }

    private mutating func checkTimeOffsets(_ linux: Linux, hasNewNamespace: Bool) {
        guard let offsets = linux.timeOffsets, !offsets.isEmpty else { return }
        // The clocks of one that exists belong to those who are in it.
        if !hasNewNamespace { report("/linux/timeOffsets", "needs a new time namespace") }
        for entry in offsets {
            let pointer = JSONPointer([.name("linux"), .name("timeOffsets"), .name(entry.key)]).description
            if entry.key != "boottime", entry.key != "monotonic" {
                report(pointer, "is no clock of a time namespace, expected boottime or monotonic")
            }
            let nanoseconds = entry.value.nanoseconds ?? 0
            if nanoseconds > 999_999_999 {
                report(pointer + "/nanosecs", "expected at most 999999999, found \(nanoseconds)")
            }
            valid.clockOffsets.append(
                ClockOffset(clock: entry.key, seconds: entry.value.seconds ?? 0, nanoseconds: nanoseconds))
        }
    }

    /// Checks the mapping of a user namespace.
    mutating func check(_ map: [IDMapping], _ pointer: String) {
        if map.isEmpty {
            report(pointer, "expected at least one mapping: without one no id of the namespace stands for any")
        }
        // UID_GID_MAP_MAX_EXTENTS of user_namespaces(7).
        if map.count > 340 { report(pointer, "expected at most 340 mappings, found \(map.count)") }
        for (place, mapping) in map.enumerated() {
            if mapping.size == 0 { report("\(pointer)/\(place)/size", "expected at least 1") }
            if UInt64(mapping.containerID) + UInt64(mapping.size) > UInt64(UInt32.max)
                || UInt64(mapping.hostID) + UInt64(mapping.size) > UInt64(UInt32.max)
            {
                report("\(pointer)/\(place)", "goes beyond the last id, 4294967294")
            }
        }
    }
}
