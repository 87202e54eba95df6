/// All ways that a call of one number on one architecture can take through a filter, with what the call's other words
/// must be for each: the arguments, and the address that the call is made from.
///
/// The ways of a filter shut each other out and leave nothing over. So two filters answer a call alike if and only if no
/// two of their ways with different answers can be taken by the same call.
struct SeccompPaths {
    /// A way.
    struct Path {
        /// The answer at its end, or nil where it can't be told from the program alone.
        var answer: UInt32?
        /// What must hold of the words; no two conditions are alike.
        var conditions: [WordCondition] = []
    }

    /// The ways.
    private(set) var paths: [Path] = []
    /// Whether there are more than were gone, or some of them can't be told apart.
    private(set) var isComplete = true

    private static let maximumCount = 1024

    /// What is known of a register.
    private enum Value {
        case constant(UInt32)
        case word(Int, mask: UInt32)
        case unknown
    }

    private struct State {
        var place = 0
        var accumulator = Value.constant(0)
        var index = Value.constant(0)
        var memory: [Value] = []
        var conditions: [WordCondition] = []
    }

    /// Finds the ways through `filters` together, as the kernel asks them.
    init(_ filters: [SeccompMachine], number: UInt32, architecture: UInt32) {
        paths = [Path(answer: SeccompMachine.strictest([]))]
        for (position, filter) in filters.enumerated() {
            var combined: [Path] = []
            for path in paths {
                var walk = Walk(filter, number, architecture, budget: Self.maximumCount - combined.count)
                walk.run(from: path.conditions)
                isComplete = isComplete && walk.isComplete
                for own in walk.paths {
                    var answer = own.answer
                    if position > 0 {
                        answer = path.answer.flatMap { known in
                            own.answer.map { SeccompMachine.strictest([known, $0]) }
                        }
                    }
                    combined.append(Path(answer: answer, conditions: own.conditions))
                }
            }
            paths = combined
        }
        if paths.contains(where: { $0.answer == nil }) { isComplete = false }
    }

    /// Goes all ways through one filter.
    private struct Walk {
        let filter: SeccompMachine
        let number: UInt32
        let architecture: UInt32
        var budget: Int
        var paths: [Path] = []
        var isComplete = true

        init(_ filter: SeccompMachine, _ number: UInt32, _ architecture: UInt32, budget: Int) {
            self.filter = filter
            self.number = number
            self.architecture = architecture
            self.budget = budget
        }

        mutating func run(from conditions: [WordCondition]) {
            var open = [State(conditions: conditions)]
            while let state = open.popLast() {
                guard budget > 0 else {
                    isComplete = false
                    return
                }
                go(state, &open)
            }
        }

        /// Goes on until an answer, and leaves in `open` what else could have been gone.
        private mutating func go(_ start: State, _ open: inout [State]) {
            var state = start
            while true {
                let instruction = filter.instructions[state.place]
                state.place += 1
                switch instruction.code {
                case SeccompMachine.Code.returnConstant: return end(instruction.constant, state)
                case SeccompMachine.Code.returnAccumulator:
                    if case .constant(let answer) = state.accumulator { return end(answer, state) }
                    return end(nil, state)
                case SeccompMachine.Code.jump: state.place += Int(instruction.constant)
                case let code where SeccompMachine.Code.isTest(code):
                    guard branch(instruction, &state, &open) else { return }
                default: step(instruction, &state)
                }
            }
        }

        private mutating func end(_ answer: UInt32?, _ state: State) {
            paths.append(Path(answer: answer, conditions: state.conditions))
            budget -= 1
        }

