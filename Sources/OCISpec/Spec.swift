package import LosslessJSON

/// A bundle's `config.json`: what it says, and no more (runtime-spec 1.3.0, config.md).
///
/// This is the raw form. What the file leaves out is nil here, values that no kernel would take stay as they are, and
/// sections of other platforms (`windows`, `solaris`, `vm`, `zos`, `freebsd`) and unknown properties are passed over.
package struct Spec: Sendable {
    /// `/ociVersion`, REQUIRED: the version of the specification that the document complies with. See ``OCIVersion``.
    package var ociVersion: String
    /// `/root`: the root file system. REQUIRED on Linux by config.md, "Root", though not by the schema.
    package var root: Root?
    /// `/mounts`: mounts beside the root, in the order in which they are made.
    package var mounts: [Mount]?
    /// `/process`: what to run. REQUIRED by the time of `start`.
    package var process: Process?
    /// `/hostname`: the host name in the container's UTS namespace.
    package var hostname: String?
    /// `/domainname`: the NIS domain name in the container's UTS namespace.
    package var domainname: String?
    /// `/hooks`: programs to run at points of the life of a container.
    package var hooks: Hooks?
    /// `/annotations`: metadata for whoever asks.
    package var annotations: [MapEntry<String>]?
    /// `/linux`: the Linux part (config-linux.md).
    package var linux: Linux?

    /// Reads a `config.json`.
    ///
    /// Every problem of type is found, not the first alone: values of a wrong type, required ones that are missing,
    /// numbers out of range, names that the schema doesn't list, and NUL bytes. What the values mean isn't looked at.
    package init(_ json: JSON) throws(SpecProblems) {
        self = try SpecDecoder.decode(Spec.self, from: json)
    }

    init() { ociVersion = "" }

    /// Reads what can be read of a `config.json`, so that the rest can be checked all the same.
    /// - Returns: the config, in which something stands in for each value with a problem, and nil for a document that is no
    ///   object; and the problems, which are those that `init` throws.
    package static func read(_ json: JSON) -> (spec: Spec?, problems: [Problem]) {
        let (section, problems) = SpecDecoder.read(Spec.self, from: json)
        return (section, problems)
    }
}

extension Spec: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        ociVersion = decoder.requiredString("ociVersion", in: object)
        root = decoder.section("root", in: object)
        mounts = decoder.sections("mounts", in: object)
        process = decoder.section("process", in: object)
        hostname = decoder.string("hostname", in: object)
        domainname = decoder.string("domainname", in: object)
        hooks = decoder.section("hooks", in: object)
        annotations = decoder.stringMap("annotations", in: object)
        linux = decoder.section("linux", in: object)
    }
}
