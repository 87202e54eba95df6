import CRIUProtocol
import LinuxSys
import OCISpec
package import RuntimePlan

/// What the command line says about a checkpoint.
package struct CheckpointOptions: Sendable {
    /// What it has in common with a restore.
    package var settings: CRIUSettings
    /// The folder of an earlier one, from that of the images.
    package var parentPath: String?
    /// The memory alone is saved.
    package var savesMemoryOnly = false
    /// The container goes on.
    package var leavesRunning = false
    /// TCP connections that are not yet accepted are left out.
    package var skipsConnectionsInFlight = false
    /// Where memory is sent to, or asked for.
    package var pageServer: (address: String, port: Int32)?
    /// What is told once memory can be asked for.
    package var statusDescriptor: Int32?

    /// Options of which only the settings are given.
    package init(_ settings: CRIUSettings) {
        self.settings = settings
    }
}

/// Saving a container to files, by CRIU (criu(8)).
package struct Checkpoint: ~Copyable {
    private let folder: ContainerFolder
    private let record: ContainerRecord
    private let isPaused: Bool
    /// The config that the container was created with.
    package let config: [UInt8]
    /// The bundle's folder: relative paths of the config start there.
    package var bundle: String { record.bundle }

    /// The log's name.
    private static let logFile = "dump.log"

    /// Looks a container up, and keeps others from changing it.
    /// - Throws: `RuntimeError` `container does not exist`, `container not running`.
    package init(_ id: String, in store: StateStore) throws(RuntimeError) {
        let folder = try store.open(id, locks: true)
        let container = try Container(folder)
        switch container.status {
        case .running: break
        case .paused:
            // A container that was not started yet may be paused, too.
            guard try Self.wasStarted(folder) else { throw RuntimeError(.state, "container not running") }
        case .creating, .created, .stopped: throw RuntimeError(.state, "container not running")
        }
        config = try folder.readConfig()
        record = container.record
        isPaused = container.status == .paused
        self.folder = folder
    }

    private static func wasStarted(_ folder: borrowing ContainerFolder) throws(RuntimeError) -> Bool {
        do throws(SyscallError) {
            return try !folder.hasStartPipe()
        } catch {
            throw RuntimeError(error, in: "read state")
        }
    }

    /// Saves it. Unless it is left running, it is deleted then: what is left of it are the files.
    /// - Throws: `RuntimeError`; the container goes on as it was.
    package func save(_ spec: ValidSpec, _ options: CheckpointOptions) throws(RuntimeError) {
        let program = try CRIUProcess.find(path: options.settings.searchPath)
        let folders = try CRIUFolders(options.settings, logFile: Self.logFile, makesImages: true)
        try Self.checkParent(options, folders)
        let process = try hold()
        let criu = try Self.start(program)
        let request = try request(spec, options, folders, criu)
        let response: CRIUResponse
        do throws(RuntimeError) {
            response = try criu.perform(request) { (notification, _) throws(RuntimeError) in
                guard notification.script == "status-ready", let status = options.statusDescriptor else { return }
                try Self.tell(status)
            }
        } catch {
            restoreFreezer()
            throw error
        }
        guard response.isSuccess else {
            restoreFreezer()
            throw folders.failure(options.savesMemoryOnly ? "save the memory of" : "save", response)
        }
        // In a pre-dump CRIU waits for the next request, and ends with a failure where there is none.
        try criu.finish(mayFail: options.savesMemoryOnly)
        _ = consume process
        if options.leavesRunning || options.savesMemoryOnly {
            restoreFreezer()
            return
        }
        try Delete.delete(record, folder)
    }

    /// Sees to it that the pid stays the container's process's.
    private func hold() throws(RuntimeError) -> OwnedFD {
        do throws(SyscallError) {
            let process = try Processes.openPIDFD(record.pid)
            // The pid may have been used again before it was opened; from here on the descriptor holds the process.
            guard try Container.isAlive(record) else {
                throw SyscallError(operation: "pidfd_open", errno: .ESRCH, subject: String(record.pid))
            }
            return process
        } catch {
            if error.errno == .ESRCH { throw RuntimeError(.state, "container not running") }
            throw RuntimeError(error, in: "open process")
        }
    }

    private static func start(_ program: String) throws(RuntimeError) -> CRIUProcess {
        do throws(SyscallError) {
            // Nothing of the caller's streams is CRIU's business.
            let null = try Files.open("/dev/null", [.readWrite])
            var options = SpawnOptions()
            options.standardInput = null.borrowed
            options.standardOutput = null.borrowed
            options.standardError = null.borrowed
            return try CRIUProcess(program, options)
        } catch {
            throw RuntimeError(error, in: "start criu")
        }
    }

    private func request(
        _ spec: ValidSpec, _ options: CheckpointOptions, _ folders: borrowing CRIUFolders, _ criu: CRIUProcess
    ) throws(RuntimeError) -> CRIURequest {
        let version = try criu.checkVersion()
        let features = CRIUFeatures(
            tracksMemory: options.savesMemoryOnly || options.parentPath != nil,
            movesPagesLazily: options.settings.movesPagesLazily)
        if features != CRIUFeatures() { try criu.check(features) }
        var dump = options.settings.options(folders, annotations: record.annotations)
        dump.pid = record.pid
        dump.root = record.rootfs
        dump.leavesRunning = options.leavesRunning
        dump.skipsConnectionsInFlight = options.skipsConnectionsInFlight
        dump.pageServer = options.pageServer
        if let parent = options.parentPath {
            dump.parentImages = parent
            dump.tracksMemory = true
        }
        if options.settings.movesPagesLazily, version < CRIUVersion(3, 15) {
            // Later versions send a notification.
            dump.statusDescriptor = options.statusDescriptor
        }
        dump.freezerGroup = freezerGroup(version)
        do throws(SyscallError) {
            dump.external = try ExternalNamespaces(spec).saved(from: record.pid)
            if options.savesMemoryOnly { return .preDump(dump) }
            let streams = try StandardStreams(of: record)
            dump.external += streams.externalFiles
            let root = try Files.open(record.rootfs, [.path, .directory])
            let container = try Files.open("/proc/\(record.pid)/root", [.path, .directory])
            dump.externalMounts = try ExternalMounts(
                spec, bundle: record.bundle, root: root.borrowed, groups: record.cgroups
            ).saved(in: container.borrowed)
            try streams.write(to: folders.images.borrowed)
        } catch {
            throw RuntimeError(error, in: "describe container")
        }
        return .dump(dump)
    }

    /// The group whose freezer holds the container: without one CRIU stops each process by ptrace(2), and a container
    /// that is paused would never stop.
    private func freezerGroup(_ version: CRIUVersion) -> String? {
        if let freezer = record.cgroups.groups.first(where: { !$0.isUnified && $0.controllers.contains("freezer") }) {
            return freezer.folder
        }
        return version < CRIUVersion(3, 14) ? nil : record.cgroups.unified?.folder
    }

    /// CRIU leaves a container as it found it; where it died on its way this does.
    private func restoreFreezer() {
        // Best effort: what led here is the one to tell.
        guard let isFrozen = try? record.cgroups.isFrozen(), isFrozen != isPaused else { return }
        try? record.cgroups.setFrozen(isPaused)
    }

    private static func checkParent(
        _ options: CheckpointOptions, _ folders: borrowing CRIUFolders
    ) throws(RuntimeError) {
        guard let parent = options.parentPath else { return }
        guard parent.utf8.first != UInt8(ascii: "/") else {
            throw RuntimeError(
                .usage, "--parent-path must be relative",
                hint: "it counts from the folder of --image-path, so that both can be moved together")
        }
        do throws(SyscallError) {
            guard try Files.status(parent, in: folders.images.borrowed).type == .directory else {
                throw SyscallError(operation: "stat", errno: .ENOTDIR, subject: parent)
            }
        } catch {
            throw RuntimeError(.usage, "invalid --parent-path: \(error)")
        }
    }

    private static func tell(_ descriptor: Int32) throws(RuntimeError) {
        let status = OwnedFD(adopting: descriptor)
        do throws(SyscallError) {
            try Files.writeByte(status.borrowed, 0)
        } catch {
            throw RuntimeError(error, in: "report status")
        }
    }
}
