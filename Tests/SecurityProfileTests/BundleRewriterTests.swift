import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

@Suite struct BundleRewriterTests {
    static let names = ["default", "deploy", "restricted", "privileged", "unconfined", "hardened"]

    /// A configuration without what profiles own: what must be the same before and after, byte by byte.
    static func unowned(_ text: String) throws -> String {
        var document = try JSON(parsing: Array(text.utf8))
        let owned = [
            ["process", "capabilities"], ["process", "noNewPrivileges"], ["process", "apparmorProfile"],
            ["linux", "seccomp"], ["annotations", "io.raind.security-profile.applied"],
        ]
        document = try JSON(parsing: JSONEdit.apply(owned.map { .remove(path: $0) }, to: document))
        for section in ["linux", "annotations"] where document[section]?.count ?? 0 == 0 {
            document = try JSON(parsing: JSONEdit.apply([.remove(path: [section])], to: document))
        }
        return String(decoding: document.documentBytes, as: UTF8.self)
    }

    @Test func everyOtherByteStays() throws {
        for seed in 0..<120 as Range<UInt64> {
            let before = RandomBundle.text(seed: seed)
            for name in Self.names {
                let after = try applied(resolved(name), to: before)
                #expect(try Self.unowned(after) == Self.unowned(before), "seed \(seed), \(name)")
            }
        }
    }

    @Test func twiceIsOnceAndTheLastOneCounts() throws {
        let profiles = try Self.names.map { try resolved($0) }
        for seed in 0..<40 as Range<UInt64> {
            let before = RandomBundle.text(seed: seed)
            let alone = try profiles.map { try applied($0, to: before) }
            for (first, afterFirst) in alone.enumerated() {
                for (second, wanted) in alone.enumerated() {
                    let both = try applied(profiles[second], to: afterFirst)
                    #expect(both == wanted, "seed \(seed): \(Self.names[first]), then \(Self.names[second])")
                }
            }
        }
    }

