internal import LosslessJSON

/// The Linux part of a features document (features-linux.md; features-linux.json).
package struct LinuxFeatures: Sendable {
    /// `linux.namespaces`: the types of namespaces.
    package var namespaces: [String]?
    /// `linux.capabilities`: the capabilities.
    package var capabilities: [String]?
    /// `linux.cgroup`.
    package var cgroup: Cgroup?
    /// `linux.seccomp`.
    package var seccomp: Seccomp?
    /// `linux.apparmor.enabled`.
    package var isAppArmorEnabled: Bool?
    /// `linux.selinux.enabled`.
    package var isSELinuxEnabled: Bool?
    /// `linux.intelRdt`.
    package var intelRdt: IntelRdt?
    /// `linux.memoryPolicy`.
    package var memoryPolicy: MemoryPolicy?
    /// `linux.mountExtensions.idmap.enabled`: whether `uidMappings` and `gidMappings` of mounts are used.
    package var isMountIDMapEnabled: Bool?
    /// `linux.netDevices.enabled`.
    package var isNetDevicesEnabled: Bool?

    /// Makes an empty part.
    package init() {}

    /// `linux.cgroup`: which ways of handling cgroups there are.
    package struct Cgroup: Sendable {
        /// `v1`: cgroup v1.
        package var v1: Bool?
        /// `v2`: cgroup v2.
        package var v2: Bool?
        /// `systemd`: the system's systemd.
        package var systemd: Bool?
        /// `systemdUser`: the user's systemd.
        package var systemdUser: Bool?
        /// `rdma`: the RDMA controller.
        package var rdma: Bool?

        /// Makes an empty part.
        package init() {}
    }

    /// `linux.seccomp`: what filters can have.
    package struct Seccomp: Sendable {
        /// `enabled`: whether there are filters at all.
        package var enabled: Bool?
        /// `actions`: the actions.
        package var actions: [String]?
        /// `operators`: the operators of conditions.
        package var operators: [String]?
        /// `archs`: the architectures.
        package var architectures: [String]?
        /// `knownFlags`: the flags that are understood.
        package var knownFlags: [String]?
        /// `supportedFlags`: those of them that work here.
        package var supportedFlags: [String]?

        /// Makes an empty part.
        package init() {}
    }

    /// `linux.intelRdt`: Intel Resource Director Technology.
    package struct IntelRdt: Sendable {
        /// `enabled`: whether it is there at all.
        package var enabled: Bool?
        /// `schemata`: whether `linux.intelRdt.schemata` is.
        package var schemata: Bool?
        /// `monitoring`: whether `linux.intelRdt.enableMonitoring` is.
        package var monitoring: Bool?

        /// Makes an empty part.
        package init() {}
    }

    /// `linux.memoryPolicy`: NUMA policies.
    package struct MemoryPolicy: Sendable {
        /// `modes`: the modes.
        package var modes: [String]?
        /// `flags`: the flags of modes.
        package var flags: [String]?

        /// Makes an empty part.
        package init() {}
    }
}

extension LinuxFeatures {
    func write(to writer: inout JSONWriter) {
        writer.object("linux") { writer in
            if let namespaces { writer.member("namespaces", namespaces) }
            if let capabilities { writer.member("capabilities", capabilities) }
            if let cgroup { writer.object("cgroup") { cgroup.write(to: &$0) } }
            if let seccomp { writer.object("seccomp") { seccomp.write(to: &$0) } }
            if let isAppArmorEnabled { writer.object("apparmor") { $0.member("enabled", isAppArmorEnabled) } }
            if let isSELinuxEnabled { writer.object("selinux") { $0.member("enabled", isSELinuxEnabled) } }
            if let intelRdt {
                writer.object("intelRdt") { writer in
                    if let enabled = intelRdt.enabled { writer.member("enabled", enabled) }
                    if let schemata = intelRdt.schemata { writer.member("schemata", schemata) }
                    if let monitoring = intelRdt.monitoring { writer.member("monitoring", monitoring) }
                }
            }
            if let memoryPolicy {
                writer.object("memoryPolicy") { writer in
                    if let modes = memoryPolicy.modes { writer.member("modes", modes) }
                    if let flags = memoryPolicy.flags { writer.member("flags", flags) }
                }
            }
            if let isMountIDMapEnabled {
                writer.object("mountExtensions") { writer in
                    writer.object("idmap") { $0.member("enabled", isMountIDMapEnabled) }
                }
            }
            if let isNetDevicesEnabled { writer.object("netDevices") { $0.member("enabled", isNetDevicesEnabled) } }
        }
    }
}

extension LinuxFeatures.Cgroup {
    func write(to writer: inout JSONWriter) {
        if let v1 { writer.member("v1", v1) }
        if let v2 { writer.member("v2", v2) }
        if let systemd { writer.member("systemd", systemd) }
        if let systemdUser { writer.member("systemdUser", systemdUser) }
        if let rdma { writer.member("rdma", rdma) }
    }
}

extension LinuxFeatures.Seccomp {
    func write(to writer: inout JSONWriter) {
        if let enabled { writer.member("enabled", enabled) }
        if let actions { writer.member("actions", actions) }
        if let operators { writer.member("operators", operators) }
        if let architectures { writer.member("archs", architectures) }
        if let knownFlags { writer.member("knownFlags", knownFlags) }
        if let supportedFlags { writer.member("supportedFlags", supportedFlags) }
    }
}
