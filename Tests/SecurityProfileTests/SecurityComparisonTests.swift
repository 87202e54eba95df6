import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

/// What is compared beside the seccomp filter.
@Suite struct SecurityComparisonTests {
    private static func side(_ text: String, leavesLabel: Bool = false) throws -> SecurityComparison.Side {
        let config = try BundleRewriter.parse(Array(text.utf8))
        return .init(
            security: try BundleSecurity(reading: config), paths: try ConfinedPaths(reading: config),
            leavesLabel: leavesLabel, filters: [])
    }

    private static func compare(_ one: String, _ two: String) throws -> SecurityComparison {
        SecurityComparison(try side(one), try side(two), on: [.amd64])
    }

    @Test func everythingIsTold() throws {
        let one = #"""
            {"process": {"noNewPrivileges": true, "apparmorProfile": "a", "selinuxLabel": "l",
              "capabilities": {"bounding": ["CAP_KILL", "CAP_CHOWN"], "ambient": ["CAP_KILL"]}},
             "linux": {"maskedPaths": ["/proc/kcore", "/proc/acpi/"], "readonlyPaths": ["/proc/sys", "/proc/bus"]}}
            """#
        let two = #"""
            {"process": {"capabilities": {"bounding": ["CAP_CHOWN", "CAP_MKNOD"], "inheritable": ["CAP_CHOWN"]}},
             "linux": {"maskedPaths": ["/proc/acpi", "/proc/bus"], "readonlyPaths": ["/proc/kcore"]}}
            """#
        let comparison = try Self.compare(one, two)
        #expect(
            comparison.widened.capabilities == [
                .init(set: .bounding, capabilities: [.mknod]), .init(set: .inheritable, capabilities: [.chown]),
            ])
        #expect(comparison.widened.newPrivileges)
        #expect(comparison.widened.appArmorProfile == "a" && comparison.widened.selinuxLabel == "l")
        #expect(comparison.widened.unmaskedPaths == ["/proc/kcore"])
        #expect(comparison.widened.writablePaths == ["/proc/sys"])
        #expect(
            comparison.narrowed.capabilities == [
                .init(set: .bounding, capabilities: [.kill]), .init(set: .ambient, capabilities: [.kill]),
            ])
        #expect(!comparison.narrowed.newPrivileges && comparison.narrowed.appArmorProfile == nil)
        #expect(comparison.narrowed.unmaskedPaths == ["/proc/bus"])
        // What is masked on the other side can't be written to there either.
        #expect(comparison.narrowed.writablePaths.isEmpty)
        #expect(!comparison.isEqual && !comparison.isWithin)
        // The other way round it is the same, mirrored.
        let mirrored = try Self.compare(two, one)
        #expect(mirrored.widened == comparison.narrowed && mirrored.narrowed == comparison.widened)
    }

    /// Each difference by itself is one, and keeps a proof from holding if it lets more happen.
    @Test(arguments: [
        (#""capabilities":{"bounding":["CAP_KILL"]}"#, "", "", ""), ("", #""noNewPrivileges":true"#, "", ""),
        ("", #""apparmorProfile":"a""#, "", ""), ("", #""selinuxLabel":"a""#, "", ""),
        ("", "", "", #""maskedPaths":["/proc/kcore"]"#), ("", "", "", #""readonlyPaths":["/proc/sys"]"#),
    ])
    func oneDifferenceIsEnough(processTwo: String, processOne: String, linuxTwo: String, linuxOne: String) throws {
        let one = #"{"process":{\#(processOne)},"linux":{\#(linuxOne)}}"#
        let two = #"{"process":{\#(processTwo)},"linux":{\#(linuxTwo)}}"#
        let comparison = try Self.compare(one, two)
        #expect(!comparison.isEqual && !comparison.isWithin)
        let mirrored = try Self.compare(two, one)
        #expect(!mirrored.isEqual && mirrored.isWithin)
        #expect(try Self.compare(one, one).isEqual && Self.compare(two, two).isEqual)
    }

    @Test(arguments: ["apparmorProfile", "selinuxLabel"]) func otherNamesAreNotComparable(member: String) throws {
        let comparison = try Self.compare(
            #"{"process":{"\#(member)":"a"}}"#, #"{"process":{"\#(member)":"b"}}"#)
        #expect(comparison.widened.isEmpty && comparison.narrowed.isEmpty)
        #expect(comparison.incomparable.map { [$0.kind.rawValue, $0.first, $0.second] } == [[member, "a", "b"]])
        #expect(!comparison.isEqual && !comparison.isWithin)
    }

    @Test func aLabelThatIsLeftToTheBundleIsNotCompared() throws {
        let labelled = #"{"process":{"selinuxLabel":"a"}}"#
        for isFirst in [true, false] {
            let sides = [
                try Self.side(#"{"process":{}}"#, leavesLabel: true), try Self.side(labelled),
            ]
            let comparison = SecurityComparison(
                isFirst ? sides[0] : sides[1], isFirst ? sides[1] : sides[0], on: [.amd64])
            #expect(comparison.isEqual)
            #expect(comparison.notCompared.contains("SELinux label"))
        }
    }

    @Test func aFilterAloneIsAllThatIsCompared() throws {
        var alone = try Self.side(#"{"process":{}}"#)
        alone.security = nil
        alone.paths = nil
        let other = try Self.side(#"{"process":{"noNewPrivileges":true},"linux":{"maskedPaths":["/x"]}}"#)
        let comparison = SecurityComparison(alone, other, on: [.amd64])
        #expect(comparison.isEqual)
        for what in ["capabilities", "no_new_privs", "masked and read-only paths", "mounts", "namespaces", "devices"] {
            #expect(comparison.notCompared.contains(what), "\(what)")
        }
    }

    @Test func pathsAreChecked() throws {
        for text in [#"{"process":{},"linux":{"maskedPaths":"x"}}"#, #"{"process":{},"linux":{"readonlyPaths":[1]}}"#] {
            #expect(throws: BundleError.self) {
                try ConfinedPaths(reading: try BundleRewriter.parse(Array(text.utf8)))
            }
        }
    }
}
