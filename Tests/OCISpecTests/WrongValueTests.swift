import LosslessJSON
import Testing

@testable import OCISpec

/// `spec-fixtures/config/wrong-values`: for each field and each way in which it can be wrong, the one problem that is told.
struct WrongValueTests {
    struct Line {
        let pointer: JSONPointer
        /// What stands at the pointer; nil where the member is taken out.
        let value: JSONValue?
        let problem: Problem
    }

    /// The lines but for the comments.
    static func lines() throws -> [Line] {
        let text = String(decoding: try Fixtures.bytes("wrong-values"), as: UTF8.self)
        let file = try Fixtures.json("valid/everything.json")
        return try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            try #require(columns.count == 3, "\(line)")
            let value = columns[1] == "-" ? nil : JSONValue(try json(columns[1]))
            // Every field is there: what is wrong is wrong by its value.
            let place = try #require(file.value(at: columns[0]), "\(columns[0]) isn't in everything.json")
            return Line(
                pointer: place.pointer, value: value, problem: Problem(pointer: columns[0], message: columns[2]))
        }
    }

    @Test func eachGivesItsProblemAlone() throws {
        let file = try Fixtures.json("valid/everything.json")
        let lines = try WrongValueTests.lines()
        #expect(lines.count > 800)
        for line in lines {
            let problems = try SpecMutationTests.problems(of: file, with: line.pointer, as: line.value)
            #expect(problems == [line.problem], "\(line.pointer)")
        }
    }

    /// All of them at once, as far as they don't stand in each other's way: told together, sorted by pointer.
    @Test func manyAreToldTogether() throws {
        var config = JSONValue(try Fixtures.json("valid/everything.json"))
        var expected: [Problem] = []
        for line in try WrongValueTests.lines() {
            guard let value = line.value else { continue }
            // Only leaves, once each: a container that is wrong hides what is in it.
            let isNew = !expected.contains { $0.pointer == line.problem.pointer }
            guard isNew, try WrongValueTests.isLeaf(line.pointer, of: config) else { continue }
            config = SpecMutationTests.replacing(config, line.pointer.tokens[...], by: value)
            expected.append(line.problem)
        }
        #expect(expected.count > 150)
        let error = #expect(throws: SpecProblems.self) { try Spec(JSON(parsing: config.text())) }
        #expect(error?.problems.map(\.description) == expected.sorted().map(\.description))
    }

    /// Where names are free, and a value must be what the others are.
    static let freeNames: Set = [
        "/annotations", "/linux/sysctl", "/linux/resources/unified", "/linux/resources/rdma", "/linux/timeOffsets",
        "/linux/netDevices",
    ]

    /// A member of a later version, or of nobody's, is passed over wherever it stands (config.md, "Extensibility").
    @Test func unknownPropertiesAreFineEverywhere() throws {
        let file = try Fixtures.json("valid/everything.json")
        var count = 0
        for (pointer, value) in SpecMutationTests.values(of: file) where value.kind == .object {
            if Self.freeNames.contains(pointer.description) { continue }
            for unknown: JSONValue in [.null, 7, "x", .array([.object([(name: "a", value: true)])])] {
                var changed = JSONValue(value)
                changed["nosuchProperty"] = unknown
                #expect(try SpecMutationTests.problems(of: file, with: pointer, as: changed).isEmpty, "\(pointer)")
            }
            count += 1
        }
        #expect(count > 50)
    }

    private static func isLeaf(_ pointer: JSONPointer, of value: JSONValue) throws -> Bool {
        guard let kind = try JSON(parsing: value.text()).value(at: pointer)?.kind else { return false }
        return kind != .array && kind != .object
    }
}
