import LinuxSys
import OCISpec
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// The line that people read, and the callers that know only the last one.
struct RuntimeErrorTests {
    @Test func fixedTexts() {
        let plain = RuntimeError(.state, "container does not exist")
        #expect(plain.text == "container does not exist")
        let full = RuntimeError(.config, "is wrong", pointer: "/a/b", hint: "do this")
        #expect(full.text == "/a/b: is wrong; hint: do this")
        #expect(full.kind == .config && full.errno == nil && full.step == nil)
    }

    /// An errno is its name: callers take the C library's texts for a verdict on the command.
    @Test func systemCalls() {
        let error = RuntimeError(
            SyscallError(operation: "openat2", errno: .EACCES, subject: "/srv"), in: "read record", hint: "h")
        #expect(error.text == "read record: openat2 /srv: EACCES; hint: h")
        #expect(error.kind == .system && error.errno == .EACCES)
        let bare = RuntimeError(SyscallError(operation: "unshare", errno: .EPERM), in: "leave host")
        #expect(bare.text == "leave host: unshare: EPERM")
        for number in [1, 2, 13, 22, 38, 95, 133] as [CInt] {
            let text = RuntimeError(SyscallError(operation: "x", errno: Errno(rawValue: number)), in: "y").text
            #expect(text.hasPrefix("y: x: E") && text.allSatisfy { $0.isASCII && !$0.isNewline })
        }
    }

    @Test func steps() {
        let step = Step.makeWorkingDirectory(ContainerPath("/work"))
        let error = RuntimeError(SyscallError(operation: "mkdirat", errno: .EROFS, subject: "/work"), at: step)
        // A subject that the step has just named says nothing twice.
        #expect(error.text == "make working directory /work (/process/cwd): mkdirat: EROFS")
        let other = RuntimeError(SyscallError(operation: "mkdirat", errno: .EROFS, subject: "other"), at: step)
        #expect(other.text == "make working directory /work (/process/cwd): mkdirat other: EROFS")
        let unplaced = RuntimeError(SyscallError(operation: "socket", errno: .EMFILE), at: .makeStartPipes)
        #expect(unplaced.text == "make start pipes: socket: EMFILE")
    }

    @Test func hintsComeLast() {
        let error = RuntimeError(
            SyscallError(operation: "open_tree", errno: .ENOENT, subject: "/srv/rootfs"),
            at: .attachRoot(HostPath("/srv/rootfs")))
        #expect(
            error.text
                == "attach root /srv/rootfs (/root/path): open_tree: ENOENT; hint: the bundle's root file system "
                + "is missing")
    }

    @Test func problemsOfAConfig() {
        let problems = (0..<5).map { Problem(pointer: "/mounts/\($0)/type", message: "is wrong") }
        func text(_ count: Int) -> String { RuntimeError(SpecProblems(Array(problems[..<count]))).text }
        #expect(text(1) == "/mounts/0/type: is wrong")
        #expect(text(3) == "/mounts/0/type: is wrong; /mounts/1/type: is wrong; /mounts/2/type: is wrong")
        #expect(text(4) == text(3) + "; and 1 more: raind-oci plan BUNDLE lists all")
        #expect(text(5) == text(3) + "; and 2 more: raind-oci plan BUNDLE lists all")
        let error = RuntimeError(SpecProblems(problems))
        #expect(error.kind == .config)
        #expect(error.problems.count == 5)
    }

    /// Paths and names come from anywhere; the error is a line, and no terminal obeys it.
    @Test(arguments: ["a\nraind-oci: all is well", "\u{1b}[2J", "\r", "\u{7f}", "\u{9b}2J", "\0"])
    func everyErrorIsOneLine(hostile: String) {
        let step = Step.makeWorkingDirectory(ContainerPath("/" + hostile))
        let texts = [
            RuntimeError(SyscallError(operation: "mkdirat", errno: .EACCES, subject: hostile), at: step).text,
            RuntimeError(SyscallError(operation: "openat2", errno: .ENOENT, subject: hostile), in: "read record").text,
            RuntimeError(StageFailure(CommandFailure(text: "exec: \"\(hostile)\": is a directory"))).text,
            runtimeError { () throws(RuntimeError) in try StateStore.check(id: hostile) }?.text ?? "\n",
        ]
        for text in texts {
            let bad = text.unicodeScalars.filter { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
            #expect(bad.isEmpty, "\(text.debugDescription)")
        }
    }
}
