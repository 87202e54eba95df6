import Foundation
import LosslessJSON
import OCISpec
import Testing

@testable import RuntimePlan

/// The files below `spec-fixtures`.
enum Fixtures {
    /// The repository.
    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    /// The folder of the fixtures.
    static let folder = repository.appendingPathComponent("spec-fixtures")

    /// A file's text, its path relative to the fixtures.
    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent(path)), as: UTF8.self)
    }

    /// A file, parsed.
    static func json(_ path: String) throws -> JSON {
        try JSON(parsing: [UInt8](Data(contentsOf: folder.appendingPathComponent(path))))
    }

    /// Whether there is such a file.
    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent(path).path)
    }

    /// A file's lines, none where there is no such file.
    static func lines(_ path: String) throws -> [String] {
        guard exists(path) else { return [] }
        return try text(path).split(separator: "\n").map(String.init)
    }

    /// The names of the folders in a folder, sorted.
    static func folders(in subfolder: String) throws -> [String] {
        let base = folder.appendingPathComponent(subfolder)
        return try FileManager.default.contentsOfDirectory(atPath: base.path).filter {
            var isFolder: ObjCBool = false
            return unsafe FileManager.default.fileExists(
                atPath: base.appendingPathComponent($0).path, isDirectory: &isFolder) && isFolder.boolValue
        }.sorted()
    }
}

extension HostFacts {
    /// A machine that knows all 41 capabilities of Linux 5.9 and later, without AppArmor and SELinux, for its root.
    static func root(_ cgroups: CgroupLayout) -> HostFacts {
        HostFacts(
            effectiveUserID: 0, inInitialUserNamespace: true, lastCapability: 40, boundingCapabilities: (1 << 41) - 1,
            hasAppArmor: false, hasSELinux: false, cgroups: cgroups)
    }

    /// Facts as a fixture has them: `{"cgroups": "v1", "appArmor": true ...}`, root on a hybrid host unless it says
    /// otherwise.
    init(_ json: JSON?) throws {
        self = .root(.hybrid)
        guard let json else { return }
        for member in json.members {
            switch (member.name, member.value.stringValue) {
            case ("cgroups", "none"): cgroups = CgroupLayout(hierarchies: [])
            case ("cgroups", "v1"): cgroups = .v1
            case ("cgroups", "hybrid"): cgroups = .hybrid
            case ("cgroups", "v2"): cgroups = .v2
            case ("systemd", let name?): systemd = try #require(SystemdInstance(rawValue: name) as SystemdInstance?)
            case ("appArmor", _): hasAppArmor = try #require(member.value.boolValue as Bool?)
            case ("seLinux", _): hasSELinux = try #require(member.value.boolValue as Bool?)
            case ("resctrl", _): hasResctrl = try #require(member.value.boolValue as Bool?)
            case ("userID", _): effectiveUserID = try #require(member.value.uint64Value.flatMap { UInt32(exactly: $0) })
            case ("inInitialUserNamespace", _): inInitialUserNamespace = try #require(member.value.boolValue as Bool?)
            case ("lastCapability", _):
                lastCapability = try #require(member.value.uint64Value.flatMap { UInt8(exactly: $0) })
            case ("boundingCapabilities", _): boundingCapabilities = try #require(member.value.uint64Value)
            default: Issue.record("\(member.name) is no fact of a host")
            }
        }
    }
}

extension CgroupLayout {
    /// cgroup2 alone.
    static let v2 = CgroupLayout(hierarchies: [
        Hierarchy(
            controllers: ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc"],
            mountPoint: "/sys/fs/cgroup", ownPath: "/user.slice/session-1.scope", isUnified: true)
    ])

    /// v1 hierarchies alone, two of them shared and one of them named.
    static let v1 = CgroupLayout(hierarchies: legacy)

    /// v1 hierarchies, and cgroup2 with what is left.
    static let hybrid = CgroupLayout(
        hierarchies: legacy.filter { $0.controllers != ["hugetlb"] } + [
            Hierarchy(
                controllers: ["hugetlb"], mountPoint: "/sys/fs/cgroup/unified", ownPath: "/own", isUnified: true)
        ])

    private static let legacy = [
        ["cpuset"], ["cpu", "cpuacct"], ["blkio"], ["memory"], ["devices"], ["freezer"], ["net_cls", "net_prio"],
        ["perf_event"], ["hugetlb"], ["pids"], ["rdma"], ["name=systemd"],
    ].map { controllers in
        Hierarchy(
            controllers: controllers,
            mountPoint: "/sys/fs/cgroup/"
                + (controllers == ["name=systemd"] ? "systemd" : controllers.joined(separator: ",")),
            ownPath: "/own", isUnified: false)
    }
}

extension JSONValue {
    /// Puts a value where a JSON pointer leads, or takes out what is there; objects on the way are made.
    mutating func set(_ pointer: String, to value: JSONValue?) throws {
        let tokens = pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            $0.replacingOccurrences(of: "~1", with: "/").replacingOccurrences(of: "~0", with: "~")
        }
        try set(tokens[...], to: value)
    }

    private mutating func set(_ tokens: ArraySlice<String>, to value: JSONValue?) throws {
        let token = try #require(tokens.first)
        let isLast = tokens.count == 1
        if case .array(var elements) = self {
            let index = try #require(Int(token))
            if isLast, index == elements.count {
                try elements.append(#require(value))
            } else if !isLast {
                try elements[index].set(tokens.dropFirst(), to: value)
            } else if let value {
                elements[index] = value
            } else {
                elements.remove(at: index)
            }
            self = .array(elements)
        } else if isLast {
            self[token] = value
        } else {
            var inner = self[token] ?? .object([])
            try inner.set(tokens.dropFirst(), to: value)
            self[token] = inner
        }
    }

    /// The value, written and read again.
    var parsed: JSON {
        get throws { try JSON(parsing: text()) }
    }
}

extension ValidSpec {
    /// The base config of the fixtures with some of its members set.
    static func based(
        _ changes: [(pointer: String, value: JSONValue?)] = [], on host: HostFacts = .root(.hybrid)
    ) throws -> ValidSpec {
        try ValidSpec(checking: spec(changes), on: host)
    }

    static func spec(_ changes: [(pointer: String, value: JSONValue?)] = []) throws -> Spec {
        var value = JSONValue(try Fixtures.json("validation/base.json"))
        for change in changes { try value.set(change.pointer, to: change.value) }
        return try Spec(value.parsed)
    }

    /// What is wrong with the base config with some of its members set, a line each.
    static func problems(
        _ changes: [(pointer: String, value: JSONValue?)], on host: HostFacts = .root(.hybrid)
    ) throws -> [String] {
        do {
            _ = try based(changes, on: host)
            return []
        } catch let error as SpecProblems {
            return error.problems.map(\.description)
        }
    }
}

/// A value as JSON, for changes of a config.
func json(_ text: String) throws -> JSONValue { JSONValue(try JSON(parsing: Array(text.utf8))) }
