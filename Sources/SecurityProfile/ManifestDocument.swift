import LosslessJSON
import OCISpec

/// Parts of a manifest, to be written.
package enum ManifestDocument {
    static func manifest(
        named name: String, _ description: String?, spec: [(name: String, value: JSONValue)]
    ) -> JSONValue {
        var metadata: [(name: String, value: JSONValue)] = [("name", .string(name))]
        if let description { metadata.append(("description", .string(description))) }
        return .object([
            ("apiVersion", "raind.io/v1"), ("kind", "SecurityProfile"), ("metadata", .object(metadata)),
            ("spec", .object(spec)),
        ])
    }

    /// A filter in place of the parent's.
    static func seccomp(_ filter: SeccompFilter) -> JSONValue {
        guard case .object(let members) = filter.json else { return .null }
        return .object([("mode", "replace")] + members)
    }

    static func appArmor(_ profile: String, _ rules: AppArmorRules, isComplaining: Bool) -> JSONValue {
        var lists: [(name: String, value: JSONValue)] = []
        for (name, paths) in [
            ("readOnlyPaths", rules.readOnlyPaths), ("readWritePaths", rules.readWritePaths),
            ("denyPaths", rules.denyPaths),
        ] where !paths.isEmpty {
            lists.append((name, .strings(paths)))
        }
        var network: [(name: String, value: JSONValue)] = []
        if let raw = rules.network.raw { network.append(("raw", .bool(raw))) }
        if let tcp = rules.network.tcp { network.append(("tcp", .bool(tcp))) }
        if !network.isEmpty { lists.append(("network", .object(network))) }
        return .object([
            ("profile", .string(profile)), ("mode", isComplaining ? "complain" : "enforce"), ("rules", .object(lists)),
        ])
    }

    /// A profile's name made of any text. A built-in's name, which no other profile may have, gets `-copy` behind it.
    static func profileName(from text: String) -> String {
        let name = plainName(from: text)
        return BuiltInProfiles.names.contains { $0.description == name } ? name + "-copy" : name
    }

    /// A text of the characters that a profile's name may have, made of any text.
    package static func plainName(from text: String) -> String {
        let name = text.lowercased().utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "-"):
                byte
            default: UInt8(ascii: "-")
            }
        }.drop { "_.-".utf8.contains($0) }.prefix(63)
        return name.isEmpty ? "imported" : String(decoding: name, as: UTF8.self)
    }
}
