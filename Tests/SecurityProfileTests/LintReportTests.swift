import Foundation
import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

/// What lint says of what people have, and the forms it says it in.
///
/// `RAIND_UPDATE_LINT=1 swift test --filter LintReportTests` writes the files anew; what has changed is then for a person
/// to look at.
@Suite struct LintReportTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let updates = ProcessInfo.processInfo.environment["RAIND_UPDATE_LINT"] == "1"

    static func compare(_ text: String, with path: String) throws {
        let file = root.appendingPathComponent(path)
        if updates { try text.write(to: file, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOf: file, encoding: .utf8) == text, "\(path): RAIND_UPDATE_LINT=1 writes it anew")
    }

    static func lines(_ findings: [LintFinding]) -> String {
        findings.map {
            "\($0.severity.rawValue) \($0.rule.rawValue) \($0.place.pointer ?? ""): \($0.message)\n"
        }.joined()
    }

    @Test func builtIns() throws {
        var text = ""
        for name in BuiltInProfiles.names {
            let chain = try Profile.chain(of: name) { name throws(ProfileError) in
                guard let profile = try BuiltInProfiles.profile(named: name) else {
                    throw .unknownProfile(name.description, nearest: nil)
                }
                return profile
            }
            let found = Lint.findings(in: try ResolvedProfile(chain, on: .amd64), chain: chain)
            text += "\(name)\n" + Self.lines(found).split(separator: "\n").map { "  \($0)\n" }.joined()
        }
        try Self.compare(text, with: "spec-fixtures/lint/built-ins.txt")
    }

    @Test(arguments: ["runc-spec", "podman", "docker", "containerd"])
    func bundles(_ name: String) throws {
        let file = Self.root.appendingPathComponent("spec-fixtures/config/valid/\(name).json")
        let config = try BundleRewriter.parse(Array(try Data(contentsOf: file)))
        // Messages name other places by the file's name too.
        let found = Lint.findings(inBundle: config, named: "config.json", on: .amd64)
        try Self.compare(Self.lines(found), with: "spec-fixtures/lint/\(name).txt")
    }

    @Test func theTableOfCodesIsCurrent() throws {
        let file = Self.root.appendingPathComponent("profiles/README.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- codes of lint -->\n"))
        let end = try #require(text.range(of: "\n<!-- end of codes -->"))
        let current = text[..<begin.upperBound] + LintRule.markdownTable + text[end.lowerBound...]
        try Self.compare(String(current), with: "profiles/README.md")
    }

    /// What the schema of SARIF 2.1.0 requires of the objects that are made.
    @Test func sarifHasWhatItMust() throws {
        let config = try BundleRewriter.parse(Array(#"{"process": {}, "linux": {"seccomp": {}}}"#.utf8))
        let found = Lint.findings(inBundle: config, named: "/a b/c.json", on: .amd64)
        let log = LintSARIF.document(found, toolVersion: "1.2.3")
        #expect(log["version"] == "2.1.0")
        guard case .array(let runs)? = log["runs"], runs.count == 1, let driver = runs[0]["tool"]?["driver"],
            case .array(let rules)? = driver["rules"], case .array(let results)? = runs[0]["results"]
        else {
            Issue.record("runs, tool.driver, rules or results are missing")
            return
        }
        #expect(driver["name"] == "raind-profile" && driver["version"] == "1.2.3")
        #expect(rules.count == LintRule.allCases.count && results.count == found.count && !found.isEmpty)
        for rule in rules {
            for member in ["shortDescription", "fullDescription", "help"] {
                guard case .string(let text)? = rule[member]?["text"] else {
                    Issue.record("\(member) has no text")
                    continue
                }
                #expect(!text.isEmpty)
            }
        }
        for (result, finding) in zip(results, found) {
            guard case .number(let index)? = result["ruleIndex"], let position = Int(index),
                case .string(let code)? = result["ruleId"], case .string(let level)? = result["level"],
                case .string(let message)? = result["message"]?["text"],
                case .array(let locations)? = result["locations"], let place = locations.first?["physicalLocation"]
            else {
                Issue.record("a result lacks ruleId, level, message or a place")
                continue
            }
            #expect(rules[position]["id"] == .string(code) && code == finding.rule.rawValue)
            #expect(["error", "warning", "note"].contains(level) && message.contains(finding.message))
            #expect(place["artifactLocation"]?["uri"] == "file:///a%20b/c.json")
            #expect(place["region"]?["startLine"] == .integer(finding.place.line ?? 0))
            #expect(place["region"]?["startColumn"] == .integer(finding.place.column ?? 0))
        }
    }

    /// What is built in is told of by a line of its file.
    @Test func sarifNamesProfiles() throws {
        let profile = try resolved("privileged")
        let found = Lint.findings(in: profile, chain: [try builtIn("privileged")])
        let log = LintSARIF.document(found, toolVersion: "1")
        guard case .array(let runs)? = log["runs"], case .array(let results)? = runs[0]["results"],
            case .array(let locations)? = results.first?["locations"],
            let place = locations.first?["physicalLocation"]
        else {
            Issue.record("no place")
            return
        }
        #expect(place["artifactLocation"]?["uri"] == "profiles/privileged.yaml")
        #expect(place["region"]?["startLine"] == .integer(9) && place["region"]?["startColumn"] == nil)
    }
}
