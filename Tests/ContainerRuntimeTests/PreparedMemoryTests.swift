import LinuxSys
import OCISpec
import Testing

@testable import ContainerRuntime

/// What the kernel says of a group that ran out of memory, from prepared files: this machine's cgroup2 has no memory
/// controller.
struct PreparedMemoryTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    func account(_ files: [String: String], isUnified: Bool) throws -> (OutOfMemory?, OutOfMemory?) {
        let mountPoint = try directory.makeFolder(isUnified ? "v2" : "v1/memory")
        let folder = try directory.makeFolder((isUnified ? "v2" : "v1/memory") + "/box")
        for name in [
            "memory.events", "memory.max", "memory.peak", "memory.oom_control", "memory.limit_in_bytes",
            "memory.max_usage_in_bytes",
        ] where try Files.exists(folder + "/" + name) { try Files.unlink(folder + "/" + name) }
        for (name, text) in files {
            try directory.write((isUnified ? "v2" : "v1/memory") + "/box/" + name, Array(text.utf8))
        }
        let tree = CgroupTree(
            groups: [
                CgroupTree.Group(mountPoint: mountPoint, path: "/box", isUnified: isUnified, controllers: ["memory"])
            ])
        return (tree.memoryAccount(), tree.outOfMemory())
    }

    @Test func unified() throws {
        let events = "low 0\nhigh 0\nmax 91\noom 4\noom_kill 3\noom_group_kill 0\n"
        var files = ["memory.events": events, "memory.max": "16777216\n", "memory.peak": "16777216\n"]
        let full = OutOfMemory(limitBytes: 16_777_216, peakBytes: 16_777_216, kills: 3)
        #expect(try account(files, isUnified: true) == (full, full))
        // Before Linux 5.19 there is no peak.
        files["memory.peak"] = nil
        #expect(try account(files, isUnified: true).1 == OutOfMemory(limitBytes: 16_777_216, peakBytes: nil, kills: 3))
        files["memory.max"] = "max\n"
        #expect(try account(files, isUnified: true).1 == OutOfMemory(limitBytes: nil, peakBytes: nil, kills: 3))
        files["memory.events"] = "low 0\nhigh 0\nmax 91\noom 4\noom_kill 0\n"
        #expect(try account(files, isUnified: true).1 == nil)
        #expect(try account(files, isUnified: true).0?.kills == 0)
        #expect(try account([:], isUnified: true) == (nil, nil))
    }

    @Test func legacy() throws {
        var files = [
            "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", "memory.limit_in_bytes": "65536\n",
            "memory.max_usage_in_bytes": "61440\n",
        ]
        let full = OutOfMemory(limitBytes: 65536, peakBytes: 61440, kills: 2)
        #expect(try account(files, isUnified: false) == (full, full))
        files["memory.limit_in_bytes"] = "9223372036854771712\n"
        #expect(try account(files, isUnified: false).1 == OutOfMemory(limitBytes: nil, peakBytes: 61440, kills: 2))
        // Before Linux 4.13 nobody counted.
        files["memory.oom_control"] = "oom_kill_disable 0\nunder_oom 1\n"
        #expect(try account(files, isUnified: false) == (nil, nil))
    }

    @Test func toldInErrors() throws {
        var error = RuntimeError(.system, "the container's process died of SIGKILL")
        error.explain(nil)
        #expect(error.text == "the container's process died of SIGKILL")
        error.explain(OutOfMemory(limitBytes: 65536, peakBytes: 61440, kills: 1))
        #expect(
            error.text == "the container's process died of SIGKILL: its control group has run out of memory "
                + "(limit 65536 bytes, peak 61440 bytes, 1 killed); hint: raise /linux/resources/memory/limit")
        var other = RuntimeError(.system, "x")
        other.explain(OutOfMemory(limitBytes: nil, peakBytes: nil, kills: 1))
        #expect(
            other.text == "x: its control group has run out of memory (1 killed); hint: it is a group above the "
                + "container's that has the limit")
    }
}
