/// How CRIU is to dump or restore (criu_opts). What is nil, false or empty is left out, and is what CRIU does by itself.
package struct CRIUOptions: Equatable, Sendable {
    /// What CRIU calls something from outside, and what it is.
    package struct Pair: Equatable, Sendable {
        /// The name in the images.
        package var key: String
        /// What it is.
        package var value: String

        /// A pair as given.
        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// A descriptor of CRIU's own that stands in for a file from outside.
    package struct Inherited: Equatable, Sendable {
        /// The name in the images.
        package var key: String
        /// The descriptor.
        package var descriptor: Int32

        /// A descriptor as given.
        package init(key: String, descriptor: Int32) {
            self.key = key
            self.descriptor = descriptor
        }
    }

    /// What becomes of the control groups (criu_cg_mode).
    package enum CgroupMode: Int32, Equatable, Sendable {
        /// They are left alone.
        case ignore = 0
        /// Values are set in those that CRIU makes.
        case soft = 3
        /// Values are set in all.
        case full = 4
        /// They must not be there.
        case strict = 5
        /// What CRIU does by itself.
        case standard = 6
    }

    /// The folder of the images, a descriptor of the caller's.
    package var imagesFolder: Int32
    /// The folder of the log, a descriptor of the caller's; nil for that of the images.
    package var workFolder: Int32?
    /// The first process of the tree that is dumped, in CRIU's pid namespace.
    package var pid: Int32?
    /// The log's name in its folder.
    package var logFile: String?
    /// How much is logged, 0 to 4.
    package var logLevel: Int32?
    /// The root of the processes' mount namespace; for a restore a mount.
    package var root: String?
    /// The processes go on once they are dumped.
    package var leavesRunning = false
    /// UNIX sockets may be connected to others outside.
    package var allowsExternalSockets = false
    /// TCP connections may be open.
    package var allowsConnections = false
    /// Connections that are not yet accepted are left out.
    package var skipsConnectionsInFlight = false
    /// Connections that were open are closed.
    package var closesConnections = false
    /// A device may be reached by another path than it was opened by.
    package var evadesDevices = false
    /// The terminal may be one from outside.
    package var isShellJob = false
    /// Locks on files are kept.
    package var keepsFileLocks = false
    /// Files that have lost their names get new ones meanwhile.
    package var remapsLinks = false
    /// The caller is told of what happens.
    package var notifies = false
    /// The folder of an earlier dump, from that of the images.
    package var parentImages: String?
    /// Which memory is written to is found out for the next dump.
    package var tracksMemory = false
    /// Memory that a later image has is dropped from the earlier.
    package var deduplicates = false
    /// Memory is moved when it is first used.
    package var movesPagesLazily = false
    /// The descriptor, of the caller's, that gets a byte once memory can be asked for (CRIU before 3.15).
    package var statusDescriptor: Int32?
    /// Where memory is sent to, or asked for.
    package var pageServer: (address: String, port: Int32)?
    /// Mounts from outside: in a dump mount point to name, in a restore name to the host's path.
    package var externalMounts: [Pair] = []
    /// Other things from outside, `net[INODE]:NAME` and `file[MOUNT:INODE]`.
    package var external: [String] = []
    /// What those are in a restore.
    package var inherited: [Inherited] = []
    /// Namespaces that exist, type to path.
    package var joinedNamespaces: [Pair] = []
    /// The types of namespaces, CLONE_NEW*, that are made without what is in them.
    package var emptyNamespaces: UInt32?
    /// What becomes of the control groups; nil for not even looking at them.
    package var cgroupMode: CgroupMode?
    /// The groups that those of the images become, controllers to path.
    package var cgroupRoots: [Pair] = []
    /// The group whose freezer holds the processes meanwhile.
    package var freezerGroup: String?
    /// Restored processes are children of CRIU's parent.
    package var restoresSiblings = false
    /// Terminals whose master is outside are handed over.
    package var handsOverTerminals = false
    /// A file of CRIU's own options, which count more than these.
    package var configFile: String?
    /// The label of the processes, `apparmor:NAME` or `selinux:LABEL`.
    package var securityProfile: String?
    /// The SELinux label of the mounts.
    package var mountContext: String?

    /// Options of which only the images' folder is given.
    package init(imagesFolder: Int32) {
        self.imagesFolder = imagesFolder
    }

    /// Whether all are the same.
    package static func == (left: CRIUOptions, right: CRIUOptions) -> Bool {
        left.encoded == right.encoded
    }

    private var encoded: [UInt8] {
        var writer = ProtobufWriter()
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout ProtobufWriter) {
        writer.int32(1, imagesFolder)
        if let pid { writer.int32(2, pid) }
        writeFlags(to: &writer)
        if let logLevel { writer.int32(9, logLevel) }
        if let logFile { writer.string(10, logFile) }
        if let pageServer {
            writer.message(11) { message in
                message.string(1, pageServer.address)
                message.int32(2, pageServer.port)
            }
        }
        if let root { writer.string(13, root) }
        if let parentImages { writer.string(14, parentImages) }
        if let workFolder { writer.int32(17, workFolder) }
        write(externalMounts, 23, to: &writer)
        for group in cgroupRoots {
            writer.message(25) { message in
                message.string(1, group.key)
                message.string(2, group.value)
            }
        }
        for file in inherited {
            writer.message(27) { message in
                message.string(1, file.key)
                message.int32(2, file.descriptor)
            }
        }
        if let cgroupMode {
            // manage_cgroups is what CRIU before 2.0 knows of it.
            writer.bool(24, true)
            writer.int32(34, cgroupMode.rawValue)
        }
        for name in external { writer.string(37, name) }
        if let emptyNamespaces { writer.uint32(38, emptyNamespaces) }
        write(joinedNamespaces, 39, to: &writer)
        if let freezerGroup { writer.string(44, freezerGroup) }
        if let statusDescriptor { writer.int32(49, statusDescriptor) }
        if let configFile { writer.string(51, configFile) }
        if let securityProfile { writer.string(53, securityProfile) }
        if let mountContext { writer.string(63, mountContext) }
    }

    private func writeFlags(to writer: inout ProtobufWriter) {
        let flags: [(field: Int, isSet: Bool)] = [
            (3, leavesRunning), (4, allowsExternalSockets), (5, allowsConnections), (6, evadesDevices),
            (7, isShellJob), (8, keepsFileLocks), (12, notifies), (15, tracksMemory), (16, deduplicates),
            (18, remapsLinks), (26, restoresSiblings), (46, skipsConnectionsInFlight), (48, movesPagesLazily),
            (50, handsOverTerminals), (52, closesConnections),
        ]
        for flag in flags where flag.isSet { writer.bool(flag.field, true) }
    }

    /// ext_mount_map and join_namespace: two texts, the first two fields.
    private func write(_ pairs: [Pair], _ field: Int, to writer: inout ProtobufWriter) {
        for pair in pairs {
            writer.message(field) { message in
                message.string(1, pair.key)
                message.string(2, pair.value)
            }
        }
    }
}
