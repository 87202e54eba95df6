import LosslessJSON
import Testing

/// Reading values out of a parsed document.
struct JSONTests {
    @Test func namesLeadToValues() throws {
        let json = try JSON(parsing: Array(#"{"a": [1, {"b\u0063": "x\ny"}], "d": null, "e": true, "f": false}"#.utf8))
        #expect(json.kind == .object)
        #expect(json.count == 4)
        #expect(json["a"]?.count == 2)
        #expect(json["a"]?[index: 1]?["bc"]?.stringValue == "x\ny")
        #expect(json["a"]?[index: 2] == nil)
        #expect(json["d"]?.isNull == true)
        #expect(json["e"]?.boolValue == true)
        #expect(json["f"]?.boolValue == false)
        #expect(json["g"] == nil)
        #expect(json["a"]?[index: 1]?["bc"]?.pointer.description == "/a/1/bc")
        #expect(json.members.map(\.name) == ["a", "d", "e", "f"])
    }
}
