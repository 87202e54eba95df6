import LosslessJSON
import Testing

@testable import OCISpec

/// Every value of the file that uses every property, replaced by what it must not be: there is one problem, at that
/// value, and it says what was found.
struct SpecMutationTests {
    /// What must be there wherever what it is in is there, elements and free names as `*`.
    static let required: Set<String> = [
        "/ociVersion", "/root/path", "/process/cwd", "/process/consoleSize/height", "/process/consoleSize/width",
        "/process/rlimits/*/type", "/process/rlimits/*/soft", "/process/rlimits/*/hard", "/process/scheduler/policy",
        "/process/ioPriority/class", "/mounts/*/destination", "/mounts/*/uidMappings/*/containerID",
        "/mounts/*/uidMappings/*/hostID", "/mounts/*/uidMappings/*/size", "/mounts/*/gidMappings/*/containerID",
        "/mounts/*/gidMappings/*/hostID", "/mounts/*/gidMappings/*/size", "/hooks/prestart/*/path",
        "/hooks/createRuntime/*/path", "/hooks/createContainer/*/path", "/hooks/startContainer/*/path",
        "/hooks/poststart/*/path", "/hooks/poststop/*/path", "/linux/namespaces/*/type",
        "/linux/uidMappings/*/containerID", "/linux/uidMappings/*/hostID", "/linux/uidMappings/*/size",
        "/linux/gidMappings/*/containerID", "/linux/gidMappings/*/hostID", "/linux/gidMappings/*/size",
        "/linux/devices/*/type", "/linux/devices/*/path", "/linux/resources/devices/*/allow",
        "/linux/resources/pids/limit", "/linux/resources/blockIO/weightDevice/*/major",
        "/linux/resources/blockIO/weightDevice/*/minor", "/linux/resources/blockIO/throttleReadBpsDevice/*/major",
        "/linux/resources/blockIO/throttleReadBpsDevice/*/minor",
        "/linux/resources/blockIO/throttleWriteBpsDevice/*/major",
        "/linux/resources/blockIO/throttleWriteBpsDevice/*/minor",
        "/linux/resources/blockIO/throttleReadIOPSDevice/*/major",
        "/linux/resources/blockIO/throttleReadIOPSDevice/*/minor",
        "/linux/resources/blockIO/throttleWriteIOPSDevice/*/major",
        "/linux/resources/blockIO/throttleWriteIOPSDevice/*/minor", "/linux/resources/hugepageLimits/*/pageSize",
        "/linux/resources/hugepageLimits/*/limit", "/linux/resources/network/priorities/*/name",
        "/linux/resources/network/priorities/*/priority", "/linux/seccomp/defaultAction",
        "/linux/seccomp/syscalls/*/names", "/linux/seccomp/syscalls/*/action",
        "/linux/seccomp/syscalls/*/args/*/index", "/linux/seccomp/syscalls/*/args/*/value",
        "/linux/seccomp/syscalls/*/args/*/op",
    ]

    /// Numbers that are integers from 0 only, by the end of their pointer.
    static let unsigned: Set<String> = [
        "height", "width", "uid", "gid", "umask", "soft", "hard", "runtime", "deadline", "period", "containerID",
        "hostID", "size", "nanosecs", "fileMode", "weight", "leafWeight", "rate", "shares", "burst", "realtimePeriod",
        "swappiness", "classID", "hcaHandles", "hcaObjects", "defaultErrnoRet", "errnoRet", "index", "value",
        "valueTwo", "timeout",
    ]

    /// Properties of other platforms, which nobody reads.
    static let ignored: Set<String> = ["/process/commandLine", "/process/user/username"]

    @Test func wrongTypes() throws {
        let file = try Fixtures.json("valid/everything.json")
        var count = 0
        for (pointer, value) in SpecMutationTests.values(of: file) {
            let path = pointer.description
            for (replacement, phrase) in SpecMutationTests.others(than: value.kind) {
                let problems = try SpecMutationTests.problems(of: file, with: pointer, as: replacement)
                if SpecMutationTests.ignored.contains(path) {
                    #expect(problems.isEmpty)
                    continue
                }
                #expect(problems.count == 1, "\(path) as \(replacement)")
                #expect(problems.first?.pointer == path)
                #expect(problems.first?.message.hasSuffix(", found \(phrase)") == true)
                #expect(problems.first?.message.hasPrefix("expected ") == true)
                count += 1
            }
        }
        #expect(count > 1000)
    }

    @Test func numbersOutOfRange() throws {
        let file = try Fixtures.json("valid/everything.json")
        var unsigned: Set<String> = []
        for (pointer, value) in SpecMutationTests.values(of: file) where value.kind == .number {
            guard let last = pointer.description.split(separator: "/").last else { continue }
            var texts = ["1.5", "1e30", "-9223372036854775809"]
            let isUnsigned =
                SpecMutationTests.unsigned.contains(String(last))
                || pointer.description.hasPrefix("/process/user/additionalGids/")
                || pointer.description.hasPrefix("/linux/resources/network/priorities/")
                || pointer.description.hasPrefix("/linux/resources/hugepageLimits/")
            if isUnsigned {
                texts.append("-1")
                unsigned.insert(String(last))
            } else {
                #expect(try SpecMutationTests.problems(of: file, with: pointer, as: .number("-1")).isEmpty)
            }
            for text in texts {
                let problems = try SpecMutationTests.problems(of: file, with: pointer, as: .number(text))
                #expect(problems.map(\.pointer) == [pointer.description], "\(pointer) as \(text)")
                #expect(problems.first?.message.hasSuffix(", found \(text)") == true)
            }
        }
        #expect(unsigned.isSuperset(of: SpecMutationTests.unsigned))
    }

