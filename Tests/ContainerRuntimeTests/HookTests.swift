import LinuxSys
import LosslessJSON
import OCISpec
import RuntimePlan
import Testing

@testable import ContainerRuntime

/// Hooks as programs: what they get, and what becomes of what they do.
struct HookTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    static func shell(_ script: String, env: [String]? = nil, timeoutSeconds: Int? = nil) -> Hook {
        Hook(path: "/bin/sh", args: ["sh", "-c", script], env: env, timeoutSeconds: timeoutSeconds)
    }

    static func failure(_ hooks: [Hook], _ kind: HookKind = .prestart) -> RuntimeError? {
        runtimeError { () throws(RuntimeError) in try ContainerHooks.run(hooks, kind, state: Array("{}".utf8)) }
    }

    @Test func hooksGetTheStateAndNothingElse() throws {
        let out = directory.path
        try ContainerHooks.run(
            [
                Self.shell(
                    "/usr/bin/cat > \(out)/state; /usr/bin/env > \(out)/env; /usr/bin/ls /proc/self/fd > \(out)/fd"),
                Self.shell("/usr/bin/env > \(out)/own", env: ["A=b c", "LINE=x"]),
                Hook(path: "/usr/bin/touch", args: ["touch", out + "/ran"]),
            ], .prestart, state: Array(#"{"id":"demo"}"#.utf8))
        #expect(try directory.read("state") == #"{"id":"demo"}"#)
        // An environment of its own, empty unless the config has one; the shell adds what it does.
        let names = try directory.read("env").split(separator: "\n").map { $0.prefix { $0 != "=" } }
        #expect(Set(names).isSubset(of: ["PWD", "SHLVL", "_", "OLDPWD"]))
        #expect(try directory.read("own").contains("A=b c\n"))
        #expect(try directory.read("own").contains("LINE=x\n"))
        // Input, output, error, and the folder that is listed.
        #expect(try directory.read("fd") == "0\n1\n2\n3\n")
        #expect(try Files.exists(out + "/ran"))
    }

    /// What no hook asked for is no argument: the program is named by its path.
    @Test func argumentsDefaultToThePath() throws {
        let script = try directory.write(
            "hook", Array("#!/bin/sh\necho \"$0 $#\" >> \(directory.path)/out\n".utf8), mode: 0o755)
        for args in [nil, []] as [[String]?] {
            try ContainerHooks.run([Hook(path: script, args: args)], .prestart, state: [])
        }
        #expect(try directory.read("out") == "\(script) 0\n\(script) 0\n")
    }

    @Test func theFirstFailureEndsTheRest() throws {
        let marker = directory.path + "/ran"
        let error = Self.failure([
            Self.shell("exit 0"), Self.shell("echo one; echo two >&2; exit 3"), Self.shell("touch \(marker)"),
        ])
        #expect(error?.text == "run hooks prestart (/hooks/prestart/1): /bin/sh: exit status 3: one | two")
        #expect(error?.kind == .system)
        #expect(try !Files.exists(marker))
    }

    @Test(arguments: HookKind.allCases)
    func failuresNameTheirKind(kind: HookKind) {
        let error = Self.failure([Self.shell("kill -USR1 $$")], kind)
        let name = kind.rawValue
        #expect(error?.text == "run hooks \(name) (/hooks/\(name)/0): /bin/sh: killed by SIGUSR1")
    }

    @Test func whatCannotBeRunIsTold() {
        let missing = Self.failure([Hook(path: "/nonexistent/hook")])
        #expect(
            missing?.text
                == "run hooks prestart (/hooks/prestart/0): /nonexistent/hook: execve /nonexistent/hook: ENOENT")
        let folder = Self.failure([Hook(path: "/etc")])
        #expect(folder?.text == "run hooks prestart (/hooks/prestart/0): /etc: execve /etc: EACCES")
        let nul = Self.failure([Hook(path: "/bin/true", args: ["true", "a\0b"])])
        #expect(nul?.text.hasSuffix("EINVAL") == true)
    }

    @Test func hooksThatTakeTooLongAreKilled() throws {
        let start = Clock.monotonicNanoseconds()
        let error = Self.failure([
            Self.shell("echo $$ > \(directory.path)/pid; exec /usr/bin/sleep 60", timeoutSeconds: 1)
        ])
        #expect(error?.message == "/bin/sh: killed after its timeout of 1 s")
        #expect(Clock.monotonicNanoseconds() - start < 30_000_000_000)
        let pid = try #require(Int32(directory.read("pid").split(separator: "\n")[0]))
        #expect(syscallError { () throws(SyscallError) in try Processes.kill(pid, 0) }?.errno == .ESRCH)
    }

    /// A limit that is longer than any clock runs is none.
    @Test(arguments: [1, 3600, 2_147_483, 2_147_484, Int(Int32.max), .max])
    func longTimeoutsAreTimeouts(seconds: Int) throws {
        try ContainerHooks.run([Self.shell("exit 0", timeoutSeconds: seconds)], .prestart, state: [])
    }

    /// Neither what isn't read nor what nobody reads makes a hook wait; and however much it says, what it failed with
    /// is told.
    @Test func largeInputAndOutput() throws {
        let state = Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
        try ContainerHooks.run([Self.shell("exit 0")], .prestart, state: state)
        try ContainerHooks.run([Self.shell("/usr/bin/wc -c > \(directory.path)/count")], .prestart, state: state)
        #expect(try directory.read("count") == "1048576\n")
        let error = Self.failure([Self.shell("/usr/bin/head -c 200000 /dev/zero; echo; echo last; exit 9")])
        #expect(error?.message.hasPrefix("/bin/sh: exit status 9: ") == true)
        #expect(error?.message.hasSuffix(" | last") == true)
        #expect(error?.message.utf8.count ?? 0 < 2000)
    }

    /// What a hook says comes from anywhere, and an error is one line.
    @Test func outputsAreOneLine() {
        let error = Self.failure([Self.shell(#"printf 'a\r\nb\033[2Jc\001d\377'; exit 1"#)])
        #expect(error?.message.hasPrefix("/bin/sh: exit status 1: a | b") == true)
        #expect(error?.text.utf8.contains { $0 < 0x20 } == false)
    }

    /// A process that a hook leaves behind keeps nobody waiting.
    @Test func leftBehindProcessesAreNotWaitedFor() throws {
        let start = Clock.monotonicNanoseconds()
        try ContainerHooks.run(
            [Self.shell("/usr/bin/sleep 20 & echo $! > \(directory.path)/pid")], .prestart, state: [])
        #expect(Clock.monotonicNanoseconds() - start < 15_000_000_000)
        let pid = try #require(Int32(directory.read("pid").split(separator: "\n")[0]))
        try Processes.kill(pid, Signals.kill)
    }

    // MARK: In the record

    @Test func laterHooksAreReadAsTheyWereWritten() throws {
        var hooks = Hooks()
        hooks.prestart = [Hook(path: "/never")]
        hooks.poststart = [Hook(path: "/a", args: ["a", "line\nbreak \"q\""], env: [], timeoutSeconds: 5)]
        hooks.poststop = [Hook(path: "/b"), Hook(path: "/\u{1F4E6}", env: ["A=b"], timeoutSeconds: .max)]
        var record = ContainerRecordTests.record()
        record.laterHooks = ContainerHooks.encode(hooks)
        let read = try ContainerRecord(decoding: record.encoded)
        #expect(ContainerHooks.decode(read, .poststart) == hooks.poststart)
        #expect(ContainerHooks.decode(read, .poststop) == hooks.poststop)
        #expect(ContainerHooks.decode(read, .prestart).isEmpty)
        #expect(!String(decoding: record.laterHooks, as: UTF8.self).contains("/never"))
    }

    @Test func noHooksTakeNoPlace() throws {
        #expect(ContainerHooks.encode(Hooks()).isEmpty)
        var hooks = Hooks()
        hooks.createRuntime = [Hook(path: "/a")]
        hooks.poststop = []
        #expect(ContainerHooks.encode(hooks).isEmpty)
        var record = ContainerRecordTests.record()
        record.laterHooks = []
        #expect(try JSON(parsing: record.encoded)["hooks"] == nil)
        #expect(ContainerHooks.decode(record, .poststop).isEmpty)
    }

    // MARK: The state that they get

    @Test(arguments: [ContainerStatus.creating, .created, .running, .stopped])
    func theStateIsTheDocumentOfTheSpecification(status: ContainerStatus) throws {
        let record = ContainerRecordTests.record()
        let text = record.state(status, pid: status == .stopped ? 0 : 42)
        let json = try JSON(parsing: text)
        #expect(json["ociVersion"]?.stringValue == "1.2.0")
        #expect(json["id"]?.stringValue == "demo")
        #expect(json["status"]?.stringValue == status.rawValue)
        #expect(json["pid"]?.int64Value == (status == .stopped ? 0 : 42))
        #expect(json["bundle"]?.stringValue == "/srv/bundle")
        #expect(json["annotations"]?["a"]?.stringValue == "1")
        #expect(json["annotations"]?["line\nbreak \"quoted\" \u{1F4E6}"]?.stringValue == "\u{0}\u{1b}[2J\\")
        // One line, so that a shell's `read` gets all of it.
        #expect(!text.contains(UInt8(ascii: "\n")))
    }

    @Test func noAnnotationsAreNoMember() throws {
        var record = ContainerRecordTests.record()
        record.annotations = []
        #expect(try JSON(parsing: record.state(.created, pid: 1))["annotations"] == nil)
    }
}
