import LosslessJSON
import Testing

/// Changes by splice.
struct JSONEditTests {
    static func edit(_ text: String, _ changes: JSONEdit.Change...) throws -> String {
        String(decoding: try JSONEdit.apply(changes, to: JSON(parsing: Array(text.utf8))), as: UTF8.self)
    }

    @Test(arguments: [
        // Layouts: none, spaces, lines, tabs, carriage returns, commas first, an empty line.
        (#"{"a":1}"#, #"{"a":1,"n":{"x":[1,2]}}"#),
        (#"{"a": 1}"#, #"{"a": 1, "n": {"x": [1, 2]}}"#),
        (#"{"a":1, "b":2}"#, #"{"a":1, "b":2, "n":{"x":[1, 2]}}"#),
        (#"{ "a" : 1 }"#, #"{ "a" : 1, "n" : {"x" : [1, 2]} }"#),
        ("{}", #"{"n":{"x":[1,2]}}"#),
        (" { } \n", #" {"n":{"x":[1,2]}} "# + "\n"),
        (
            "{\n  \"a\": 1\n}\n",
            "{\n  \"a\": 1,\n  \"n\": {\n    \"x\": [\n      1,\n      2\n    ]\n  }\n}\n"
        ),
        (
            "{\r\n\t\"a\":1\r\n}",
            "{\r\n\t\"a\":1,\r\n\t\"n\":{\r\n\t\t\"x\":[\r\n\t\t\t1,\r\n\t\t\t2\r\n\t\t]\r\n\t}\r\n}"
        ),
        ("{\n\"a\": 1\n}", "{\n\"a\": 1,\n\"n\": {\n\"x\": [\n1,\n2\n]\n}\n}"),
        (
            "{ \"a\": 1\n, \"b\": 2\n}", "{ \"a\": 1\n, \"b\": 2\n, \"n\": {\"x\": [1, 2]}\n}"
        ),
        (
            "{\n  \"a\": 1,\n\n  \"b\": 2\n}",
            "{\n  \"a\": 1,\n\n  \"b\": 2,\n  \"n\": {\n    \"x\": [\n      1,\n      2\n    ]\n  }\n}"
        ),
    ])
    func additionsFollowTheLayout(text: String, expected: String) throws {
        let value = JSONValue.object([("x", .array([1, 2]))])
        let added = try JSONEditTests.edit(text, .set(path: ["n"], value: value))
        #expect(added == expected)
        #expect(try JSONEditTests.edit(added, .set(path: ["n"], value: value)) == expected)
        #expect(try JSONEditTests.edit(text, .set(path: ["n", "x"], value: .array([1, 2]))) == expected)
    }

    @Test func replacementsKeepEveryOtherByte() throws {
        let text = "{\n  \"a\" :  {\"b\": [1, 18446744073709551615]} ,\n  \"c\": null,\n  \"\\u0064\": 1e2\n}"
        #expect(
            try JSONEditTests.edit(text, .set(path: ["a", "b"], value: .array([2, 3])))
                == "{\n  \"a\" :  {\"b\": [2, 3]} ,\n  \"c\": null,\n  \"\\u0064\": 1e2\n}")
        #expect(
            try JSONEditTests.edit(text, .set(path: ["a", "b", "0"], value: "x"))
                == "{\n  \"a\" :  {\"b\": [\"x\", 18446744073709551615]} ,\n  \"c\": null,\n  \"\\u0064\": 1e2\n}")
        #expect(
            try JSONEditTests.edit(text, .set(path: ["c", "x"], value: true))
                == "{\n  \"a\" :  {\"b\": [1, 18446744073709551615]} ,\n  \"c\": {\n    \"x\" :  true\n  },\n  \"\\u0064\": 1e2\n}"
        )
        #expect(
            try JSONEditTests.edit(text, .set(path: ["d"], value: 3))
                == "{\n  \"a\" :  {\"b\": [1, 18446744073709551615]} ,\n  \"c\": null,\n  \"\\u0064\": 3\n}")
    }

    @Test(arguments: [
        (#"{"a":1}"#, ["a"], "{}"), (#"{"a":1,"b":2}"#, ["a"], #"{"b":2}"#), (#"{"a":1,"b":2}"#, ["b"], #"{"a":1}"#),
        (#"{ "a": 1 , "b": 2 , "c": 3 }"#, ["b"], #"{ "a": 1 , "c": 3 }"#), ("[1, 2, 3]", ["1"], "[1, 3]"),
        ("[1, 2, 3]", ["0"], "[2, 3]"), ("[1, 2, 3]", ["3"], "[1, 2, 3]"), ("[1]", ["-"], "[1]"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", ["b"], "{\n  \"a\": 1\n}"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", ["a"], "{\n  \"b\": 2\n}"), ("{\n  \"a\": 1\n}", ["a"], "{}"),
        (#"{"a":{"b":1}}"#, ["a", "b"], #"{"a":{}}"#), (#"{"a":1}"#, ["x", "y"], #"{"a":1}"#),
        (#"{"a":1}"#, ["a", "y"], #"{"a":1}"#),
    ])
    func removalsTakeOneComma(text: String, path: [String], expected: String) throws {
        #expect(try JSONEditTests.edit(text, .remove(path: path)) == expected)
    }

    @Test func elementsAreAppended() throws {
        #expect(try JSONEditTests.edit("[]", .set(path: ["-"], value: 1)) == "[1]")
        #expect(try JSONEditTests.edit("[1, 2]", .set(path: ["2"], value: 3)) == "[1, 2, 3]")
        #expect(try JSONEditTests.edit("[\n  \"a\"\n]", .set(path: ["-"], value: "b")) == "[\n  \"a\",\n  \"b\"\n]")
        #expect(
            try JSONEditTests.edit("{\n \"a\": [\"b\", {}]\n}", .set(path: ["a", "1", "c"], value: 1))
                == "{\n \"a\": [\"b\", {\"c\": 1}]\n}")
        #expect(
            try JSONEditTests.edit("{\n \"a\": []\n}", .set(path: ["a", "-", "c"], value: 1))
                == "{\n \"a\": [\n  {\n   \"c\": 1\n  }\n ]\n}")
    }

    @Test func changesFollowEachOther() throws {
        #expect(
            try JSONEditTests.edit(
                #"{"a":1}"#, .set(path: ["b"], value: .object([])), .set(path: ["b", "c"], value: 2),
                .remove(path: ["a"]),
                .set(path: ["a"], value: 3)) == #"{"b":{"c":2},"a":3}"#)
    }

    @Test func impossibleChangesAreRefused() throws {
        func refused(_ change: JSONEdit.Change, _ error: JSONEdit.EditError) {
            #expect(throws: error) { try JSONEditTests.edit(#"{"a": 1, "b": [1]}"#, change) }
        }
        refused(.set(path: ["a", "x"], value: 1), .notAContainer(path: ["a"]))
        refused(.set(path: ["b", "x"], value: 1), .notAnIndex(path: ["b", "x"]))
        refused(.set(path: ["b", "2"], value: 1), .notAnIndex(path: ["b", "2"]))
        refused(.set(path: ["b", "00"], value: 1), .notAnIndex(path: ["b", "00"]))
        refused(.remove(path: []), .wholeDocument)
        for text in ["", "1, \"x\": 2", "1 ", "NaN", "0]}, {\"a\":[", "true"] {
            refused(.set(path: ["a"], value: .number(text)), .invalidValue(path: ["a"]))
        }
        refused(.set(path: ["a"], value: .object([("x", 1), ("x", 1)])), .invalidValue(path: ["a"]))
        let deep = (0..<127).reduce(JSONValue.null) { value, _ in .array([value]) }
        #expect(throws: Never.self) { try JSONEditTests.edit("{}", .set(path: ["a"], value: deep)) }
        #expect {
            try JSONEditTests.edit("{}", .set(path: ["a", "b"], value: deep))
        } throws: { error in
            if case .invalidResult = error as? JSONEdit.EditError { true } else { false }
        }
    }

    /// The gaps between the values of a document hold brackets, colons, commas and white space only, so that the text
    /// put together from values and gaps is the document.
    @Test func valuesAndGapsMakeUpTheText() throws {
        var random = RandomDocument(seed: 13)
        for _ in 0..<200 {
            let text = random.text(of: random.value(depth: 4))
            let json = try JSON(parsing: text)
            var isCovered = [Bool](repeating: false, count: text.count)
            for (_, value) in paths(in: json) {
                if value.count == 0, value.kind != .array, value.kind != .object {
                    for offset in value.byteRange { isCovered[offset] = true }
                }
                for member in value.members { for offset in member.nameRange { isCovered[offset] = true } }
                #expect(try JSON(parsing: Array(value.bytes)).equals(value))
            }
            for (offset, byte) in text.enumerated() where !isCovered[offset] {
                #expect("{}[]:, \n\r\t".utf8.contains(byte))
            }
        }
    }

    @Test func randomReplacementsKeepEveryOtherByte() throws {
        var random = RandomDocument(seed: 17)
        for _ in 0..<1500 {
            let text = random.text(of: random.object(depth: 4))
            let json = try JSON(parsing: text)
            guard let (path, old) = paths(in: json).dropFirst().randomElement(using: &random.generator) else {
                continue
            }
            let value = random.value(depth: 3)
            let changed = try JSONEdit.apply([.set(path: path, value: value)], to: json)
            let growth = changed.count - text.count
            #expect(changed[..<old.byteRange.lowerBound] == text[..<old.byteRange.lowerBound])
            #expect(changed[(old.byteRange.upperBound + growth)...].elementsEqual(text[old.byteRange.upperBound...]))
            let result = try JSON(parsing: changed)
            #expect(result.value(at: old.pointer).map { JSONValue($0) } == value)
            // Doing it again changes nothing, and what was between doesn't show.
            #expect(try JSONEdit.apply([.set(path: path, value: value)], to: result) == changed)
            let other = random.value(depth: 3)
            let direct = try JSONEdit.apply([.set(path: path, value: other)], to: json)
            #expect(try JSONEdit.apply([.set(path: path, value: other)], to: result) == direct)
        }
    }

    @Test func randomAdditionsKeepEveryByteAndCanBeTakenBack() throws {
        var random = RandomDocument(seed: 19)
        var additionCount = 0
        for _ in 0..<1500 {
            let text = random.text(of: random.object(depth: 4))
            let json = try JSON(parsing: text)
            let containers = paths(in: json).filter { $0.value.count > 0 }
            guard let (path, container) = containers.randomElement(using: &random.generator) else { continue }
            let isObject = container.kind == .object
            let added = path + [isObject ? "added name" : String(container.count)]
            let value = random.value(depth: 3)
            let changed = try JSONEdit.apply([.set(path: added, value: value)], to: json)
            let common = zip(changed, text).prefix { $0 == $1 }.count
            #expect(changed[(changed.count - text.count + common)...].elementsEqual(text[common...]))
            let result = try JSON(parsing: changed)
            #expect(result.value(at: container.pointer)?.count == container.count + 1)
            #expect(try JSONEdit.apply([.set(path: added, value: value)], to: result) == changed)
            #expect(try JSONEdit.apply([.remove(path: added)], to: result) == text)
            additionCount += 1
        }
        #expect(additionCount > 1000)
    }

    @Test func randomRemovalsTakeNothingElse() throws {
        var random = RandomDocument(seed: 23)
        for _ in 0..<1500 {
            let text = random.text(of: random.object(depth: 4))
            let json = try JSON(parsing: text)
            guard let (path, old) = paths(in: json).dropFirst().randomElement(using: &random.generator) else {
                continue
            }
            let changed = try JSONEdit.apply([.remove(path: path)], to: json)
            let result = try JSON(parsing: changed)
            var expected = JSONValue(json)
            JSONEditTests.remove(path[...], from: &expected)
            #expect(JSONValue(result) == expected)
            let common = zip(changed, text).prefix { $0 == $1 }.count
            #expect(changed.count < text.count - old.byteRange.count + 1)
            #expect(changed[common...].elementsEqual(text[(text.count - changed.count + common)...]))
        }
    }

    private static func remove(_ path: ArraySlice<String>, from value: inout JSONValue) {
        guard let name = path.first else { return }
        switch value {
        case .object:
            guard path.count > 1, var child = value[name] else {
                value[name] = nil
                return
            }
            remove(path.dropFirst(), from: &child)
            value[name] = child
        case .array(var elements):
            guard let index = Int(name) else { return }
            if path.count > 1 { remove(path.dropFirst(), from: &elements[index]) } else { elements.remove(at: index) }
            value = .array(elements)
        default: return
        }
    }
}