    @Test func missingValues() throws {
        let file = try Fixtures.json("valid/everything.json")
        var missing: Set<String> = []
        for (pointer, _) in SpecMutationTests.values(of: file) {
            guard case .name = pointer.tokens.last else { continue }
            let pattern = SpecMutationTests.pattern(of: pointer)
            let problems = try SpecMutationTests.problems(of: file, with: pointer, as: nil)
            let asNull = try SpecMutationTests.problems(of: file, with: pointer, as: .null)
            #expect(problems == asNull, "\(pointer)")
            if SpecMutationTests.required.contains(pattern) {
                missing.insert(pattern)
                #expect(problems.map(\.pointer) == [pointer.description])
                #expect(problems.first?.message.hasPrefix("missing, expected ") == true)
            } else {
                #expect(problems.isEmpty, "\(pointer)")
            }
        }
        #expect(missing == SpecMutationTests.required)
    }

    @Test func unknownNames() throws {
        let file = try Fixtures.json("valid/everything.json")
        var patterns: Set<String> = []
        for (pointer, value) in SpecMutationTests.values(of: file) where value.kind == .string {
            let problems = try SpecMutationTests.problems(of: file, with: pointer, as: "~~~~")
            if problems.isEmpty { continue }
            #expect(problems.map(\.pointer) == [pointer.description])
            #expect(problems.first?.message.hasSuffix(", found \"~~~~\"") == true)
            patterns.insert(SpecMutationTests.pattern(of: pointer))
        }
        #expect(
            patterns == [
                "/linux/devices/*/type", "/linux/memoryPolicy/flags/*", "/linux/memoryPolicy/mode",
                "/linux/namespaces/*/type", "/linux/personality/domain", "/linux/rootfsPropagation",
                "/linux/seccomp/architectures/*", "/linux/seccomp/defaultAction", "/linux/seccomp/flags/*",
                "/linux/seccomp/syscalls/*/action", "/linux/seccomp/syscalls/*/args/*/op",
                "/process/ioPriority/class", "/process/scheduler/flags/*", "/process/scheduler/policy",
            ])
    }

    @Test func nulBytes() throws {
        let file = try Fixtures.json("valid/everything.json")
        for (pointer, value) in SpecMutationTests.values(of: file) where value.kind == .string {
            if SpecMutationTests.ignored.contains(pointer.description) { continue }
            let text = (value.stringValue ?? "") + "\0"
            let problems = try SpecMutationTests.problems(of: file, with: pointer, as: .string(text))
            #expect(problems.map(\.pointer) == [pointer.description])
            #expect(problems.first?.message == "expected a string without NUL bytes")
        }
    }

    // MARK: Changing the file

    /// The problems of the file with one value changed, places left out.
    static func problems(of file: JSON, with pointer: JSONPointer, as value: JSONValue?) throws -> [Problem] {
        let text = replacing(JSONValue(file), pointer.tokens[...], by: value)
        var writer = JSONWriter()
        writer.value(text)
        do {
            _ = try Spec(JSON(parsing: writer.bytes))
            return []
        } catch let error as SpecProblems {
            return error.problems.map { Problem(pointer: $0.pointer, message: $0.message) }
        }
    }

    static func replacing(
        _ container: JSONValue, _ tokens: ArraySlice<JSONPointer.Token>, by value: JSONValue?
    ) -> JSONValue {
        var container = container
        let isLast = tokens.count == 1
        switch (tokens.first, container) {
        case (.name(let name), .object):
            container[name] = isLast ? value : container[name].map { replacing($0, tokens.dropFirst(), by: value) }
        case (.index(let index), .array(var elements)):
            if !isLast {
                elements[index] = replacing(elements[index], tokens.dropFirst(), by: value)
            } else if let value {
                elements[index] = value
            } else {
                elements.remove(at: index)
            }
            container = .array(elements)
        default: Issue.record("a pointer that leads nowhere")
        }
        return container
    }

    /// All values below the outermost one.
    static func values(of json: JSON, at pointer: JSONPointer = JSONPointer()) -> [(JSONPointer, JSON)] {
        var all: [(JSONPointer, JSON)] = []
        for member in json.members {
            let inner = pointer.appending(member.name)
            all.append((inner, member.value))
            all += values(of: member.value, at: inner)
        }
        for (index, element) in json.elements.enumerated() {
            let inner = pointer.appending(index)
            all.append((inner, element))
            all += values(of: element, at: inner)
        }
        return all
    }

    static func pattern(of pointer: JSONPointer) -> String {
        pointer.tokens.map { token in
            switch token {
            case .name(let name): "/" + name
            case .index: "/*"
            }
        }.joined()
    }

    static func others(than kind: JSON.Kind) -> [(JSONValue, String)] {
        let all: [(JSON.Kind, JSONValue, String)] = [
            (.bool, true, "true or false"), (.number, 7, "a number"), (.string, "x", "a string"),
            (.array, .array([]), "an array"), (.object, .object([]), "an object"),
        ]
        return all.filter { $0.0 != kind }.map { ($0.1, $0.2) }
    }
}
