package import LosslessJSON
import OCISpec

/// Writes what a profile decides into a bundle's configuration, and leaves every other byte as it was.
///
/// Applying a profile twice changes nothing the second time, and applying one after another leaves what the last one
/// alone would have left. What every profile writes (capabilities, no_new_privs, the annotation) is changed where it
/// stands. What only some write (AppArmor, seccomp) is taken out first and put at a place that depends on nothing that
/// a profile writes; else a profile without it would forget where it stood. That place is where Go's OCI types put it,
/// so that in the files of the common engines it doesn't move.
package struct BundleRewriter: Sendable {
    /// The longest configuration that is read, in bytes.
    package static let maximumByteCount = 16 << 20

    /// An annotation by which crun ignores the seccomp section and loads a filter of its own (crun(1)).
    private static let rawFilterAnnotation = "run.oci.seccomp_bpf_data"

    private var document: JSON

    /// Parses a configuration.
    package static func parse(_ bytes: [UInt8]) throws(BundleError) -> JSON {
        guard bytes.count <= maximumByteCount else { throw .tooLarge }
        let config: JSON
        do { config = try JSON(parsing: bytes) } catch { throw .syntax(error) }
        guard config.kind == .object else { throw BundleSecurity.mismatch(config, "", "an object") }
        guard let process = config["process"], !process.isNull else {
            // Who wrote only a lookalike is told of that.
            try LookalikeMembers.refuse(in: config)
            throw .noProcess
        }
        _ = try BundleSecurity.object(process, "/process")
        _ = try BundleSecurity.object(config["linux"], "/linux")
        _ = try BundleSecurity.object(config["annotations"], "/annotations")
        try LookalikeMembers.refuse(in: config)
        return config
    }

    /// The configuration `config`, as ``parse(_:)`` gives it, with `security` in it and `stamp` as its annotation.
    package static func rewrite(
        _ config: JSON, to security: BundleSecurity, stamp: String
    ) throws(BundleError) -> [UInt8] {
        if security.seccomp != nil { try refuseFilterPastTheSection(in: config) }
        var rewriter = BundleRewriter(document: config)
        try rewriter.removeMovable()
        try rewriter.writeProcess(security)
        try rewriter.writeLinux(security)
        try rewriter.writePaths(security.paths)
        try rewriter.edit([
            .set(path: ["annotations", BundleSecurity.appliedAnnotation], value: .string(stamp))
        ])
        return rewriter.document.documentBytes
    }

    /// Refuses a configuration whose annotations make crun load another filter than the one of the seccomp section.
    package static func refuseFilterPastTheSection(in config: JSON) throws(BundleError) {
        if let filter = config["annotations"]?[rawFilterAnnotation] {
            throw .seccompPassedOver(pointer: "\(filter.pointer)", filter.location)
        }
    }

    private mutating func removeMovable() throws(BundleError) {
        try edit([.remove(path: ["process", "apparmorProfile"]), .remove(path: ["linux", "seccomp"])])
        // A configuration always ends up with a linux section: where seccomp was all that it held, nothing else would
        // tell whether there was one before.
        if document["linux"]?.count ?? 0 == 0 { try edit([.set(path: ["linux"], value: .object([]))]) }
    }

    private mutating func writeProcess(_ security: BundleSecurity) throws(BundleError) {
        let sets = security.capabilities
        let capabilities = JSONValue.object([
            ("bounding", .strings(sets.bounding.names)),
            ("effective", .strings(sets.effective.names)),
            ("inheritable", .strings(sets.inheritable.names)),
            ("permitted", .strings(sets.permitted.names)),
            ("ambient", .strings(sets.ambient.names)),
        ])
        try put(capabilities, "capabilities", in: "process", after: ["cwd"])
        try put(.bool(security.noNewPrivileges), "noNewPrivileges", in: "process", after: ["capabilities", "rlimits"])
        if let label = security.selinuxLabel {
            try put(.string(label), "selinuxLabel", in: "process", after: ["noNewPrivileges", "oomScoreAdj"])
        }
        if let name = security.appArmorProfile {
            try put(.string(name), "apparmorProfile", in: "process", after: ["noNewPrivileges"])
        }
    }

    private mutating func writeLinux(_ security: BundleSecurity) throws(BundleError) {
        guard let seccomp = security.seccomp else { return }
        let predecessors = [
            "uidMappings", "gidMappings", "sysctl", "resources", "cgroupsPath", "namespaces", "devices", "netDevices",
        ]
        try put(seccomp.json, "seccomp", in: "linux", after: predecessors)
    }

    /// What few profiles say: paths that they leave alone stay as the bundle has them.
    private mutating func writePaths(_ paths: ProfilePaths) throws(BundleError) {
        let before = [
            "uidMappings", "gidMappings", "sysctl", "resources", "cgroupsPath", "namespaces", "devices", "netDevices",
            "seccomp", "rootfsPropagation",
        ]
        if let masked = paths.masked { try put(.strings(masked), "maskedPaths", in: "linux", after: before) }
        if let readonly = paths.readonly {
            try put(.strings(readonly), "readonlyPaths", in: "linux", after: before + ["maskedPaths"])
        }
        guard let isReadonly = paths.rootReadonly else { return }
        guard let root = document["root"], root.kind == .object else {
            throw BundleSecurity.mismatch(
                document["root"] ?? document, "/root", "an object, for the profile to write to")
        }
        try put(.bool(isReadonly), "readonly", in: "root", after: ["path"])
    }

    /// Puts a member into an object: where it stands, else after the last of `predecessors`, else at the end.
    private mutating func put(
        _ value: JSONValue, _ name: String, in parent: String, after predecessors: [String]
    ) throws(BundleError) {
        let isNew = document[parent]?[name] == nil
        try edit([.set(path: [parent, name], value: value)])
        guard isNew, let object = document[parent] else { return }
        // The edit has laid the member out at the end; its text, from the comma on, can stand after any other.
        let members = Array(object.members)
        guard let position = members.lastIndex(where: { predecessors.contains($0.name) && $0.name != name }),
            position < members.count - 2
        else { return }
        let target = members[position].value.byteRange.upperBound
        let start = members[members.count - 2].value.byteRange.upperBound
        let end = members[members.count - 1].value.byteRange.upperBound
        let bytes = document.documentBytes
        try replaceDocument(
            Array(bytes[..<target] + bytes[start..<end] + bytes[target..<start] + bytes[end...]))
    }

    private mutating func edit(_ changes: [JSONEdit.Change]) throws(BundleError) {
        let bytes: [UInt8]
        do { bytes = try JSONEdit.apply(changes, to: document) } catch { throw .edit(error) }
        try replaceDocument(bytes)
    }

    private mutating func replaceDocument(_ bytes: [UInt8]) throws(BundleError) {
        do { document = try JSON(parsing: bytes) } catch { throw .syntax(error) }
    }
}
