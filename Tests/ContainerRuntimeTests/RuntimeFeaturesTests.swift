import Foundation
import LosslessJSON
import OCISpec
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// What the runtime says that it can do is what it does not refuse: each name of the specification is in the features
/// document if, and only if, a config that has it is taken. That it is done as well is for the integration cases.
struct RuntimeFeaturesTests {
    let features = RuntimeFeatures.document(version: "1.2.3")
    let linux: LinuxFeatures

    init() throws { linux = try #require(features.linux) }

    /// The problems of a small config with some of its members set, on a host with every controller and module.
    static func problems(_ changes: [(path: [String], value: JSONValue)]) throws -> [String] {
        var config = try ConfigFixtures.json("validation/base.json")
        for (path, value) in changes {
            config = try JSON(parsing: JSONEdit.apply([.set(path: path, value: value)], to: config))
        }
        var host = HostFacts.root(
            CgroupLayout(hierarchies: [
                CgroupLayout.Hierarchy(
                    controllers: ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"],
                    mountPoint: "/sys/fs/cgroup", ownPath: "/own/scope", isUnified: true)
            ]))
        host.hasResctrl = true
        host.hasAppArmor = true
        host.hasSELinux = true
        do throws(SpecProblems) {
            _ = try ValidSpec(checking: Spec(config), on: host)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    static func isTaken(_ changes: [(path: [String], value: JSONValue)]) throws -> Bool {
        try problems(changes).isEmpty
    }

    static func json(_ text: String) throws -> JSONValue { JSONValue(try JSON(parsing: Array(text.utf8))) }

    static func seccomp(_ members: String) throws -> [(path: [String], value: JSONValue)] {
        [(["linux", "seccomp"], try json(#"{"defaultAction": "SCMP_ACT_ALLOW", \#(members)}"#))]
    }

    /// Each of `names` is listed if and only if it is taken; and some are.
    func compare(
        _ listed: [String]?, with names: [String], _ changes: (String) throws -> [(path: [String], value: JSONValue)]
    ) throws {
        let listed = try #require(listed)
        #expect(Set(listed).count == listed.count)
        #expect(Set(listed).isSubset(of: names))
        for name in names {
            let problems = try Self.problems(changes(name))
            #expect(listed.contains(name) == problems.isEmpty, "\(name): \(problems)")
        }
    }

    @Test func theConfigItselfIsTaken() throws { #expect(try Self.problems([]).isEmpty) }

    @Test func versions() throws {
        for version in [features.ociVersionMin, features.ociVersionMax] {
            #expect(try Self.isTaken([(["ociVersion"], .string(version))]))
        }
    }

    @Test func hooks() throws {
        try compare(features.hooks, with: HookKind.allCases.map(\.rawValue)) {
            [(["hooks"], try Self.json(#"{"\#($0)": [{"path": "/bin/true"}]}"#))]
        }
    }

    @Test func mountOptions() throws {
        try compare(features.mountOptions, with: MountOptions.knownNames) { name in
            let members =
                switch name {
                case "tmpcopyup": #""type": "tmpfs", "options": ["tmpcopyup"]"#
                case "idmap", "ridmap":
                    #""type": "none", "options": ["rbind", "\#(name)"], "uidMappings": \#(Self.maps), "#
                        + #""gidMappings": \#(Self.maps)"#
                default: #""type": "none", "options": ["rbind", "\#(name)"]"#
                }
            let mount = #"{"destination": "/x", "source": "/src", \#(members)}"#
            return [(["mounts"], try Self.json("[\(mount)]"))]
        }
    }

    static let maps = #"[{"containerID": 0, "hostID": 100000, "size": 65536}]"#

    @Test func namespaces() throws {
        try compare(linux.namespaces, with: NamespaceType.allCases.map(\.rawValue)) { name in
            let types = Set(["mount", name]).sorted().map { #"{"type": "\#($0)"}"# }.joined(separator: ", ")
            let maps: [(path: [String], value: JSONValue)] =
                name == "user"
                ? [
                    (["linux", "uidMappings"], try Self.json(Self.maps)),
                    (["linux", "gidMappings"], try Self.json(Self.maps)),
                ] : []
            return [(["linux", "namespaces"], try Self.json("[\(types)]"))] + maps
        }
    }

    @Test func capabilities() throws {
        #expect(linux.capabilities == Capability.names)
        #expect(linux.capabilities?.count == 41)
    }

    @Test func seccompActions() throws {
        try compare(linux.seccomp?.actions, with: SeccompAction.allCases.map(\.rawValue)) { name in
            let listener = name == SeccompAction.notify.rawValue ? #""listenerPath": "/run/agent.sock", "# : ""
            return try Self.seccomp(#"\#(listener)"syscalls": [{"names": ["kexec_load"], "action": "\#(name)"}]"#)
        }
    }

    @Test func seccompOperators() throws {
        try compare(linux.seccomp?.operators, with: SeccompOperator.allCases.map(\.rawValue)) { name in
            let argument = #"{"index": 0, "value": 1, "valueTwo": 1, "op": "\#(name)"}"#
            return try Self.seccomp(
                #""syscalls": [{"names": ["kexec_load"], "action": "SCMP_ACT_ERRNO", "args": [\#(argument)]}]"#)
        }
    }

    @Test func seccompArchitectures() throws {
        try compare(linux.seccomp?.architectures, with: SeccompArchitecture.allCases.map(\.rawValue)) {
            try Self.seccomp(#""architectures": ["\#($0)"]"#)
        }
    }

    @Test func seccompFlags() throws {
        let known = try #require(linux.seccomp?.knownFlags)
        #expect(known == SeccompFlag.allCases.map(\.rawValue))
        #expect(Set(try #require(linux.seccomp?.supportedFlags)).isSubset(of: known))
    }

    @Test func securityModules() throws {
        #expect(linux.isAppArmorEnabled == (try Self.isTaken([(["process", "apparmorProfile"], "x")])))
        #expect(linux.isSELinuxEnabled == (try Self.isTaken([(["process", "selinuxLabel"], "x")])))
    }

    @Test func sectionsOfLinux() throws {
        let idMap = try Self.json(
            #"[{"destination": "/x", "type": "none", "source": "/src", "options": ["rbind", "idmap"], "#
                + #""uidMappings": \#(Self.maps), "gidMappings": \#(Self.maps)}]"#)
        #expect(linux.isMountIDMapEnabled == (try Self.isTaken([(["mounts"], idMap)])))
        let devices = try Self.json(#"{"eth9": {"name": "eth0"}}"#)
        let network = try Self.json(#"[{"type": "mount"}, {"type": "network"}]"#)
        #expect(
            linux.isNetDevicesEnabled
                == (try Self.isTaken([(["linux", "namespaces"], network), (["linux", "netDevices"], devices)])))
        let rdma = try Self.json(#"{"rdma": {"mlx5_0": {"hcaHandles": 1}}}"#)
        #expect(linux.cgroup?.rdma == (try Self.isTaken([(["linux", "resources"], rdma)])))
        let rdt = try #require(linux.intelRdt)
        for (claim, members) in [
            (rdt.enabled, #"{"closID": "a"}"#), (rdt.schemata, #"{"closID": "a", "schemata": ["L3:0=f"]}"#),
            (rdt.monitoring, #"{"closID": "a", "enableMonitoring": true}"#),
        ] {
            #expect(
                (claim ?? false) == (try Self.isTaken([(["linux", "intelRdt"], try Self.json(members))])), "\(members)")
        }
    }

    @Test func memoryPolicies() throws {
        let policy = linux.memoryPolicy ?? LinuxFeatures.MemoryPolicy()
        try compare(policy.modes ?? [], with: MemoryPolicyMode.allCases.map(\.rawValue)) { name in
            let nodes = ["MPOL_DEFAULT", "MPOL_LOCAL"].contains(name) ? "" : #", "nodes": "0""#
            return [(["linux", "memoryPolicy"], try Self.json(#"{"mode": "\#(name)"\#(nodes)}"#))]
        }
        try compare(policy.flags ?? [], with: MemoryPolicyFlag.allCases.map(\.rawValue)) {
            let members = #"{"mode": "MPOL_BIND", "nodes": "0", "flags": ["\#($0)"]}"#
            return [(["linux", "memoryPolicy"], try Self.json(members))]
        }
    }

    @Test func annotations() {
        #expect(features.annotations?[key: "io.raind.version"] == "1.2.3")
        #expect(features.annotations?[key: "org.opencontainers.runc.checkpoint.enabled"] == "true")
    }

    /// Annotations that change what is done are read by their names in `ConfigAnnotation` alone, so that all are told.
    @Test func annotationsOfConfigs() throws {
        #expect(
            features.potentiallyUnsafeConfigAnnotations == ConfigAnnotation.allCases.map(\.rawValue) + [
                "org.systemd.property."
            ])
        var readers: [String] = []
        for module in ["RuntimePlan", "ContainerRuntime", "raind-oci"] {
            for (name, text) in try ConfigFixtures.sources(of: module) {
                for line in text.split(separator: "\n")
                where line.contains("annotations?[") || line.contains("annotations[") {
                    readers.append("\(module)/\(name): \(line)")
                }
            }
        }
        #expect(readers.isEmpty)
    }
}

extension ConfigFixtures {
    /// The Swift files of a module, by their names.
    static func sources(of module: String) throws -> [(name: String, text: String)] {
        let folder = folder.deletingLastPathComponent().appendingPathComponent("Sources/\(module)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        #expect(names.count > 5)
        return try names.sorted().map { name in
            (name, String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self))
        }
    }
}
