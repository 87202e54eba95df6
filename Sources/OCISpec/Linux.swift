internal import LosslessJSON

/// `/linux`: what is particular to Linux (config-linux.md).
package struct Linux: Sendable {
    /// `/linux/namespaces`: the namespaces that the container gets or joins; what isn't named is the runtime's own.
    package var namespaces: [Namespace]?
    /// `/linux/uidMappings`: the user ids of a new user namespace.
    package var uidMappings: [IDMapping]?
    /// `/linux/gidMappings`: the group ids of a new user namespace.
    package var gidMappings: [IDMapping]?
    /// `/linux/timeOffsets`: the offsets of a new time namespace by clock. The schema knows `boottime` and
    /// `monotonic`; other names stand here too, so that they can be refused.
    package var timeOffsets: [MapEntry<TimeOffset>]?
    /// `/linux/devices`: devices that must be there in the container.
    package var devices: [Device]?
    /// `/linux/netDevices`: network devices that move into the container, by their name on the host.
    package var netDevices: [MapEntry<NetDevice>]?
    /// `/linux/cgroupsPath`: the cgroup; how it is read depends on the cgroup driver.
    package var cgroupsPath: String?
    /// `/linux/resources`: the cgroup's limits.
    package var resources: Resources?
    /// `/linux/intelRdt`: Intel Resource Director Technology.
    package var intelRdt: IntelRdt?
    /// `/linux/memoryPolicy`: the NUMA policy of the process.
    package var memoryPolicy: MemoryPolicy?
    /// `/linux/sysctl`: kernel parameters, names as for sysctl(8).
    package var sysctl: [MapEntry<String>]?
    /// `/linux/seccomp`: the system call filter.
    package var seccomp: Seccomp?
    /// `/linux/rootfsPropagation`: the propagation of the root mount.
    package var rootfsPropagation: RootfsPropagation?
    /// `/linux/maskedPaths`: paths that can't be read in the container.
    package var maskedPaths: [String]?
    /// `/linux/readonlyPaths`: paths that can't be written in the container.
    package var readonlyPaths: [String]?
    /// `/linux/mountLabel`: the SELinux context of the mounts.
    package var mountLabel: String?
    /// `/linux/personality`: the execution domain.
    package var personality: Personality?

    /// Makes an empty section.
    package init() {}
}

extension Linux: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        namespaces = decoder.sections("namespaces", in: object)
        uidMappings = decoder.sections("uidMappings", in: object)
        gidMappings = decoder.sections("gidMappings", in: object)
        timeOffsets = decoder.sectionMap("timeOffsets", in: object)
        devices = decoder.sections("devices", in: object)
        netDevices = decoder.sectionMap("netDevices", in: object)
        cgroupsPath = decoder.string("cgroupsPath", in: object)
        resources = decoder.section("resources", in: object)
        intelRdt = decoder.section("intelRdt", in: object)
        memoryPolicy = decoder.section("memoryPolicy", in: object)
        sysctl = decoder.stringMap("sysctl", in: object)
        seccomp = decoder.section("seccomp", in: object)
        rootfsPropagation = decoder.choice("rootfsPropagation", in: object)
        maskedPaths = decoder.strings("maskedPaths", in: object)
        readonlyPaths = decoder.strings("readonlyPaths", in: object)
        mountLabel = decoder.string("mountLabel", in: object)
        personality = decoder.section("personality", in: object)
    }
}
