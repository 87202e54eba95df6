import Foundation
import LosslessJSON
import OCISpec
import RuntimePlan
import Testing

/// Configs of `spec-fixtures`.
enum ConfigFixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("spec-fixtures")

    /// A config, parsed.
    static func json(_ path: String) throws -> JSON {
        try JSON(parsing: [UInt8](Data(contentsOf: folder.appendingPathComponent(path))))
    }

    /// Resources, parsed.
    static func resources(_ text: String) throws -> Resources { try Resources(JSON(parsing: Array(text.utf8))) }

    /// The config of `runc spec` with a class of service.
    static func spec(intelRdt: String) throws -> Spec {
        var config = JSONValue(try json("config/valid/runc-spec.json"))
        var linux = try #require(config["linux"])
        linux["resources"] = nil
        linux["intelRdt"] = JSONValue(try JSON(parsing: Array(intelRdt.utf8)))
        config["linux"] = linux
        return try Spec(JSON(parsing: config.text()))
    }

    /// The config of `runc spec` with other resources and another place in the control groups.
    static func spec(resources: String, cgroupsPath: String) throws -> Spec {
        var config = JSONValue(try json("config/valid/runc-spec.json"))
        var linux = try #require(config["linux"])
        linux["resources"] = JSONValue(try JSON(parsing: Array(resources.utf8)))
        linux["cgroupsPath"] = .string(cgroupsPath)
        config["linux"] = linux
        return try Spec(JSON(parsing: config.text()))
    }
}

extension HostFacts {
    /// The machine's root, without security modules.
    static func root(_ cgroups: CgroupLayout) -> HostFacts {
        HostFacts(
            effectiveUserID: 0, inInitialUserNamespace: true, lastCapability: 40, boundingCapabilities: (1 << 41) - 1,
            hasAppArmor: false, hasSELinux: false, cgroups: cgroups)
    }
}
