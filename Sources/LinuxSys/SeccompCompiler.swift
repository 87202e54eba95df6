/// Turns a description's rules into instructions.
///
/// Each architecture's numbers are cut into spans that are treated alike, and a call's span is found by halves. Rules
/// with conditions become a sequence of tests, strictest action first, at the end of which stands what happens where
/// none holds.
struct SeccompCompiler {
    private let description: SeccompDescription
    /// What is done where no rule matches, or nil to go on to what follows the program.
    private let fallback: UInt32?
    /// Whether the rule at an index takes part; nil where all do.
    private let part: [Bool]?
    private var assembler = SeccompAssembler()
    private var tests: [Test] = []
    /// Whether the calls that are being written for have arguments of 32 bits.
    private var hasNarrowArguments = false

    /// Makes a compiler for a whole program or, with `part`, for one that handles the rules for which `part` is true
    /// and goes on to what follows it for all other calls.
    init(_ description: SeccompDescription, part: [Bool]? = nil) {
        self.description = description
        self.part = part
        fallback = part == nil ? description.defaultAction : nil
    }

    /// What happens to a call.
    private enum Outcome: Equatable {
        case answer(UInt32)
        /// Go on to what follows the program.
        case passOn
        /// The tests of a range, one after the other, and an answer where none holds.
        case tests(Range<Int>, otherwise: UInt32)
    }

    /// The calls from a number up to the next span's.
    private struct Span {
        let start: UInt32
        let outcome: Outcome
    }

    /// A rule as it stands for one number.
    private struct Test {
        let rule: Int
        /// The carried call that the rule is for, or nil for a rule on the number itself.
        let carried: SeccompMultiplexer.Call?
    }

    /// Where the fields of `struct seccomp_data` lie (linux/seccomp.h).
    private enum Offset {
        static let number = 0
        static let architecture = 4
        static let arguments = 16
    }

    private enum Token {
        static let amd64: UInt32 = 0xC000_003E
        static let x32: UInt32 = 0x4000_003E
        static let arm: UInt32 = 0x4000_0028
    }

    /// Bit 30 of an audit value: the low byte of a word comes first.
    private static let lowByteFirst: UInt32 = 0x4000_0000
    private static let firstX32Number: UInt32 = 0x4000_0000
    private static let errorENOSYS = SeccompAction.error | 38

    /// The program.
    mutating func compile() throws(SeccompError) -> [UInt8] {
        try description.check()
        let mismatch = fallback == nil ? .end : assembler.returning(description.architectureMismatchAction)
        var entries: [(auditValue: UInt32, label: SeccompAssembler.Label)] = []
        // What is written last stands first, and the first architecture is meant to be found first.
        for (index, architecture) in description.architectures.enumerated().reversed() {
            // Bit 31 of an audit value is for 64 bits. x32 has only pointers of 32.
            hasNarrowArguments = architecture.token & 0x8000_0000 == 0 && architecture.token != Token.x32
            switch architecture.token {
            case Token.amd64 where position(of: Token.x32) != nil: continue
            case Token.amd64, Token.x32: entries.append((Token.amd64, try section(spansOfX86())))
            default: entries.append((architecture.token, try section(spans(of: index, from: 0))))
            }
        }
        var label = mismatch
        for entry in entries {
            assembler.branch(.equal, entry.auditValue, ifTrue: entry.label, ifFalse: label)
            label = assembler.next
        }
        assembler.load(offset: Offset.architecture)
        return assembler.bytes
    }

    private func position(of token: UInt32) -> Int? { description.architectures.firstIndex { $0.token == token } }

