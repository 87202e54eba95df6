import LosslessJSON
import OCISpec
import RuntimePlan

@testable import ContainerRuntime
@testable import LinuxSys

/// `/linux/seccomp`: the filter that is made of it is one that the kernel takes, and answers as a plain reading of the rules does.
struct SeccompTarget {
    let text: [UInt8]
    let choice: UInt8

    init(_ text: [UInt8], _ choice: UInt8) {
        self.text = text
        self.choice = choice
    }

    /// How many calls each filter is asked for.
    private static let callCount = 60

    func follow() {
        let config = """
            {"ociVersion":"1.2.0","process":{"cwd":"/","args":["sh"],"noNewPrivileges":true},"root":{"path":"rootfs"},"linux":{
            "namespaces":[{"type":"mount"},{"type":"pid"}],"seccomp":
            """
        guard let json = try? JSON(parsing: Array(config.utf8) + text + Array("}}".utf8)) else { return }
        let (spec, unread) = Spec.read(json)
        guard let spec, unread.isEmpty,
            let valid = try? ValidSpec(checking: spec, on: Circumstances(UInt8(ascii: "0")).host),
            let seccomp = valid.seccomp
        else { return }
        let program: [UInt8]
        do {
            program = try SeccompProgram.compile(SeccompDescription(seccomp))
        } catch {
            return expectOneLine("\(error)")
        }
        guard let machine = try? SeccompMachine(program) else {
            return expect(false, "the kernel takes the filter")
        }
        var random = SeededGenerator(seed: text.reduce(UInt64(choice)) { $0 &* 0x100_0000_01b3 ^ UInt64($1) })
        let reading = PlainReading(seccomp)
        let looks = SeccompProgram.allowsLooking(program)
        for _ in 0..<Self.callCount {
            let call = reading.call(&random)
            let answer = machine.run(call.architecture, call.number, call.arguments).answer
            let expected = reading.answer(to: call)
            expect(
                answer == expected,
                "\(call): \(String(answer, radix: 16)) instead of \(String(expected, radix: 16))")
        }
        if looks {
            // read(2): what is said to be allowed whatever its arguments are.
            let answer = machine.run(SeccompArchitecture.amd64.auditValue, 0, (0..<6).map { _ in random.next() }).answer
            expect(answer == LinuxSys.SeccompAction.allow, "looking is allowed")
        }
    }
}

/// The rules of a config as they read, without regard to time: each call is held against each rule.
struct PlainReading {
    /// A system call.
    struct Call {
        var architecture: UInt32
        var number: UInt32
        var arguments: [UInt64]
    }

    private let seccomp: ValidSeccomp
    private let fallback: UInt32
    /// The numbers of all names on each architecture, looked up once.
    private var numbers: [SeccompArchitecture: [String: UInt32]] = [:]

    init(_ seccomp: ValidSeccomp) {
        self.seccomp = seccomp
        fallback = ValidSeccomp.kernelAction(seccomp.section.defaultAction, seccomp.section.defaultErrnoRet)
        let names = Set((seccomp.section.syscalls ?? []).flatMap(\.names) + ["ipc", "socketcall"])
        for architecture in seccomp.architectures {
            for name in names {
                guard let number = SyscallTable.number(of: name, on: architecture) else { continue }
                numbers[architecture, default: [:]][name] = UInt32(number)
            }
        }
    }

    private func number(of name: String, on architecture: SeccompArchitecture) -> UInt32? {
        numbers[architecture]?[name]
    }

    private static let mismatch = LinuxSys.SeccompAction.killProcess
    private static let firstX32Number: UInt32 = 0x4000_0000
    /// The strictest first (seccomp(2)): kill the process, the thread, trap, errno, notify, trace, log, allow.
    private static let order: [UInt32] = [
        0x8000_0000, 0x0000_0000, 0x0003_0000, 0x0005_0000, 0x7FC0_0000, 0x7FF0_0000, 0x7FFC_0000, 0x7FFF_0000,
    ]

    private static func rank(_ answer: UInt32) -> Int { order.firstIndex(of: answer & 0xFFFF_0000) ?? order.count }

    // MARK: The answer

    func answer(to call: Call) -> UInt32 {
        guard let architecture = architecture(of: call) else { return Self.mismatch }
        var best: UInt32?
        for rule in seccomp.section.syscalls ?? [] {
            let action = ValidSeccomp.kernelAction(rule.action, rule.errnoRet)
            guard rule.names.contains(where: { matches($0, rule.args ?? [], action, call, architecture) }) else {
                continue
            }
            // Of two that are as strict as each other the one that stands first.
            if best.map({ Self.rank(action) < Self.rank($0) }) ?? true { best = action }
        }
        if let best { return best }
        return isNewer(call.number, on: architecture) && refuses(fallback) && seccomp.section.defaultErrnoRet == nil
            ? 0x0005_0000 | 38 : fallback
    }

    private func refuses(_ answer: UInt32) -> Bool { Self.rank(answer) <= 3 }

    /// Which of the listed architectures a call is one of; nil for none. x32's calls are told from x86_64's by bit 30, but
    /// for -1, which is no call.
    private func architecture(of call: Call) -> SeccompArchitecture? {
        let listed = seccomp.architectures.filter { $0.auditValue == call.architecture }
        guard call.architecture == SeccompArchitecture.amd64.auditValue else { return listed.first }
        if listed.contains(.x32), call.number >= Self.firstX32Number { return .x32 }
        if call.number >= Self.firstX32Number, call.number != .max { return nil }
        return listed.first { $0 == .amd64 }
    }

