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
        _ text: String, changes: CapabilityChanges = .none, architecture: SeccompArchitecture,
        kernel: KernelVersion? = nil
    ) throws(CommandFailure) {
        switch try Self.document(text) {
        case .bundle(let config, let path):
            let security = try failing(path) { () throws(BundleError) in try BundleSecurity(reading: config) }
            self.init(text: text, kind: .bundle, security: security, resolution: nil, config: config, path: path)
        case .seccomp(let json, let path):
            let list = try failing { () throws(ProfileError) in try SeccompList(ManifestNode(json, in: path)) }
            // As for a container of root's with the default capabilities.
            let capabilities = try Resolution("default", changes: changes, architecture: architecture).profile
                .capabilities
            var security = BundleSecurity.unconfined
            security.seccomp = list.filter(for: capabilities, on: architecture, kernel: kernel ?? .ofHost)
            self.init(text: text, kind: .seccomp, security: security, resolution: nil, config: nil, path: path)
        case .profile(let path):
            let resolution = try Resolution(text, changes: changes, architecture: architecture, kernel: kernel)
            self.init(resolution, text: text, path: path)
        }
    }

    /// The document that a command line names, before anything is made of it.
    enum Document {
        /// A bundle's configuration, and its path.
        case bundle(JSON, path: String)
        /// A seccomp list, and its path.
        case seccomp(JSON, path: String)
        /// A profile: the path of its manifest, or nil where it was named.
        case profile(path: String?)
    }

    /// Finds out what `text` names, and reads it without judging it.
    static func document(_ text: String) throws(CommandFailure) -> Document {
        guard isPath(text) else { return .profile(path: nil) }
        let path = try file(text)
        let bytes = try failing { () throws(SyscallError) in
            try Files.readFile(path, limit: BundleRewriter.maximumByteCount)
        }
        // Best effort: a document that is no JSON is a manifest, and who reads that tells what is wrong with it.
        guard let json = try? JSON(parsing: bytes) else { return .profile(path: path) }
        if json["process"] != nil || json["ociVersion"] != nil || json["linux"] != nil {
            return .bundle(try failing(path) { () throws(BundleError) in try BundleRewriter.parse(bytes) }, path: path)
        }
        return json["defaultAction"] != nil ? .seccomp(json, path: path) : .profile(path: path)
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
