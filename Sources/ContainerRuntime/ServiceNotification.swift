package import LinuxSys
package import OCISpec

/// sd_notify(3) out of a container: a datagram socket of the runtime's in the container, whose READY=1 is passed on to the
/// service manager's, together with which process is the main one.
///
/// What comes out of the container is nobody's to trust: nothing of it is passed on but the fact that it is ready.
package struct ServiceNotification: ~Copyable {
    /// The folder in the state folder that is bound into the container, and the socket in it.
    static let folder = "notify"
    private static let file = "notify.sock"
    /// Where the folder is in the container: where runc has it, so that images know.
    private static let containerFolder = "/run/notify"
    /// The largest datagram that is looked into, in bytes; a larger one is dropped.
    private static let maximumBytes = 4096
    /// How long the service manager may take to read what was sent, in milliseconds.
    private static let barrierMilliseconds: Int32 = 5000

    private let socket: OwnedFD
    private let host: OwnedFD
    private let process: OwnedFD

    /// The service manager's socket that the environment of this program names, in the form of connect(2): a leading NUL
    /// for the abstract namespace. Nil for none, and for an address that is no UNIX socket's.
    package static var hostSocket: String? {
        guard let name = Environment.value(of: "NOTIFY_SOCKET") else { return nil }
        if name.utf8.first == UInt8(ascii: "@"), name.utf8.count > 1 { return "\0" + name.dropFirst() }
        return name.utf8.first == UInt8(ascii: "/") ? name : nil
    }

    /// Adds the socket to a config: a mount, and the variable that names it.
    /// - Parameter stateFolder: the container's, absolute.
    package static func add(to spec: inout Spec, stateFolder: String) {
        spec.mounts =
            (spec.mounts ?? []) + [
                Mount(
                    destination: containerFolder, source: stateFolder + "/" + folder, type: "bind",
                    options: ["bind", "nosuid", "noexec", "nodev", "ro"])
            ]
        let others = (spec.process?.env ?? []).filter { !$0.hasPrefix("NOTIFY_SOCKET=") }
        spec.process?.env = others + ["NOTIFY_SOCKET=\(containerFolder)/\(file)"]
    }

    /// Makes the folder that is bound. Any user of the container's may enter it.
    static func makeFolder(in stateFolder: BorrowedFD) throws(SyscallError) {
        try Files.makeDirectory(folder, in: stateFolder, mode: 0o755)
        // Whatever the caller's umask has taken.
        try Files.changeMode(folder, in: stateFolder, permissions: 0o755)
    }

    /// Makes the socket of a created container.
    /// - Returns: nil where the container was made without, and, with a warning, where nobody listens on the host: what comes
    ///   out of the container would never be read.
    static func open(
        _ record: ContainerRecord, in stateFolder: BorrowedFD, to host: String
    ) throws(SyscallError) -> ServiceNotification? {
        let place: OwnedFD
        do throws(SyscallError) {
            place = try Files.open(folder, in: stateFolder, [.directory, .noFollow])
        } catch {
            guard error.errno == .ENOENT else { throw error }
            return nil
        }
        let client: OwnedFD
        do throws(SyscallError) {
            client = try Sockets.connect(host, .datagram)
        } catch {
            Warning.write("NOTIFY_SOCKET: nobody is told when the container is ready: \(error)")
            return nil
        }
        let process = try Processes.openPIDFD(record.pid)
        // By its descriptor: the state folder's path may be longer than an address.
        let socket = try Sockets.listen("/proc/self/fd/\(place.borrowed.rawValue)/\(file)", .datagram)
        // Any user of the container's may write to it.
        try Files.changeMode(file, in: place.borrowed, permissions: 0o777)
        return ServiceNotification(socket: socket, host: client, process: process)
    }

    private init(socket: consuming OwnedFD, host: consuming OwnedFD, process: consuming OwnedFD) {
        self.socket = socket
        self.host = host
        self.process = process
    }

    /// What to wait for.
    package var entry: PollEntry { PollEntry(socket.borrowed, .readable) }

    /// Takes one datagram of the container's.
    /// - Returns: whether it says that the container is ready.
    package func isReady() throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            // The descriptors that may come along are closed.
            let message = try Sockets.receive(
                socket.borrowed, maximumBytes: Self.maximumBytes, maximumDescriptors: Sockets.maximumDescriptors)
            return Self.saysReady(message.bytes)
        } catch {
            guard error.errno == .EMSGSIZE else { throw error }
            return false
        }
    }

    /// Whether a datagram has the line READY=1.
    static func saysReady(_ bytes: [UInt8]) -> Bool {
        bytes.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual("READY=1".utf8) }
    }

    /// Tells the service manager, in one datagram.
    /// - Parameter mainPID: the process that it is to watch, in this pid namespace.
    package func tell(mainPID: Int32) throws(SyscallError) {
        try Sockets.send(host.borrowed, Array("READY=1\nMAINPID=\(mainPID)".utf8), subject: "NOTIFY_SOCKET")
    }

    /// As `forward`. A container that runs is no failure because nobody could be told.
    package func forwardOrWarn(mainPID: Int32) {
        do throws(SyscallError) {
            try forward(mainPID: mainPID)
        } catch {
            Warning.write("NOTIFY_SOCKET: \(error)")
        }
    }

    /// Waits until the container is ready, and tells it, or until its process has ended.
    package func forward(mainPID: Int32) throws(SyscallError) {
        while true {
            var entries = [entry, PollEntry(process.borrowed, .readable)]
            try Poll.wait(&entries)
            if !entries[0].ready.isEmpty, try isReady() {
                try tell(mainPID: mainPID)
                // Best effort: not every service manager knows of it, and what matters was told.
                try? awaitReading()
                return
            }
            if entries[0].ready.isEmpty, !entries[1].ready.isEmpty { return }
        }
    }

    /// Waits until what was sent has been read: the reader closes the descriptor that comes with BARRIER=1 (sd_notify(3)). A
    /// service manager that comes to a message of a process which has ended by then can't tell whose it is.
    private func awaitReading() throws(SyscallError) {
        let pipe = try Files.pipe()
        try Sockets.send(host.borrowed, Array("BARRIER=1".utf8), descriptors: [pipe.writing.borrowed])
        let reading = pipe.keepReading()
        var entries = [PollEntry(reading.borrowed, [])]
        try Poll.wait(&entries, timeoutMilliseconds: Self.barrierMilliseconds)
    }
}