        /// Takes one side of a test, and leaves the other in `open` where both can be. False where neither can.
        private mutating func branch(
            _ instruction: SeccompMachine.Instruction, _ state: inout State, _ open: inout [State]
        ) -> Bool {
            let operand =
                instruction.code & SeccompMachine.Code.byIndex == 0 ? .constant(instruction.constant) : state.index
            switch (state.accumulator, operand) {
            case (.constant(let one), .constant(let two)):
                let holds = SeccompMachine.test(instruction.code, one, two)
                state.place += Int(holds ? instruction.jumpTrue : instruction.jumpFalse)
                return true
            case (.word(let word, let mask), .constant(let constant)):
                guard let condition = Self.condition(instruction.code, word, mask, constant) else {
                    // 0 is never more than anything, and all is at least 0.
                    let holds = instruction.code & ~SeccompMachine.Code.byIndex == 0x35
                    state.place += Int(holds ? instruction.jumpTrue : instruction.jumpFalse)
                    return true
                }
                var otherwise = state
                otherwise.place += Int(instruction.jumpFalse)
                state.place += Int(instruction.jumpTrue)
                let isPossible = add(condition, to: &state)
                let isOtherwisePossible = add(condition.negation, to: &otherwise)
                if isPossible {
                    if isOtherwisePossible { open.append(otherwise) }
                    return true
                }
                state = otherwise
                return isOtherwisePossible
            default:
                isComplete = false
                var otherwise = state
                otherwise.place += Int(instruction.jumpFalse)
                open.append(otherwise)
                state.place += Int(instruction.jumpTrue)
                return true
            }
        }

        /// What a test that holds says of a word; nil for one whose outcome doesn't depend on it.
        private static func condition(
            _ code: UInt16, _ word: Int, _ mask: UInt32, _ constant: UInt32
        ) -> WordCondition? {
            switch code & ~SeccompMachine.Code.byIndex {
            case 0x15: WordCondition(word: word, mask: mask, test: .equal, constant: constant)
            case 0x25: WordCondition(word: word, mask: mask, test: .greater, constant: constant)
            case 0x35:
                constant == 0
                    ? nil : WordCondition(word: word, mask: mask, test: .greater, constant: constant - 1)
            default: WordCondition(word: word, mask: mask & constant, test: .notEqual, constant: 0)
            }
        }

        private mutating func add(_ condition: WordCondition, to state: inout State) -> Bool {
            if state.conditions.contains(condition) { return true }
            if state.conditions.contains(condition.negation) { return false }
            state.conditions.append(condition)
            switch WordCondition.solve(state.conditions.filter { $0.word == condition.word }) {
            case .value: return true
            case .none: return false
            case .unknown:
                isComplete = false
                return true
            }
        }

        private func step(_ instruction: SeccompMachine.Instruction, _ state: inout State) {
            typealias Code = SeccompMachine.Code
            let constant = instruction.constant
            func remembered() -> Value { state.memory.isEmpty ? .constant(0) : state.memory[Int(constant)] }
            switch instruction.code {
            case Code.load: state.accumulator = word(Int(constant) / 4)
            case Code.loadImmediate: state.accumulator = .constant(constant)
            case Code.loadLength: state.accumulator = .constant(SeccompMachine.dataByteCount)
            case Code.loadMemory: state.accumulator = remembered()
            case Code.loadIndexImmediate: state.index = .constant(constant)
            case Code.loadIndexLength: state.index = .constant(SeccompMachine.dataByteCount)
            case Code.loadIndexMemory: state.index = remembered()
            case Code.store, Code.storeIndex:
                if state.memory.isEmpty { state.memory = Array(repeating: .constant(0), count: 16) }
                state.memory[Int(constant)] = instruction.code == Code.store ? state.accumulator : state.index
            case Code.toIndex: state.index = state.accumulator
            case Code.toAccumulator: state.accumulator = state.index
            case Code.negate:
                if case .constant(let value) = state.accumulator {
                    state.accumulator = .constant(0 &- value)
                } else {
                    state.accumulator = .unknown
                }
            default:
                let operand = instruction.code & Code.byIndex == 0 ? .constant(constant) : state.index
                switch (state.accumulator, operand) {
                case (.constant(let one), .constant(let two)):
                    state.accumulator = .constant(SeccompMachine.arithmetic(instruction.code, one, two))
                case (.word(let word, let mask), .constant(let other))
                where instruction.code & ~Code.byIndex == Code.and:
                    state.accumulator = mask & other == 0 ? .constant(0) : .word(word, mask: mask & other)
                default: state.accumulator = .unknown
                }
            }
        }

        /// What is known of a word of the call. An architecture of 32 bits has nothing in the upper half of an argument.
        private func word(_ place: Int) -> Value {
            switch place {
            case 0: .constant(number)
            case 1: .constant(architecture)
            default:
                architecture & 0x8000_0000 == 0 && !SeccompCallData.isLow(place, architecture)
                    ? .constant(0) : .word(place, mask: .max)
            }
        }
    }
}
