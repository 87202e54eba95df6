import LinuxSys
import OCISpec
import Testing

@testable import SecurityProfile
@testable import raind_profile

/// Comparing filters by their programs, against running those programs in another machine than the one that compares.
@Suite struct SeccompComparisonTests {
    /// A filter's program, as it is compared, and as the test runs it.
    private struct Program {
        let filter: SeccompFilter
        let compared: SecurityProfile.SeccompMachine
        let run: SeccompMachine

        init(_ filter: SeccompFilter) throws {
            self.filter = filter
            compared = try filter.machine(on: .amd64)
            run = try SeccompMachine(
                try SeccompProgram.compile(SeccompDescription(filter, on: .amd64), with: .direct))
        }

        func answer(_ call: SeccompComparison.Call, _ arguments: [UInt64]) -> SeccompAnswer {
            SeccompAnswer(run.run(call.architecture, call.number, arguments).answer)
        }
    }

    private static let architectures: [SeccompArchitecture] = [.amd64, .x86, .x32]

    private func compare(_ one: Program, _ two: Program) -> SeccompComparison {
        SeccompComparison([one.compared], [two.compared], on: Self.architectures)
    }

    /// Calls whose numbers the filters name, their neighbours, and some that nobody names.
    private static let calls: [SeccompComparison.Call] = {
        var calls: Set<SeccompComparison.Call> = []
        for architecture in architectures {
            for name in RandomFilter.names + ["getpid", "socketcall"] {
                guard let number = SyscallTable.number(of: name, on: architecture) else { continue }
                calls.insert(.init(architecture: architecture.auditValue, number: UInt32(number)))
            }
            let base: UInt32 = architecture == .x32 ? 0x4000_0000 : 0
            for number in [base + 500, .max] {
                calls.insert(.init(architecture: architecture.auditValue, number: number))
            }
        }
        return calls.sorted { ($0.architecture, $0.number) < ($1.architecture, $1.number) }
    }()

    /// Each pair of answers that a call gets from the two, found by trying arguments.
    private func tried(
        _ one: Program, _ two: Program, _ call: SeccompComparison.Call, _ values: [UInt64]
    ) -> [[SeccompAnswer]: [UInt64]] {
        var pairs: [[SeccompAnswer]: [UInt64]] = [:]
        // An architecture of 32 bits has nothing in the upper half.
        let values = call.architecture & 0x8000_0000 == 0 ? values.filter { $0 <= UInt32.max } : values
        for first in values {
            for second in values {
                let arguments = [first, second, 0, 0, 0, 0]
                let answers = [one.answer(call, arguments), two.answer(call, arguments)]
                if answers[0] != answers[1], pairs[answers] == nil { pairs[answers] = arguments }
            }
        }
        return pairs
    }

    /// It tells every difference that trying finds, and none that isn't shown by running its own example.
    @Test(arguments: 0..<24) func tellsExactlyWhatRunningShows(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let filter = RandomFilter.filter(&generator)
        let one = try Program(filter)
        let two = try Program(
            seed % 3 == 0 ? RandomFilter.filter(&generator) : RandomFilter.changed(filter, &generator))
        let comparison = compare(one, two)
        #expect(comparison.undecided.isEmpty)
        for difference in comparison.differences {
            let call = difference.call
            #expect(one.answer(call, difference.arguments) == difference.first, "\(difference)")
            #expect(two.answer(call, difference.arguments) == difference.second, "\(difference)")
            #expect(difference.first != difference.second)
        }
        let values = RandomFilter.arguments(&generator)
        for call in Self.calls {
            let told = Set(comparison.differences.filter { $0.call == call }.map { [$0.first, $0.second] })
            for (answers, arguments) in tried(one, two, call, values) where !told.contains(answers) {
                Issue.record(
                    "\(call.name ?? "\(call.number)") \(arguments) of \(call.architecture): \(answers) isn't told")
            }
        }
    }

