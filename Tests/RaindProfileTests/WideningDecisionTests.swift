import OCISpec
import Testing

@testable import SecurityProfile
@testable import raind_profile

/// What `apply` says of a filter that it replaces, decided by the programs.
@Suite struct WideningDecisionTests {
    private static func decide(
        _ before: SeccompFilter, _ after: SeccompFilter, _ names: [String], _ architectures: [SeccompArchitecture]
    ) -> Set<String>? {
        guard let old = try? before.machine(on: .amd64), let new = try? after.machine(on: .amd64) else { return nil }
        return SeccompComparison(old, new, of: names, on: architectures).widened(names, on: architectures)
    }

    private static func between(_ before: SeccompFilter, _ after: SeccompFilter, isDecided: Bool = true) -> [Widening] {
        func security(_ filter: SeccompFilter) -> BundleSecurity {
            var security = BundleSecurity.unconfined
            security.seccomp = filter
            return security
        }
        return isDecided
            ? Widening.between(security(before), security(after), by: decide)
            : Widening.between(security(before), security(after))
    }

    private static func filter(_ rules: SeccompRule..., by action: SeccompAction = .errno) -> SeccompFilter {
        SeccompFilter(defaultAction: action, architectures: [.amd64, .x86], rules: rules)
    }

    private static func allow(_ name: String, _ conditions: SeccompCondition...) -> SeccompRule {
        SeccompRule(names: [name], action: .allow, conditions: conditions)
    }

    /// Three bits set and a fourth that isn't, which no sample has.
    @Test func combinationsOfBitsAreSeen() {
        func refusing(_ masks: (mask: UInt64, value: UInt64)...) -> SeccompFilter {
            SeccompFilter(
                defaultAction: .allow, architectures: [.amd64],
                rules: masks.map {
                    SeccompRule(
                        names: ["ioctl"], action: .errno,
                        conditions: [SeccompCondition(index: 1, .maskedEqual, $0.mask, $0.value)])
                })
        }
        let before = refusing((1, 1))
        let after = refusing((3, 1), (5, 1), (9, 9))
        #expect(Self.between(before, after, isDecided: false).isEmpty)
        #expect(Self.between(before, after) == [.syscalls(["ioctl"])])
        #expect(Self.between(after, before).isEmpty)
        #expect(Self.between(before, before).isEmpty)
    }

    /// Conditions on six arguments have more samples than are tried.
    @Test func manyArgumentsAreDecided() {
        let conditions = (0..<6).map { SeccompCondition(index: $0, .maskedEqual, 0xFFFF_FFFF, 7) }
        let before = Self.filter(SeccompRule(names: ["ioctl"], action: .allow, conditions: conditions))
        let after = Self.filter(SeccompRule(names: ["ioctl"], action: .allow, conditions: conditions.reversed()))
        #expect(Self.between(before, after, isDecided: false) == [.syscalls(["ioctl"])])
        #expect(Self.between(before, after).isEmpty)
        #expect(Self.between(before, Self.filter(Self.allow("ioctl"))) == [.syscalls(["ioctl"])])
    }

    @Test func whatNobodyKnowsIsTold() {
        let before = Self.filter(Self.allow("read"))
        let after = Self.filter(Self.allow("read"), Self.allow("a_call_of_tomorrow"), Self.allow("clone"))
        #expect(Self.between(before, after) == [.syscalls(["a_call_of_tomorrow", "clone"])])
    }

    /// One runtime has the unconditional rule hold, another the stricter one: the careful answer counts.
    @Test func contradictionsAreTold() {
        let strict = SeccompRule(
            names: ["socket"], action: .errno, conditions: [SeccompCondition(index: 0, .equal, 38)])
        let before = Self.filter(strict, Self.allow("read"), by: .allow)
        let after = Self.filter(strict, Self.allow("socket"), Self.allow("read"), by: .allow)
        #expect(Self.between(before, after) == [.syscalls(["socket"])])
    }

    /// Whatever the sample of arguments finds is found by the programs too, where rules don't contradict each other.
    @Test func agreesWithTheSample() throws {
        var generator = SeededGenerator(seed: 77)
        var told = 0
        for _ in 0..<120 {
            var before = RandomFilter.filter(&generator)
            before.architectures = [.amd64]
            let after = RandomFilter.changed(before, &generator)
            let exact = Self.between(before, after)
            let sampled = Self.names(Self.between(before, after, isDecided: false))
            #expect(sampled.isSubset(of: Self.names(exact)), "\(before), then \(after)")
            told += sampled.count
        }
        #expect(told > 5)
    }

    private static func names(_ widenings: [Widening]) -> Set<String> {
        for case .syscalls(let names) in widenings { return Set(names) }
        return []
    }
}
