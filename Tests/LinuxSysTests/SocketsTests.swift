import LinuxSys
import Testing

@Suite struct SocketsTests {
    private func openDescriptors() throws -> Int {
        let directory = try Files.open("/proc/self/fd", .directory)
        return try Files.list(directory.borrowed).count
    }

    @Test func messagesKeepTheirBounds() throws {
        let pair = try Sockets.pair()
        try Sockets.send(pair.first.borrowed, [1, 2, 3])
        try Sockets.send(pair.first.borrowed, [4])
        #expect(try Sockets.receive(pair.second.borrowed, maximumBytes: 100).bytes == [1, 2, 3])
        #expect(try Sockets.receive(pair.second.borrowed, maximumBytes: 100).bytes == [4])
        let rest = pair.keepSecond()
        #expect(try Sockets.receive(rest.borrowed, maximumBytes: 100).bytes == [])
    }

    @Test func nobodyReadingIsAnErrorNotASignal() throws {
        let only = try Sockets.pair().keepFirst()
        let error = syscallError { () throws(SyscallError) in try Sockets.send(only.borrowed, [1]) }
        #expect(error == SyscallError(operation: "sendmsg", errno: .EPIPE, subject: only.borrowed.description))
    }

    @Test func descriptorsTravel() throws {
        let pair = try Sockets.pair()
        let pipe = try Files.pipe()
        try Sockets.send(pair.first.borrowed, [7], descriptors: [pipe.writing.borrowed, pipe.reading.borrowed])
        var message = try Sockets.receive(pair.second.borrowed, maximumBytes: 1, maximumDescriptors: 2)
        #expect(message.bytes == [7])
        #expect(message.descriptors.count == 2)
        guard let copy = message.descriptors.popFirst() else { return }
        #expect(copy.borrowed.rawValue != pipe.writing.borrowed.rawValue)
        #expect(try Files.isCloseOnExec(copy.borrowed))
        try Files.writeByte(copy.borrowed, 9)
        #expect(try Files.readByte(message.descriptors[0]) == 9)
    }

    @Test(arguments: [1, 2, 3, 252, 253])
    func asManyDescriptorsAsTheKernelTakes(count: Int) throws {
        let pair = try Sockets.pair()
        let list = [BorrowedFD](repeating: .standardInput, count: count)
        try Sockets.send(pair.first.borrowed, [1], descriptors: list)
        let message = try Sockets.receive(pair.second.borrowed, maximumBytes: 1, maximumDescriptors: count)
        #expect(message.descriptors.count == count)
    }

    @Test func tooManyDescriptorsAreRefused() throws {
        let pair = try Sockets.pair()
        let list = [BorrowedFD](repeating: .standardInput, count: Sockets.maximumDescriptors + 1)
        let error = syscallError { () throws(SyscallError) in
            try Sockets.send(pair.first.borrowed, [1], descriptors: list)
        }
        #expect(error?.errno == .EINVAL)
    }

    @Test(arguments: [0, 1, 2])
    func unexpectedDescriptorsAreAnError(room: Int) throws {
        let pair = try Sockets.pair()
        let list = [BorrowedFD](repeating: .standardInput, count: 3)
        try Sockets.send(pair.first.borrowed, [1], descriptors: list)
        let error = syscallError { () throws(SyscallError) in
            _ = try Sockets.receive(pair.second.borrowed, maximumBytes: 1, maximumDescriptors: room)
        }
        #expect(error?.errno == .EMSGSIZE)
    }

    @Test func longMessagesAreAnError() throws {
        let pair = try Sockets.pair()
        try Sockets.send(pair.first.borrowed, [1, 2, 3])
        let error = syscallError { () throws(SyscallError) in
            _ = try Sockets.receive(pair.second.borrowed, maximumBytes: 2)
        }
        #expect(
            error == SyscallError(operation: "recvmsg", errno: .EMSGSIZE, subject: pair.second.borrowed.description))
    }

    @Test func peersAreKnown() throws {
        let pair = try Sockets.pair()
        let peer = try Sockets.peer(of: pair.first.borrowed)
        #expect(peer.process == Processes.processID)
        #expect(peer.uid == Credentials.userIDs().effective)
    }

    @Test(arguments: [10, 60, 200])
    func socketsAreReachedByPathsOfAnyLength(length: Int) throws {
        let directory = try TemporaryDirectory()
        let short = "\(directory.path)/s"
        let listening = try Sockets.listen(short)
        let folder = "\(directory.path)/" + String(repeating: "d", count: length)
        try Files.makeDirectory(folder, mode: 0o700)
        let path = folder + "/" + String(repeating: "n", count: length)
        try Files.rename(short, to: path)

        let client = try Sockets.connect(path)
        let server = try Sockets.accept(listening.borrowed)
        try Sockets.send(client.borrowed, Array("hello".utf8))
        try Sockets.finishWriting(client.borrowed)
        #expect(try Files.readAll(server.borrowed, limit: 10) == Array("hello".utf8))

        let below = try Files.open(folder, [.path, .directory])
        _ = try Sockets.connect(String(repeating: "n", count: length), in: below.borrowed)
    }

    @Test func failuresToConnectNameThePath() throws {
        let directory = try TemporaryDirectory()
        for name in ["missing", String(repeating: "m", count: 150)] {
            let path = "\(directory.path)/\(name)"
            let error = syscallError { () throws(SyscallError) in _ = try Sockets.connect(path) }
            #expect(error?.errno == .ENOENT)
            #expect(error?.subject == path)
        }
        let file = "\(directory.path)/file"
        try Files.writeFile(file, "", flags: .create)
        #expect(syscallError { () throws(SyscallError) in _ = try Sockets.connect(file) }?.errno == .ECONNREFUSED)
        #expect(syscallError { () throws(SyscallError) in _ = try Sockets.connect(file + "\0x") }?.errno == .EINVAL)
    }
}
