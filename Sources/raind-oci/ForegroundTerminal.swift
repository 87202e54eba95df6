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

    /// Makes the connection that the terminal's master comes over.
    init() throws(RuntimeError) {
        do throws(SyscallError) {
            let pair = try Sockets.pair(.stream)
            console = try Files.duplicate(pair.second.borrowed)
            socket = pair.keepFirst()
        } catch {
            throw RuntimeError(error)
        }
    }

    deinit {
        // Best effort: the caller's terminal may be gone by now.
        if let saved { try? Terminal.setAttributes(of: .standardInput, to: saved) }
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
                let attributes = try Terminal.attributes(of: .standardInput)
                try Terminal.setAttributes(of: .standardInput, to: attributes.unprocessed)
                saved = attributes
            }
            self.master = consume master
        } catch {
            throw RuntimeError(error)
        }
    }

    /// Passes bytes on until `signals` has something to tell.
    mutating func relay(until signals: BorrowedFD) throws(SyscallError) {
        while true {
            let number = masterNumber
            var events: PollEvents = isOutputOpen ? .readable : []
            if !typed.isEmpty { events.insert(.writable) }
            let nobody = BorrowedFD(rawValue: -1)
            var entries = [
                PollEntry(signals, .readable),
                // Not more is read than the container has taken.
                PollEntry(isInputOpen && typed.isEmpty ? .standardInput : nobody, .readable),
                PollEntry(isOutputOpen ? number : nobody, events),
            ]
            try Poll.wait(&entries)
            if !entries[2].ready.isDisjoint(with: [.readable, .hangUp, .error]) { try showOnce() }
            if entries[2].ready.contains(.writable) { try type() }
            if !entries[1].ready.isEmpty { try read() }
            if !entries[0].ready.isEmpty { return }
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
        let bytes = try Files.read(.standardInput, maximumBytes: 4096)
        if bytes.isEmpty {
            // The end of input that is no terminal is told as a terminal tells it: with VEOF, Control-D.
            isInputOpen = false
            typed = [4]
        } else {
            typed = bytes
        }
    }
}
