import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

@Suite struct TightenTests {
    @Test func anEnginesFilterAndTheDenyList() throws {
        let bundle = try WideningTests.security(WideningTests.engine)
        let tight = try BundleSecurity(try resolved("default"), uid: 0).tightened(by: bundle)
        #expect(tight.capabilities.bounding.names == ["CAP_CHOWN"])
        #expect(tight.noNewPrivileges)
        #expect(tight.appArmorProfile == "engine-default")
        #expect(
            tight.seccomp
                == SeccompFilter(
                    defaultAction: .errno, architectures: [.amd64],
                    rules: [
                        SeccompRule(names: ["execve", "read", "write"], action: .allow),
                        SeccompRule(names: ["clone3"], action: .errno, errnoReturn: 38),
                        SeccompRule(
                            names: ["clone"], action: .allow,
                            conditions: [SeccompCondition(index: 0, .maskedEqual, 0x7E02_0000, 0)]),
                        SeccompRule(
                            names: ["socket"], action: .allow, conditions: [SeccompCondition(index: 0, .less, 38)]),
                    ]))
    }

    @Test func whatIsUnconditionalOnOneSideTakesTheOthersConditions() throws {
        let all = #"{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["clone"],"action":"SCMP_ACT_ALLOW"}]}"#
        let tight = try SeccompIntersection.of(
            try WideningTests.seccomp(all), try #require(try resolved("default").seccomp))
        // Seven refusals of a bit each are one permission with none of the bits.
        #expect(
            tight.rules.first { $0.names == ["clone"] && $0.action == .allow }?.conditions
                == [SeccompCondition(index: 0, .maskedEqual, 0x7E02_0000, 0)])
    }

    /// raind-oci's filters have the stricter rule take hold, libseccomp's the one without a condition: what the two
    /// intersect to refuses for both.
    @Test func aStricterRuleBesideAnUnconditionalOneStays() throws {
        let both = #"""
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["socket"],"action":"SCMP_ACT_ALLOW"},
              {"names":["socket"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":38,"op":"SCMP_CMP_EQ"}]}]}
            """#
        let all = #"{"defaultAction":"SCMP_ACT_ALLOW"}"#
        let tight = try SeccompIntersection.of(try WideningTests.seccomp(both), try WideningTests.seccomp(all))
        #expect(
            tight.rules == [
                SeccompRule(
                    names: ["socket"], action: .allow, conditions: [SeccompCondition(index: 0, .notEqual, 38)])
            ])
    }

    @Test func aBundleWithoutAnythingTakesTheProfile() throws {
        let bundle = try WideningTests.security(#"{"process":{}}"#)
        let profile = BundleSecurity(try resolved("deploy"), uid: 0)
        let tight = try profile.tightened(by: bundle)
        #expect(tight.seccomp == profile.seccomp)
        #expect(tight.capabilities.bounding.isEmpty)
        #expect(tight.appArmorProfile == "raind-default")
    }

    @Test func aBundleThatTookTheProfileStays() throws {
        for name in ["default", "deploy", "restricted", "privileged", "hardened"] {
            let profile = BundleSecurity(try resolved(name), uid: 0)
            let once = try profile.tightened(by: try WideningTests.security(#"{"process":{}}"#))
            let text = try BundleRewriter.rewrite(
                try BundleRewriter.parse(Array(#"{"process":{}}"#.utf8)), to: once, stamp: "")
            let written = try BundleSecurity(reading: try BundleRewriter.parse(text))
            #expect(written == once, "\(name): what is read is what was written")
            #expect(try profile.tightened(by: written) == once, "\(name)")
        }
    }

    @Test func supervisedFiltersAreRefused() throws {
        let text = #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mount"],"action":"SCMP_ACT_NOTIFY"}]}"#
        let bundle = try WideningTests.security(#"{"process":{},"linux":{"seccomp":\#(text)}}"#)
        for name in ["restricted", "privileged"] {
            let profile = BundleSecurity(try resolved(name, add: ["SYS_ADMIN"]), uid: 0)
            #expect(throws: TightenError.supervised) { try profile.tightened(by: bundle) }
        }
    }

    @Test func anotherArchitectureIsRefused() throws {
        let text = #"{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_AARCH64"]}"#
        let bundle = try WideningTests.security(#"{"process":{},"linux":{"seccomp":\#(text)}}"#)
        #expect(throws: TightenError.self) {
            try BundleSecurity(try resolved("deploy"), uid: 0).tightened(by: bundle)
        }
    }

    /// Filters at random over few names and numbers, so that conditions meet.
    static func filter(_ generator: inout SeededGenerator) -> SeccompFilter {
        let actions: [SeccompAction] = [.allow, .allow, .allow, .errno, .errno, .killProcess, .log, .trap]
        let comparisons: [SeccompOperator] = [
            .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .maskedEqual,
        ]
        var filter = SeccompFilter(
            defaultAction: [.allow, .errno, .errno, .killProcess][Int.random(in: 0..<4, using: &generator)])
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            let action = actions[Int.random(in: 0..<actions.count, using: &generator)]
            guard action != filter.defaultAction else { continue }
            var rule = SeccompRule(
                names: [["a", "b"][Int.random(in: 0...1, using: &generator)]], action: action,
                errnoReturn: action == .errno ? UInt32([1, 38][Int.random(in: 0...1, using: &generator)]) : nil)
            for index in 0..<Int.random(in: 0...2, using: &generator) {
                rule.conditions.append(
                    SeccompCondition(
                        index: index, comparisons[Int.random(in: 0..<comparisons.count, using: &generator)],
                        UInt64.random(in: 0...7, using: &generator), UInt64.random(in: 0...3, using: &generator)))
            }
            filter.rules.append(rule)
        }
        return filter
    }

    @Test func neverAllowsWhatEitherRefuses() throws {
        var generator = SeededGenerator(seed: 4711)
        var allowed = 0
        for round in 0..<600 {
            let first = Self.filter(&generator)
            let second = Self.filter(&generator)
            let both = SeccompDecisions(try SeccompIntersection.of(first, second))
            let one = SeccompDecisions(first)
            let two = SeccompDecisions(second)
            for name in ["a", "b", "c"] {
                for x in 0..<10 as Range<UInt64> {
                    for y in 0..<10 as Range<UInt64> {
                        let arguments = [x == 9 ? 1 << 32 : x, y == 9 ? .max : y, 0, 0, 0, 0]
                        let action = both.action(for: name, arguments: arguments, overlap: .mostLenient)
                        let strictest = [one, two].map {
                            $0.action(for: name, arguments: arguments, overlap: .strictest)
                        }
                        guard action.reach == .permits else { continue }
                        allowed += 1
                        if strictest.contains(where: { $0.reach != .permits }) {
                            Issue.record("round \(round): \(name) \(arguments): \(first), \(second)")
                        }
                    }
                }
            }
        }
        #expect(allowed > 10_000, "the filters must not refuse everything")
    }

    @Test func twiceIsOnce() throws {
        var generator = SeededGenerator(seed: 99)
        for round in 0..<1000 {
            let first = Self.filter(&generator)
            let second = Self.filter(&generator)
            let once = try SeccompIntersection.of(first, second)
            #expect(try SeccompIntersection.of(once, second) == once, "round \(round): \(first), \(second)")
        }
        for name in ["default", "hardened"] {
            let profile = try #require(try resolved(name).seccomp)
            let once = try SeccompIntersection.of(try WideningTests.seccomp(Self.denySome), profile)
            #expect(try SeccompIntersection.of(once, profile) == once)
        }
    }

    static let denySome =
        #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["chroot"],"action":"SCMP_ACT_ERRNO"}]}"#

    @Test func intersectingWithItselfLosesNothing() throws {
        for name in ["default", "hardened"] {
            let profile = try #require(try resolved(name, add: ["SYS_PTRACE"]).seccomp)
            let both = try SeccompIntersection.of(profile, profile)
            let one = SeccompDecisions(profile)
            let two = SeccompDecisions(both)
            #expect(Set(one.names) == Set(two.names))
            for syscall in one.names {
                for arguments in try #require(SeccompDecisions.samples(for: syscall, one, two)) {
                    #expect(
                        one.action(for: syscall, arguments: arguments, overlap: .strictest)
                            == two.action(for: syscall, arguments: arguments, overlap: .strictest),
                        "\(name): \(syscall) \(arguments)")
                }
            }
        }
    }
}
