package import LosslessJSON

extension Spec {
    /// Reads of a container's `config.json` what a process that joins the container shares with its first: `/process`,
    /// and of `/linux` the namespaces and what goes for each process. The rest is left nil, unread.
    package init(joining json: JSON) throws(SpecProblems) {
        self = try SpecDecoder.decode(SharedSections.self, from: json).spec
    }
}

/// What `Spec(joining:)` reads.
private struct SharedSections: SpecSection {
    let spec: Spec

    init(_ object: JSON, with decoder: inout SpecDecoder) {
        var spec = Spec()
        spec.process = decoder.section("process", in: object)
        let linux: SharedLinux? = decoder.section("linux", in: object)
        spec.linux = linux?.linux
        self.spec = spec
    }
}

private struct SharedLinux: SpecSection {
    let linux: Linux

    init(_ object: JSON, with decoder: inout SpecDecoder) {
        var linux = Linux()
        linux.namespaces = decoder.sections("namespaces", in: object)
        linux.uidMappings = decoder.sections("uidMappings", in: object)
        linux.gidMappings = decoder.sections("gidMappings", in: object)
        linux.timeOffsets = decoder.sectionMap("timeOffsets", in: object)
        linux.memoryPolicy = decoder.section("memoryPolicy", in: object)
        linux.seccomp = decoder.section("seccomp", in: object)
        linux.personality = decoder.section("personality", in: object)
        self.linux = linux
    }
}
