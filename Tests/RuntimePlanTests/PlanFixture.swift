import Foundation
import LosslessJSON
import OCISpec
import Testing

@testable import RuntimePlan

/// A folder of `spec-fixtures/plans`: a config, what it is planned for and with, and the plan that comes of it.
///
/// `case.json` may name the config of another folder (`config`), facts of the host (`host`), members of the config to
/// change (`set`) and options of the command line (`options`).
struct PlanFixture {
    var name: String
    var plan: Plan

    static let names = (try? Fixtures.folders(in: "plans")) ?? []

    init(_ name: String) throws {
        self.name = name
        let description = try Fixtures.json("plans/\(name)/case.json")
        let path = try description["config"].map { try #require($0.stringValue) } ?? "plans/\(name)/config.json"
        var config = JSONValue(try Fixtures.json(path))
        if let changes = description["set"] {
            for change in changes.members { try config.set(change.name, to: JSONValue(change.value)) }
        }
        let valid = try ValidSpec(checking: Spec(config.parsed), on: HostFacts(description["host"]))
        plan = Plan(for: valid, id: "demo", options: try PlanOptions(description["options"]))
    }

    /// The plans of all folders, read once.
    static let all: [String: Plan] = names.reduce(into: [:]) { plans, name in
        plans[name] = try? PlanFixture(name).plan
    }

    /// The plan of a folder.
    static func plan(_ name: String) throws -> Plan { try #require(all[name]) }
}

extension PlanOptions {
    fileprivate init(_ json: JSON?) throws {
        self.init()
        guard let json else { return }
        for member in json.members {
            let value = try #require(member.value.boolValue as Bool?)
            switch member.name {
            case "avoidsPivot": avoidsPivot = value
            case "keepsKeyring": keepsKeyring = value
            case "withoutCgroups": withoutCgroups = value
            default: Issue.record("\(member.name) is no option of a plan")
            }
        }
    }
}
