package import LosslessJSON

/// Findings in SARIF 2.1.0, the form that code review tools read (OASIS, Static Analysis Results Interchange Format).
package enum LintSARIF {
    /// The log of one run. `toolVersion` is the program's.
    package static func document(_ findings: [LintFinding], toolVersion: String) -> JSONValue {
        let rules = LintRule.allCases
        let driver = JSONValue.object([
            ("name", "raind-profile"), ("version", .string(toolVersion)), ("rules", .array(rules.map(descriptor))),
        ])
        let results = findings.map { result($0, index: rules.firstIndex(of: $0.rule) ?? 0) }
        return .object([
            ("$schema", "https://json.schemastore.org/sarif-2.1.0.json"), ("version", "2.1.0"),
            (
                "runs",
                .array([.object([("tool", .object([("driver", driver)])), ("results", .array(results))])])
            ),
        ])
    }

    /// A `reportingDescriptor` (section 3.49).
    private static func descriptor(_ rule: LintRule) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("id", .string(rule.rawValue)), ("shortDescription", message(rule.title)),
            ("fullDescription", message(rule.reason)),
            ("help", message("\(rule.reason) What to do: \(rule.remedy).")),
            ("defaultConfiguration", .object([("level", .string(rule.severity.rawValue))])),
        ]
        if let control = rule.benchmarkControl {
            members.append(
                ("properties", .object([("tags", .strings(["security", "\(LintRule.benchmark), \(control)"]))])))
        }
        return .object(members)
    }

    /// A `result` (section 3.27).
    private static func result(_ finding: LintFinding, index: Int) -> JSONValue {
        .object([
            ("ruleId", .string(finding.rule.rawValue)), ("ruleIndex", .integer(index)),
            ("level", .string(finding.severity.rawValue)),
            ("message", message("\(finding.message). \(finding.rule.reason) What to do: \(finding.rule.remedy).")),
            ("locations", .array([location(finding.place)])),
        ])
    }

    /// A `location` (section 3.28): what has no file is named by its pointer alone.
    private static func location(_ place: LintPlace) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = []
        if place.isFile {
            var physical: [(name: String, value: JSONValue)] = [
                ("artifactLocation", .object([("uri", .string(uri(place.source)))]))
            ]
            if let line = place.line {
                let column = place.column.map { [("startColumn", JSONValue.integer($0))] } ?? []
                physical.append(("region", .object([("startLine", .integer(line))] + column)))
            }
            members.append(("physicalLocation", .object(physical)))
        }
        if let pointer = place.pointer {
            let name = place.isFile ? pointer : place.source + pointer
            members.append(
                ("logicalLocations", .array([.object([("fullyQualifiedName", .string(name))])])))
        }
        return .object(members)
    }

    private static func message(_ text: String) -> JSONValue { .object([("text", .string(text))]) }

    /// A path as a reference of RFC 3986: what isn't plain is escaped.
    private static func uri(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF".unicodeScalars)
        var text = path.hasPrefix("/") ? "file://" : ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            case _ where "-._~/".utf8.contains(byte): text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += "%"
                text.unicodeScalars.append(digits[Int(byte >> 4)])
                text.unicodeScalars.append(digits[Int(byte & 15)])
            }
        }
        return text
    }
}