    /// x86_64 and x32 have one audit value and are told apart by bit 30 of the number.
    private mutating func spansOfX86() -> [Span] {
        let mismatch: Outcome = fallback == nil ? .passOn : .answer(description.architectureMismatchAction)
        var all = [Span(start: 0, outcome: mismatch)]
        if let index = position(of: Token.amd64) { all = spans(of: index, from: 0) }
        if let index = position(of: Token.x32) {
            all += spans(of: index, from: SeccompCompiler.firstX32Number)
        } else if let last = all.last {
            all.append(Span(start: SeccompCompiler.firstX32Number, outcome: mismatch))
            // -1 is what a tracer sets to skip a call, and what syscall(-1) has: it is no call of x32.
            all.append(Span(start: .max, outcome: last.outcome))
        }
        return all
    }

    /// The numbers of an architecture from `first` on, cut into spans.
    private mutating func spans(of architecture: Int, from first: UInt32) -> [Span] {
        var spans: [Span] = []
        func add(_ start: UInt32, _ outcome: Outcome) {
            if spans.last?.start == start { spans.removeLast() }
            if spans.last?.outcome != outcome { spans.append(Span(start: start, outcome: outcome)) }
        }
        let points = points(of: architecture)
        let gaps = gaps(of: architecture, from: first, newest: points.newest)
        var gap = 0
        add(first, gaps[0].outcome)
        for (number, outcome) in points.outcomes {
            while gap + 1 < gaps.count, gaps[gap + 1].start <= number {
                gap += 1
                add(gaps[gap].start, gaps[gap].outcome)
            }
            add(number, outcome)
            if number < .max, gap + 1 == gaps.count || gaps[gap + 1].start > number + 1 {
                add(number + 1, gaps[gap].outcome)
            }
        }
        for rest in gaps[(gap + 1)...] { add(rest.start, rest.outcome) }
        return spans
    }

    /// What happens to numbers without a rule.
    private func gaps(of architecture: Int, from first: UInt32, newest: UInt32?) -> [Span] {
        let known: Outcome = fallback.map { .answer($0) } ?? .passOn
        let defaultRefuses = SeccompAction.rank(of: description.defaultAction).map { $0 <= SeccompAction.errorRank }
        guard description.answersNewerWithENOSYS, defaultRefuses == true, let newest else {
            return [Span(start: first, outcome: known)]
        }
        let unknown = Outcome.answer(SeccompCompiler.errorENOSYS)
        var gaps = [Span(start: first, outcome: known), Span(start: newest + 1, outcome: unknown)]
        switch description.architectures[architecture].token {
        case Token.x32:
            // Numbers 512 to 547 are old ones that stand apart.
            gaps.append(Span(start: first + 512, outcome: known))
            gaps.append(Span(start: first + 548, outcome: unknown))
        case Token.arm:
            // And so are Arm's own calls.
            gaps.append(Span(start: 0x0F_0000, outcome: known))
        default: break
        }
        return gaps
    }

    /// The numbers that rules are for, in their order, and the highest of them among those that Linux counts on from.
    private mutating func points(of index: Int) -> (outcomes: [(UInt32, Outcome)], newest: UInt32?) {
        let architecture = description.architectures[index]
        let firstTest = tests.count
        // The number, the rank of the action, and the index of the test: sorted, they are in the order of the program.
        var keys: [UInt64] = []
        keys.reserveCapacity(description.rules.count + 32)
        var newest: UInt32?
        let carriesCalls = architecture.socketcallNumber != nil || architecture.ipcNumber != nil

        func key(_ number: UInt32, _ rule: SeccompDescription.Rule) -> UInt64 {
            let rank = SeccompAction.rank(of: rule.action) ?? 0
            return UInt64(number) << 32 | UInt64(rank) << 28 | UInt64(tests.count - firstTest)
        }
        for (position, rule) in description.rules.enumerated() {
            if let number = rule.numbers[index].map({ UInt32(truncatingIfNeeded: $0) }) {
                if isCounted(number, architecture) { newest = max(newest ?? 0, number) }
                if part?[position] ?? true {
                    keys.append(key(number, rule))
                    tests.append(Test(rule: position, carried: nil))
                }
            }
            guard carriesCalls, part?[position] ?? true, let call = SeccompMultiplexer.call(named: rule.name),
                let number = call.multiplexer == .ipc ? architecture.ipcNumber : architecture.socketcallNumber,
                // The conditions can't be seen to hold. A rule that refuses more than the default must take hold then,
                // one that refuses less must not.
                rule.conditions.isEmpty || isStricterThanDefault(rule.action)
            else { continue }
            keys.append(key(UInt32(truncatingIfNeeded: number), rule))
            tests.append(Test(rule: position, carried: call))
        }
        keys.sort()
        return (outcomes(of: keys, firstTest: firstTest), newest)
    }

