import Testing

@testable import RuntimePlan

/// What rules about devices come to: as the specification means them, as an eBPF program, and as the lists of the v1
/// controller.
struct DeviceRuleTests {
    /// One access, of one or more kinds at once, to one node.
    struct Request: CustomStringConvertible {
        var isBlock: Bool
        var major: UInt32
        var minor: UInt32
        /// 1 makes the node, 2 reads, 4 writes.
        var access: UInt32

        var description: String { "\(isBlock ? "b" : "c") \(major):\(minor) \(access)" }
    }

    /// Each kind of access by itself: the last rule about it decides, and what none is about is refused.
    static func isAllowed(_ request: Request, by rules: [DeviceRule]) -> Bool {
        [1, 2, 4].filter { request.access & $0 != 0 }.allSatisfy { bit in
            rules.last { rule in
                rule.bits & bit != 0 && rule.kind != (request.isBlock ? .character : .block)
                    && rule.major ?? request.major == request.major && rule.minor ?? request.minor == request.minor
            }?.allow ?? false
        }
    }

    static let requests: [Request] = [false, true].flatMap { isBlock in
        ([0, 1, 2, 0xffff_ffff] as [UInt32]).flatMap { major in
            ([0, 1, 2, 0xffff_ffff] as [UInt32]).flatMap { minor in
                (1...7).map { Request(isBlock: isBlock, major: major, minor: minor, access: $0) }
            }
        }
    }

    private struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    /// Rules that meet each other often.
    static func randomRules(_ count: Int) -> [[DeviceRule]] {
        var generator = SeededGenerator(state: 5)
        let numbers: [UInt32?] = [nil, nil, 0, 1, 0xffff_ffff]
        return (0..<count).map { _ in
            (0..<Int.random(in: 0...7, using: &generator)).map { _ in
                let access = ["r", "w", "m", "rw", "rwm", "rwm", "rm"]
                return DeviceRule(
                    allow: .random(using: &generator),
                    kind: [.all, .block, .character, .character].randomElement(using: &generator) ?? .all,
                    major: numbers.randomElement(using: &generator) ?? nil,
                    minor: numbers.randomElement(using: &generator) ?? nil,
                    access: access.randomElement(using: &generator) ?? "r")
            }
        }
    }

    // MARK: The program

    @Test func programsDecideAsTheRulesDo() throws {
        var lists = Self.randomRules(600)
        lists.append(DeviceRule.always)
        lists += Self.randomRules(100).map { $0 + DeviceRule.always }
        for rules in lists {
            let machine = try DeviceMachine(DeviceProgram(rules).bytes)
            let wrong = try Self.requests.filter {
                try machine.run($0) != Self.isAllowed($0, by: rules)
            }
            #expect(wrong.isEmpty, "\(rules.map(\.text)): \(wrong.prefix(3))")
        }
    }

    @Test func nothingAllowsNothing() throws {
        let machine = try DeviceMachine(DeviceProgram([]).bytes)
        for request in Self.requests { #expect(try !machine.run(request)) }
    }

    // MARK: The lists of v1

    @Test func listsDecideAsTheRulesDo() {
        var conflicts = 0
        for rules in Self.randomRules(2000) {
            let legacy = LegacyDeviceRules(rules)
            guard legacy.conflict == nil else {
                conflicts += 1
                continue
            }
            let controller = DeviceController(legacy)
            let wrong = Self.requests.filter { request in
                let isAllowed = Self.isAllowed(request, by: rules)
                // Of several exceptions none is enough for an access of several kinds: refused though each is allowed.
                let isSimple = [1, 2, 4].contains(request.access)
                return isSimple
                    ? controller.allows(request) != isAllowed : controller.allows(request) && !isAllowed
            }
            #expect(wrong.isEmpty, "\(rules.map(\.text)): \(wrong.prefix(3))")
        }
        #expect((100..<1900).contains(conflicts))
    }

    /// What a rule that is refused would have meant can't be had: no list of the kind says it.
    @Test(
        arguments: [
            (["c 1:* rwm +", "c 1:2 w -"], 1), (["a *:* rwm +", "c 1:* r -", "c 1:1 r +"], 2),
            (["c *:* m +", "b 8:0 rwm +", "c 5:1 m -"], 2), (["c 1:* rwm +", "c *:3 r -"], 1),
        ] as [([String], Int)])
    func holesAreConflicts(texts: [String], place: Int) throws {
        #expect(LegacyDeviceRules(try texts.map(Self.rule)).conflict == place)
        // Whatever is total comes after starts anew.
        for total in ["a *:* rwm -", "a *:* rwm +"] {
            let rules = LegacyDeviceRules(try (texts + [total]).map(Self.rule))
            #expect(rules.conflict == nil && rules.exceptions.isEmpty)
            #expect(rules.allowsOthers == total.hasSuffix("+"))
        }
    }

    @Test(
        arguments: [
            ([], false, []), (["c 1:3 rwm +"], false, ["c 1:3 rwm"]),
            (["a *:* rwm +", "c 1:3 rw -"], true, ["c 1:3 rw"]), (["c 1:3 rwm +", "c 1:3 w -"], false, ["c 1:3 rm"]),
            (["c 1:3 rwm +", "c 1:* rwm -"], false, []), (["a 1:3 rw +"], false, ["b 1:3 rw", "c 1:3 rw"]),
            (["b 1:3 rw -"], false, []),
            (["a *:* r +", "a *:* w +"], false, ["b *:* r", "c *:* r", "b *:* w", "c *:* w"]),
        ] as [([String], Bool, [String])])
    func linesOfTheLists(texts: [String], allowsOthers: Bool, lines: [String]) throws {
        let rules = LegacyDeviceRules(try texts.map(Self.rule))
        #expect(rules.allowsOthers == allowsOthers)
        #expect(rules.lines == lines)
    }

    /// `c 1:3 rwm +`, as a rule.
    static func rule(_ text: String) throws -> DeviceRule {
        let words = text.split(separator: " ")
        let numbers = words[1].split(separator: ":").map { UInt32($0) }
        let kind = try #require(words[0].utf8.first.flatMap { DeviceRule.Kind(rawValue: $0) })
        return DeviceRule(
            allow: words[3] == "+", kind: kind, major: numbers[0], minor: numbers[1], access: String(words[2]))
    }
}

extension DeviceRule {
    fileprivate var bits: UInt32 { (make ? 1 : 0) | (read ? 2 : 0) | (write ? 4 : 0) }
    fileprivate var text: String { "\(line) \(allow ? "+" : "-")" }
}

/// The v1 devices controller (security/device_cgroup.c): a default, and exceptions to it.
private struct DeviceController {
    private var allowsOthers: Bool
    private var exceptions: [DeviceRule] = []

