import LinuxSys
import Testing

@testable import ContainerRuntime

/// Why a program can't be executed: what can be seen without a kernel that refuses it.
struct ExecutionObstacleTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The reason, with the test's folder as `D`.
    func reason(_ name: String, _ errno: Errno) -> String? {
        let reason = ExecutionObstacle(user: "7:8", errno: errno).reason(for: directory.path + "/" + name)
        return reason.map { text in
            var rest = Substring(text)
            var short = ""
            while let byte = rest.first {
                if rest.hasPrefix(directory.path) {
                    short += "D"
                    rest = rest.dropFirst(directory.path.count)
                } else {
                    short.append(byte)
                    rest = rest.dropFirst()
                }
            }
            return short
        }
    }

    @Test func components() throws {
        try directory.makeFolder("folder")
        try directory.write("file", [])
        try Files.makeSymlink(directory.path + "/loop", to: "loop")
        try Files.makeSymlink(directory.path + "/there", to: "./back")
        try Files.makeSymlink(directory.path + "/back", to: directory.path + "/folder/../there")
        try Files.makeSymlink(directory.path + "/dangling", to: "folder/none")
        try Files.makeSymlink(directory.path + "/way", to: "file")
        let rows: [(String, Errno, String?)] = [
            ("none", .ENOENT, "D/none is missing"), ("folder/none/x", .ENOENT, "D/folder/none is missing"),
            ("file/x", .ENOTDIR, "D/file is no directory"),
            ("way/x", .ENOTDIR, "D/way is a link to file, and D/file is no directory"),
            ("dangling", .ENOENT, "D/dangling is a link to folder/none, and D/folder/none is missing"),
            ("loop", .ELOOP, "more than 40 links lead on from each other, and D/loop is one of them"),
            ("folder", .EACCES, "D/folder is a directory"),
            (String(repeating: "x", count: 256), .ENAMETOOLONG, "a name in it is longer than the file system takes"),
        ]
        for (name, errno, expected) in rows { #expect(reason(name, errno) == expected) }
        #expect(reason("there", .ELOOP)?.contains("more than 40 links") == true)
        // Where a link of procfs leads is not what it says.
        #expect(ExecutionObstacle(user: "0:0", errno: .EACCES).reason(for: "/proc/self/exe/x") == nil)
    }

    @Test func modes() throws {
        try directory.write("plain", [], mode: 0o640)
        #expect(reason("plain", .EACCES)?.hasPrefix("D/plain has the mode 0640 and the owner ") == true)
        #expect(reason("plain", .EACCES)?.hasSuffix(": nobody may execute it") == true)
        try Files.makeFIFO(directory.path + "/fifo", permissions: 0o755)
        #expect(reason("fifo", .EACCES) == "D/fifo is neither a program nor a script, but a file of another type")
    }

    /// An ELF file for another machine.
    static func elf(_ machine: UInt16, _ type: UInt8 = 2, isWide: Bool = true, isBigEndian: Bool = false) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64)
        bytes.replaceSubrange(0..<7, with: [0x7f, 0x45, 0x4c, 0x46, isWide ? 2 : 1, isBigEndian ? 2 : 1, 1])
        let low = UInt8(truncatingIfNeeded: machine)
        let high = UInt8(truncatingIfNeeded: machine >> 8)
        bytes.replaceSubrange(16..<20, with: isBigEndian ? [0, type, high, low] : [type, 0, low, high])
        return bytes
    }

    @Test func formats() throws {
        #if arch(x86_64)
            let own: UInt16 = 62
            let narrow: UInt16 = 3
        #else
            let own: UInt16 = 183
            let narrow: UInt16 = 40
        #endif
        let machine = ELFHeader.nativeMachineName
        let rows: [([UInt8], String?)] = [
            ([], "D/p is empty"),
            (Array("echo hi\n".utf8), "D/p is neither an ELF program nor a script that begins with #!"),
            (Array("MZ\u{1}".utf8), "D/p is a program for Windows"),
            ([0xef, 0xbb, 0xbf] + Array("#!/bin/sh\n".utf8), "a byte order mark stands before the #! of D/p"),
            (Array("#!\n".utf8), "the #! of D/p names no interpreter"),
            (Self.elf(243), "D/p is a program for riscv64, and this machine is \(machine)"),
            (Self.elf(22, isBigEndian: true), "D/p is a program for s390x, and this machine is \(machine)"),
            (Self.elf(21), "D/p is a program for ppc64le, and this machine is \(machine)"),
            (Self.elf(999), "D/p is a program for machine 999 of elf(5), and this machine is \(machine)"),
            (Self.elf(own, 1), "D/p is an ELF file, but not a program"),
            (Self.elf(own), nil),
            (Self.elf(narrow, isWide: false), "D/p is a program of 32 bits, which this kernel doesn't run"),
        ]
        for (bytes, expected) in rows {
            try? Files.unlink(directory.path + "/p")
            try directory.write("p", bytes, mode: 0o755)
            #expect(reason("p", .ENOEXEC) == expected)
            // Only the kernel's word makes it certain.
            #expect(reason("p", .EACCES) == nil)
        }
    }

    @Test func whatLoadsIt() throws {
        try directory.write("foreign", Self.elf(243), mode: 0o755)
        try directory.write("plain", Array("#!/bin/sh\n".utf8), mode: 0o644)
        try directory.write("script", Array("#! \(directory.path)/foreign -x\n".utf8), mode: 0o755)
        #expect(
            reason("script", .ENOEXEC)?.hasPrefix("its script interpreter: D/foreign is a program for riscv64") == true)
        try directory.write("refused", Array("#!\(directory.path)/plain\n".utf8), mode: 0o755)
        #expect(reason("refused", .EACCES)?.hasPrefix("its script interpreter: D/plain has the mode 0644") == true)
        try directory.write("gone", Array("#!\(directory.path)/none\n".utf8), mode: 0o755)
        #expect(reason("gone", .ENOENT) == "its script interpreter: D/none is missing")
        try directory.write("windows", Array("#!/bin/sh\r\n".utf8), mode: 0o755)
        #expect(
            reason("windows", .ENOENT)?.hasPrefix("the first line of D/windows ends with a carriage return") == true)
        try directory.write("self", Array("#!\(directory.path)/self\n".utf8), mode: 0o755)
        #expect(reason("self", .ELOOP)?.hasSuffix("its scripts name each other as interpreters") == true)
        try directory.write(
            "dynamic", ExecutableTests.elf(loader: "\(directory.path)/none", type: 3), mode: 0o755)
        #if arch(x86_64)
            #expect(reason("dynamic", .ENOENT) == "its dynamic loader: D/none is missing")
        #endif
    }

    /// Those texts that callers take for a verdict stand before the reason, and nowhere else.
    @Test func wordsOfTheReasons() throws {
        for errno: Errno in [.ETXTBSY, .E2BIG, .EAGAIN] { #expect(reason("x", errno) != nil) }
        #expect(reason("x", .EIO) == nil)
        let source =
            try SourceText.of("ContainerRuntime", "ExecutionObstacle.swift")
            + SourceText.of("ContainerRuntime", "PathWalk.swift")
        for words in [
            "not found", "no such file", "permission denied", "operation not permitted", "open executable",
            "executable path is empty",
        ] {
            #expect(!source.lowercased().contains(words), "\(words)")
        }
    }
}
