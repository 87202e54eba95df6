package import OCISpec

/// What two filters, or two stacks of filters, answer otherwise, by what their programs do and not by how they are written.
///
/// For each architecture of either, every number up to the highest known one and 64 more, x32's numbers, and every number
/// that a program compares with, one below it and one above, all ways through both programs are gone, whatever the
/// arguments are. So no difference in what a call with any arguments gets is passed over, and each that is told has a call
/// that shows it. What a program does that can't be followed so is told as undecided, and is never taken for equal.
package struct SeccompComparison: Equatable, Sendable {
    /// A call's number on an architecture.
    package struct Call: Hashable, Sendable {
        /// The architecture's audit value (linux/audit.h).
        package var architecture: UInt32
        /// The number, as the kernel counts it.
        package var number: UInt32

        /// The architecture, x32 told apart by the number; nil for one that has no name in OCI's configurations.
        package var platform: SeccompArchitecture? {
            if architecture == SeccompArchitecture.amd64.auditValue, (0x4000_0000..<0x8000_0000).contains(number) {
                return .x32
            }
            return SeccompArchitecture.allCases.first { $0 != .x32 && $0.auditValue == architecture }
        }

        /// The syscall's name, or nil for a number that no known one has.
        package var name: String? {
            platform.flatMap { SyscallTable.name(ofNumber: Int(number), on: $0) }
        }
    }

    /// A call that the two answer otherwise.
    package struct Difference: Equatable, Sendable {
        /// The call.
        package var call: Call
        /// Six arguments with which it is so.
        package var arguments: [UInt64]
        /// Which of the arguments matter, from 0 to 5; none where it is so with any.
        package var decisiveArguments: [Int]
        /// What the first answers.
        package var first: SeccompAnswer
        /// What the second answers.
        package var second: SeccompAnswer

        /// Whether the second lets happen what the first did not.
        package var widens: Bool { second.allowsMore(than: first) }
        /// Whether the first lets happen what the second does not.
        package var narrows: Bool { first.allowsMore(than: second) }
    }

    /// The differences, by architecture and number; of a call one for each pair of answers.
    package private(set) var differences: [Difference] = []
    /// Calls of which not all ways could be followed. Of filters that were compiled here there are none.
    package private(set) var undecided: [Call] = []

    /// The architectures that were looked at; none for two stacks that are the same.
    package private(set) var platforms: [SeccompArchitecture] = []

    /// What the second lets happen that the first did not.
    package var widened: [Difference] { differences.filter(\.widens) }
    /// What the first lets happen that the second does not.
    package var narrowed: [Difference] { differences.filter(\.narrows) }
    /// What neither lets happen, or both, but with another answer.
    package var changed: [Difference] { differences.filter { !$0.widens && !$0.narrows } }
    /// Whether both answer every call alike.
    package var isEqual: Bool { differences.isEmpty && undecided.isEmpty }

    /// No difference.
    package static let equal = SeccompComparison()

    private init() {}

    /// Compares two stacks of filters.
    ///
    /// - Parameters:
    ///   - first: the filters of one process, the one that was loaded last first. None: every call is allowed.
    ///   - second: those of the other.
    ///   - architectures: what to compare them on beside what their programs ask for by themselves.
    package init(_ first: [SeccompMachine], _ second: [SeccompMachine], on architectures: [SeccompArchitecture]) {
        guard first != second else { return }
        var audited = Set(architectures.map(\.auditValue))
        for constant in (first + second).flatMap({ SeccompConstants($0, on: nil).architectures })
        where SeccompArchitecture.allCases.contains(where: { $0.auditValue == constant }) {
            audited.insert(constant)
        }
        platforms = SeccompArchitecture.allCases.filter { audited.contains($0.auditValue) }
        // What is looked at first is told first: the host's own.
        let leading = architectures.first.map { [$0.auditValue] } ?? []
        for architecture in leading + audited.subtracting(leading).sorted() {
            let compared = Set((first + second).flatMap { SeccompConstants($0, on: architecture).numbers })
            for number in Self.numbers(on: architecture, compared) {
                compare(Call(architecture: architecture, number: number), first, second)
            }
        }
    }

    /// Compares two filters for some calls alone, on these architectures alone.
    package init(
        _ first: SeccompMachine, _ second: SeccompMachine, of names: [String], on architectures: [SeccompArchitecture]
    ) {
        platforms = architectures
        for name in names {
            for (architecture, number) in zip(architectures, SyscallTable.numbers(of: name, on: architectures)) {
                guard let number else { continue }
                let call = Call(architecture: architecture.auditValue, number: UInt32(number))
                compare(call, [first], [second])
            }
        }
    }

    /// Which of these calls the second may let happen where the first did not, on one of these architectures at least.
    package func widened(_ names: [String], on architectures: [SeccompArchitecture]) -> Set<String> {
        let calls = Set(widened.map(\.call) + undecided)
        return Set(
            names.filter { name in
                zip(architectures, SyscallTable.numbers(of: name, on: architectures)).contains { architecture, number in
                    number.map {
                        calls.contains(Call(architecture: architecture.auditValue, number: UInt32($0)))
                    } ?? false
                }
            })
    }

    /// How many numbers past the highest known one are looked at.
    private static let margin = 64

    /// The numbers to look at, sorted.
    private static func numbers(on architecture: UInt32, _ compared: Set<UInt32>) -> [UInt32] {
        var numbers: Set<UInt32> = [.max]
        for known in SeccompArchitecture.allCases where known.auditValue == architecture {
            // x32 has numbers of its own from 512 to 547, past the others, and Arm from 0x0f0000 on.
            let base = known == .x32 ? 0x4000_0000 : 0
            let newest = known == .x32 ? base + 547 : SyscallTable.newestNumber(on: known)
            numbers.formUnion((base...newest + margin).map { UInt32($0) })
            if known == .arm { numbers.formUnion(0x0F_0000...0x0F_0000 + UInt32(margin)) }
        }
        for number in compared {
            numbers.formUnion([number &- 1, number, number &+ 1])
        }
        return numbers.sorted()
    }

    private mutating func compare(_ call: Call, _ firsts: [SeccompMachine], _ seconds: [SeccompMachine]) {
        let ones = SeccompPaths(firsts, number: call.number, architecture: call.architecture)
        let twos = SeccompPaths(seconds, number: call.number, architecture: call.architecture)
        var isDecided = ones.isComplete && twos.isComplete
        var found: Set<[SeccompAnswer]> = []
        for one in ones.paths {
            for two in twos.paths {
                guard let first = one.answer.map({ SeccompAnswer($0) }),
                    let second = two.answer.map({ SeccompAnswer($0) }), first != second,
                    !found.contains([first, second])
                else { continue }
                switch Self.words(one.conditions + two.conditions) {
                case .some(let words):
                    let example = Self.example(words, of: call)
                    // What was found by following the programs must be what they do when they are run.
                    guard firsts.answer(example) == first, seconds.answer(example) == second else {
                        isDecided = false
                        continue
                    }
                    found.insert([first, second])
                    differences.append(
                        Difference(
                            call: call, arguments: example.arguments,
                            decisiveArguments: Set(words.keys.filter { $0 >= 4 }.map { ($0 - 4) / 2 }).sorted(),
                            first: first, second: second))
                case .none(let isCertain): isDecided = isDecided && isCertain
                }
            }
        }
        if !isDecided { undecided.append(call) }
    }

    private enum Words {
        case some([Int: UInt32])
        case none(isCertain: Bool)
    }

    /// Words of a call for which all of `conditions` hold.
    private static func words(_ conditions: [WordCondition]) -> Words {
        var words: [Int: UInt32] = [:]
        for (word, own) in Dictionary(grouping: conditions, by: \.word) {
            switch WordCondition.solve(own) {
            case .value(let value): words[word] = value
            case .none: return .none(isCertain: true)
            case .unknown: return .none(isCertain: false)
            }
        }
        return .some(words)
    }

    /// The call with words that are given, all others 0.
    private static func example(_ words: [Int: UInt32], of call: Call) -> SeccompCallData {
        var example = SeccompCallData(number: call.number, architecture: call.architecture)
        for (place, value) in words {
            let shifted = UInt64(value) << (SeccompCallData.isLow(place, call.architecture) ? 0 : 32 as UInt64)
            if place < 4 {
                example.instructionPointer |= shifted
            } else {
                example.arguments[(place - 4) / 2] |= shifted
            }
        }
        return example
    }
}

