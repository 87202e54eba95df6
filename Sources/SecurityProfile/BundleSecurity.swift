package import LosslessJSON
import OCISpec

/// What a bundle's configuration says of all that a profile owns.
package struct BundleSecurity: Equatable, Sendable {
    /// The capability sets (`/process/capabilities`). Absent is none.
    package var capabilities: ResolvedProfile.ProcessCapabilities
    /// Whether no_new_privs is set (`/process/noNewPrivileges`).
    package var noNewPrivileges: Bool
    /// The name of the AppArmor profile (`/process/apparmorProfile`), or nil for none.
    package var appArmorProfile: String?
    /// The SELinux label (`/process/selinuxLabel`), or nil where nothing is said of it.
    package var selinuxLabel: String?
    /// The seccomp filter (`/linux/seccomp`), or nil for none.
    package var seccomp: SeccompFilter?
    /// What is hidden and what can't be written. Of a profile nil leaves that as it is; of a bundle nil is nothing said.
    package var paths = ProfilePaths()

    /// What `profile` makes of a bundle whose process runs as this user.
    package init(_ profile: ResolvedProfile, uid: UInt32) {
        capabilities = profile.processCapabilities(uid: uid)
        noNewPrivileges = profile.noNewPrivileges
        appArmorProfile = profile.appArmorProfile
        selinuxLabel = profile.selinuxLabel
        seccomp = profile.seccomp
        paths = profile.paths
    }

    /// Nothing is confined: every capability, no seccomp filter, no AppArmor profile.
    package static let unconfined = BundleSecurity()

    private init() {
        capabilities = .init(bounding: .all, effective: .all, permitted: .all, inheritable: [], ambient: [])
        noNewPrivileges = false
    }

    /// Reads what stands in a configuration.
    ///
    /// A capability that has no known name is passed over: no runtime grants it.
    package init(reading config: JSON) throws(BundleError) {
        let process = try BundleSecurity.object(config["process"], "/process")
        capabilities = .init(bounding: [], effective: [], permitted: [], inheritable: [], ambient: [])
        if let sets = try BundleSecurity.object(process?["capabilities"], "/process/capabilities") {
            capabilities.bounding = try BundleSecurity.capabilities(sets["bounding"], "bounding")
            capabilities.effective = try BundleSecurity.capabilities(sets["effective"], "effective")
            capabilities.permitted = try BundleSecurity.capabilities(sets["permitted"], "permitted")
            capabilities.inheritable = try BundleSecurity.capabilities(sets["inheritable"], "inheritable")
            capabilities.ambient = try BundleSecurity.capabilities(sets["ambient"], "ambient")
        }
        noNewPrivileges = false
        if let value = process?["noNewPrivileges"], !value.isNull {
            guard let isSet = value.boolValue else {
                throw BundleSecurity.mismatch(value, "/process/noNewPrivileges", "true or false")
            }
            noNewPrivileges = isSet
        }
        appArmorProfile = try BundleSecurity.string(process?["apparmorProfile"], "/process/apparmorProfile")
        // Both say that there is no profile: "" to all runtimes, "unconfined" to AppArmor.
        if appArmorProfile == "" || appArmorProfile == "unconfined" { appArmorProfile = nil }
        selinuxLabel = try BundleSecurity.string(process?["selinuxLabel"], "/process/selinuxLabel")
        let linux = try BundleSecurity.object(config["linux"], "/linux")
        paths.masked = try BundleSecurity.strings(linux?["maskedPaths"], "/linux/maskedPaths")
        paths.readonly = try BundleSecurity.strings(linux?["readonlyPaths"], "/linux/readonlyPaths")
        if let value = try BundleSecurity.object(config["root"], "/root")?["readonly"], !value.isNull {
            guard let isReadonly = value.boolValue else {
                throw BundleSecurity.mismatch(value, "/root/readonly", "true or false")
            }
            paths.rootReadonly = isReadonly
        }
        if let value = linux?["seccomp"], !value.isNull {
            do throws(ProfileError) {
                let list = try SeccompList(ManifestNode(value, in: nil), asRuntimesDo: true)
                seccomp = list.filterRegardlessOfConditions
            } catch {
                throw .unreadableSeccomp(error)
            }
        }
    }

    /// Whether nothing is confined: every capability, no seccomp filter, no AppArmor profile.
    package var confinesNothing: Bool {
        capabilities.bounding == .all && seccomp == nil && appArmorProfile == nil
    }

    /// The user of the process (`/process/user/uid`); 0 where nothing is said of it.
    package static func uid(of config: JSON) throws(BundleError) -> UInt32 {
        let user = try object(object(config["process"], "/process")?["user"], "/process/user")
        guard let value = user?["uid"] else { return 0 }
        guard let number = value.uint64Value, let uid = UInt32(exactly: number) else {
            throw mismatch(value, "/process/user/uid", "a whole number from 0 to \(UInt32.max)")
        }
        return uid
    }

    /// Where a user asks for a profile (`/annotations`).
    package static let requestedAnnotation = "io.raind.security-profile"

    /// The profile that a configuration asks for by its annotation; nil where it asks for none.
    package static func requestedProfile(in config: JSON) throws(BundleError) -> String? {
        try string(
            object(config["annotations"], "/annotations")?[requestedAnnotation], "/annotations/\(requestedAnnotation)")
    }

    /// Where the applied profile is written down (`/annotations`).
    package static let appliedAnnotation = "io.raind.security-profile.applied"

    static func object(_ value: JSON?, _ pointer: String) throws(BundleError) -> JSON? {
        guard let value, !value.isNull else { return nil }
        guard value.kind == .object else { throw mismatch(value, pointer, "an object") }
        return value
    }

    static func mismatch(_ value: JSON, _ pointer: String, _ wanted: String) -> BundleError {
        .mismatch(pointer: pointer, value.location, wanted: wanted)
    }

    private static func strings(_ value: JSON?, _ pointer: String) throws(BundleError) -> [String]? {
        guard let value, !value.isNull else { return nil }
        guard value.kind == .array else { throw mismatch(value, pointer, "an array") }
        var strings: [String] = []
        for (position, element) in value.elements.enumerated() {
            guard let text = element.stringValue else { throw mismatch(element, "\(pointer)/\(position)", "a string") }
            strings.append(text)
        }
        return strings
    }

    static func string(_ value: JSON?, _ pointer: String) throws(BundleError) -> String? {
        guard let value, !value.isNull else { return nil }
        guard let text = value.stringValue else { throw mismatch(value, pointer, "a string") }
        return text
    }

    private static func capabilities(_ value: JSON?, _ name: String) throws(BundleError) -> CapabilitySet {
        var set: CapabilitySet = []
        guard let value, !value.isNull else { return set }
        let pointer = "/process/capabilities/\(name)"
        guard value.kind == .array else { throw mismatch(value, pointer, "an array") }
        for (position, element) in value.elements.enumerated() {
            guard let name = element.stringValue else { throw mismatch(element, "\(pointer)/\(position)", "a string") }
            if let capability = Capability(lenientName: name) { set.insert(capability) }
        }
        return set
    }
}