    /// The random filters would show nothing if they were all alike, or all of one kind.
    @Test func randomFiltersDifferInAllWays() throws {
        var generator = SeededGenerator(seed: 1)
        var seen = (equal: 0, widened: 0, narrowed: 0, changed: 0, byArguments: 0)
        for _ in 0..<20 {
            let filter = RandomFilter.filter(&generator)
            let comparison = compare(
                try Program(filter), try Program(RandomFilter.changed(filter, &generator)))
            seen.equal += comparison.isEqual ? 1 : 0
            seen.widened += comparison.widened.isEmpty ? 0 : 1
            seen.narrowed += comparison.narrowed.isEmpty ? 0 : 1
            seen.changed += comparison.changed.isEmpty ? 0 : 1
            seen.byArguments += comparison.differences.contains { !$0.decisiveArguments.isEmpty } ? 1 : 0
        }
        #expect(min(seen.equal, seen.widened, seen.narrowed, seen.changed, seen.byArguments) > 0, "\(seen)")
    }

    /// What two filters intersect to allows nothing that either refuses, as programs.
    @Test(arguments: Array(0..<20) + [54]) func intersectionAllowsNothingThatEitherRefuses(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) + 1000)
        let first = RandomFilter.filter(&generator)
        let second = seed % 2 == 0 ? RandomFilter.filter(&generator) : RandomFilter.changed(first, &generator)
        let one = try Program(first)
        let two = try Program(second)
        let both = try Program(try SeccompIntersection.of(first, second))
        for side in [one, two] {
            let comparison = compare(side, both)
            #expect(comparison.undecided.isEmpty)
            #expect(comparison.widened.isEmpty, "\(side.filter) against \(both.filter)")
        }
        // The same by running them, in case that the comparison is wrong.
        let shown = Self.calls.lazy.compactMap { call in
            RandomFilter.pairs(isNarrow: call.architecture & 0x8000_0000 == 0).first { arguments in
                let reach = both.answer(call, arguments).action.reach
                return reach > one.answer(call, arguments).action.reach
                    || reach > two.answer(call, arguments).action.reach
            }.map { (call, $0) }
        }.first
        #expect(shown == nil, "\(first) and \(second)")
    }

    /// So do profiles: what a layer that intersects comes to allows nothing that the layer refuses by itself or its parent
    /// does.
    @Test func layersThatIntersectAllowNothingThatEitherRefuses() throws {
        var generator = SeededGenerator(seed: 31)
        var merged = 0
        for _ in 0..<30 {
            let first = RandomFilter.filter(&generator)
            let second = RandomFilter.changed(RandomFilter.filter(&generator), &generator)
            let parent = try Self.profile("parent", first, .replace)
            // Best effort: a layer that says what can't be meant is refused.
            guard let one = try? ResolvedProfile([parent], on: .amd64).seccomp,
                let two = try? ResolvedProfile([Self.profile("child", second, .replace)], on: .amd64).seccomp,
                let both = try? ResolvedProfile([parent, Self.profile("child", second, .intersect)], on: .amd64).seccomp
            else { continue }
            merged += 1
            let program = try Program(both)
            for side in [one, two] {
                let comparison = compare(try Program(side), program)
                #expect(comparison.undecided.isEmpty && comparison.widened.isEmpty, "\(one) and \(two)")
            }
        }
        #expect(merged > 15, "\(merged)")
    }

    private static func profile(
        _ name: String, _ filter: SeccompFilter, _ mode: SeccompLayer.Mode
    ) throws -> Profile {
        var profile = Profile(name: try #require(ProfileName(name)), origin: .file("\(name).yaml"))
        profile.seccomp = .layer(
            SeccompLayer(
                mode, defaultAction: filter.defaultAction, defaultErrnoReturn: filter.defaultErrnoReturn,
                architectures: .listed(filter.architectures), parts: [filter.rules.map { SeccompList.Entry($0) }]))
        return profile
    }
}
