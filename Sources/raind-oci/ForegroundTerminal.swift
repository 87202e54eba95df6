import ContainerRuntime
import LinuxSys

/// The container's terminal during a foreground `run`: what is typed goes to it, what it shows comes out.
///
/// The caller's own terminal, where standard input is one, passes every byte as it is meanwhile, so that it is the
/// container's that echoes and makes signals of keys.
struct ForegroundTerminal: ~Copyable {
    private let socket: OwnedFD
    private let console: OwnedFD
    private var master: OwnedFD?
    private var saved: TerminalAttributes?
    private var typed: [UInt8] = []
    private var isInputOpen = true
    private var isOutputOpen = true
    /// The caller's terminal passes every byte as it is.
    private var isRaw = false
    /// How often it is looked whether a background job has come to the foreground, in milliseconds: nobody is told of that.
    private static let foregroundMilliseconds: Int32 = 200

    /// Makes the connection that the terminal's master comes over.
    init() throws(RuntimeError) {
        do throws(SyscallError) {
            let pair = try Sockets.pair(.stream)
            console = try Files.duplicate(pair.second.borrowed)
            socket = pair.keepFirst()
        } catch {
            throw RuntimeError(error, in: "make terminal socket")
        }
    }

    deinit {
        // Best effort: the caller's terminal may be gone by now.
        if isRaw, let saved { try? Terminal.setAttributes(of: .standardInput, to: saved) }
    }

    /// What the container's process sends the master over.
    var target: ConsoleTarget { .descriptor(console.borrowed) }

    /// Takes the master of a container that is created, and the caller's terminal.
    /// - Parameter hasSize: the config says how large the terminal is; otherwise it is as large as the caller's.
    mutating func open(hasSize: Bool) throws(RuntimeError) {
        do throws(SyscallError) {
            var message = try Sockets.receive(socket.borrowed, maximumBytes: 4096, maximumDescriptors: 1)
            guard let master = message.descriptors.popFirst() else {
                throw SyscallError(operation: "recvmsg", errno: .EPROTO, subject: "terminal")
            }
            // A container that doesn't read must not keep what it writes from being shown.
            try Files.setNonBlocking(master.borrowed, true)
            if Terminal.isTerminal(.standardInput) {
                if !hasSize {
                    try Terminal.setWindowSize(of: master.borrowed, to: Terminal.windowSize(of: .standardInput))
                }
                saved = try Terminal.attributes(of: .standardInput)
                try takeIfInForeground()
            }
            self.master = consume master
        } catch {
            throw RuntimeError(error, in: "take terminal")
        }
    }

    /// Makes the caller's terminal pass every byte as it is, unless it is another job's just now: that of the shell, for one,
    /// which has put the runtime in the background.
    private mutating func takeIfInForeground() throws(SyscallError) {
        guard !isRaw, let saved, Terminal.isInForeground(.standardInput) else { return }
        try Terminal.setAttributes(of: .standardInput, to: saved.unprocessed)
        isRaw = true
    }

    /// Leaves the caller's terminal as it was, for whoever has it while this program is stopped.
    mutating func release() throws(SyscallError) {
        guard isRaw, let saved else { return }
        try Terminal.setAttributes(of: .standardInput, to: saved)
        isRaw = false
    }

    /// Takes the terminal again, whoever has changed it meanwhile, and its size.
    mutating func resume() throws(SyscallError) {
        isRaw = false
        try takeIfInForeground()
        try resize()
    }

    /// Passes bytes on until one of the entries has something to tell.
    mutating func relay(until others: inout [PollEntry]) throws(SyscallError) {
        while true {
            let isWaiting = saved != nil && !isRaw
            let number = masterNumber
            var events: PollEvents = isOutputOpen ? .readable : []
            if !typed.isEmpty { events.insert(.writable) }
            let nobody = BorrowedFD(rawValue: -1)
            var entries = [
                // Not more is read than the container has taken.
                PollEntry(isInputOpen && typed.isEmpty && !isWaiting ? .standardInput : nobody, .readable),
                PollEntry(isOutputOpen ? number : nobody, events),
            ]
            entries += others
            try Poll.wait(&entries, timeoutMilliseconds: isWaiting ? Self.foregroundMilliseconds : nil)
            if !entries[1].ready.isDisjoint(with: [.readable, .hangUp, .error]) { try showOnce() }
            if entries[1].ready.contains(.writable) { try type() }
            if !entries[0].ready.isEmpty { try read() }
            others = Array(entries[2...])
            if others.contains(where: { !$0.ready.isEmpty }) { return }
            if isWaiting {
                try takeIfInForeground()
                if isRaw { try resize() }
            }
        }
    }

    /// Shows what a container that has ended left in its terminal.
    mutating func finish() throws(SyscallError) {
        while isOutputOpen, try showOnce() {}
    }

    /// Makes the container's terminal as large as the caller's.
    func resize() throws(SyscallError) {
        guard Terminal.isTerminal(.standardInput), isOutputOpen else { return }
        try Terminal.setWindowSize(of: masterNumber, to: Terminal.windowSize(of: .standardInput))
    }

    private var masterNumber: BorrowedFD {
        switch master {
        case .some(let master): master.borrowed
        case .none: BorrowedFD(rawValue: -1)
        }
    }

    /// - Returns: whether there was anything.
    @discardableResult
    private mutating func showOnce() throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            let bytes = try Files.read(masterNumber, maximumBytes: 16384)
            if !bytes.isEmpty {
                try Files.writeAll(.standardOutput, bytes)
                return true
            }
            isOutputOpen = false
        } catch {
            if error.errno == .EAGAIN { return false }
            // Nobody has the other end open any more.
            guard error.errno == .EIO else { throw error }
            isOutputOpen = false
        }
        return false
    }

    private mutating func type() throws(SyscallError) {
        do throws(SyscallError) {
            let count = try Files.write(masterNumber, typed)
            typed.removeFirst(count)
        } catch {
            if error.errno == .EAGAIN { return }
            guard error.errno == .EIO else { throw error }
            typed = []
        }
    }

    private mutating func read() throws(SyscallError) {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try Files.read(.standardInput, maximumBytes: 4096)
        } catch {
            // In the background by now, with SIGTTIN blocked.
            guard error.errno == .EIO, saved != nil, !Terminal.isInForeground(.standardInput) else { throw error }
            isRaw = false
            return
        }
        if bytes.isEmpty {
            // The end of input that is no terminal is told as a terminal tells it: with VEOF, Control-D.
            isInputOpen = false
            typed = [4]
        } else {
            typed = bytes
        }
    }
}
