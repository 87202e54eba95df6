import LinuxSys

/// What the runtime and the container's process say to each other while a container is created.
///
/// They speak over a SOCK_SEQPACKET pair, one message a packet. The two sides work at the same time; an arrow is the
/// only place where one waits for the other:
///
/// Where a user namespace is joined, a process in between comes first: it enters what is to be entered, makes the
/// container's process as a child of the runtime, says `cloned` with its pidfd and ends.
///
///     runtime                                        container's process
///        | clone ------------------------------------------> |
///        | uid_map, gid_map (new user namespace only)        |
///        | mapsWritten ------------------------------------> | ids 0, the other namespaces
///        | control groups of v1 made                         | mounts
///        | cgroupsOpen ------------------------------------> | control groups entered, devices, masks
///        | seccomp filter compiled                           |
///        | <------------------------------------ rootfsReady | (if the runtime has to do what comes next)
///        | prestart and createRuntime hooks, limits          |
///        | release(filter) --------------------------------> | (if it has, and with a filter)
///        |                                                   | createContainer hooks, pivot, lockdown
///        | <---------------------------------------- courier | (with SCMP_ACT_NOTIFY) filter loaded
///        | <--------------------------- listener --- courier |
///        | listener to the agent                             |
///        | listenerPassed ---------------------------------> |
///        | <------------------------------------------ ready |
///        | state, pid file                                   | waits for start on a FIFO
///
/// `listener` is sent by a courier that shares the process's descriptors and is not under the filter.
///
/// Instead of any of its messages the container's process may send `failure` and end. End of file without one means
/// that it died: the step is then known from the page that both share.
enum StageMessage: Equatable {
    /// The container's process, as the process in between has made it.
    case cloned(pid: Int32)
    /// The id maps are written.
    case mapsWritten
    /// The control groups are made; their files, which the process enters them by, come with it.
    case cgroupsOpen
    /// The mounts are done; the hooks that are promised so may run.
    case rootfsReady
    /// The process may go on and lock itself down; with the filter that it is to load, empty where there is none.
    case release(filter: [UInt8])
    /// The filter comes next; a pidfd of the courier that will bring its listener comes along.
    case courier
    /// The filter is loaded; its listener comes along.
    case listener
    /// The agent has the listener, and the courier is gone.
    case listenerPassed
    /// All is set of the process that it doesn't inherit.
    case limitsSet
    /// The process is locked down and waits for `start`.
    case ready
    /// A step failed.
    case failure(StageFailure)

    /// The largest packet: a filter of 4,096 instructions (BPF_MAXINSNS) of 8 bytes, and room for the tag.
    static let maximumBytes = 4096 * 8 + 16

    /// The most descriptors that come with a packet: SCM_MAX_FD of the kernel's.
    static let maximumDescriptors = 253

    private var tag: UInt8 {
        switch self {
        case .cloned: 1
        case .mapsWritten: 2
        case .rootfsReady: 3
        case .release: 4
        case .ready: 5
        case .failure: 6
        case .cgroupsOpen: 7
        case .listener: 8
        case .courier: 9
        case .listenerPassed: 10
        case .limitsSet: 11
        }
    }

    /// The packet's bytes.
    var encoded: [UInt8] {
        switch self {
        case .cloned(let pid): [tag] + (0..<4).map { UInt8(truncatingIfNeeded: pid >> ($0 * 8)) }
        case .release(let filter): [tag] + filter
        case .failure(let failure): [tag] + failure.encoded
        default: [tag]
        }
    }

    /// The message that a packet holds; nil where it holds none.
    init?(decoding packet: [UInt8]) {
        guard let tag = packet.first else { return nil }
        switch tag {
        case 1 where packet.count == 5:
            self = .cloned(pid: packet.dropFirst().reversed().reduce(0) { $0 << 8 | Int32($1) })
        case 2 where packet.count == 1: self = .mapsWritten
        case 3 where packet.count == 1: self = .rootfsReady
        case 4 where (packet.count - 1) % 8 == 0: self = .release(filter: Array(packet.dropFirst()))
        case 5 where packet.count == 1: self = .ready
        case 7 where packet.count == 1: self = .cgroupsOpen
        case 8 where packet.count == 1: self = .listener
        case 9 where packet.count == 1: self = .courier
        case 10 where packet.count == 1: self = .listenerPassed
        case 11 where packet.count == 1: self = .limitsSet
        case 6:
            guard let failure = StageFailure(decoding: packet.dropFirst()) else { return nil }
            self = .failure(failure)
        default: return nil
        }
    }
}

extension StageMessage {
    /// Waits for a packet; empty at the end of file.
    static func receivePacket(
        from channel: BorrowedFD, maximumDescriptors: Int = 0
    ) throws(SyscallError) -> ReceivedMessage {
        do throws(SyscallError) {
            return try Sockets.receive(channel, maximumBytes: maximumBytes, maximumDescriptors: maximumDescriptors)
        } catch {
            // Told once, when the process has ended without reading all that was sent to it; its last word comes after.
            guard error.errno == .ECONNRESET else { throw error }
            return try Sockets.receive(channel, maximumBytes: maximumBytes, maximumDescriptors: maximumDescriptors)
        }
    }
}

/// Why a step of the container's process failed, in a form that crosses a process boundary.
struct StageFailure: Equatable, Error {
    /// The step, `mount proc on /proc`; empty for the one that is being done.
    var step: String
    /// The JSON pointer of what asked for it; empty where no single place does.
    var pointer: String
    /// What to do about it; empty where nothing is known.
    var hint: String
    /// The errno, 0 where no system call failed.
    var errno: Int32
    /// The system call or what else was tried.
    var operation: String
    /// What it was tried on.
    var subject: String
    /// A whole text in place of operation, subject and errno: what callers read of a command that can't be run.
    var text: String

    /// The bytes: errno, and six strings, each after its length.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        func append(_ number: UInt32) {
            for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        append(UInt32(bitPattern: errno))
        for part in [step, pointer, hint, operation, subject, text] {
            // A path may be as long as the kernel lets it be; what a person reads of it need not. Six of them fit into a packet.
            let utf8 = Array(part.utf8.prefix(4096))
            append(UInt32(utf8.count))
            bytes += utf8
        }
        return bytes
    }

    /// The failure that these bytes hold, nil where they hold none.
    init?(decoding bytes: ArraySlice<UInt8>) {
        var rest = bytes
        func number() -> UInt32? {
            guard rest.count >= 4 else { return nil }
            var value: UInt32 = 0
            for (place, byte) in rest.prefix(4).enumerated() { value |= UInt32(byte) << UInt32(place * 8) }
            rest = rest.dropFirst(4)
            return value
        }
        func string() -> String? {
            guard let count = number(), rest.count >= Int(count) else { return nil }
            defer { rest = rest.dropFirst(Int(count)) }
            return String(decoding: rest.prefix(Int(count)), as: UTF8.self)
        }
        guard let errno = number(), let step = string(), let pointer = string(), let hint = string(),
            let operation = string(), let subject = string(), let text = string(), rest.isEmpty
        else { return nil }
        self.init(errno: Int32(bitPattern: errno), operation: operation, subject: subject, text: text)
        self.step = step
        self.pointer = pointer
        self.hint = hint
    }

    init(errno: Int32, operation: String, subject: String, text: String = "") {
        step = ""
        pointer = ""
        hint = ""
        self.errno = errno
        self.operation = operation
        self.subject = subject
        self.text = text
    }
}
