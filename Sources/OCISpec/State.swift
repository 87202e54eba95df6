package import LosslessJSON

/// A state document: what `state` prints, and what hooks get on their standard input (runtime.md, "State";
/// state-schema.json).
package struct State: Equatable, Sendable {
    /// `ociVersion`, REQUIRED: the version of the specification that the document complies with.
    package var ociVersion: String
    /// `id`, REQUIRED: the container's id.
    package var id: String
    /// `status`, REQUIRED.
    package var status: ContainerStatus
    /// `pid`: the container's process, as the host sees it. REQUIRED when created or running. Nil is left out; those
    /// who read what `state` prints expect 0 for a container without a process.
    package var pid: Int32?
    /// `bundle`, REQUIRED: the absolute path of the bundle.
    package var bundle: String
    /// `annotations`: those of the configuration.
    package var annotations: [MapEntry<String>]?
    /// `rootfs`: the absolute path of the root file system. Not of the specification: callers of `state` read it.
    package var rootfs: String?
    /// `created`: when the container was made, as RFC 3339 has it. Not of the specification, like ``rootfs``.
    package var created: String?
    /// `owner`: the name of the user who made it; empty for root. Not of the specification, like ``rootfs``.
    package var owner: String?
    /// `oom`: how the container ran out of memory; nil where it did not. Not of the specification.
    package var oom: OutOfMemory?

    /// Makes a state.
    package init(
        ociVersion: String, id: String, status: ContainerStatus, pid: Int32? = nil, bundle: String,
        annotations: [MapEntry<String>]? = nil, rootfs: String? = nil, created: String? = nil, owner: String? = nil,
        oom: OutOfMemory? = nil
    ) {
        self.ociVersion = ociVersion
        self.id = id
        self.status = status
        self.pid = pid
        self.bundle = bundle
        self.annotations = annotations
        self.rootfs = rootfs
        self.created = created
        self.owner = owner
        self.oom = oom
    }

    /// Reads a state document.
    package init(_ json: JSON) throws(SpecProblems) {
        self = try SpecDecoder.decode(State.self, from: json)
    }

    /// Writes the state as an object. What is nil is left out, and an empty list of annotations too.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("ociVersion", ociVersion)
        writer.member("id", id)
        if let pid { writer.member("pid", pid) }
        writer.member("status", status.rawValue)
        writer.member("bundle", bundle)
        if let rootfs { writer.member("rootfs", rootfs) }
        if let created { writer.member("created", created) }
        if let annotations, !annotations.isEmpty { writer.member("annotations", annotations) }
        if let owner { writer.member("owner", owner) }
        if let oom {
            writer.name("oom")
            oom.write(to: &writer)
        }
        writer.endObject()
    }
}

extension State: SpecSection {
    init(_ object: JSON, with decoder: inout SpecDecoder) {
        ociVersion = decoder.requiredString("ociVersion", in: object)
        id = decoder.requiredString("id", in: object)
        status = decoder.requiredChoice("status", in: object, standIn: .stopped)
        pid = decoder.integer("pid", in: object, from: 0)
        bundle = decoder.requiredString("bundle", in: object)
        annotations = decoder.stringMap("annotations", in: object)
        rootfs = decoder.string("rootfs", in: object)
        created = decoder.string("created", in: object)
        owner = decoder.string("owner", in: object)
        oom = decoder.section("oom", in: object)
    }
}
