import Foundation
import LosslessJSON
import OCISpec
import Testing

@testable import RuntimePlan

/// The rules of configs: each folder of `spec-fixtures/validation` changes a config that is right, and has the problems
/// and warnings that this must give.
struct ValidationFixtureTests {
    struct Fixture {
        var name: String
        var problems: [String]
        var warnings: [String]

        init(_ name: String) throws {
            self.name = name
            problems = try Fixtures.lines("validation/\(name)/problems")
            warnings = try Fixtures.lines("validation/\(name)/warnings")
        }

        /// What the check of the config finds.
        func found() throws -> (problems: [String], warnings: [String]) {
            let patch = try Fixtures.json("validation/\(name)/patch.json")
            var config = JSONValue(try Fixtures.json("validation/base.json"))
            for member in try #require(patch["set"]).members {
                try config.set(member.name, to: JSONValue(member.value))
            }
            do {
                let (spec, unread) = Spec.read(try config.parsed)
                let valid = try ValidSpec(checking: #require(spec), on: HostFacts(patch["host"]), unread: unread)
                return ([], valid.warnings.map(\.description))
            } catch let error as SpecProblems {
                return (error.problems.map(\.description), [])
            }
        }
    }

    static let names = (try? Fixtures.folders(in: "validation")) ?? []

    @Test func thereAreFixtures() { #expect(Self.names.count >= 85) }

    @Test(arguments: names)
    func configsGiveTheirProblems(name: String) throws {
        let fixture = try Fixture(name)
        let found = try fixture.found()
        #expect(found.problems == fixture.problems)
        #expect(found.warnings == fixture.warnings)
    }

    /// A rule that no fixture reaches is one that nobody would miss.
    @Test func everyRuleHasAFixture() throws {
        var problems: [String] = []
        var warnings: [String] = []
        for name in Self.names {
            let fixture = try Fixture(name)
            problems += fixture.problems
            warnings += fixture.warnings
        }
        let rules = try RuleSites.read()
        #expect(rules.count >= 75)
        #expect(rules.contains { $0.isWarning })
        for rule in rules where !Self.unreachable.contains(rule.message.description) {
            let lines = rule.isWarning ? warnings : problems
            #expect(lines.contains { rule.matches($0) }, "\(rule.place): \(rule.pointer): \(rule.message)")
        }
    }

    /// What no document can ask for, because its reader refuses it before: checked in `rulesThatReadersKeepFromUs`.
    static let unreachable: Set<String> = ["expected more than 0 seconds, found *", "expected at least one name"]

    @Test func rulesThatReadersKeepFromUs() throws {
        var spec = try ValidSpec.spec()
        var hooks = Hooks()
        hooks.poststop = [Hook(path: "/a", timeoutSeconds: 1), Hook(path: "/b", timeoutSeconds: 0)]
        spec.hooks = hooks
        spec.linux?.seccomp = Seccomp(
            defaultAction: .allow, syscalls: [Seccomp.SyscallRule(names: [], action: .killProcess)])
        let error = #expect(throws: SpecProblems.self) { try ValidSpec(checking: spec, on: .root(.v2)) }
        #expect(
            error?.problems.map(\.description) == [
                "/hooks/poststop/1/timeout: expected more than 0 seconds, found 0",
                "/linux/seccomp/syscalls/0/names: expected at least one name",
            ])
    }

    /// What a config says stands in the texts, and each is a line that no terminal obeys.
    @Test func hostileTextsStayInTheirLine() throws {
        let hostile = "a\n/root: \u{1b}[2J\r\u{9b}2J\u{7f}"
        for pointer in ["/process/cwd", "/linux/cgroupsPath", "/ociVersion", "/hooks/prestart", "/linux/sysctl"] {
            let value: JSONValue =
                switch pointer {
                case "/linux/cgroupsPath": .string("/../" + hostile)
                case "/hooks/prestart": .array([.object([(name: "path", value: .string(hostile))])])
                case "/linux/sysctl": .object([(name: hostile, value: .string("1"))])
                default: .string(hostile)
                }
            let problems = try ValidSpec.problems([(pointer, value)])
            #expect(problems.count == 1, "\(pointer)")
            for text in problems {
                let bad = text.unicodeScalars.filter { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
                #expect(bad.isEmpty, "\(text.debugDescription)")
            }
        }
    }

    /// Every pointer of a problem leads to the value in question, or to the place in an object that lacks it.
    @Test(arguments: names)
    func pointersLeadSomewhere(name: String) throws {
        let patch = try Fixtures.json("validation/\(name)/patch.json")
        var config = JSONValue(try Fixtures.json("validation/base.json"))
        for member in try #require(patch["set"]).members { try config.set(member.name, to: JSONValue(member.value)) }
        let json = try config.parsed
        let fixture = try Fixture(name)
        for line in fixture.problems + fixture.warnings {
            let pointer = String(line.prefix(upTo: try #require(line.range(of: ": ")).lowerBound))
            let parent = pointer.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            let isThere =
                json.value(at: pointer).map { $0.kind != .null } ?? false
                || line.contains("missing") || pointer.hasSuffix("/source") || line.contains("expected at least one")
            #expect(isThere || json.value(at: parent.joined(separator: "/"))?.kind == .object, "\(line)")
        }
    }
}