    @Test func writesWhatTheProfileSays() throws {
        for seed in 0..<50 as Range<UInt64> {
            let before = RandomBundle.text(seed: seed)
            for name in Self.names {
                let profile = try resolved(name)
                let after = try applied(profile, to: before)
                let config = try JSON(parsing: Array(after.utf8))
                let uid = try BundleSecurity.uid(of: config)
                let written = try BundleSecurity(reading: config)
                var wanted = BundleSecurity(profile, uid: uid)
                // Of which the profile says nothing.
                wanted.paths = written.paths
                #expect(written == wanted)
                for pointer in ["/linux/maskedPaths", "/linux/readonlyPaths", "/root"] {
                    #expect(try value(pointer, of: after) == value(pointer, of: before))
                }
                #expect(
                    try value("/annotations/io.raind.security-profile.applied", of: after)
                        == .string("\(name)@sha256:0"))
            }
        }
    }

    static let runc = """
        {
        \t"ociVersion": "1.0.2-dev",
        \t"process": {
        \t\t"terminal": true,
        \t\t"user": {
        \t\t\t"uid": 0,
        \t\t\t"gid": 0
        \t\t},
        \t\t"args": [
        \t\t\t"sh"
        \t\t],
        \t\t"cwd": "/",
        \t\t"capabilities": {
        \t\t\t"bounding": [
        \t\t\t\t"CAP_KILL"
        \t\t\t]
        \t\t},
        \t\t"rlimits": [],
        \t\t"oomScoreAdj": 100
        \t},
        \t"linux": {
        \t\t"namespaces": [],
        \t\t"maskedPaths": []
        \t}
        }

        """

    @Test func newMembersStandWhereOCITypesHaveThem() throws {
        let after = try applied(resolved("deploy"), to: Self.runc)
        let config = try JSON(parsing: Array(after.utf8))
        let process = try #require(config["process"]).members.map(\.name)
        #expect(
            process == [
                "terminal", "user", "args", "cwd", "capabilities", "rlimits", "noNewPrivileges", "apparmorProfile",
                "oomScoreAdj",
            ])
        #expect(try #require(config["linux"]).members.map(\.name) == ["namespaces", "seccomp", "maskedPaths"])
        #expect(config.members.map(\.name) == ["ociVersion", "process", "linux", "annotations"])
        #expect(after.contains("\n\t\t\"noNewPrivileges\": true,\n\t\t\"apparmorProfile\": \"raind-default\",\n"))
        #expect(after.contains("\n\t\t\"seccomp\": {\n\t\t\t\"defaultAction\": \"SCMP_ACT_ALLOW\",\n"))
        #expect(after.hasSuffix("\n}\n"))
    }

    @Test func restrictedWritesEmptySets() throws {
        let after = try applied(resolved("restricted"), to: #"{"process":{"cwd":"/"}}"#)
        #expect(
            after.hasPrefix(
                #"{"process":{"cwd":"/","capabilities":{"bounding":[],"effective":[],"inheritable":[],"permitted":[],"#
                    + #""ambient":[]},"noNewPrivileges":true,"apparmorProfile":"raind-default"},"#))
    }

    @Test func aLinuxSectionIsThereEvenWhenNothingIsInIt() throws {
        let text = #"{"process":{"cwd":"/"}}"#
        #expect(try value("/linux", of: try applied(resolved("privileged"), to: text)) == .object([]))
    }

    @Test func aRequestIsLeftAlone() throws {
        let text = #"{"process":{},"annotations":{"io.raind.security-profile":"x"}}"#
        let after = try applied(resolved("deploy"), to: text)
        #expect(try value("/annotations/io.raind.security-profile", of: after) == "x")
    }

    @Test func lineEndsAndIndentationFollowTheDocument() throws {
        let text = "{\r\n    \"process\": {\r\n        \"cwd\": \"/\"\r\n    }\r\n}\r\n"
        let after = try applied(resolved("default"), to: text)
        #expect(!after.replacing("\r\n", with: "").utf8.contains(UInt8(ascii: "\n")))
        #expect(after.contains("\r\n        \"noNewPrivileges\": false,\r\n        \"apparmorProfile\""))
        #expect(after.hasSuffix("\r\n}\r\n"))
        let compact = try applied(resolved("default"), to: #"{"process":{"cwd":"/"}}"#)
        #expect(!compact.contains(" ") && !compact.contains("\n"))
    }

    @Test func setsOfAnotherUser() throws {
        let text = #"{"process":{"user":{"uid":1000,"gid":1000},"cwd":"/"}}"#
        let after = try applied(resolved("deploy", add: ["NET_ADMIN"]), to: text)
        #expect(try value("/process/capabilities/bounding", of: after).map { "\($0)".contains("CHOWN") } == true)
        for set in ["effective", "permitted", "inheritable", "ambient"] {
            #expect(try value("/process/capabilities/\(set)", of: after) == .array(["CAP_NET_ADMIN"]))
        }
    }

    @Test(arguments: [
        "", "[]", "{", #"{"process":[]}"#, #"{"process":null}"#, "{}", #"{"process":{},"process":{}}"#,
        #"{"process":{},"linux":1}"#, #"{"process":{},"annotations":"x"}"#, #"{"process":{"cwd":1,"cwd":2}}"#,
    ])
    func whatIsNoConfigurationIsRefused(text: String) {
        #expect(throws: BundleError.self) { try BundleRewriter.parse(Array(text.utf8)) }
    }

    @Test func whatIsTooLargeIsRefused() throws {
        let text = #"{"process":{}}"# + String(repeating: " ", count: 16 << 20)
        #expect(throws: BundleError.self) { try BundleRewriter.parse(Array(text.utf8)) }
        #expect(throws: Never.self) { try BundleRewriter.parse(Array(text.utf8.prefix(16 << 20))) }
    }

    @Test(arguments: ["-1", "4294967296", "1.5", #""0""#, "null"])
    func aUserMustBeANumber(uid: String) throws {
        let config = try BundleRewriter.parse(Array(#"{"process":{"user":{"uid":\#(uid)}}}"#.utf8))
        #expect(throws: BundleError.self) { try BundleSecurity.uid(of: config) }
    }

    @Test func theOCIFormHasNothingElse() throws {
        for name in ["default", "hardened"] {
            let json = try #require(try resolved(name, add: ["SYS_ADMIN"]).seccomp).json
            let members = try #require(Self.members(json))
            for key in members {
                #expect(["defaultAction", "defaultErrnoRet", "architectures", "syscalls"].contains(key))
            }
            guard case .array(let rules)? = json["syscalls"] else {
                Issue.record("no rules")
                return
            }
            for rule in rules {
                for key in try #require(Self.members(rule)) {
                    #expect(["names", "action", "errnoRet", "args"].contains(key))
                }
                if rule["errnoRet"] != nil { #expect(rule["action"] == "SCMP_ACT_ERRNO") }
            }
        }
        #expect(try #require(try resolved("default").seccomp).json["defaultErrnoRet"] == nil)
    }

    static func members(_ value: JSONValue) -> [String]? {
        guard case .object(let members) = value else { return nil }
        return members.map(\.name)
    }
}
