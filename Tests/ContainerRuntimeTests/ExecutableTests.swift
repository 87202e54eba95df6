import Foundation
import LinuxSys
import Testing

@testable import ContainerRuntime

/// Looking for the user's program, in an image that may hold anything.
struct ExecutableTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// The path that is found, or the text that callers read.
    func find(_ name: String, _ environment: [String] = []) -> String {
        do throws(CommandFailure) {
            return try Executable(finding: name, environment: environment, user: "0:0").path
        } catch {
            return error.text
        }
    }

    func program(_ name: String, _ contents: String = "#!/bin/sh\n", mode: UInt32 = 0o755) throws {
        try directory.write(name, Array(contents.utf8), mode: mode)
    }

    @Test func pathsAreThemselves() throws {
        try program("a")
        #expect(find(directory.path + "/a") == directory.path + "/a")
        #expect(find(directory.path + "/./a", ["PATH=/nowhere"]) == directory.path + "/./a")
    }

    /// The words that the callers of OCI runtimes look for.
    @Test func failuresOfPaths() throws {
        let missing = directory.path + "/missing"
        #expect(find(missing) == "exec: \"\(missing)\": stat \(missing): no such file or directory")
        try program("a", mode: 0o644)
        #expect(find(directory.path + "/a") == "exec: \"\(directory.path)/a\": permission denied")
        #expect(find(directory.path) == "exec: \"\(directory.path)\": is a directory: permission denied")
        let below = directory.path + "/a/b"
        #expect(find(below) == "exec: \"\(below)\": stat \(below): no such file or directory")
        try Files.makeSymlink(directory.path + "/loop", to: "loop")
        #expect(find(directory.path + "/loop").hasSuffix(": ELOOP"))
        let long = "/" + String(repeating: "x", count: 300)
        #expect(find(long).hasSuffix(": ENAMETOOLONG"))
        #expect(find("/a\0b").hasPrefix("exec: "))
    }

    @Test func namesAreLookedForInPATH() throws {
        try directory.makeFolder("one")
        try directory.makeFolder("two")
        try directory.makeFolder("one/folder")
        try program("one/refused", mode: 0o644)
        try program("two/refused")
        try program("two/tool")
        try program("two/folder")
        try program("one/plain", mode: 0o644)
        let path = "PATH=\(directory.path)/none:\(directory.path)/one:\(directory.path)/two"
        #expect(find("tool", [path]) == directory.path + "/two/tool")
        // What may not be executed, and what is no file, is passed over.
        #expect(find("refused", [path]) == directory.path + "/two/refused")
        #expect(find("folder", [path]) == directory.path + "/two/folder")
        #expect(find("plain", [path]) == "exec: \"plain\": permission denied")
        #expect(find("missing", [path]) == "exec: \"missing\": executable file not found in $PATH")
        #expect(find("", [path]) == "exec: \"\": executable file not found in $PATH")
        // The last one counts, as for getenv(3) of a process that sets it twice here.
        #expect(find("tool", ["PATH=/nowhere", path]) == directory.path + "/two/tool")
        #expect(find("sh", []) == find("sh", ["PATH=" + Executable.defaultPath]))
        #expect(find("sh", ["XPATH=/nowhere"]).hasSuffix("/sh"))
        #expect(find("tool", ["PATH="]) == "exec: \"tool\": executable file not found in $PATH")
    }

    // MARK: What loads it

    @Test func scriptsNeedTheirInterpreter() throws {
        try program("good", "#! /bin/sh -e\n")
        #expect(find(directory.path + "/good") == directory.path + "/good")
        try program("bad", "#!/nonexistent/interpreter arg\nx")
        #expect(
            find(directory.path + "/bad")
                == "exec: \"\(directory.path)/bad\": its script interpreter /nonexistent/interpreter: no such file or directory"
        )
        for (name, text) in [
            ("empty", "#!"), ("blank", "#! \t \n"), ("none", ""), ("short", "#"), ("nul", "#!/bin/sh\0x\n"),
            ("bytes", "\u{7f}ELF"), ("long", "#!" + String(repeating: "/x", count: 5000)),
        ] {
            try program(name, text)
            let found = find("\(directory.path)/\(name)")
            #expect(found == "\(directory.path)/\(name)" || found.hasPrefix("exec: \"\(directory.path)/\(name)\": "))
        }
    }

    /// A 64-bit file of the low byte first, with one program header.
    static func elf(
        loader: String, tableOffset: UInt64 = 64, entrySize: UInt16 = 56, count: UInt16 = 1, type: UInt8 = 0
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64 + 56)
        bytes.replaceSubrange(16..<20, with: [type, 0, 62, 0])
        bytes.replaceSubrange(0..<7, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
        func put(_ value: UInt64, _ offset: Int, _ size: Int) {
            for place in 0..<size { bytes[offset + place] = UInt8(truncatingIfNeeded: value >> (place * 8)) }
        }
        put(tableOffset, 32, 8)
        put(UInt64(entrySize), 54, 2)
        put(UInt64(count), 56, 2)
        put(3, 64, 4)
        put(120, 72, 8)
        put(UInt64(loader.utf8.count + 1), 96, 8)
        return bytes + Array(loader.utf8) + [0]
    }

    @Test func programsNeedTheirLoader() throws {
        try directory.write("good", Self.elf(loader: "/bin/sh"), mode: 0o755)
        #expect(find(directory.path + "/good") == directory.path + "/good")
        try directory.write("bad", Self.elf(loader: "/lib/ld-missing.so"), mode: 0o755)
        #expect(
            find(directory.path + "/bad")
                == "exec: \"\(directory.path)/bad\": its dynamic loader /lib/ld-missing.so: no such file or directory")
        #expect(find("/usr/bin/env") == "/usr/bin/env")
    }

    /// Headers that lie lead nowhere: what can't be read from the head is the kernel's to judge.
    @Test func headersThatLie() throws {
        var files = [
            Self.elf(loader: "/x", tableOffset: .max), Self.elf(loader: "/x", tableOffset: UInt64(Int64.max)),
            Self.elf(loader: "/x", tableOffset: 1 << 40), Self.elf(loader: "/x", entrySize: 0, count: .max),
            Self.elf(loader: "/x", entrySize: .max, count: .max), Self.elf(loader: ""),
        ]
        let good = Self.elf(loader: "/lib/ld-missing.so")
        for place in [72, 96] {
            for value in [UInt64.max, UInt64(Int64.max), 1 << 32, 0] {
                var file = good
                for byte in 0..<8 { file[place + byte] = UInt8(truncatingIfNeeded: value >> (byte * 8)) }
                files.append(file)
            }
        }
        files += [5, 64, 70, 119, 121].map { Array(good.prefix($0)) }
        for (number, file) in files.enumerated() {
            try directory.write("f\(number)", file, mode: 0o755)
            let found = find("\(directory.path)/f\(number)")
            // Where the first header can be read, what it says may be told: the kernel takes none of these either.
            let isRight = found == "\(directory.path)/f\(number)" || found.contains(": its dynamic loader ")
            #expect(isRight, "\(number): \(found)")
        }
        // Any bytes behind the magic ones.
        var generator = SeededGenerator(state: 11)
        for _ in 0..<500 {
            var file = good
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                file[Int.random(in: 4..<120, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            try directory.write("fuzz", file, mode: 0o755)
            let found = find(directory.path + "/fuzz")
            #expect(found == directory.path + "/fuzz" || found.contains("its dynamic loader "))
        }
    }

    /// A FIFO that nobody writes to must not hold create up, nor a device that never ends.
    @Test func whatIsNoFileDoesNotHoldUp() throws {
        try Files.makeFIFO(directory.path + "/fifo", permissions: 0o755)
        let path = directory.path + "/fifo"
        let finished = DispatchSemaphore(value: 0)
        let thread = Thread {
            _ = try? Executable(finding: path, environment: [], user: "0:0")
            finished.signal()
        }
        thread.start()
        let result = finished.wait(timeout: .now() + 5)
        #expect(result == .success)
        guard result == .success else {
            // Let it go.
            _ = try? Files.open(path, [.writeOnly, .nonBlocking])
            finished.wait()
            return
        }
        #expect(find(path) == "exec: \"\(path)\": permission denied")
        #expect(find("/dev/null") == "exec: \"/dev/null\": permission denied")
    }
}
