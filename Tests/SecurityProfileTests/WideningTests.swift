import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

@Suite struct WideningTests {
    static func security(_ text: String) throws -> BundleSecurity {
        try BundleSecurity(reading: try BundleRewriter.parse(Array(text.utf8)))
    }

    static func seccomp(_ text: String) throws -> SeccompFilter {
        try #require(try security(#"{"process":{},"linux":{"seccomp":\#(text)}}"#).seccomp)
    }

    static let engine = #"""
        {"process": {"noNewPrivileges": true, "apparmorProfile": "engine-default",
          "capabilities": {"bounding": ["CAP_CHOWN"], "effective": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"]}},
         "linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
           {"names": ["read", "write", "execve", "unshare"], "action": "SCMP_ACT_ALLOW"},
           {"names": ["clone"], "action": "SCMP_ACT_ALLOW",
            "args": [{"index": 0, "value": 2114060288, "op": "SCMP_CMP_MASKED_EQ"}]},
           {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
           {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 38, "op": "SCMP_CMP_LT"}]}]}}}
        """#

    @Test func nothingIsWidenedByTheSame() throws {
        for name in ["default", "hardened", "privileged", "restricted"] {
            let security = BundleSecurity(try resolved(name), uid: 0)
            #expect(Widening.between(security, security).isEmpty)
        }
        let hardened = BundleSecurity(try resolved("hardened"), uid: 0)
        let restricted = BundleSecurity(try resolved("restricted"), uid: 0)
        let privileged = BundleSecurity(try resolved("privileged"), uid: 0)
        #expect(Widening.between(restricted, hardened).isEmpty)
        #expect(Widening.between(privileged, restricted).isEmpty)
    }

    @Test func nothingIsWidenedByTheSameContradiction() throws {
        let rules =
            #"{"names":["setns","bpf"],"action":"SCMP_ACT_ALLOW"},{"names":["setns"],"action":"SCMP_ACT_ERRNO"}"#
        func security(_ action: String, _ rules: String) throws -> BundleSecurity {
            try Self.security(
                #"{"process":{},"linux":{"seccomp":{"defaultAction":"\#(action)","syscalls":[\#(rules)]}}}"#)
        }
        let before = try security("SCMP_ACT_ERRNO", rules)
        #expect(Widening.between(before, before).isEmpty)
        // As soon as anything differs, the careful answer counts: which of the two rules held can't be told.
        let other = try security("SCMP_ACT_ERRNO", rules + #",{"names":["setns"],"action":"SCMP_ACT_ERRNO"}"#)
        #expect(Widening.between(before, other) == [.syscalls(["setns"])])
    }

    @Test func everythingThatIsWidenedIsTold() throws {
        let widenings = Widening.between(
            try Self.security(Self.engine), BundleSecurity(try resolved("default", add: ["SYS_ADMIN"]), uid: 0))
        let texts = widenings.map(\.description)
        #expect(
            texts == [
                "capabilities CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL and 10 more",
                "new privileges (no_new_privs was set)",
                "what AppArmor profile \"engine-default\" refuses and \"raind-default\" doesn't",
                "syscalls that no rule names", "syscalls clone, clone3, socket",
                "syscalls of SCMP_ARCH_X86, SCMP_ARCH_X32",
            ])
    }

    @Test func removalOfAFilterCountsWhereItRefusedAnything() throws {
        let before = try Self.security(Self.engine)
        let after = BundleSecurity(try resolved("privileged"), uid: 0)
        #expect(Widening.between(before, after).contains(.seccompRemoved))
        var permissive = before
        permissive.seccomp = try Self.seccomp(#"{"defaultAction":"SCMP_ACT_ALLOW"}"#)
        #expect(!Widening.between(permissive, after).contains(.seccompRemoved))
    }

    @Test(arguments: [
        (#"{"index":0,"value":5,"op":"SCMP_CMP_EQ"}"#, #"{"index":0,"value":4,"op":"SCMP_CMP_GT"}"#, true),
        (#"{"index":0,"value":4,"op":"SCMP_CMP_GT"}"#, #"{"index":0,"value":5,"op":"SCMP_CMP_EQ"}"#, false),
        (#"{"index":0,"value":40,"op":"SCMP_CMP_LT"}"#, #"{"index":0,"value":40,"op":"SCMP_CMP_LE"}"#, true),
        (
            #"{"index":0,"value":255,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}"#,
            #"{"index":0,"value":1,"op":"SCMP_CMP_EQ"}"#, false
        ),
        (
            #"{"index":0,"value":1,"op":"SCMP_CMP_EQ"}"#,
            #"{"index":0,"value":4294967295,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}"#, true
        ),
    ])
    func conditionsAreComparedByMeaning(before: String, after: String, widens: Bool) throws {
        func security(_ condition: String) throws -> BundleSecurity {
            var security = BundleSecurity(try resolved("privileged"), uid: 0)
            security.seccomp = try Self.seccomp(
                #"{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["x"],"action":"SCMP_ACT_ALLOW","args":[\#(condition)]}]}"#
            )
            return security
        }
        #expect(Widening.between(try security(before), try security(after)).isEmpty == !widens)
    }

    @Test func aRepeatedArgumentIsOr() throws {
        let filter = SeccompDecisions(
            try Self.seccomp(
                #"""
                {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["x"],"action":"SCMP_ACT_ALLOW","args":[
                  {"index":0,"value":1,"op":"SCMP_CMP_EQ"},{"index":0,"value":2,"op":"SCMP_CMP_EQ"}]}]}
                """#))
        for (argument, action) in [(1, SeccompAction.allow), (2, .allow), (3, .errno)] as [(UInt64, SeccompAction)] {
            #expect(filter.action(for: "x", arguments: [argument, 0, 0, 0, 0, 0], overlap: .mostLenient) == action)
        }
    }

    @Test func anUnreadableFilterIsAnError() throws {
        for text in [#"{"defaultAction":"SCMP_ACT_MAYBE"}"#, "[]", #"{"defaultAction":"SCMP_ACT_ALLOW","x":1}"#, "{}"] {
            #expect(throws: BundleError.self) { try Self.seccomp(text) }
        }
    }
}
