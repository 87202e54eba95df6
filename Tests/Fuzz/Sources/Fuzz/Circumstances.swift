import RuntimePlan

/// What the first byte of an input stands for: `0` to `6` are the hosts, and what follows in ASCII the same with options.
struct Circumstances {
    /// The host that is planned for.
    let host: HostFacts
    /// The options of the command line.
    let options: PlanOptions
    /// Whether the document is also written and edited, which takes longer than all the rest.
    let edits: Bool

    init(_ byte: UInt8) {
        let number = Int(byte &- UInt8(ascii: "0"))
        let rest = number / Self.hosts.count
        host = Self.hosts[number % Self.hosts.count]
        options = PlanOptions(
            avoidsPivot: rest & 1 != 0, keepsKeyring: rest & 2 != 0, withoutCgroups: rest & 4 != 0)
        edits = rest & 8 != 0
    }

    /// A byte for any of the circumstances, edits in one of eight.
    static func random(_ generator: inout SeededGenerator) -> UInt8 {
        let plain = UInt8.random(in: 0..<UInt8(hosts.count * 8), using: &generator)
        let edits = UInt8.random(in: 0..<8, using: &generator) == 0 ? UInt8(hosts.count * 8) : 0
        return UInt8(ascii: "0") + plain + edits
    }

    /// Root on each layout of the control groups; one with AppArmor, SELinux and few capabilities; an ordinary user; and
    /// root of a user namespace.
    private static let hosts: [HostFacts] = [
        facts(hybrid), facts(v1), facts(v2), facts([]),
        facts(v2, capabilities: 0xa80_425fb, lastCapability: 37, hasSecurityModules: true),
        facts(hybrid, userID: 1000), facts(v2, userID: 0, isInitial: false),
    ]

    private static func facts(
        _ hierarchies: [CgroupLayout.Hierarchy], userID: UInt32 = 0, isInitial: Bool = true,
        capabilities: UInt64 = (1 << 41) - 1, lastCapability: UInt8 = 40, hasSecurityModules: Bool = false
    ) -> HostFacts {
        HostFacts(
            effectiveUserID: userID, inInitialUserNamespace: isInitial, lastCapability: lastCapability,
            boundingCapabilities: capabilities, hasKernelCore: !hasSecurityModules, hasAppArmor: hasSecurityModules,
            hasSELinux: hasSecurityModules, cgroups: CgroupLayout(hierarchies: hierarchies))
    }

    private static let v2 = [
        CgroupLayout.Hierarchy(
            controllers: ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"],
            mountPoint: "/sys/fs/cgroup", ownPath: "/user.slice/session-1.scope", isUnified: true)
    ]

    private static let v1 = [
        ["cpuset"], ["cpu", "cpuacct"], ["blkio"], ["memory"], ["devices"], ["freezer"], ["net_cls", "net_prio"],
        ["hugetlb"], ["pids"], ["rdma"], ["name=systemd"],
    ].map { controllers in
        CgroupLayout.Hierarchy(
            controllers: controllers, mountPoint: "/sys/fs/cgroup/" + controllers.joined(separator: ","),
            ownPath: "/own", isUnified: false)
    }

    private static let hybrid =
        v1.filter { $0.controllers != ["hugetlb"] } + [
            CgroupLayout.Hierarchy(
                controllers: ["hugetlb"], mountPoint: "/sys/fs/cgroup/unified", ownPath: "/own", isUnified: true)
        ]
}
