import LosslessJSON
import Testing

@testable import OCISpec

/// Features documents.
struct FeaturesTests {
    func text(of features: Features) -> String {
        var writer = JSONWriter()
        features.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func versionsAlone() {
        #expect(
            text(of: Features(ociVersionMin: "1.0.0", ociVersionMax: "1.3.0"))
                == #"{"ociVersionMin":"1.0.0","ociVersionMax":"1.3.0"}"#)
    }

    @Test func everything() {
        var linux = LinuxFeatures()
        linux.namespaces = ["pid"]
        linux.capabilities = ["CAP_CHOWN"]
        var cgroup = LinuxFeatures.Cgroup()
        cgroup.v1 = true
        cgroup.v2 = true
        cgroup.systemd = false
        cgroup.systemdUser = false
        cgroup.rdma = true
        linux.cgroup = cgroup
        var seccomp = LinuxFeatures.Seccomp()
        seccomp.enabled = true
        seccomp.actions = ["SCMP_ACT_ALLOW"]
        seccomp.operators = ["SCMP_CMP_EQ"]
        seccomp.architectures = ["SCMP_ARCH_X86_64"]
        seccomp.knownFlags = ["SECCOMP_FILTER_FLAG_LOG"]
        seccomp.supportedFlags = []
        linux.seccomp = seccomp
        linux.isAppArmorEnabled = true
        linux.isSELinuxEnabled = false
        var intelRdt = LinuxFeatures.IntelRdt()
        intelRdt.enabled = true
        intelRdt.schemata = true
        intelRdt.monitoring = false
        linux.intelRdt = intelRdt
        var memoryPolicy = LinuxFeatures.MemoryPolicy()
        memoryPolicy.modes = ["MPOL_BIND"]
        memoryPolicy.flags = ["MPOL_F_STATIC_NODES"]
        linux.memoryPolicy = memoryPolicy
        linux.isMountIDMapEnabled = true
        linux.isNetDevicesEnabled = false
        var features = Features(ociVersionMin: "1.0.0", ociVersionMax: "1.3.0")
        features.hooks = ["prestart"]
        features.mountOptions = ["ro"]
        features.linux = linux
        features.annotations = [MapEntry(key: "k", value: "v")]
        features.potentiallyUnsafeConfigAnnotations = ["com.example."]
        #expect(
            text(of: features)
                == #"{"ociVersionMin":"1.0.0","ociVersionMax":"1.3.0","hooks":["prestart"],"mountOptions":["ro"],"#
                + #""linux":{"namespaces":["pid"],"capabilities":["CAP_CHOWN"],"cgroup":{"v1":true,"v2":true,"#
                + #""systemd":false,"systemdUser":false,"rdma":true},"seccomp":{"enabled":true,"#
                + #""actions":["SCMP_ACT_ALLOW"],"operators":["SCMP_CMP_EQ"],"archs":["SCMP_ARCH_X86_64"],"#
                + #""knownFlags":["SECCOMP_FILTER_FLAG_LOG"],"supportedFlags":[]},"apparmor":{"enabled":true},"#
                + #""selinux":{"enabled":false},"intelRdt":{"enabled":true,"schemata":true,"monitoring":false},"#
                + #""memoryPolicy":{"modes":["MPOL_BIND"],"flags":["MPOL_F_STATIC_NODES"]},"#
                + #""mountExtensions":{"idmap":{"enabled":true}},"netDevices":{"enabled":false}},"#
                + #""annotations":{"k":"v"},"potentiallyUnsafeConfigAnnotations":["com.example."]}"#)
    }
}