    private func isCounted(_ number: UInt32, _ architecture: SeccompDescription.Architecture) -> Bool {
        switch architecture.token {
        case Token.x32: !(512..<548).contains(number & ~SeccompCompiler.firstX32Number)
        case Token.arm: number < 0x0F_0000
        default: true
        }
    }

    private func isStricterThanDefault(_ action: UInt32) -> Bool {
        (SeccompAction.rank(of: action) ?? 0) < (SeccompAction.rank(of: description.defaultAction) ?? 0)
    }

    /// Puts the tests in the order of `keys` and makes an outcome of those of each number.
    private mutating func outcomes(of keys: [UInt64], firstTest: Int) -> [(UInt32, Outcome)] {
        let unsorted = Array(tests[firstTest...])
        tests.removeSubrange(firstTest...)
        var outcomes: [(UInt32, Outcome)] = []
        outcomes.reserveCapacity(keys.count)
        var position = 0
        while position < keys.count {
            let number = UInt32(truncatingIfNeeded: keys[position] >> 32)
            let first = tests.count
            var otherwise: UInt32?
            while position < keys.count, UInt32(truncatingIfNeeded: keys[position] >> 32) == number {
                let test = unsorted[Int(keys[position] & 0x0FFF_FFFF)]
                // Nothing after a rule without conditions can hold.
                if otherwise == nil {
                    if test.carried == nil, description.rules[test.rule].conditions.isEmpty {
                        otherwise = description.rules[test.rule].action
                    } else {
                        tests.append(test)
                    }
                }
                position += 1
            }
            let answer = otherwise ?? description.defaultAction
            while tests.count > first, let last = tests.last, description.rules[last.rule].action == answer {
                tests.removeLast()
            }
            outcomes.append(
                (number, tests.count > first ? .tests(first..<tests.count, otherwise: answer) : .answer(answer)))
        }
        return outcomes
    }
}

// MARK: - Instructions

extension SeccompCompiler {
    /// Writes the search of a call's number among `spans`.
    private mutating func section(_ spans: [Span]) throws(SeccompError) -> SeccompAssembler.Label {
        let root = search(spans[...])
        if spans.count == 1, case .answer = spans[0].outcome { return root }
        if spans.count == 1, case .passOn = spans[0].outcome { return root }
        assembler.jump(to: root)
        assembler.load(offset: Offset.number)
        guard assembler.reversed.count < SeccompProgram.maximumInstructionCount else {
            throw .tooLong(instructionCount: assembler.reversed.count)
        }
        return assembler.next
    }

    private mutating func search(_ spans: ArraySlice<Span>) -> SeccompAssembler.Label {
        guard spans.count > 1 else { return spans.first.map { label(of: $0.outcome) } ?? .end }
        let middle = spans.startIndex + spans.count / 2
        let right = search(spans[middle...])
        let left = search(spans[..<middle])
        assembler.branch(.greaterOrEqual, spans[middle].start, ifTrue: right, ifFalse: left)
        return assembler.next
    }

    private mutating func label(of outcome: Outcome) -> SeccompAssembler.Label {
        switch outcome {
        case .answer(let answer): return assembler.returning(answer)
        case .passOn: return .end
        case .tests(let range, let otherwise):
            var label = assembler.returning(otherwise)
            for test in tests[range].reversed() {
                let rule = description.rules[test.rule]
                let holds = assembler.returning(rule.action)
                label = write(test.carried.map { [$0.condition] } ?? rule.conditions, ifTrue: holds, ifFalse: label)
            }
            return label
        }
    }

