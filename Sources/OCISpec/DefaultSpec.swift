internal import LosslessJSON

/// The `config.json` that `spec` writes: a shell in a terminal, with few capabilities and a read-only root.
package struct DefaultSpec: Sendable {
    /// Who is to run it.
    package enum Kind: Equatable, Sendable {
        /// Root: with a network namespace of its own, and `/dev` for nobody else.
        case root
        /// A user without privileges: in a user namespace whose root is that user.
        case rootless(uid: UInt32, gid: UInt32)
    }

    /// Who is to run it.
    package var kind: Kind
    /// Whether it gets a cgroup namespace, as befits a host with nothing but cgroup v2.
    package var hasCgroupNamespace: Bool

    /// Makes a document.
    package init(_ kind: Kind, hasCgroupNamespace: Bool = false) {
        self.kind = kind
        self.hasCgroupNamespace = hasCgroupNamespace
    }

    /// The document, indented by tabs and without a line feed at its end.
    package var bytes: [UInt8] {
        var writer = JSONWriter(.indented(spaces: 1), reservingByteCount: 4096)
        writer.beginObject()
        writer.member("ociVersion", OCIVersion.ofDefaultSpec.description)
        writer.object("process", process)
        writer.object("root") { writer in
            writer.member("path", "rootfs")
            writer.member("readonly", true)
        }
        writer.member("hostname", "raind")
        writer.objects("mounts", mounts) { writer, mount in
            writer.member("destination", mount.destination)
            if let type = mount.type { writer.member("type", type) }
            if let source = mount.source { writer.member("source", source) }
            if let options = mount.options { writer.member("options", options) }
        }
        writer.object("linux", linux)
        writer.endObject()
        return DefaultSpec.indentedByTabs(writer.bytes)
    }

    private func process(_ writer: inout JSONWriter) {
        let capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
        writer.member("terminal", true)
        writer.object("user") { writer in
            writer.member("uid", 0)
            writer.member("gid", 0)
        }
        writer.member("args", ["sh"])
        writer.member("env", ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"])
        writer.member("cwd", "/")
        writer.object("capabilities") { writer in
            for set in ["bounding", "effective", "permitted", "ambient"] { writer.member(set, capabilities) }
        }
        writer.objects("rlimits", [Rlimit(type: "RLIMIT_NOFILE", soft: 1024, hard: 1024)]) { writer, limit in
            writer.member("type", limit.type)
            writer.member("hard", limit.hard)
            writer.member("soft", limit.soft)
        }
        writer.member("noNewPrivileges", true)
    }

    private func linux(_ writer: inout JSONWriter) {
        switch kind {
        case .root:
            writer.object("resources") { writer in
                writer.objects("devices", [false]) { writer, isAllowed in
                    writer.member("allow", isAllowed)
                    writer.member("access", "rwm")
                }
            }
        case .rootless(let uid, let gid):
            for (name, id) in [("uidMappings", uid), ("gidMappings", gid)] {
                writer.objects(name, [id]) { writer, id in
                    writer.member("containerID", 0)
                    writer.member("hostID", id)
                    writer.member("size", 1)
                }
            }
        }
        writer.objects("namespaces", namespaces) { writer, type in writer.member("type", type.rawValue) }
        writer.member("maskedPaths", DefaultSpec.maskedPaths)
        writer.member("readonlyPaths", DefaultSpec.readonlyPaths)
    }

    private var namespaces: [NamespaceType] {
        let cgroup: [NamespaceType] = hasCgroupNamespace ? [.cgroup] : []
        return switch kind {
        case .root: [.pid, .network, .ipc, .uts, .mount] + cgroup
        // A network namespace of its own would leave the user without any network.
        case .rootless: [.pid, .ipc, .uts, .mount] + cgroup + [.user]
        }
    }

    private var mounts: [Mount] {
        let sealed = ["nosuid", "noexec", "nodev"]
        // The group 5 of terminals isn't mapped where the user namespace has one id.
        let terminals = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]
        let sys: Mount
        let terminalGroup: [String]
        switch kind {
        case .root:
            sys = Mount(destination: "/sys", source: "sysfs", type: "sysfs", options: sealed + ["ro"])
            terminalGroup = ["gid=5"]
        case .rootless:
            // A sysfs can only be mounted by who owns the network namespace.
            sys = Mount(destination: "/sys", source: "/sys", type: "none", options: ["rbind"] + sealed + ["ro"])
            terminalGroup = []
        }
        return [
            Mount(destination: "/proc", source: "proc", type: "proc"),
            Mount(
                destination: "/dev", source: "tmpfs", type: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            Mount(destination: "/dev/pts", source: "devpts", type: "devpts", options: terminals + terminalGroup),
            Mount(
                destination: "/dev/shm", source: "shm", type: "tmpfs", options: sealed + ["mode=1777", "size=65536k"]),
            Mount(destination: "/dev/mqueue", source: "mqueue", type: "mqueue", options: sealed),
            sys,
            Mount(
                destination: "/sys/fs/cgroup", source: "cgroup", type: "cgroup", options: sealed + ["relatime", "ro"]),
        ]
    }

    /// What tells of the host or its hardware, or acts on it.
    private static let maskedPaths = [
        "/proc/acpi",
        "/proc/asound",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/proc/sched_debug",
        "/sys/firmware",
        "/proc/scsi",
    ]

    /// What changes the host when it is written.
    private static let readonlyPaths = [
        "/proc/bus",
        "/proc/fs",
        "/proc/irq",
        "/proc/sys",
        "/proc/sysrq-trigger",
    ]

    /// The text with a tab for each space that a line starts with. A string can't hold a line feed as it is, so that
    /// every line starts with its depth.
    private static func indentedByTabs(_ text: [UInt8]) -> [UInt8] {
        var isMargin = true
        return text.map { byte in
            defer { isMargin = byte == UInt8(ascii: "\n") || (isMargin && byte == UInt8(ascii: " ")) }
            return isMargin && byte == UInt8(ascii: " ") ? UInt8(ascii: "\t") : byte
        }
    }
}
