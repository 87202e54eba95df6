import LosslessJSON
import OCISpec

/// What a member of `/mounts` or `/linux/resources/devices` says.
enum LintMount {
    /// Whether the mount shows a file or folder of the host (config.md, "Mounts").
    static func isBind(_ mount: JSON) -> Bool {
        let options = mount["options"]?.elements.compactMap(\.stringValue) ?? []
        return mount["type"]?.stringValue == "bind" || options.contains("bind") || options.contains("rbind")
    }

    /// The path on the host, without what means nothing in it; nil where it is relative to the bundle or absent.
    static func source(_ mount: JSON) -> String? {
        guard let path = mount["source"]?.stringValue, path.hasPrefix("/") else { return nil }
        return LintPaths.normalized(path)
    }

    /// The path in the container.
    static func destination(_ mount: JSON) -> String {
        LintPaths.normalized("/" + (mount["destination"]?.stringValue ?? ""))
    }

    /// Whether an entry of `/linux/resources/devices` is for every device with every access.
    static func isEveryDevice(_ device: JSON) -> Bool {
        func isAny(_ number: JSON?) -> Bool {
            guard let number, !number.isNull else { return true }
            return number.numberText?.hasPrefix("-") == true
        }
        let type = device["type"]?.stringValue ?? ""
        let access = device["access"]?.stringValue ?? "rwm"
        return (type.isEmpty || type == "a") && isAny(device["major"]) && isAny(device["minor"])
            && (type == "a" || access.contains("w") || access.isEmpty)
    }
}

/// The paths of /proc and /sys that tell of the host or change it.
enum LintPaths {
    /// What engines mask.
    static let masked = [
        "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
        "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    ]

    /// What engines make read-only.
    static let readOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

    /// Whether a path or a folder that it is in is among those.
    static func isCovered(_ path: String, by paths: [String]) -> Bool {
        paths.contains { isInside(path, normalized($0)) }
    }

    /// Whether a path is a folder or in it.
    static func isInside(_ path: String, _ folder: String) -> Bool {
        path == folder || folder == "/" || path.hasPrefix(folder + "/")
    }

    /// An absolute path without `.`, `..` and doubled slashes.
    static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { parts = parts.dropLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

/// The capabilities that containers have by default.
enum LintBaseline {
    /// Those of the profile `default`.
    static let capabilities: CapabilitySet = [
        .chown, .dacOverride, .fsetid, .fowner, .mknod, .netRaw, .setgid, .setuid, .setfcap, .setpcap, .netBindService,
        .sysChroot, .kill, .auditWrite,
    ]

    /// Capabilities that no machine's container lacks that has them all. A machine may itself lack some of the rest.
    static let privileged: CapabilitySet = [.sysAdmin, .sysRawio, .sysPtrace, .netAdmin, .dacReadSearch]

    /// What is granted beyond, as a finding.
    static func finding(
        _ granted: CapabilitySet, at place: (_ beyond: CapabilitySet) -> LintPlace
    ) -> LintFinding? {
        let beyond = granted.subtracting(capabilities)
        if privileged.isSubset(of: granted), granted.count >= 32 {
            return LintFinding(.allCapabilities, at: place(beyond), "\(granted.count) capabilities are granted")
        }
        guard !beyond.isEmpty else { return nil }
        return LintFinding(
            .capabilityBeyondBaseline, at: place(beyond),
            "\(LintText.list(beyond.names)): beyond the default's \(capabilities.count)")
    }
}