    /// Whether a number is above all that rules have there.
    private func isNewer(_ number: UInt32, on architecture: SeccompArchitecture) -> Bool {
        let apart = architecture == .x32 ? Self.firstX32Number + 512..<Self.firstX32Number + 548 : 0..<0
        if apart.contains(number) || architecture == .arm && number >= 0x0F_0000 { return false }
        let named = (seccomp.section.syscalls ?? []).flatMap(\.names).compactMap {
            self.number(of: $0, on: architecture)
        }.filter { !apart.contains($0) && !(architecture == .arm && $0 >= 0x0F_0000) }
        // What carries a call that a rule is for is no news either.
        let isCarrier = (seccomp.section.syscalls ?? []).contains { rule in
            canBeSeen(rule) && rule.names.contains { carrier(of: $0, on: architecture) == number }
        }
        return !isCarrier && named.max().map { number > $0 } ?? false
    }

    private func matches(
        _ name: String, _ conditions: [OCISpec.Seccomp.Argument], _ action: UInt32, _ call: Call,
        _ architecture: SeccompArchitecture
    ) -> Bool {
        // The token of x32 has no bit for 64, and its arguments have 64 bits all the same.
        let isNarrow = architecture != .x32 && architecture.token & 0x8000_0000 == 0
        if number(of: name, on: architecture) == call.number {
            let indexes = conditions.map(\.index)
            func holds(_ condition: OCISpec.Seccomp.Argument) -> Bool {
                Self.holds(condition, call.arguments[Int(condition.index)], isNarrow)
            }
            // Two conditions on one argument make all of them alternatives.
            let areAlternatives = Set(indexes).count < indexes.count
            if areAlternatives ? conditions.contains(where: holds) : conditions.allSatisfy(holds) { return true }
        }
        // A call that is carried in another: its own arguments can't be seen.
        guard let carried = SeccompMultiplexer.call(named: name),
            carrier(of: name, on: architecture) == call.number,
            conditions.isEmpty || Self.rank(action) < Self.rank(fallback)
        else { return false }
        return call.arguments[0] & (carried.multiplexer == .ipc ? 0xFFFF : 0xFFFF_FFFF) == carried.number
    }

    /// The number of the call that carries another there; nil for none.
    private func carrier(of name: String, on architecture: SeccompArchitecture) -> UInt32? {
        SeccompMultiplexer.call(named: name).flatMap {
            number(of: $0.multiplexer == .ipc ? "ipc" : "socketcall", on: architecture)
        }
    }

    /// Whether a rule can be held against a call whose arguments lie in memory: one with conditions only where it refuses more.
    private func canBeSeen(_ rule: OCISpec.Seccomp.SyscallRule) -> Bool {
        rule.args?.isEmpty != false
            || Self.rank(ValidSeccomp.kernelAction(rule.action, rule.errnoRet)) < Self.rank(fallback)
    }

    private static func holds(_ condition: OCISpec.Seccomp.Argument, _ argument: UInt64, _ isNarrow: Bool) -> Bool {
        /// Where arguments have 32 bits, a negative value is one of 32 bits.
        func narrowed(_ value: UInt64) -> UInt64 {
            isNarrow && value >= 0xFFFF_FFFF_8000_0000 ? value & 0xFFFF_FFFF : value
        }
        switch condition.op {
        case .equal: return argument == narrowed(condition.value)
        case .notEqual: return argument != narrowed(condition.value)
        case .less: return argument < condition.value
        case .lessOrEqual: return argument <= condition.value
        case .greater: return argument > condition.value
        case .greaterOrEqual: return argument >= condition.value
        case .maskedEqual: return argument & condition.value == narrowed(condition.valueTwo ?? 0)
        }
    }

    // MARK: Calls

    /// A call that lies near what the rules speak of.
    func call(_ random: inout SeededGenerator) -> Call {
        let architecture =
            Int.random(in: 0..<8, using: &random) == 0
            ? SeccompArchitecture.allCases.randomElement(using: &random)
            : seccomp.architectures.randomElement(using: &random)
        let rule = seccomp.section.syscalls?.randomElement(using: &random)
        let name = rule?.names.randomElement(using: &random)
        var number =
            name.flatMap { name in architecture.flatMap { SyscallTable.number(of: name, on: $0) } }
            .map { UInt32($0) } ?? UInt32.random(in: 0..<600, using: &random)
        if let name, SeccompMultiplexer.call(named: name) != nil, Bool.random(using: &random), let architecture,
            let carrier = ["ipc", "socketcall"].randomElement(using: &random).flatMap({
                SyscallTable.number(of: $0, on: architecture)
            })
        {
            number = UInt32(carrier)
        }
        switch Int.random(in: 0..<12, using: &random) {
        case 0: number &+= 1
        case 1: number &-= 1
        case 2: number ^= Self.firstX32Number
        case 3:
            number =
                [UInt32.max, .max - 1, Self.firstX32Number, Self.firstX32Number - 1, 511, 512, 547, 548, 0]
                .randomElement(using: &random) ?? 0
        case 4:
            number =
                UInt32.random(in: 0..<700, using: &random) | (Bool.random(using: &random) ? Self.firstX32Number : 0)
        default: break
        }
        var arguments = (0..<6).map { _ in UInt64.random(in: 0..<32, using: &random) }
        for condition in rule?.args ?? [] where Int.random(in: 0..<4, using: &random) != 0 {
            let values = [
                condition.value, condition.value &+ 1, condition.value &- 1, condition.valueTwo ?? 0,
                condition.value & 0xFFFF_FFFF, ~condition.value, (condition.valueTwo ?? 0) | ~condition.value,
                random.next(),
            ]
            arguments[Int(condition.index)] = values.randomElement(using: &random) ?? 0
        }
        return Call(architecture: (architecture ?? .amd64).auditValue, number: number, arguments: arguments)
    }
}
