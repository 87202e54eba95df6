import CRIUProtocol
import LinuxSys

/// What `checkpoint` and `restore` have in common on the command line.
package struct CRIUSettings: Sendable {
    /// The folder of the images, absolute.
    package var imagePath: String
    /// The folder of CRIU's log, absolute; nil for that of the images.
    package var workPath: String?
    /// The caller's PATH, in which criu is looked for.
    package var searchPath: String?
    /// TCP connections may be open.
    package var allowsConnections = false
    /// UNIX sockets may be connected to others outside.
    package var allowsExternalSockets = false
    /// The terminal may be one from outside.
    package var isShellJob = false
    /// Locks on files are kept.
    package var keepsFileLocks = false
    /// Files that have lost their names get new ones meanwhile.
    package var remapsLinks = false
    /// Memory is moved when it is first used.
    package var movesPagesLazily = false
    /// Memory that a later image has is dropped from the earlier.
    package var deduplicates = false
    /// What becomes of the control groups' values.
    package var cgroupMode = CgroupMode.soft

    /// What becomes of the control groups' values.
    package enum CgroupMode: Sendable {
        /// They are set in groups below the container's own.
        case soft
        /// They are set in the container's own, too.
        case full
        /// The groups must not be there.
        case strict
        /// Groups and values are left alone.
        case ignore

        var option: CRIUOptions.CgroupMode {
            switch self {
            case .soft: .soft
            case .full: .full
            case .strict: .strict
            case .ignore: .ignore
            }
        }
    }

    /// Settings of which only the folders are given.
    package init(imagePath: String, workPath: String?, searchPath: String?) {
        self.imagePath = imagePath
        self.workPath = workPath
        self.searchPath = searchPath
    }

    /// What CRIU is told of them.
    func options(_ folders: borrowing CRIUFolders, annotations: [(name: String, value: String)]) -> CRIUOptions {
        var options = CRIUOptions(imagesFolder: folders.images.borrowed.rawValue)
        switch folders.work {
        case .some(let work): options.workFolder = work.borrowed.rawValue
        case .none: break
        }
        options.logFile = folders.logFile
        // All of it: what CRIU writes where something fails says more than the failure.
        options.logLevel = 4
        options.notifies = true
        options.handsOverTerminals = true
        options.allowsConnections = allowsConnections
        options.allowsExternalSockets = allowsExternalSockets
        options.isShellJob = isShellJob
        options.keepsFileLocks = keepsFileLocks
        options.remapsLinks = remapsLinks
        options.movesPagesLazily = movesPagesLazily
        options.deduplicates = deduplicates
        options.cgroupMode = cgroupMode.option
        // What is in a network namespace belongs to whoever has put it there: the caller, who does so again.
        options.emptyNamespaces = UInt32(CloneFlags.newNetwork.rawValue)
        options.configFile = Self.configFile(annotations)
        return options
    }

    /// The file of CRIU's own options: the annotation `org.criu.config` names another, or, empty, none.
    static func configFile(_ annotations: [(name: String, value: String)]) -> String? {
        guard let named = annotations.last(where: { $0.name == "org.criu.config" }) else {
            // Where administrators and engines have it for every runtime.
            return "/etc/criu/runc.conf"
        }
        return named.value.isEmpty ? nil : named.value
    }
}

/// The folders that CRIU works in, open.
struct CRIUFolders: ~Copyable {
    /// The images'.
    let images: OwnedFD
    /// The log's; nil where it lies beside the images.
    let work: OwnedFD?
    /// The log's name.
    let logFile: String
    /// The log's path, for people.
    let logPath: String

    /// Opens them; the one of the log is made where it is missing.
    /// - Parameter makesImages: so is that of the images.
    init(_ settings: CRIUSettings, logFile: String, makesImages: Bool) throws(RuntimeError) {
        let images = try Self.open(settings.imagePath, makes: makesImages)
        var work: OwnedFD?
        if let path = settings.workPath { work = try Self.open(path, makes: true) }
        self.images = images
        self.work = work
        self.logFile = logFile
        logPath = (settings.workPath ?? settings.imagePath) + "/" + logFile
    }

    private static func open(_ path: String, makes: Bool) throws(RuntimeError) -> OwnedFD {
        do throws(SyscallError) {
            if makes { try make(path) }
            return try Files.open(path, [.directory])
        } catch {
            guard error.errno == .ENOENT, !makes else { throw RuntimeError(error, in: "open images") }
            throw RuntimeError(
                .state, "no container was saved in \(path): the folder is missing",
                hint: "--image-path names the folder that checkpoint wrote to")
        }
    }

    /// Makes a folder, and what is missing above it. For its owner alone: the images hold the container's memory.
    private static func make(_ path: String) throws(SyscallError) {
        var partial = ""
        for name in path.utf8.split(separator: UInt8(ascii: "/")) {
            partial += "/" + String(Substring(name))
            do throws(SyscallError) {
                try Files.makeDirectory(partial, mode: 0o700)
            } catch {
                guard error.errno == .EEXIST else { throw error }
            }
        }
    }

    /// CRIU's log, as far as it was written; nil where there is none.
    private borrowing func log() -> [UInt8]? {
        // Best effort: the failure that leads here is told without it, too.
        switch work {
        case .some(let work): try? Files.readFile(logFile, in: work.borrowed, limit: 256 << 20)
        case .none: try? Files.readFile(logFile, in: images.borrowed, limit: 256 << 20)
        }
    }

    /// What the error of CRIU's is that everything else came of.
    borrowing func failure(_ verb: String, _ response: CRIUResponse) -> RuntimeError {
        let reason =
            log().flatMap { CRIULog.cause(in: $0) } ?? response.errorText.flatMap { CRIULog.cause(in: Array($0.utf8)) }
        var message = "criu could not \(verb) the container"
        if let reason {
            message += ": " + reason
        } else if let errno = response.errno {
            message += ": " + Errno(rawValue: errno).name
        }
        return RuntimeError(.system, message, hint: "\(logPath) tells more")
    }
}
