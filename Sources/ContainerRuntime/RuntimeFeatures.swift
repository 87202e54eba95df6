import LinuxSys
package import OCISpec

/// What this runtime can do, for `features`: from the tables that the code itself reads, less what it refuses.
package enum RuntimeFeatures {
    /// The document (features.md, features-linux.md).
    /// - Parameter version: the program's own.
    package static func document(version: String) -> Features {
        var features = Features(ociVersionMin: "1.0.0", ociVersionMax: "\(OCIVersion.current)")
        features.hooks = HookKind.allCases.map(\.rawValue)
        features.mountOptions = MountOptions.knownNames
        var linux = LinuxFeatures()
        linux.namespaces = NamespaceType.allCases.map(\.rawValue)
        linux.capabilities = Capability.names
        var cgroup = LinuxFeatures.Cgroup()
        cgroup.v1 = true
        cgroup.v2 = true
        cgroup.systemd = true
        cgroup.systemdUser = true
        cgroup.rdma = true
        linux.cgroup = cgroup
        var seccomp = LinuxFeatures.Seccomp()
        seccomp.enabled = true
        seccomp.actions = SeccompAction.allCases.map(\.rawValue)
        seccomp.operators = SeccompOperator.allCases.map(\.rawValue)
        seccomp.architectures = SeccompArchitecture.allCases.map(\.rawValue)
        seccomp.knownFlags = SeccompFlag.allCases.map(\.rawValue)
        seccomp.supportedFlags = SeccompFlag.allCases.filter(isAvailable).map(\.rawValue)
        linux.seccomp = seccomp
        linux.isAppArmorEnabled = true
        linux.isSELinuxEnabled = true
        var rdt = LinuxFeatures.IntelRdt()
        rdt.enabled = true
        rdt.schemata = true
        rdt.monitoring = true
        linux.intelRdt = rdt
        var memoryPolicy = LinuxFeatures.MemoryPolicy()
        memoryPolicy.modes = MemoryPolicyMode.allCases.map(\.rawValue)
        memoryPolicy.flags = MemoryPolicyFlag.allCases.map(\.rawValue)
        linux.memoryPolicy = memoryPolicy
        linux.isMountIDMapEnabled = true
        linux.isNetDevicesEnabled = true
        features.linux = linux
        // The second is what engines look for before they offer to checkpoint.
        features.annotations = [
            MapEntry(key: "io.raind.version", value: version),
            MapEntry(key: "org.opencontainers.runc.checkpoint.enabled", value: "true"),
        ]
        features.potentiallyUnsafeConfigAnnotations =
            ConfigAnnotation.allCases.map(\.rawValue) + [ConfigAnnotation.propertyPrefix]
        return features
    }

    /// Whether this kernel takes a flag, as filters are loaded with it here.
    private static func isAvailable(_ flag: SeccompFlag) -> Bool {
        let listener: SeccompFlags = flag == .waitKillableReceive ? .newListener : []
        return LinuxSys.Seccomp.areFlagsAvailable(flag.kernelValue | listener.rawValue)
    }
}
