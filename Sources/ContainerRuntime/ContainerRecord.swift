import LosslessJSON
import RuntimePlan

/// What the state folder of a container remembers of it: the members that `state` prints, and what the later commands
/// need in order to find what create made.
package struct ContainerRecord: Sendable {
    /// The runtime-spec version of the container's config.
    package var ociVersion: String
    /// The container's id.
    package var id: String
    /// The process id of the container's process, 0 until there is one. What changes while the container is created
    /// stands in files of its own (`ContainerFolder`), not in the record's text.
    package var pid: Int32
    /// The process's start, in clock ticks after boot (proc(5), field 22 of stat): with the pid it names one process for
    /// good, also when the pid is used again.
    var startTicks: UInt64
    /// The process that creates the container: `delete --force` ends it where it hangs.
    var creator: ProcessIdentity
    /// Whether create has done all of its work.
    var isComplete: Bool
    /// The bundle's absolute path.
    package var bundle: String
    /// The root file system's absolute path.
    package var rootfs: String
    /// When it was created, RFC 3339.
    package var created: String
    /// The config's annotations.
    package var annotations: [(name: String, value: String)]
    /// The user id of whoever created it.
    package var owner: UInt32
    /// Whether the container has a pid namespace of its own, whose processes end with its first.
    var hasPIDNamespace: Bool
    /// Whether the container's processes keep their callers' session keyrings.
    var keepsKeyring: Bool
    /// The control groups, none where the caller wanted none.
    var cgroups: CgroupTree
    /// The scope that systemd has made the groups for; nil where the runtime has made them.
    var scope: ScopeRecord?
    /// Whether it was ever given a limit of memory: what has none of its own is not looked at for having run out of it.
    var hasMemoryLimit = false
    /// The class of service and the monitoring group; nil where none was asked for.
    var resctrl: ResctrlGroup?
    /// The config's hooks that run at or after start, as the config has them; empty for none.
    var laterHooks: [UInt8]

    /// The file in the state folder.
    static let file = "state.json"
    /// What it is called while it is written.
    static let temporaryFile = "state.json.new"

    /// The record's text.
    var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("ociVersion", ociVersion)
        writer.member("id", id)
        writer.member("creatorPID", creator.pid)
        writer.member("creatorStartTicks", creator.startTicks)
        writer.member("bundle", bundle)
        writer.member("rootfs", rootfs)
        writer.member("created", created)
        writer.member("owner", owner)
        writer.member("hasPIDNamespace", hasPIDNamespace)
        writer.member("keepsKeyring", keepsKeyring)
        if hasMemoryLimit { writer.member("hasMemoryLimit", true) }
        writer.name("annotations")
        writer.beginObject()
        for annotation in annotations { writer.member(annotation.name, annotation.value) }
        writer.endObject()
        writer.name("cgroups")
        writer.beginArray()
        for group in cgroups.groups {
            writer.beginObject()
            writer.member("mountPoint", group.mountPoint)
            writer.member("path", group.path)
            writer.member("isUnified", group.isUnified)
            writer.name("controllers")
            writer.beginArray()
            for controller in group.controllers { writer.string(controller) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        scope?.write(to: &writer)
        if let resctrl {
            writer.name("resctrl")
            writer.beginObject()
            if let name = resctrl.className { writer.member("class", name) }
            writer.member("isClassMade", resctrl.isClassMade)
            if let name = resctrl.monitoringName { writer.member("monitoring", name) }
            writer.member("isMonitoringMade", resctrl.isMonitoringMade)
            writer.endObject()
        }
        if !laterHooks.isEmpty { writer.member("hooks", String(decoding: laterHooks, as: UTF8.self)) }
        writer.member("sum", Self.sum(of: writer.bytes[...]))
        writer.endObject()
        return writer.bytes
    }

    /// A sum of the text before it, as text: what stands in JSON as a number is a floating point number to some.
    private static func sum(of text: ArraySlice<UInt8>) -> String { String(decimal: Checksum.of(text)) }

    /// Whether a record is as it was written. One without a sum is of an earlier version, which had none.
    private static func isWhole(_ bytes: [UInt8], sum json: JSON?) -> Bool {
        guard let json else { return true }
        // `,"sum":` stands before the value.
        let end = json.byteRange.lowerBound - ",\"sum\":".utf8.count
        return end >= 0 && json.stringValue == sum(of: bytes[..<end])
    }

    /// Reads a record. State is data from an untrusted past: each member is checked.
    /// - Throws: `RuntimeError` that says what is wrong with it.
    init(decoding bytes: [UInt8]) throws(RuntimeError) {
        let json: JSON
        do throws(JSON.SyntaxError) {
            json = try JSON(parsing: bytes)
        } catch {
            throw RuntimeError(.state, "state.json is damaged: \(error)", hint: Self.damageHint)
        }
        func damaged(_ member: String) -> RuntimeError {
            RuntimeError(.state, "state.json is damaged: \(member) is missing or wrong", hint: Self.damageHint)
        }
        func string(_ name: String) throws(RuntimeError) -> String {
            guard let value = json[name]?.stringValue else { throw damaged(name) }
            return value
        }
        ociVersion = try string("ociVersion")
        id = try string("id")
        bundle = try string("bundle")
        rootfs = try string("rootfs")
        created = try string("created")
        pid = 0
        startTicks = 0
        isComplete = false
        guard let creatorPID = json["creatorPID"]?.int64Value.flatMap({ Int32(exactly: $0) }), creatorPID > 0,
            let creatorStartTicks = json["creatorStartTicks"]?.uint64Value
        else { throw damaged("creatorPID") }
        creator = ProcessIdentity(pid: creatorPID, startTicks: creatorStartTicks)
        guard let owner = json["owner"]?.uint64Value.flatMap({ UInt32(exactly: $0) }) else { throw damaged("owner") }
        self.owner = owner
        guard let hasPIDNamespace = json["hasPIDNamespace"]?.boolValue else { throw damaged("hasPIDNamespace") }
        self.hasPIDNamespace = hasPIDNamespace
        guard let keepsKeyring = json["keepsKeyring"]?.boolValue else { throw damaged("keepsKeyring") }
        self.keepsKeyring = keepsKeyring
        guard let annotations = json["annotations"], annotations.kind == .object else { throw damaged("annotations") }
        self.annotations = []
        for member in annotations.members {
            guard let value = member.value.stringValue else { throw damaged("annotations") }
            self.annotations.append((member.name, value))
        }
        guard let groups = json["cgroups"], groups.kind == .array else { throw damaged("cgroups") }
        var tree: [CgroupTree.Group] = []
        for group in groups.elements {
            guard let mountPoint = group["mountPoint"]?.stringValue, let path = group["path"]?.stringValue,
                let isUnified = group["isUnified"]?.boolValue, let controllers = group["controllers"],
                controllers.kind == .array, Self.isFolder(mountPoint), Self.isFolder(path)
            else { throw damaged("cgroups") }
            var names: [String] = []
            for controller in controllers.elements {
                guard let name = controller.stringValue else { throw damaged("cgroups") }
                names.append(name)
            }
            tree.append(
                CgroupTree.Group(
                    mountPoint: mountPoint, path: path, isUnified: isUnified,
                    controllers: names))
        }
        cgroups = CgroupTree(groups: tree)
        if let limit = json["hasMemoryLimit"] {
            guard let hasMemoryLimit = limit.boolValue else { throw damaged("hasMemoryLimit") }
            self.hasMemoryLimit = hasMemoryLimit
        }
        if let scope = json["scope"] {
            guard let found = ScopeRecord(decoding: scope) else { throw damaged("scope") }
            self.scope = found
        }
        if let resctrl = json["resctrl"] {
            guard let group = ResctrlGroup(decoding: resctrl) else { throw damaged("resctrl") }
            self.resctrl = group
        }
        if let hooks = json["hooks"] {
            laterHooks = Array((hooks.stringValue ?? "").utf8)
            // Read here too, so that no hook is lost without a word.
            guard let list = try? JSON(parsing: laterHooks), list.kind == .object else { throw damaged("hooks") }
        } else {
            laterHooks = []
        }
        // One bit is the difference between this container's control group and another's.
        guard Self.isWhole(bytes, sum: json["sum"]) else {
            throw RuntimeError(.state, "state.json is damaged: it isn't as it was written", hint: Self.damageHint)
        }
    }

    /// Whether a path is absolute, below the root, and stays where it says: everything in a group is ended with its
    /// container.
    private static func isFolder(_ path: String) -> Bool {
        let names = path.utf8.split(separator: UInt8(ascii: "/"))
        return path.utf8.first == UInt8(ascii: "/") && !names.contains { $0.elementsEqual("..".utf8) }
            && names.contains { !$0.elementsEqual(".".utf8) }
    }

    /// A record as given.
    init(
        ociVersion: String, id: String, creator: ProcessIdentity, bundle: String, rootfs: String, created: String,
        annotations: [(name: String, value: String)], owner: UInt32, hasPIDNamespace: Bool, keepsKeyring: Bool,
        cgroups: CgroupTree, laterHooks: [UInt8]
    ) {
        self.ociVersion = ociVersion
        self.id = id
        pid = 0
        startTicks = 0
        self.creator = creator
        isComplete = false
        self.bundle = bundle
        self.rootfs = rootfs
        self.created = created
        self.annotations = annotations
        self.owner = owner
        self.hasPIDNamespace = hasPIDNamespace
        self.keepsKeyring = keepsKeyring
        self.cgroups = cgroups
        self.laterHooks = laterHooks
    }

    /// What to do about a container whose state can't be read.
    static let damageHint = "raind-oci delete --force ID removes what is left of it"
}
