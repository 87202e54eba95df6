import CFuzzer
import LosslessJSON

/// Changes an input. Bytes changed at random are hardly ever JSON any more, so most changes are made to the values.
@_cdecl("LLVMFuzzerCustomMutator")
func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: UInt32) -> Int {
    var random = SeededGenerator(seed: UInt64(seed))
    // SAFETY: libFuzzer lends `size` bytes; they are copied here.
    let input = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
    // One in eight stays with the bytes, for the parser's sake.
    guard Target.chosen?.isJSON == true, Int.random(in: 0..<8, using: &random) != 0, let first = input.first,
        let json = try? JSON(parsing: Array(input.dropFirst()))
    else {
        // SAFETY: the buffer holds `maximum` bytes, as libFuzzer promises.
        return unsafe LLVMFuzzerMutate(data, size, maximum)
    }
    var mutation = Mutation(random: random)
    let value = mutation.changed(JSONValue(json))
    let choice = Int.random(in: 0..<8, using: &random) == 0 ? Circumstances.random(&random) : first
    if let count = unsafe store([choice] + value.text(), data, maximum) { return count }
    // SAFETY: as above.
    return unsafe LLVMFuzzerMutate(data, size, maximum)
}

/// Makes one input of two: the first with a part of the second at the part's own place.
@_cdecl("LLVMFuzzerCustomCrossOver")
func cross(
    _ one: UnsafePointer<UInt8>, _ oneSize: Int, _ other: UnsafePointer<UInt8>, _ otherSize: Int,
    _ result: UnsafeMutablePointer<UInt8>, _ maximum: Int, _ seed: UInt32
) -> Int {
    // SAFETY: libFuzzer lends both inputs; they are copied here.
    let (first, second) = unsafe (
        [UInt8](UnsafeBufferPointer(start: one, count: oneSize)),
        [UInt8](UnsafeBufferPointer(start: other, count: otherSize))
    )
    guard Target.chosen?.isJSON == true, let choice = first.first,
        let target = try? JSON(parsing: Array(first.dropFirst())),
        let source = try? JSON(parsing: Array(second.dropFirst()))
    else { return 0 }
    var mutation = Mutation(random: SeededGenerator(seed: UInt64(seed)))
    let value = mutation.crossed(JSONValue(target), JSONValue(source))
    return unsafe store([choice] + value.text(), result, maximum) ?? 0
}

/// Copies an input to where libFuzzer wants it; nil where it is too long.
private func store(_ bytes: [UInt8], _ data: UnsafeMutablePointer<UInt8>, _ maximum: Int) -> Int? {
    guard bytes.count <= maximum else { return nil }
    // SAFETY: the buffer holds `maximum` bytes, as libFuzzer promises.
    return unsafe UnsafeMutableBufferPointer(start: data, count: maximum).update(fromContentsOf: bytes)
}

/// A generator whose sequence is told by its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

/// Changes of a JSON value that stays one.
struct Mutation {
    var random: SeededGenerator

    /// The value with one to three things changed.
    mutating func changed(_ value: JSONValue) -> JSONValue {
        var value = value
        for _ in 0..<Int.random(in: 1...3, using: &random) { value = changedOnce(value, depth: 0) }
        return value
    }

    /// The first value with a part of the second.
    mutating func crossed(_ first: JSONValue, _ second: JSONValue) -> JSONValue {
        guard case .object(let others) = second, let other = others.randomElement(using: &random) else { return first }
        guard case .object = first else { return second }
        var first = first
        if let own = first[other.name], Int.random(in: 0..<5, using: &random) != 0 {
            switch (own, other.value) {
            case (.object, .object): first[other.name] = crossed(own, other.value)
            case (.array(let elements), .array(let more)):
                guard let element = more.randomElement(using: &random) else { return first }
                if let place = elements.indices.randomElement(using: &random), Bool.random(using: &random) {
                    var elements = elements
                    elements[place] = crossed(elements[place], element)
                    first[other.name] = .array(elements)
                } else {
                    first[other.name] = .array(elements + [element])
                }
            default: first[other.name] = other.value
            }
        } else {
            first[other.name] = other.value
        }
        return first
    }

