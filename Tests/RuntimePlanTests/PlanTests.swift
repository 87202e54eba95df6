import Foundation
import LosslessJSON
import OCISpec
import Testing

@testable import RuntimePlan

/// The plans of the configs that people have: those of `runc spec`, podman 4.3 and containerd 1.6, and variants of them.
///
/// `RAIND_UPDATE_PLANS=1 swift test --filter PlanTests` writes the files anew; what has changed is then for a person to
/// look at.
struct PlanTests {
    static let updates = ProcessInfo.processInfo.environment["RAIND_UPDATE_PLANS"] == "1"

    @Test func thereAreFixtures() { #expect(PlanFixture.names.count >= 20) }

    @Test(arguments: PlanFixture.names)
    func textsAreAsBefore(name: String) throws {
        try Self.compare(PlanFixture(name).plan.text, with: "plans/\(name)/plan.txt")
    }

    /// A few plans are there as JSON too; that the two formats say the same is looked at for all.
    static let withJSON = PlanFixture.names.filter { Fixtures.exists("plans/\($0)/plan.json") }

    @Test func thereAreFixturesOfJSON() { #expect(Self.withJSON.count >= 8) }

    @Test(arguments: withJSON)
    func documentsAreAsBefore(name: String) throws {
        try Self.compare(PlanFixture(name).plan.json, with: "plans/\(name)/plan.json")
    }

    static func compare(_ text: String, with path: String) throws {
        if updates {
            try text.write(to: Fixtures.folder.appendingPathComponent(path), atomically: true, encoding: .utf8)
        }
        let expected = try Fixtures.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let changes = lines.difference(from: expected).map { change in
            switch change {
            case .insert(let place, let line, _): "+\(place + 1) \(line)"
            case .remove(let place, let line, _): "-\(place + 1) \(line)"
            }
        }
        #expect(changes.isEmpty, "\(path): RAIND_UPDATE_PLANS=1 writes it anew")
    }

    /// Making a plan is a function of the config and the host alone.
    @Test(arguments: PlanFixture.names)
    func plansAreTheSameTwice(name: String) throws {
        let (first, second) = (try PlanFixture(name).plan, try PlanFixture.plan(name))
        #expect(first.text == second.text)
        #expect(first.json == second.json)
        #expect(first.runtimeSteps == second.runtimeSteps)
        #expect(first.containerSteps == second.containerSteps)
    }

    /// The two formats say the same.
    @Test(arguments: PlanFixture.names)
    func textAndJSONAgree(name: String) throws {
        let plan = try PlanFixture(name).plan
        let json = try JSON(parsing: Array(plan.json.utf8))
        #expect(json["id"]?.stringValue == "demo")
        #expect(json["ociVersion"]?.stringValue == plan.spec.ociVersion)
        #expect(json["warnings"]?.elements.map(\.stringValue) == plan.spec.warnings.map(\.description))
        var text = "runtime:\n"
        var last = "runtime"
        for step in try #require(json["steps"]).elements {
            let side = try #require(step["by"]?.stringValue)
            if side != last { text += side + ":\n" }
            last = side
            let words = [step["step"]?.stringValue, step["subject"]?.stringValue].compactMap(\.self)
            text += "  " + words.joined(separator: " ")
            if let pointer = step["pointer"]?.stringValue { text += "  (\(pointer))" }
            text += "\n"
        }
        #expect(text == plan.text)
    }

    /// What comes of a config that has control characters in it is still a line a step, and JSON.
    @Test func hostileTextsStayInTheirLine() throws {
        let spec = try ValidSpec.based([
            ("/process/args", json(#"["/bin/sh", "-c", "a\nruntime:\n  claim id\u001b[2J"]"#)),
            ("/hostname", json(#""a\nb""#)),
            ("/linux/maskedPaths", json(#"["/a\r\nb"]"#)),
        ])
        let plan = Plan(for: spec, id: "demo")
        let count = plan.runtimeSteps.count + plan.containerSteps.count + 2
        #expect(plan.text.split(separator: "\n", omittingEmptySubsequences: false).count == count + 1)
        #expect(!plan.text.utf8.contains { $0 < 0x20 && $0 != 0x0a })
        let document = try JSON(parsing: Array(plan.json.utf8))
        #expect(document["steps"]?.elements.map(\.self).last?["subject"]?.stringValue?.contains("\u{1b}[2J") == true)
    }
}
