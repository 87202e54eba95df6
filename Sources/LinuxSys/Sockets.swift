import CLinux
import Glibc

/// The types of Unix sockets.
package enum SocketType: Int32, Sendable {
    /// SOCK_STREAM: bytes.
    case stream = 1
    /// SOCK_DGRAM: messages, to anybody.
    case datagram = 2
    /// SOCK_SEQPACKET: messages, on a connection.
    case sequencedPacket = 5
}

/// Two sockets that are connected with each other.
package struct SocketPair: ~Copyable, Sendable {
    /// One of them.
    package let first: OwnedFD
    /// The other.
    package let second: OwnedFD

    /// Keeps one, and closes the other: what each side of a clone does.
    package consuming func keepFirst() -> OwnedFD { first }

    /// Keeps the other, and closes the one.
    package consuming func keepSecond() -> OwnedFD { second }
}

/// What was received in one call.
package struct ReceivedMessage: ~Copyable, Sendable {
    /// The bytes; none at the end of the connection, or for an empty message.
    package let bytes: [UInt8]
    /// The descriptors that came along, close-on-exec. Those that are not taken out are closed.
    package var descriptors: OwnedFDList
}

/// Who is at the other end of a Unix socket.
package struct PeerCredentials: Equatable, Sendable {
    /// The process; 0 when it is in another pid namespace.
    package let process: Int32
    /// Its user.
    package let uid: UInt32
    /// Its group.
    package let gid: UInt32
}