    init(_ rules: LegacyDeviceRules) {
        allowsOthers = rules.allowsOthers
        for rule in rules.exceptions {
            // One for each node: its access grows.
            if let place = exceptions.firstIndex(where: {
                $0.kind == rule.kind && $0.major == rule.major && $0.minor == rule.minor
            }) {
                exceptions[place].read = exceptions[place].read || rule.read
                exceptions[place].write = exceptions[place].write || rule.write
                exceptions[place].make = exceptions[place].make || rule.make
            } else {
                exceptions.append(rule)
            }
        }
    }

    func allows(_ request: DeviceRuleTests.Request) -> Bool {
        let about = exceptions.filter { rule in
            rule.kind == (request.isBlock ? .block : .character) && rule.major ?? request.major == request.major
                && rule.minor ?? request.minor == request.minor
        }
        return allowsOthers
            ? !about.contains { $0.bits & request.access != 0 }
            : about.contains { request.access & ~$0.bits == 0 }
    }
}

/// The kernel's machine for the few eBPF instructions of such programs, with what its verifier looks at: every jump
/// leads forward to an instruction, every instruction can be reached, nothing is read before it was written, and each
/// way ends with an answer of 0 or 1.
private struct DeviceMachine {
    enum Fault: Error { case program(at: Int, String) }

    private struct Instruction {
        var opcode: UInt8
        var destination: Int
        var source: Int
        var offset: Int
        var immediate: UInt32
    }

    private let program: [Instruction]

    init(_ bytes: [UInt8]) throws {
        guard bytes.count % 8 == 0, !bytes.isEmpty else { throw Fault.program(at: 0, "length") }
        program = stride(from: 0, to: bytes.count, by: 8).map { start in
            let offset = UInt16(bytes[start + 2]) | UInt16(bytes[start + 3]) << 8
            var immediate: UInt32 = 0
            for place in 4..<8 { immediate |= UInt32(bytes[start + place]) << UInt32(8 * (place - 4)) }
            return Instruction(
                opcode: bytes[start], destination: Int(bytes[start + 1] & 15), source: Int(bytes[start + 1] >> 4),
                offset: Int(Int16(bitPattern: offset)), immediate: immediate)
        }
        var reached: Set<Int> = [0]
        for (place, instruction) in program.enumerated() {
            guard reached.contains(place) else { throw Fault.program(at: place, "not reached") }
            switch instruction.opcode {
            case 0x95: continue
            case 0x55, 0x5d, 0x15, 0x56, 0x16:
                guard instruction.offset >= 0 else { throw Fault.program(at: place, "jumps back") }
                reached.insert(place + 1 + instruction.offset)
            case 0x61, 0xbc, 0x54, 0x74, 0xb7: break
            default: throw Fault.program(at: place, "opcode \(instruction.opcode)")
            }
            reached.insert(place + 1)
        }
        guard reached.max() ?? 0 < program.count else { throw Fault.program(at: program.count, "end") }
    }

    func run(_ request: DeviceRuleTests.Request) throws -> Bool {
        let context = [request.access << 16 | (request.isBlock ? 1 : 2), request.major, request.minor]
        var registers = [UInt64?](repeating: nil, count: 11)
        var place = 0
        func read(_ register: Int) throws -> UInt64 {
            guard let value = registers[register] else { throw Fault.program(at: place, "r\(register) is not set") }
            return value
        }
        while true {
            let instruction = program[place]
            let immediate = UInt64(bitPattern: Int64(Int32(bitPattern: instruction.immediate)))
            let target = place + 1 + instruction.offset
            let destination = instruction.destination
            switch instruction.opcode {
            case 0x61:
                guard instruction.source == 1, registers[1] == nil else { throw Fault.program(at: place, "context") }
                registers[destination] = UInt64(context[instruction.offset / 4])
            case 0xbc: registers[destination] = try read(instruction.source) & 0xffff_ffff
            case 0x54: registers[destination] = try read(destination) & immediate & 0xffff_ffff
            case 0x74: registers[destination] = (try read(destination) & 0xffff_ffff) >> immediate
            case 0xb7: registers[destination] = immediate
            case 0x55: if try read(destination) != immediate { place = target - 1 }
            case 0x15: if try read(destination) == immediate { place = target - 1 }
            case 0x56: if try read(destination) & 0xffff_ffff != immediate & 0xffff_ffff { place = target - 1 }
            case 0x16: if try read(destination) & 0xffff_ffff == immediate & 0xffff_ffff { place = target - 1 }
            case 0x5d: if try read(destination) != read(instruction.source) { place = target - 1 }
            default:
                let answer = try read(0)
                guard answer <= 1 else { throw Fault.program(at: place, "answers \(answer)") }
                return answer == 1
            }
            place += 1
        }
    }
}
