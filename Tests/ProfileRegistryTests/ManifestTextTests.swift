import ProfileRegistry
import SecurityProfile
import Testing

@Suite struct ManifestTextTests {
    private func parse(_ text: String, _ source: String = "m.yaml") throws -> ManifestNode {
        try ManifestText.parse(Array(text.utf8), source: source)
    }

    private func value(_ text: String) throws -> String {
        guard case .map(let entries) = try parse("key: " + text).content else { return "no mapping" }
        return switch entries[0].value.content {
        case .null: "null"
        case .bool(let value): "bool \(value)"
        case .number(let text): "number \(text)"
        case .string(let text): "string \(text)"
        case .list: "list"
        case .map: "map"
        }
    }

    @Test(arguments: [
        ("", "null"), ("~", "null"), ("true", "bool true"), ("False", "bool false"), ("no", "string no"),
        ("'true'", "string true"), ("\"1\"", "string 1"), ("1", "number 1"), ("-1", "number -1"),
        ("18446744073709551615", "number 18446744073709551615"), ("0x00020000", "number 131072"),
        ("0o17", "number 15"), ("017", "string 017"), ("0x-1", "string 0x-1"), ("4.10", "number 4.10"),
        ("1.2.3", "string 1.2.3"), ("!!str 1", "string 1"), ("[1]", "list"), ("{a: 1}", "map"), ("+1", "string +1"),
    ])
    func valuesAreWhatTheCoreSchemaSays(text: String, wanted: String) throws { #expect(try value(text) == wanted) }

    @Test func placesAreThoseOfTheText() throws {
        let root = try parse("a: 1\nb:\n  - x\n  - {c: y}\n")
        guard case .map(let entries) = root.content, case .list(let list) = entries[1].value.content,
            case .map(let inner) = list[1].content
        else { return #expect(Bool(false), "it has another form") }
        #expect(entries[1].place.description == "m.yaml:2:1")
        #expect(list[0].place.description == "m.yaml:3:5")
        #expect(inner[0].value.place.description == "m.yaml:4:9")
    }

    @Test(arguments: [
        ("a: [1\nb: 2", "m.yaml:2:2"), ("a: 1\na: 2", "m.yaml:1:1: a stands twice in one mapping"),
        ("a: 1\n---\nb: 2", "one YAML or JSON document"), ("", "m.yaml:1:1: the file is empty"),
        ("a: !!binary aGVsbG8=", "m.yaml:1:4: a value has the tag"), ("? [a]\n: b", "a key is no string"),
        ("a: \"\u{1}\"", "m.yaml:1:5"), ("a: é\r\nb: \"é\u{1}\"", "m.yaml:2:7"), ("a: *b", "m.yaml:1:4"),
        ("\"a\\nb\": 1\n\"a\\nb\": 2", "m.yaml:1:1: a b stands twice"), ("a: !x%0Ay 1", "a value has the tag !x y"),
    ])
    func whatIsNoDocumentIsToldWhere(text: String, wanted: String) {
        #expect(refusal { _ = try parse(text) }.contains(wanted))
    }

    @Test func jsonIsReadAsJSON() throws {
        #expect(refusal { _ = try parse("{\"a\": 1,}", "m.json") }.hasPrefix("m.json:1:"))
        #expect(refusal { _ = try parse("{\"a\": 1, \"a\": 2}", "m.json") }.hasPrefix("m.json:1:"))
        // By its first letter, and YAML if it is none after all.
        _ = try parse("{\"value\": 18446744073709551615}")
        _ = try parse("{a: 1}")
    }

    @Test func aliasesCanNotStandForBillions() throws {
        var text = "a0: &a0 [x]\n"
        for level in 1...20 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
        }
        #expect(refusal { _ = try parse(text) }.contains("aliases"))
        // As a key too, which is compared with the others by all that is in it.
        for keys in ["? *a20 : 1, c: 2", "? [*a20] : 1", "? {? *a20 : 1} : 1"] {
            #expect(refusal { _ = try parse(text + "b: {\(keys)}\n") }.contains("m.yaml:22:"))
        }
        // Nor where an alias's name has another meaning within what it stands for, or comes from an earlier document.
        #expect(refusal { _ = try parse(text + "b: &k [*a20, &k x]\nc: {? *k : 1}\n") }.contains("m.yaml:23:7: a key"))
        let documents = Array((text + "---\nb: {? *a20 : 1}\n").utf8)
        #expect(refusal { _ = try ManifestText.documents(documents, source: "m.yaml") }.contains("m.yaml:23:7: a key"))
        _ = try parse("a: &k x\nb: {? *k : 1}\nc: [&k [y], &k z]\nd: {*k : 1}")
        let deep = "a: " + String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(refusal { _ = try parse(deep) }.contains("too deep"))
        // Before Yams goes into them: it would come to the alias, and tell of that.
        let leadingNowhere = deep.replacing("[]", with: "[*nowhere]")
        #expect(refusal { _ = try parse(leadingNowhere) }.contains("too deep"))
    }

    @Test func whatIsNoUTF8IsToldByItsLine() {
        #expect(
            refusal { _ = try ManifestText.parse(Array("a: 1\nb: ".utf8) + [0xFF, 10], source: "m.yaml") }
                == "m.yaml:2:1: the line isn't UTF-8; save the file as UTF-8")
    }
}