    private mutating func changedOnce(_ value: JSONValue, depth: Int) -> JSONValue {
        // Down, mostly: the leaves are many and lie deep.
        if depth < 2 || Int.random(in: 0..<3, using: &random) != 0, let inner = changedInside(value, depth: depth) {
            return inner
        }
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return anything()
        default: return alike(value)
        }
    }

    private mutating func changedInside(_ value: JSONValue, depth: Int) -> JSONValue? {
        switch value {
        case .object(var members):
            guard let place = members.indices.randomElement(using: &random) else { return nil }
            if Int.random(in: 0..<12, using: &random) == 0 {
                members.remove(at: place)
            } else {
                members[place].value = changedOnce(members[place].value, depth: depth + 1)
            }
            return .object(members)
        case .array(var elements):
            guard let place = elements.indices.randomElement(using: &random) else { return nil }
            switch Int.random(in: 0..<12, using: &random) {
            case 0: elements.remove(at: place)
            case 1: elements.append(elements[place])
            case 2: elements.swapAt(place, elements.startIndex)
            default: elements[place] = changedOnce(elements[place], depth: depth + 1)
            }
            return .array(elements)
        default: return nil
        }
    }

    /// Another value of the same kind.
    private mutating func alike(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null: return anything()
        case .bool(let truth): return .bool(!truth)
        case .number(let text):
            guard let number = Int64(text), Bool.random(using: &random) else { return .number(number()) }
            let (near, isOver) = number.addingReportingOverflow(Int64.random(in: -2...2, using: &random))
            return .number(isOver ? text : String(near))
        case .string(let text): return .string(string(like: text))
        case .array(let elements): return .array(elements + [anything()])
        case .object:
            var value = value
            value[string(like: "a")] = anything()
            return value
        }
    }

    private mutating func anything() -> JSONValue {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .null
        case 1: .bool(true)
        case 2, 3: .number(number())
        case 4, 5: .string(string(like: ""))
        case 6: .array([])
        default: .object([])
        }
    }

    /// Numbers at the ends of what a field can hold.
    private mutating func number() -> String {
        let texts = [
            "0", "1", "-1", "2", "3", "4", "5", "7", "8", "10", "64", "100", "255", "256", "511", "999", "1000", "1001",
            "4095", "4096", "65535", "65536", "262144", "1000000", "2147483647", "2147483648", "4294967294",
            "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e3", "1.0", "0.5", "-0", "1e400",
            "123456789012345678901234567890", "-1001", "-20", "19", "20",
        ]
        return texts.randomElement(using: &random) ?? "0"
    }

    /// A text made from another: cut, doubled, with something put in, or changed by the fuzzer, which puts in words of
    /// the dictionary and of comparisons that it has seen.
    private mutating func string(like text: String) -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return String(text.unicodeScalars.prefix(Int.random(in: 0...text.utf8.count, using: &random)))
        case 1: return text.utf8.count < 200 ? text + text : text
        case 2: return text + (pieces.randomElement(using: &random) ?? "")
        case 3: return (pieces.randomElement(using: &random) ?? "") + text
        default:
            var bytes = Array(text.utf8)
            let size = bytes.count
            bytes += [UInt8](repeating: 0, count: 40)
            let maximum = bytes.count
            // SAFETY: the buffer holds `maximum` bytes for the length of the call.
            let count = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
                unsafe buffer.baseAddress.map { unsafe LLVMFuzzerMutate($0, size, maximum) } ?? 0
            }
            return String(decoding: bytes.prefix(count), as: UTF8.self)
        }
    }

    private var pieces: [String] {
        [
            "/", "..", ".", ",", "-", "=", ":", "0", "1", "*", " ", "\n", "\0", "\u{7f}", "\u{9b}", "é", "😀", "~", "\"",
            "\\", "/proc", "/dev", "/sys/fs/cgroup", "CAP_", "SCMP_ACT_", "0-3", "mode=1777", "size=64k", "rwm",
        ]
    }
}