extension [SeccompMachine] {
    fileprivate func answer(_ call: SeccompCallData) -> SeccompAnswer {
        SeccompAnswer(SeccompMachine.answer(of: self, to: call))
    }
}

/// What a program compares the architecture and the number of a call with.
private struct SeccompConstants {
    var architectures: Set<UInt32> = []
    var numbers: Set<UInt32> = []

    /// Follows what each instruction can have in the accumulator, for calls of one architecture or of any. Jumps lead
    /// forward only, so one pass is enough.
    init(_ machine: SeccompMachine, on architecture: UInt32?) {
        typealias Code = SeccompMachine.Code
        // For each instruction: 1 if the number can be there, 2 if the architecture can, 4 if anything else can.
        var known = [UInt8](repeating: 0, count: machine.instructions.count + 1)
        known[0] = 4
        for (place, instruction) in machine.instructions.enumerated() where known[place] != 0 {
            var after = known[place]
            switch instruction.code {
            case Code.returnConstant, Code.returnAccumulator: continue
            case Code.jump: known[place + 1 + Int(instruction.constant)] |= after
            case let code where Code.isTest(code):
                if code & Code.byIndex == 0 {
                    if after & 1 != 0 { numbers.insert(instruction.constant) }
                    if after & 2 != 0 { architectures.insert(instruction.constant) }
                }
                if let architecture, after == 2, code & Code.byIndex == 0 {
                    let holds = SeccompMachine.test(code, architecture, instruction.constant)
                    known[place + 1 + Int(holds ? instruction.jumpTrue : instruction.jumpFalse)] |= after
                    continue
                }
                known[place + 1 + Int(instruction.jumpTrue)] |= after
                known[place + 1 + Int(instruction.jumpFalse)] |= after
            default:
                switch instruction.code {
                case Code.load: after = instruction.constant == 0 ? 1 : instruction.constant == 4 ? 2 : 4
                // A bit of the number or the architecture that is tested for leaves it what it is.
                case Code.and, Code.toIndex, Code.store, Code.storeIndex: break
                case Code.loadIndexImmediate, Code.loadIndexLength, Code.loadIndexMemory: break
                case Code.loadMemory, Code.toAccumulator: after = 7
                default: after = 4
                }
                known[place + 1] |= after
            }
        }
    }
}
