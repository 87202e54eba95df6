import LinuxSys
import LosslessJSON
import OCISpec
import Testing

@testable import ContainerRuntime

/// What the state folder remembers, also where somebody has put something else there.
struct ContainerRecordTests {
    /// A record with something in every member.
    static func record() -> ContainerRecord {
        var record = ContainerRecord(
            ociVersion: "1.2.0", id: "demo", creator: ProcessIdentity(pid: 4711, startTicks: 1 << 40),
            bundle: "/srv/bundle", rootfs: "/srv/bundle/rootfs", created: "2026-01-01T00:00:00.123456789Z",
            annotations: [("a", "1"), ("line\nbreak \"quoted\" \u{1F4E6}", "\u{0}\u{1b}[2J\\")], owner: .max,
            hasPIDNamespace: true, keepsKeyring: true,
            cgroups: CgroupTree(groups: [
                CgroupTree.Group(
                    mountPoint: "/sys/fs/cgroup/cpu,cpuacct", path: "/pods/demo", isUnified: false,
                    controllers: ["cpu", "cpuacct"]),
                CgroupTree.Group(
                    mountPoint: "/sys/fs/cgroup/unified", path: "/own/demo", isUnified: true, controllers: ["hugetlb"]),
            ]), laterHooks: Array(#"{"poststop":[{"path":"/bin/true"}]}"#.utf8))
        record.hasMemoryLimit = true
        record.resctrl = ResctrlGroup(className: "fast", monitoringName: "demo")
        record.resctrl?.isMonitoringMade = true
        return record
    }

    static func value() throws -> JSONValue { JSONValue(try JSON(parsing: record().encoded)) }

    /// What a changed record is refused with; nil where it is read.
    static func refusal(_ change: (inout JSONValue) -> Void) throws -> String? {
        var value = try value()
        change(&value)
        return refusal(of: value.text())
    }

    static func refusal(of bytes: [UInt8]) -> String? {
        runtimeError { () throws(RuntimeError) in _ = try ContainerRecord(decoding: bytes) }.map { error in
            #expect(error.kind == .state)
            #expect(error.hint == "raind-oci delete --force ID removes what is left of it")
            return error.message
        }
    }

    @Test func recordsAreReadAsTheyWereWritten() throws {
        let record = Self.record()
        let read = try ContainerRecord(decoding: record.encoded)
        #expect(read.ociVersion == record.ociVersion)
        #expect(read.id == record.id)
        #expect(read.creator == record.creator)
        #expect(read.bundle == record.bundle)
        #expect(read.rootfs == record.rootfs)
        #expect(read.created == record.created)
        #expect(read.annotations.map(\.name) == record.annotations.map(\.name))
        #expect(read.annotations.map(\.value) == record.annotations.map(\.value))
        #expect(read.owner == record.owner)
        #expect(read.hasPIDNamespace == record.hasPIDNamespace)
        #expect(read.keepsKeyring == record.keepsKeyring)
        #expect(read.hasMemoryLimit)
        #expect(read.laterHooks == record.laterHooks)
        #expect(read.resctrl == record.resctrl)
        #expect(read.cgroups.groups.map(\.folder) == record.cgroups.groups.map(\.folder))
        #expect(read.cgroups.groups.map(\.isUnified) == record.cgroups.groups.map(\.isUnified))
        #expect(read.cgroups.groups.map(\.controllers) == record.cgroups.groups.map(\.controllers))
        // Written again, every byte is the same.
        #expect(read.encoded == record.encoded)
    }

    /// What changes while the container is created does not stand in the record.
    @Test func theProcessStandsElsewhere() throws {
        var record = Self.record()
        let before = record.encoded
        record.pid = 5
        record.startTicks = 6
        record.isComplete = true
        #expect(record.encoded == before)
        let read = try ContainerRecord(decoding: before)
        #expect(read.pid == 0 && read.startTicks == 0 && !read.isComplete)
    }

    /// A record of today is still one tomorrow: containers live longer than the runtime's version.
    @Test func todaysFormatStaysReadable() throws {
        let text = """
            {"ociVersion":"1.0.2","id":"a","creatorPID":1,"creatorStartTicks":2,"bundle":"/b","rootfs":"/b/r",\
            "created":"2026-01-01T00:00:00Z","owner":0,"hasPIDNamespace":false,"keepsKeyring":false,"annotations":{"k":"v"},\
            "cgroups":[{"mountPoint":"/sys/fs/cgroup","path":"/a","isUnified":true,"controllers":["cpu"]}],\
            "hooks":"{}","something":"newer"}
            """
        let record = try ContainerRecord(decoding: Array(text.utf8))
        #expect(record.id == "a")
        #expect(record.creator == ProcessIdentity(pid: 1, startTicks: 2))
        #expect(record.cgroups.unified?.folder == "/sys/fs/cgroup/a")
    }

    @Test func truncatedRecordsAreRefused() {
        let bytes = Self.record().encoded
        for count in 0..<bytes.count {
            let refusal = Self.refusal(of: Array(bytes[..<count]))
            #expect(refusal?.hasPrefix("state.json is damaged: ") == true, "\(count) bytes")
        }
    }

    @Test func whatIsNoRecordIsRefused() {
        let texts: [[UInt8]] = [
            Array("null".utf8), Array("[]".utf8), Array("5".utf8), Array("\"\"".utf8), Array("{}".utf8), [0], [0xff],
            [0xef, 0xbb, 0xbf], Array(repeating: UInt8(ascii: "["), count: 100_000),
            Array(repeating: UInt8(ascii: "{"), count: 100_000), Array(repeating: 0, count: 1 << 20),
        ]
        for text in texts {
            #expect(Self.refusal(of: text)?.hasPrefix("state.json is damaged: ") == true, "\(text.prefix(8))")
        }
    }

    static let required = [
        "ociVersion", "id", "creatorPID", "creatorStartTicks", "bundle", "rootfs", "created", "owner",
        "hasPIDNamespace", "keepsKeyring", "annotations", "cgroups",
    ]

    /// Every member but the hooks, the class of service and the word about a limit of memory, which not every container has, must be there.
    @Test(arguments: required)
    func missingMembersAreNamed(name: String) throws {
        let refusal = try Self.refusal { $0[name] = nil }
        let told = name == "creatorStartTicks" ? "creatorPID" : name
        #expect(refusal == "state.json is damaged: \(told) is missing or wrong")
    }

    @Test func everyMemberIsKnownHere() throws {
        let names = try JSON(parsing: Self.record().encoded).members.map(\.name)
        #expect(Set(names) == Set(Self.required + ["hooks", "resctrl", "hasMemoryLimit", "sum"]))
    }

    /// A bit is the difference between this container's group and another's.
    @Test func flippedBitsAreRefused() {
        let bytes = Self.record().encoded
        let name = bytes.count - #""sum":"12345678901234567890"}"#.utf8.count
        for place in bytes.indices where place < name {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[place] ^= 1 << bit
                let refusal = Self.refusal(of: flipped)
                #expect(refusal?.hasPrefix("state.json is damaged: ") == true, "bit \(bit) of byte \(place)")
            }
        }
    }

    @Test func flippedBitsOfAProcessAreRefused() {
        let bytes = ProcessIdentity(pid: 1234, startTicks: 567_890).encoded
        for place in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[place] ^= 1 << bit
                #expect(ProcessIdentity(decoding: flipped) == nil, "bit \(bit) of byte \(place)")
            }
        }
        // As earlier versions wrote it.
        #expect(
            ProcessIdentity(decoding: Array("1234 567890\n".utf8)) == ProcessIdentity(pid: 1234, startTicks: 567_890))
    }

    @Test(arguments: required + ["hooks", "resctrl", "hasMemoryLimit"])
    func wrongTypesAreRefused(name: String) throws {
        let right = try #require(try JSON(parsing: Self.record().encoded)[name])
        for wrong in [
            JSONValue.null, true, 5, "text", .array([]), .array([5]), .object([]), .number("1.5"), .number("-1"),
            .number("1e400"), .object([(name: "a", value: 5)]),
        ] {
            let kind = try JSON(parsing: wrong.text()).kind
            // An empty list or object can be right, and so can another number.
            let isSameKind = kind == right.kind
            if isSameKind, kind != .number, kind != .array { continue }
            if isSameKind, case .array(let elements) = wrong, elements.isEmpty { continue }
            if case .number("5") = wrong, right.kind == .number { continue }
            let refusal = try Self.refusal { $0[name] = wrong }
            #expect(refusal?.hasPrefix("state.json is damaged: ") == true, "\(name): \(wrong)")
        }
    }

    /// A folder is what `delete` removes.
    @Test(arguments: ["class", "monitoring"])
    func classesThatLeadElsewhereAreRefused(name: String) throws {
        for value in ["", ".", "..", "a/b", "/", "../../cgroup/demo", "a\0"] {
            let refusal = try Self.refusal { record in
                guard var group = record["resctrl"] else { return }
                group[name] = .string(value)
                record["resctrl"] = group
            }
            #expect(refusal == "state.json is damaged: resctrl is missing or wrong", "\(value)")
        }
    }

    /// Hooks that can't be read are not the same as none.
    @Test(arguments: ["", "x", "[]", "{", "5"])
    func hooksThatAreNoneAreRefused(text: String) throws {
        let refusal = try Self.refusal { $0["hooks"] = .string(text) }
        #expect(refusal == "state.json is damaged: hooks is missing or wrong")
    }

    @Test(
        arguments: [
            ("creatorPID", "0"), ("creatorPID", "-1"), ("creatorPID", "2147483648"), ("creatorPID", "1.0000001"),
            ("creatorStartTicks", "-1"), ("creatorStartTicks", "18446744073709551616"), ("owner", "4294967296"),
            ("owner", "-1"), ("owner", "1e99999"),
        ])
    func numbersOutOfRangeAreRefused(name: String, number: String) throws {
        let refusal = try Self.refusal { $0[name] = .number(number) }
        #expect(refusal?.hasPrefix("state.json is damaged: ") == true)
    }

    /// A group is what `delete` and `kill --all` end every process of: never the root, never outside of the mount.
    @Test(
        arguments: [
            ("path", "relative"), ("path", ""), ("path", "/"), ("path", "//"), ("path", "/."), ("path", "/./"),
            ("path", "/.//."), ("path", "/a/../.."), ("path", "/.."), ("mountPoint", ""), ("mountPoint", "sys"),
            ("mountPoint", "/sys/fs/cgroup/../../../etc"),
        ])
    func groupsThatAreNotTheContainersAreRefused(name: String, value: String) throws {
        let refusal = try Self.refusal { record in
            guard case .array(var groups)? = record["cgroups"] else { return }
            groups[0][name] = .string(value)
            record["cgroups"] = .array(groups)
        }
        #expect(refusal == "state.json is damaged: cgroups is missing or wrong")
    }

    @Test func groupsOfWrongTypesAreRefused() throws {
        for (name, values) in [
            ("mountPoint", [.null, 5]), ("path", [.null, .array([])]), ("isUnified", [.null, "true", 1]),
            ("controllers", [.null, "cpu", .object([]), .array([5]), .array([.null])]),
        ] as [(String, [JSONValue])] {
            for value in values {
                let refusal = try Self.refusal { record in
                    guard case .array(var groups)? = record["cgroups"] else { return }
                    groups[1][name] = value
                    record["cgroups"] = .array(groups)
                }
                #expect(refusal == "state.json is damaged: cgroups is missing or wrong", "\(name): \(value)")
            }
        }
    }

    /// Whatever bytes are changed, a record is read or refused.
    @Test func changedBytesAreReadOrRefused() {
        var generator = SeededGenerator(state: 7)
        let bytes = Self.record().encoded
        var refused = 0
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = changed.indices.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0...3, using: &generator) {
                case 0: changed[place] = .random(in: 0...255, using: &generator)
                case 1: changed.remove(at: place)
                case 2: changed.insert(changed.randomElement(using: &generator) ?? 0, at: place)
                default: changed.swapAt(place, changed.indices.randomElement(using: &generator) ?? 0)
                }
            }
            if Self.refusal(of: changed) != nil { refused += 1 }
        }
        #expect(refused > 1000)
    }

    @Test func processesAreReadAsTheyWereWritten() {
        for process in [ProcessIdentity(pid: 1, startTicks: 0), ProcessIdentity(pid: .max, startTicks: .max)] {
            #expect(ProcessIdentity(decoding: process.encoded) == process)
            for count in 0..<process.encoded.count {
                #expect(ProcessIdentity(decoding: Array(process.encoded[..<count])) == nil)
            }
        }
        for text in [
            "", "\n", "1\n", "1 2 3\n", " 1 2\n", "1  2\n", "0 2\n", "-1 2\n", "1 -2\n", "2147483648 2\n",
            "1 18446744073709551616\n", "1 2\n\n", "a b\n", "1 2\0\n",
        ] {
            #expect(ProcessIdentity(decoding: Array(text.utf8)) == nil, "\(text)")
        }
        #expect(ProcessIdentity(decoding: [0xff, 0x20, 0x31, 0x0a]) == nil)
    }
}
