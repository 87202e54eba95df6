import LinuxSys
import Testing

@Suite struct FilesTests {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    private func make(_ name: String, _ text: String = "") throws {
        try Files.writeFile(path(name), text, flags: [.create, .truncate])
    }

    private func openDirectory() throws -> OwnedFD {
        try Files.open(directory.path, [.directory, .path])
    }

    @Test func errorsCarryTheCallAndThePath() {
        let missing = path("missing")
        let error = syscallError { () throws(SyscallError) in _ = try Files.open(missing) }
        #expect(error == SyscallError(operation: "openat", errno: .ENOENT, subject: missing))
    }

    @Test func pathsWithNULAreRefused() throws {
        try make("short")
        let hostile = path("short") + "\0suffix"
        #expect(syscallError { () throws(SyscallError) in _ = try Files.open(hostile) }?.errno == .EINVAL)
        #expect(syscallError { () throws(SyscallError) in _ = try Files.status(hostile) }?.errno == .EINVAL)
        #expect(
            syscallError { () throws(SyscallError) in try Files.rename(path("short"), to: hostile) }?.errno == .EINVAL)
        #expect(try Files.exists(path("short")))
    }

    @Test func everythingOpenedIsCloseOnExec() throws {
        try make("file")
        let plain = try Files.open(path("file"))
        let place = try Files.open(path("file"), .path)
        let root = try openDirectory()
        let inRoot = try Files.open2("file", in: root.borrowed, resolve: .inRoot)
        let copy = try Files.duplicate(plain.borrowed, atLeast: 100)
        let pipe = try Files.pipe()
        let memory = try Files.createMemoryFile("raind-test")
        let all = [
            plain.borrowed, place.borrowed, inRoot.borrowed, copy.borrowed, pipe.reading.borrowed,
            pipe.writing.borrowed, memory.borrowed,
        ]
        for fd in all {
            #expect(try Files.isCloseOnExec(fd))
        }
        #expect(copy.borrowed.rawValue >= 100)
        try Files.setCloseOnExec(plain.borrowed, false)
        #expect(try Files.isCloseOnExec(plain.borrowed) == false)
        extendLifetime(inRoot)
        extendLifetime(pipe)
        extendLifetime(memory)
    }

    @Test func ownedDescriptorsCloseAndReleasedOnesStayOpen() throws {
        // Numbers that nobody else in this process is given meanwhile.
        let first = try Files.duplicate(.standardInput, atLeast: 700)
        let number = first.borrowed
        _ = consume first
        #expect(Files.isOpen(number) == false)

        let second = try Files.duplicate(.standardInput, atLeast: 710)
        let released = BorrowedFD(rawValue: second.release())
        #expect(Files.isOpen(released))
        try OwnedFD(adopting: released.rawValue).close()
        #expect(Files.isOpen(released) == false)
    }

    @Test func linksCannotLeaveTheRoot() throws {
        try Files.makeDirectory(path("etc"), mode: 0o755)
        try make("etc/passwd", "inside")
        try Files.makeSymlink(path("absolute"), to: "/etc/passwd")
        try Files.makeSymlink(path("upwards"), to: "../../../../../../etc/passwd")
        let root = try openDirectory()
        for name in ["absolute", "upwards", "/etc/passwd", "../../../etc/passwd"] {
            let fd = try Files.open2(name, in: root.borrowed, resolve: .inRoot)
            #expect(try Files.readAll(fd.borrowed, limit: 100) == Array("inside".utf8))
            let beneath = syscallError { () throws(SyscallError) in
                _ = try Files.open2(name, in: root.borrowed, resolve: .beneath)
            }
            #expect(beneath?.errno == .EXDEV)
            #expect(beneath?.operation == "openat2")
            #expect(beneath?.subject == name)
        }
        let symlink = syscallError { () throws(SyscallError) in
            _ = try Files.open2("absolute", in: root.borrowed, resolve: [.inRoot, .noSymlinks])
        }
        #expect(symlink?.errno == .ELOOP)
    }

    @Test func magicLinksAndOtherMountsCanBeRefused() throws {
        let proc = try Files.open("/proc", [.path, .directory])
        let magic = syscallError { () throws(SyscallError) in
            _ = try Files.open2("self/root", in: proc.borrowed, .path, resolve: .noMagicLinks)
        }
        #expect(magic?.errno == .ELOOP)
        let root = try Files.open("/", [.path, .directory])
        let mount = syscallError { () throws(SyscallError) in
            _ = try Files.open2("proc/self", in: root.borrowed, .path, resolve: .noXDev)
        }
        #expect(mount?.errno == .EXDEV)
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 16383, 16384, 16385, 100_000])
    func readsUpToTheLimit(size: Int) throws {
        let contents = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        try Files.writeFile(path("file"), contents, flags: .create)
        #expect(try Files.readFile(path("file"), limit: size) == contents)
        #expect(try Files.readFile(path("file"), limit: .max) == contents)
        if size > 0 {
            let error = syscallError { () throws(SyscallError) in
                _ = try Files.readFile(path("file"), limit: size - 1)
            }
            #expect(error == SyscallError(operation: "read", errno: .EFBIG, subject: path("file")))
        }
    }

    @Test func endlessFilesEndAtTheLimit() {
        let error = syscallError { () throws(SyscallError) in _ = try Files.readFile("/dev/zero", limit: 1 << 20) }
        #expect(error?.errno == .EFBIG)
    }

    @Test func aFileWithoutANameGetsOne() throws {
        let folder = try Files.open(directory.path, .directory)
        let file = try Files.open(".", in: folder.borrowed, [.writeOnly, .temporaryFile], mode: 0o600)
        try Files.writeAll(file.borrowed, "12345")
        #expect(try Files.status(of: file.borrowed).linkCount == 0)
        #expect(try Files.list(folder.borrowed).isEmpty)
        try Files.link(file.borrowed, to: "named", in: folder.borrowed)
        #expect(try Files.status(path("named")).linkCount == 1)
        #expect(try Files.readFile(path("named"), limit: 10) == Array("12345".utf8))
        let again = syscallError { () throws(SyscallError) in
            try Files.link(file.borrowed, to: "named", in: folder.borrowed)
        }
        #expect(again?.errno == .EEXIST)
    }

    @Test func statusTellsWhatIsThere() throws {
        try make("file", "12345")
        try Files.changeMode(path("file"), permissions: 0o4640)
        try Files.link(path("file"), to: path("second"))
        try Files.makeSymlink(path("link"), to: "file")
        let status = try Files.status(path("file"))
        #expect(status.type == .regular)
        #expect(status.permissions == 0o4640)
        #expect(status.size == 5)
        #expect(status.linkCount == 2)
        #expect(status.uid == Credentials.userIDs().effective)
        #expect(status.isMountRoot == false)
        #expect(status.mountID != 0)
        #expect(try Files.status(path("link")).isSameFile(as: status))
        #expect(try Files.status(path("link"), follow: false).type == .symbolicLink)
        let fd = try Files.open(path("second"), .path)
        #expect(try Files.status(of: fd.borrowed) == status)
        #expect(try Files.status("/proc").isMountRoot)
        #expect(try Files.status("/proc").mountID != status.mountID)
        let null = try Files.status("/dev/null")
        #expect(null.type == .characterDevice)
        #expect(null.representedDevice == DeviceNumber(major: 1, minor: 3))
    }

    @Test func fileSystemsAreToldApart() throws {
        let proc = try Files.open("/proc", .path)
        #expect(try Files.fileSystem(of: proc.borrowed).type == FileSystemStatus.procfs)
        let own = try openDirectory()
        #expect(try Files.fileSystem(of: own.borrowed).type != FileSystemStatus.procfs)
    }

    @Test func listsNames() throws {
        let names = (0..<600).map { "name-\($0)-" + String(repeating: "x", count: $0 % 200) } + [".hidden", "..."]
        for name in names {
            try make(name)
        }
        let fd = try Files.open(directory.path, .directory)
        #expect(try Files.list(fd.borrowed).sorted() == names.sorted())
        #expect(try Files.list(fd.borrowed).count == names.count)
        let file = try Files.open(path(".hidden"))
        #expect(syscallError { () throws(SyscallError) in _ = try Files.list(file.borrowed) }?.errno == .ENOTDIR)
    }

    @Test func renamesAsTold() throws {
        try make("a", "a")
        try make("b", "b")
        let refused = syscallError { () throws(SyscallError) in
            try Files.rename(path("a"), to: path("b"), mode: .noReplace)
        }
        #expect(refused == SyscallError(operation: "renameat2", errno: .EEXIST, subject: path("b")))
        try Files.rename(path("a"), to: path("b"), mode: .exchange)
        #expect(try Files.readFile(path("a"), limit: 9) == Array("b".utf8))
        try Files.rename(path("a"), to: path("b"))
        #expect(try Files.exists(path("a")) == false)
        #expect(try Files.readFile(path("b"), limit: 9) == Array("b".utf8))
    }

    @Test func removesOnlyWhatWasMeant() throws {
        try Files.makeDirectory(path("dir"), mode: 0o755)
        #expect(
            syscallError { () throws(SyscallError) in try Files.unlink(path("dir")) }?.errno == .EISDIR)
        try make("dir/file")
        #expect(
            syscallError { () throws(SyscallError) in try Files.removeDirectory(path("dir")) }
                == SyscallError(operation: "rmdir", errno: .ENOTEMPTY, subject: path("dir")))
        let root = try openDirectory()
        try Files.unlink("dir/file", in: root.borrowed)
        try Files.removeDirectory("dir", in: root.borrowed)
        #expect(try Files.exists(path("dir")) == false)
    }

    @Test func readsLinks() throws {
        let target = String(repeating: "long/", count: 800)
        try Files.makeSymlink(path("link"), to: target)
        #expect(try Files.readLink(path("link")) == target)
        let fd = try Files.open(path("link"), [.path, .noFollow])
        #expect(try Files.readLink("", in: fd.borrowed) == target)
        try make("file")
        #expect(
            syscallError { () throws(SyscallError) in _ = try Files.readLink(path("file")) }?.errno == .EINVAL)
    }

    @Test func makesFIFOs() throws {
        try Files.makeFIFO(path("fifo"), permissions: 0o600)
        #expect(try Files.status(path("fifo")).type == .fifo)
        #expect(
            syscallError { () throws(SyscallError) in
                _ = try Files.open(path("fifo"), [.writeOnly, .nonBlocking])
            }?.errno == .ENXIO)
    }

    @Test func locksExcludeEachOther() throws {
        try make("lock")
        let first = try Files.open(path("lock"))
        let second = try Files.open(path("lock"))
        try Files.lock(first.borrowed, .exclusive)
        #expect(try Files.tryLock(second.borrowed, .shared) == false)
        try Files.lock(first.borrowed, .shared)
        #expect(try Files.tryLock(second.borrowed, .shared))
        #expect(try Files.tryLock(second.borrowed, .exclusive) == false)
        try Files.lock(first.borrowed, .unlocked)
        #expect(try Files.tryLock(second.borrowed, .exclusive))
    }

    @Test func accessIsChecked() throws {
        try make("file")
        try Files.changeMode(path("file"), permissions: 0o600)
        try Files.checkAccess(path("file"), .exists)
        let error = syscallError { () throws(SyscallError) in try Files.checkAccess(path("file"), .execute) }
        #expect(error == SyscallError(operation: "faccessat2", errno: .EACCES, subject: path("file")))
        let fd = try Files.open(path("file"), .path)
        try Files.checkAccess("", in: fd.borrowed, .read)
    }

    @Test func ownersAndModesByDescriptor() throws {
        try make("file")
        let fd = try Files.open(path("file"))
        let place = try Files.open(path("file"), .path)
        try Files.changeMode(of: fd.borrowed, permissions: 0o111)
        #expect(try Files.status(of: place.borrowed).permissions == 0o111)
        let error = syscallError { () throws(SyscallError) in
            try Files.changeMode(of: place.borrowed, permissions: 0)
        }
        #expect(error?.errno == .EBADF)
        let ids = Credentials.userIDs()
        try Files.changeOwner(of: place.borrowed, uid: ids.effective, gid: nil)
        try Files.changeOwner(path("file"), uid: nil, gid: nil)
        #expect(try Files.status(of: fd.borrowed).uid == ids.effective)
    }

    @Test func attributesAreKept() throws {
        try make("file")
        let fd = try Files.open(path("file"))
        #expect(try Files.extendedAttribute("user.raind", of: fd.borrowed) == nil)
        let value: [UInt8] = [0, 1, 255]
        try Files.setExtendedAttribute("user.raind", of: fd.borrowed, to: value)
        #expect(try Files.extendedAttribute("user.raind", of: fd.borrowed) == value)
        try Files.setExtendedAttribute("user.empty", of: fd.borrowed, to: [])
        #expect(try Files.extendedAttribute("user.empty", of: fd.borrowed) == [])
    }

    @Test func sealedFilesStayAsTheyAre() throws {
        let fd = try Files.createMemoryFile("raind-test", executable: true)
        try Files.writeAll(fd.borrowed, "contents")
        #expect(try Files.seals(of: fd.borrowed).intersection(.immutable) == [])
        try Files.addSeals(fd.borrowed, .immutable)
        #expect(try Files.seals(of: fd.borrowed).isSuperset(of: .immutable))
        #expect(
            syscallError { () throws(SyscallError) in try Files.writeAll(fd.borrowed, "more") }
                == SyscallError(operation: "write", errno: .EPERM, subject: fd.borrowed.description))
        #expect(
            syscallError { () throws(SyscallError) in try Files.truncate(fd.borrowed, size: 0) }?.errno == .EPERM)
        #expect(
            syscallError { () throws(SyscallError) in try Files.addSeals(fd.borrowed, .futureWrite) }?.errno == .EPERM)
    }

    @Test func filesWithoutSealsSaySo() throws {
        try make("file")
        let fd = try Files.open(path("file"))
        #expect(syscallError { () throws(SyscallError) in _ = try Files.seals(of: fd.borrowed) }?.errno == .EINVAL)
    }

    @Test func copiesWholeFiles() throws {
        let contents = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try Files.writeFile(path("from"), contents, flags: .create)
        let from = try Files.open(path("from"))
        let into = try Files.open(path("into"), [.readWrite, .create], mode: 0o600)
        #expect(try Files.copy(from: from.borrowed, to: into.borrowed) == contents.count)
        #expect(try Files.readFile(path("into"), limit: contents.count) == contents)
    }

    @Test func singleBytesAndTheEndOfFile() throws {
        let pipe = try Files.pipe()
        let reading = BorrowedFD(rawValue: pipe.reading.borrowed.rawValue)
        try Files.writeByte(pipe.writing.borrowed, 0x5a)
        #expect(try Files.readByte(reading) == 0x5a)
        let kept = pipe.keepReading()
        #expect(try Files.readByte(kept.borrowed) == nil)
    }
}
