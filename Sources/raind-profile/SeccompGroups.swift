import OCISpec
import SecurityProfile

/// Differences of filters, calls with the same answers on the same architectures put together.
struct SeccompGroups {
    /// Calls with the same answers.
    struct Group {
        /// Both answers, and the architectures where they aren't all.
        var title: String
        /// The calls by name, with the arguments that matter; numbers without a name as ranges.
        var labels: [String]
    }

    /// The groups: first those that don't depend on arguments, each kind in the order of what is said of it.
    let groups: [Group]

    private struct Key: Hashable {
        let first: SeccompAnswer
        let second: SeccompAnswer
        let isConditional: Bool
    }

    /// One name, or a number without one, with the architectures on which it is so.
    private struct Entry {
        var example: SeccompComparison.Difference
        var platforms: Set<String>
    }

    /// Groups some of the differences of `comparison`.
    init(_ differences: [SeccompComparison.Difference], of comparison: SeccompComparison) {
        var byKey: [Key: [String: Entry]] = [:]
        var unnamed: [Key: [String: [UInt32]]] = [:]
        for difference in differences {
            let key = Key(
                first: difference.first, second: difference.second,
                isConditional: !difference.decisiveArguments.isEmpty)
            let platform = Self.name(of: difference.call)
            if let name = difference.call.name {
                byKey[key, default: [:]][name, default: Entry(example: difference, platforms: [])]
                    .platforms.insert(platform)
            } else {
                // Without the bit that all of x32's have.
                let number = difference.call.number & (difference.call.platform == .x32 ? 0x3FFF_FFFF : .max)
                unnamed[key, default: [:]][platform, default: []].append(number)
            }
        }
        var groups: [(order: String, group: Group)] = []
        for key in Set(byKey.keys).union(unnamed.keys) {
            let verdict =
                "\(key.first) -> \(key.second)" + (key.isConditional ? " with some arguments" : "")
            var byPlatforms: [String: [(name: String, label: String)]] = [:]
            for (name, entry) in byKey[key] ?? [:] {
                let all = Set(
                    comparison.platforms.filter { SyscallTable.number(of: name, on: $0) != nil }.map(Self.text))
                // Not the word for all where the name is on none of them by its own.
                let place = entry.platforms == all ? "" : ", on " + entry.platforms.sorted().joined(separator: ", ")
                byPlatforms[place, default: []].append((name, name + Self.arguments(entry.example)))
            }
            for (place, numbers) in unnamed[key] ?? [:] {
                byPlatforms[", on \(place), numbers without a name", default: []] += Self.ranges(numbers).map {
                    ("", $0)
                }
            }
            for (place, labels) in byPlatforms {
                let title = verdict + place
                groups.append(
                    (
                        (key.isConditional ? "1" : "0") + title,
                        Group(
                            title: title,
                            labels: labels[0].name.isEmpty
                                ? labels.map(\.label) : labels.sorted { $0.name < $1.name }.map(\.label))
                    ))
            }
        }
        self.groups = groups.sorted { $0.order < $1.order }.map(\.group)
    }

    /// A call of a difference with all of its arguments: `x86_64 clone(0x10000000, 0, 0, 0, 0, 0)`.
    static func call(_ difference: SeccompComparison.Difference) -> String {
        call(difference.call) + "(" + difference.arguments.map(hexadecimal).joined(separator: ", ") + ")"
    }

    /// A call by its architecture and name, or its number.
    static func call(_ call: SeccompComparison.Call) -> String {
        name(of: call) + " " + (call.name ?? "number \(number(call.number))")
    }

    /// What an architecture is called for short: `x86_64`.
    static func text(_ platform: SeccompArchitecture) -> String {
        String(platform.rawValue.dropFirst("SCMP_ARCH_".count)).lowercased()
    }

    private static func name(of call: SeccompComparison.Call) -> String {
        call.platform.map(text) ?? "architecture 0x" + String(call.architecture, radix: 16)
    }

    private static func arguments(_ difference: SeccompComparison.Difference) -> String {
        guard !difference.decisiveArguments.isEmpty else { return "" }
        return "("
            + difference.decisiveArguments.map { "arg\($0)=\(hexadecimal(difference.arguments[$0]))" }
            .joined(separator: ",") + ")"
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        value < 10 ? String(value) : "0x" + String(value, radix: 16)
    }

    private static func number(_ number: UInt32) -> String { number == .max ? "-1" : String(number) }

    private static func ranges(_ numbers: [UInt32]) -> [String] {
        var ranges: [ClosedRange<UInt32>] = []
        for number in numbers.sorted() {
            if let last = ranges.last, last.upperBound &+ 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map {
            $0.lowerBound == $0.upperBound
                ? number($0.lowerBound) : "\(number($0.lowerBound))..\(number($0.upperBound))"
        }
    }
}
