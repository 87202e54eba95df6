import LinuxSys
import LosslessJSON
import OCISpec
import ProfileRegistry
import SecurityProfile

/// What a command line names where a profile, a manifest, a bundle or a seccomp file will do.
struct Subject {
    /// Which of them it is.
    enum Kind: Equatable {
        /// A profile: built in, registered, or a manifest that is not.
        case profile
        /// A bundle's configuration.
        case bundle
        /// A seccomp list alone, in Docker's or OCI's form.
        case seccomp
    }

    /// What a person typed.
    let text: String
    /// Which of them it is.
    let kind: Kind
    /// What it comes to. Of a profile for a process of root; of a seccomp file the filter alone means something.
    let security: BundleSecurity
    /// The profile, where it is one.
    let resolution: Resolution?
    /// The configuration, where it is a bundle.
    let config: JSON?
    /// The file that was read; nil for a profile that was named.
    let path: String?

    /// Finds out what `text` names, and reads it. A name has no slash and doesn't end like a manifest's file; a folder is a
    /// bundle; a file is told by what stands in it.
    init(
        _ text: String, changes: CapabilityChanges = .none, architecture: SeccompArchitecture
    ) throws(CommandFailure) {
        guard Self.isPath(text) else {
            self.init(try Resolution(text, changes: changes, architecture: architecture), text: text, path: nil)
            return
        }
        let path = try Self.file(text)
        let bytes = try failing { () throws(SyscallError) in
            try Files.readFile(path, limit: BundleRewriter.maximumByteCount)
        }
        // A document that is no JSON is a manifest: who reads that tells what is wrong with it.
        let json = try? JSON(parsing: bytes)
        if let json, json["process"] != nil || json["ociVersion"] != nil || json["linux"] != nil {
            let config = try failing(path) { () throws(BundleError) in try BundleRewriter.parse(bytes) }
            let security = try failing(path) { () throws(BundleError) in try BundleSecurity(reading: config) }
            self.init(text: text, kind: .bundle, security: security, resolution: nil, config: config, path: path)
        } else if let json, json["defaultAction"] != nil {
            let list = try failing { () throws(ProfileError) in try SeccompList(ManifestNode(json, in: path)) }
            // As for a container of root's with the default capabilities.
            let capabilities = try Resolution("default", changes: changes, architecture: architecture).profile
                .capabilities
            var security = BundleSecurity.unconfined
            security.seccomp = list.filter(for: capabilities, on: architecture)
            self.init(text: text, kind: .seccomp, security: security, resolution: nil, config: nil, path: path)
        } else {
            self.init(try Resolution(text, changes: changes, architecture: architecture), text: text, path: path)
        }
    }

    private init(_ resolution: Resolution, text: String, path: String?) {
        self.init(
            text: text, kind: .profile, security: BundleSecurity(resolution.profile, uid: 0), resolution: resolution,
            config: nil, path: path)
    }

    private init(
        text: String, kind: Kind, security: BundleSecurity, resolution: Resolution?, config: JSON?, path: String?
    ) {
        self.text = text
        self.kind = kind
        self.security = security
        self.resolution = resolution
        self.config = config
        self.path = path
    }

    /// Whether a word stands for a file and not for a name.
    static func isPath(_ text: String) -> Bool {
        ProfileRegistry.isPath(text) || text == "." || text == ".."
    }

    private static func file(_ text: String) throws(CommandFailure) -> String {
        let status = try failing { () throws(SyscallError) in try Files.status(text) }
        guard status.type == .directory else { return text }
        return text.utf8.last == UInt8(ascii: "/") ? text + "config.json" : text + "/config.json"
    }
}