    /// Writes the test of all of `conditions`.
    private mutating func write(
        _ conditions: [SeccompDescription.Condition], ifTrue: SeccompAssembler.Label, ifFalse: SeccompAssembler.Label
    ) -> SeccompAssembler.Label {
        var label = ifTrue
        for condition in conditions.reversed() { label = write(condition, ifTrue: label, ifFalse: ifFalse) }
        return label
    }

    /// Writes the test of one condition. The accumulator has 32 bits, so that each half of the argument is looked at.
    private mutating func write(
        _ condition: SeccompDescription.Condition, ifTrue: SeccompAssembler.Label, ifFalse: SeccompAssembler.Label
    ) -> SeccompAssembler.Label {
        let isLowByteFirst = description.architectures[0].token & SeccompCompiler.lowByteFirst != 0
        let offset = Offset.arguments + 8 * condition.argumentIndex
        let lowOffset = isLowByteFirst ? offset : offset + 4
        let highOffset = isLowByteFirst ? offset + 4 : offset
        let condition = hasNarrowArguments ? condition.narrowed : condition
        let low = UInt32(truncatingIfNeeded: condition.value)
        let high = UInt32(truncatingIfNeeded: condition.value >> 32)

        func compare(
            _ test: SeccompAssembler.Test, _ ifTrue: SeccompAssembler.Label, _ ifFalse: SeccompAssembler.Label
        ) -> SeccompAssembler.Label {
            assembler.branch(test, low, ifTrue: ifTrue, ifFalse: ifFalse)
            assembler.load(offset: lowOffset)
            var label = assembler.next
            assembler.branch(.equal, high, ifTrue: label, ifFalse: ifFalse)
            if test != .equal {
                label = assembler.next
                assembler.branch(.greater, high, ifTrue: ifTrue, ifFalse: label)
            }
            assembler.load(offset: highOffset)
            return assembler.next
        }

        switch condition.comparison {
        case .equal: return compare(.equal, ifTrue, ifFalse)
        case .notEqual: return compare(.equal, ifFalse, ifTrue)
        case .greater: return compare(.greater, ifTrue, ifFalse)
        case .lessOrEqual: return compare(.greater, ifFalse, ifTrue)
        case .greaterOrEqual: return compare(.greaterOrEqual, ifTrue, ifFalse)
        case .less: return compare(.greaterOrEqual, ifFalse, ifTrue)
        case .maskedEqual:
            guard condition.valueTwo & ~condition.value == 0 else { return ifFalse }
            var label = ifTrue
            for (mask, shift, offset) in [(low, UInt64(0), lowOffset), (high, 32, highOffset)] where mask != 0 {
                let value = UInt32(truncatingIfNeeded: condition.valueTwo >> shift)
                assembler.branch(.equal, value, ifTrue: label, ifFalse: ifFalse)
                assembler.and(mask)
                assembler.load(offset: offset)
                label = assembler.next
            }
            return label
        }
    }
}

extension SeccompDescription.Condition {
    /// The condition for arguments of 32 bits: a value that is negative is so in 32 bits there.
    ///
    /// Without that a rule on -1, written for 64 bits, would never hold on a 32-bit architecture.
    fileprivate var narrowed: SeccompDescription.Condition {
        var condition = self
        switch comparison {
        case .equal, .notEqual: condition.value = SeccompDescription.Condition.narrowed(value)
        case .maskedEqual: condition.valueTwo = SeccompDescription.Condition.narrowed(valueTwo)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: break
        }
        return condition
    }

    private static func narrowed(_ value: UInt64) -> UInt64 {
        value >= 0xFFFF_FFFF_8000_0000 ? value & 0xFFFF_FFFF : value
    }
}