/// Unix sockets: unix(7). Everything made is close-on-exec.
package enum Sockets {
    /// The most descriptors that one message can carry: SCM_MAX_FD.
    package static var maximumDescriptors: Int { CLINUX_MAX_DESCRIPTORS }

    /// socketpair(2).
    package static func pair(_ type: SocketType = .sequencedPacket) throws(SyscallError) -> SocketPair {
        var ends: (CInt, CInt) = (-1, -1)
        let result = unsafe withUnsafeMutableBytes(of: &ends) { bytes in
            // SAFETY: two descriptors' worth of memory.
            unsafe clinux_socketpair(AF_UNIX, type.rawValue, bytes.baseAddress?.assumingMemoryBound(to: CInt.self))
        }
        try check(result, "socketpair")
        return SocketPair(first: OwnedFD(adopting: ends.0), second: OwnedFD(adopting: ends.1))
    }

    /// sendmsg(2): one message, with copies of `descriptors`. At least one byte is needed beside descriptors on a
    /// stream. EPIPE, without a signal, when nobody reads; EMSGSIZE for a message that is too large. Messages go as a
    /// whole; on a stream, the rest of `bytes` follows in further calls.
    package static func send(
        _ fd: BorrowedFD, _ bytes: [UInt8], descriptors: [BorrowedFD] = [], subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) {
        var done = 0
        repeat {
            let attached = done == 0 ? descriptors : []
            let result = unsafe bytes.withUnsafeBytes { buffer in
                unsafe attached.withUnsafeBytes { list in
                    // SAFETY: the rest of the bytes, and an array of structs of one member, which is the number.
                    let numbers = unsafe list.baseAddress?.assumingMemoryBound(to: CInt.self)
                    return retryingInterrupts {
                        unsafe clinux_send(
                            fd.rawValue, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done, numbers,
                            attached.count, 0)
                    }
                }
            }
            done += try check(result, "sendmsg", subject() ?? fd.description)
        } while done < bytes.count
    }

    /// recvmsg(2): one message of up to `maximumBytes`, with up to `maximumDescriptors` descriptors. EMSGSIZE for one
    /// that is larger in either respect: it is lost then, and its descriptors are closed.
    package static func receive(
        _ fd: BorrowedFD, maximumBytes: Int, maximumDescriptors: Int = 0, subject: @autoclosure () -> String? = nil
    ) throws(SyscallError) -> ReceivedMessage {
        var numbers = [CInt](repeating: -1, count: maximumDescriptors)
        var count = maximumDescriptors
        var flags: CInt = 0
        var result = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: maximumBytes) { buffer, length in
            unsafe numbers.withUnsafeMutableBufferPointer { list in
                // SAFETY: both buffers are as long as is said, and the results tell what was filled in.
                result = retryingInterrupts {
                    count = maximumDescriptors
                    return unsafe clinux_receive(
                        fd.rawValue, buffer.baseAddress, maximumBytes, list.baseAddress, &count, &flags, 0)
                }
            }
            length = max(result, 0)
        }
        try check(result, "recvmsg", subject() ?? fd.description)
        let descriptors = OwnedFDList(adopting: Array(numbers.prefix(count)))
        if Int(flags) & (MSG_TRUNC | MSG_CTRUNC) != 0 {
            throw SyscallError(operation: "recvmsg", errno: .EMSGSIZE, subject: subject() ?? fd.description)
        }
        return ReceivedMessage(bytes: bytes, descriptors: descriptors)
    }

    /// connect(2) to the socket at `path`. A path that is too long for an address (107 bytes), or that is below
    /// `directory`, is opened first and reached as /proc/self/fd/N. A leading NUL means the abstract namespace.
    /// - Parameter milliseconds: how long this, and each send later on, waits for room at the other end at most (EAGAIN
    ///   then); nil waits without end.
    package static func connect(
        _ path: String, in directory: BorrowedFD = .currentDirectory, _ type: SocketType = .stream,
        timeoutMilliseconds milliseconds: Int32? = nil
    ) throws(SyscallError) -> OwnedFD {
        let socket = try make(type)
        if let milliseconds {
            try check(
                clinux_set_send_timeout(socket.borrowed.rawValue, milliseconds), "setsockopt(SO_SNDTIMEO)", path)
        }
        let isAbstract = path.utf8.first == 0
        if isAbstract || (directory == .currentDirectory && path.utf8.count < CLINUX_MAX_SOCKET_PATH) {
            if isAbstract == false && path.utf8.contains(0) {
                throw SyscallError(operation: "connect", errno: .EINVAL, subject: path)
            }
            try connect(socket.borrowed, Array(path.utf8), path)
            return socket
        }
        let place = try Files.open(path, in: directory, .path)
        try connect(socket.borrowed, Array("/proc/self/fd/\(place.borrowed.rawValue)".utf8), path)
        return socket
    }

    private static func connect(_ socket: BorrowedFD, _ address: [UInt8], _ subject: String) throws(SyscallError) {
        let result = unsafe address.withUnsafeBytes { bytes in
            // SAFETY: the whole address.
            retryingInterrupts { unsafe clinux_connect_unix(socket.rawValue, bytes.baseAddress, bytes.count) }
        }
        try check(result, "connect", subject)
    }

    /// socket(2), bind(2) and, but for datagrams, listen(2) at `path` of at most 107 bytes. EADDRINUSE when it exists.
    package static func listen(
        _ path: String, _ type: SocketType = .stream, backlog: Int32 = 16
    ) throws(SyscallError) -> OwnedFD {
        let socket = try make(type)
        let result = unsafe Array(path.utf8).withUnsafeBytes { bytes in
            // SAFETY: the whole path.
            unsafe clinux_bind_unix(socket.borrowed.rawValue, bytes.baseAddress, bytes.count)
        }
        try check(result, "bind", path)
        if type != .datagram {
            try check(clinux_listen(socket.borrowed.rawValue, backlog), "listen", path)
        }
        return socket
    }

    /// accept4(2): waits for a connection.
    package static func accept(_ fd: BorrowedFD) throws(SyscallError) -> OwnedFD {
        OwnedFD(
            adopting: try check(retryingInterrupts { clinux_accept(fd.rawValue) }, "accept4", fd.description))
    }

    private static func make(_ type: SocketType) throws(SyscallError) -> OwnedFD {
        OwnedFD(adopting: try check(clinux_socket(AF_UNIX, type.rawValue, 0), "socket"))
    }

    /// SO_PEERCRED: who made the other end, as of then.
    package static func peer(of fd: BorrowedFD) throws(SyscallError) -> PeerCredentials {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
        // SAFETY: all three are written by the call alone.
        try check(
            unsafe clinux_peer_credentials(fd.rawValue, &pid, &uid, &gid), "getsockopt(SO_PEERCRED)", fd.description)
        return PeerCredentials(process: pid, uid: uid, gid: gid)
    }

    /// shutdown(2) for writing: the other end reads the end of file.
    package static func finishWriting(_ fd: BorrowedFD) throws(SyscallError) {
        try check(clinux_shutdown(fd.rawValue, CInt(SHUT_WR)), "shutdown", fd.description)
    }
}
