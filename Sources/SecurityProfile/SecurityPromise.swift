package import LosslessJSON
package import OCISpec

/// What a bundle's configuration, or a profile, promises of a container that runs.
package struct SecurityPromise: Sendable {
    /// All that a profile owns.
    package var security: BundleSecurity
    /// The user of the process, inside.
    package var uid: UInt32
    /// The masked paths; nil where nothing is said of them.
    package var maskedPaths: [String]?
    /// The read-only paths; nil where nothing is said of them.
    package var readOnlyPaths: [String]?
    /// Whether the root file system can't be written to; nil where nothing is said of it.
    package var rootReadonly: Bool?
    /// The users of its user namespace; empty for that of the host, nil where nothing is said of them.
    package var userMap: [IDMapping]?
    /// As ``userMap``, of groups.
    package var groupMap: [IDMapping]?
    /// What the annotation says that was applied, or nil for nothing.
    package var stamp: String?

    /// What a profile promises to a process of this user.
    package init(_ security: BundleSecurity, uid: UInt32) {
        self.security = security
        self.uid = uid
        maskedPaths = security.paths.masked
        readOnlyPaths = security.paths.readonly
        rootReadonly = security.paths.rootReadonly
    }

    /// What a configuration promises.
    package init(reading config: JSON) throws(BundleError) {
        security = try BundleSecurity(reading: config)
        uid = try BundleSecurity.uid(of: config)
        let linux = try BundleSecurity.object(config["linux"], "/linux")
        maskedPaths = security.paths.masked ?? []
        readOnlyPaths = security.paths.readonly ?? []
        rootReadonly = security.paths.rootReadonly
        let user = linux?["namespaces"]?.elements.first { $0["type"]?.stringValue == "user" }
        // Of a namespace that is joined the configuration doesn't say whose it is.
        if user?["path"]?.stringValue ?? "" == "" {
            userMap = user == nil ? [] : try Self.mappings(linux?["uidMappings"], "/linux/uidMappings")
            groupMap = user == nil ? [] : try Self.mappings(linux?["gidMappings"], "/linux/gidMappings")
        }
        stamp = try BundleSecurity.string(
            BundleSecurity.object(config["annotations"], "/annotations")?[BundleSecurity.appliedAnnotation],
            "/annotations/\(BundleSecurity.appliedAnnotation)")
    }

    private static func mappings(_ value: JSON?, _ pointer: String) throws(BundleError) -> [IDMapping] {
        try list(value, pointer) { (element, pointer) throws(BundleError) in
            func number(_ name: String) throws(BundleError) -> UInt32 {
                guard let value = element[name]?.uint64Value, let number = UInt32(exactly: value) else {
                    throw BundleSecurity.mismatch(element, "\(pointer)/\(name)", "a whole number of 32 bits")
                }
                return number
            }
            return IDMapping(
                containerID: try number("containerID"), hostID: try number("hostID"), size: try number("size"))
        }
    }

    private static func list<Element>(
        _ value: JSON?, _ pointer: String, _ read: (JSON, String) throws(BundleError) -> Element
    ) throws(BundleError) -> [Element] {
        guard let value, !value.isNull else { return [] }
        guard value.kind == .array else { throw BundleSecurity.mismatch(value, pointer, "an array") }
        var elements: [Element] = []
        for (position, element) in value.elements.enumerated() {
            elements.append(try read(element, "\(pointer)/\(position)"))
        }
        return elements
    }
}
