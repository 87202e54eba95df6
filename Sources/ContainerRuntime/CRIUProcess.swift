import CRIUProtocol
import LinuxSys

/// `criu swrk`, the worker that dumps or restores one container, and the conversation with it (`CRIURequest`).
///
/// No library of CRIU's is used: libcriu is the same conversation, as a shared object that a static program can't load.
final class CRIUProcess {
    /// The largest packet that is read: CRIU's are a few hundred bytes.
    private static let maximumBytes = 64 << 10

    /// Its process id.
    let pid: Int32
    private var socket: OwnedFD?
    private let process: ChildProcess
    private var isWaitedFor = false

    /// The program, looked for as the shell does.
    /// - Parameter path: the caller's PATH; nil for the folders of every system.
    /// - Throws: `RuntimeError` that says what to install.
    static func find(path: String?) throws(RuntimeError) -> String {
        do throws(CommandFailure) {
            return try Executable(finding: "criu", environment: path.map { ["PATH=" + $0] } ?? []).path
        } catch {
            // Its own words are about a user's command, and callers would take these for that.
            throw RuntimeError(
                .system, "no folder of PATH has the program criu",
                hint: "install criu, version \(CRIUVersion.minimum) or later: it is what saves and restores processes")
        }
    }

    /// Starts it.
    /// - Parameters:
    ///   - options: its streams, descriptors and namespaces; what it is spoken to over is added.
    init(_ path: String, _ options: SpawnOptions) throws(SyscallError) {
        let pair = try Sockets.pair()
        var options = options
        options.inherited.append(pair.second.borrowed)
        let program = try PreparedExec(
            path: path, arguments: ["criu", "swrk", String(pair.second.borrowed.rawValue)],
            environment: Environment.variables)
        process = try Processes.spawn(program, options)
        pid = process.pid
        // Without the other end, so that its end is told by the end of the connection.
        socket = pair.keepFirst()
    }

    deinit {
        guard !isWaitedFor else { return }
        // Without a caller it gives up and undoes what it did, which a signal would keep it from.
        socket = nil
        // Best effort: nobody is left to be told.
        _ = try? process.wait()
    }

    /// Asks for its version.
    /// - Throws: `RuntimeError`, also where it is too old to be spoken to.
    func checkVersion() throws(RuntimeError) -> CRIUVersion {
        let answer = try ask(.version)
        guard answer.isSuccess, let version = answer.version else {
            throw RuntimeError(
                .system, "criu doesn't tell its version", hint: "CRIU \(CRIUVersion.minimum) or later is needed")
        }
        guard version >= .minimum else {
            throw RuntimeError(.system, "criu is \(version), and \(CRIUVersion.minimum) or later is needed")
        }
        return version
    }

    /// Asks whether it can do something on this kernel.
    func check(_ wanted: CRIUFeatures) throws(RuntimeError) {
        let answer = try ask(.checkFeatures(wanted))
        guard answer.isSuccess, let found = answer.features else {
            throw RuntimeError(.system, "criu doesn't tell what it can do")
        }
        if wanted.tracksMemory, !found.tracksMemory {
            throw RuntimeError(
                .system, "criu can't tell on this kernel which memory was written to",
                hint: "it takes CONFIG_MEM_SOFT_DIRTY; without it --pre-dump and --parent-path can't be had")
        }
        if wanted.movesPagesLazily, !found.movesPagesLazily {
            throw RuntimeError(
                .system, "criu can't move memory lazily on this kernel",
                hint: "--lazy-pages takes CONFIG_USERFAULTFD")
        }
    }

    private func ask(_ request: CRIURequest) throws(RuntimeError) -> CRIUResponse {
        do throws(SyscallError) {
            try send(request)
        } catch {
            // It has hung up; how it ended says more.
            throw end(error)
        }
        let answer = try receive()
        let response = answer.response
        guard response.type == request.type || response.type == .empty else { throw Self.unexpected(response) }
        return response
    }

    /// Has it do something that takes long.
    /// - Parameter notified: does what a notification asks for, with the descriptors that came with it. What it throws
    ///   makes CRIU give up, and is thrown once that is done.
    /// - Returns: the answer, of success or not.
    func perform(
        _ request: CRIURequest,
        notified: (CRIUResponse.Notification, inout OwnedFDList) throws(RuntimeError) -> Void
    ) throws(RuntimeError) -> CRIUResponse {
        do throws(SyscallError) {
            try send(request)
        } catch {
            throw end(error)
        }
        var failure: RuntimeError?
        while true {
            var answer = try receive(after: failure)
            let response = answer.response
            if response.type == .notify, response.isSuccess, let notification = response.notification {
                if failure == nil {
                    do throws(RuntimeError) {
                        try notified(notification, &answer.message.descriptors)
                    } catch {
                        failure = error
                    }
                }
                do throws(SyscallError) {
                    try send(.notified(success: failure == nil))
                } catch {
                    throw failure ?? end(error)
                }
                continue
            }
            if let failure { throw failure }
            guard response.type == request.type || !response.isSuccess else { throw Self.unexpected(response) }
            return response
        }
    }

    /// Waits for its end.
    /// - Parameter mayFail: its exit status says nothing: after --pre-dump CRIU waits for more, and is let go.
    func finish(mayFail: Bool = false) throws(RuntimeError) {
        socket = nil
        let status: ExitStatus
        do throws(SyscallError) {
            status = try process.wait()
        } catch {
            throw RuntimeError(error, in: "await criu")
        }
        isWaitedFor = true
        guard status.isSuccess || mayFail else { throw Self.death(status) }
    }

    private func send(_ request: CRIURequest) throws(SyscallError) {
        try Sockets.send(number(of: socket), request.encoded, subject: "criu")
    }

    /// A message with the descriptors that came along.
    private struct Answer: ~Copyable {
        let response: CRIUResponse
        var message: ReceivedMessage
    }

    private func receive(after failure: RuntimeError? = nil) throws(RuntimeError) -> Answer {
        let message: ReceivedMessage
        do throws(SyscallError) {
            message = try Sockets.receive(
                number(of: socket), maximumBytes: Self.maximumBytes, maximumDescriptors: 4, subject: "criu")
        } catch {
            throw failure ?? end(error)
        }
        guard !message.bytes.isEmpty else {
            throw failure ?? end(SyscallError(operation: "recvmsg", errno: .EPROTO, subject: "criu"))
        }
        let response: CRIUResponse
        do throws(ProtobufError) {
            response = try CRIUResponse(decoding: message.bytes)
        } catch {
            throw failure ?? RuntimeError(.system, "criu's answer \(error)")
        }
        return Answer(response: response, message: message)
    }

    /// Why a connection broke: how it ended, where it has.
    private func end(_ error: SyscallError) -> RuntimeError {
        socket = nil
        guard let status = try? process.wait() else { return RuntimeError(error, in: "ask criu") }
        isWaitedFor = true
        return Self.death(status)
    }

    private static func death(_ status: ExitStatus) -> RuntimeError {
        switch status {
        case .exited(let code): RuntimeError(.system, "criu ended with exit status \(code)")
        case .signaled(let signal, _): RuntimeError(.system, "criu was killed by signal \(signal)")
        }
    }

    private static func unexpected(_ response: CRIUResponse) -> RuntimeError {
        RuntimeError(.system, "criu answers with a message of type \(response.type.number), which was not asked for")
    }
}

extension CRIUVersion {
    /// The first that tells its version.
    static let minimum = CRIUVersion(3, 0)
}
