import LosslessJSON
import Testing

/// Building, writing and canonical form.
struct JSONValueTests {
    /// RFC 8785, appendix B: a double's bits and its text; nil where it has none.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
            (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
            (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
            (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
            (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
            (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
            (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func canonicalNumbers(bits: UInt64, text: String) throws {
        let value = JSONValue.number(Double(bitPattern: bits).description)
        #expect(try String(decoding: value.canonicalText(), as: UTF8.self) == text)
    }

    /// RFC 8785, section 3.2.2 and 3.2.3.
    @Test(arguments: [
        (
            #"""
            {"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
             "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}
            """#,
            #"""
            {"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}
            """#
        ),
        (
            #"""
            {"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
             "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}
            """#,
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\","
                + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
                + "\"😀\":\"Emoji: Grinning Face\",\"\u{FB33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        ),
        (#"{"b": {}, "a": [], "aa": 1.0, "": -0}"#, #"{"":0,"a":[],"aa":1,"b":{}}"#),
    ])
    func canonicalTexts(text: String, canonical: String) throws {
        let value = JSONValue(try JSON(parsing: Array(text.utf8)))
        #expect(try String(decoding: value.canonicalText(), as: UTF8.self) == canonical)
    }

    @Test func someValuesHaveNoCanonicalText() {
        #expect(throws: JSONValue.CanonicalError.number("1e400")) { try JSONValue.number("1e400").canonicalText() }
        for text in ["", "NaN", "01", " 1", "1 ", "1,2", "0x1", "\"1\""] {
            #expect(throws: JSONValue.CanonicalError.number(text)) { try JSONValue.number(text).canonicalText() }
        }
        let twice = JSONValue.object([("a", 1), ("b", 1), ("a", 1)])
        #expect(throws: JSONValue.CanonicalError.duplicate("a")) { try twice.canonicalText() }
    }

    @Test func canonicalTextDependsOnMeaningAlone() throws {
        var random = RandomDocument(seed: 3)
        for _ in 0..<300 {
            let value = random.value(depth: 4)
            guard let canonical = try? value.canonicalText() else { continue }
            let read = try JSON(parsing: canonical)
            #expect(try JSONValue(read).canonicalText() == canonical)
            #expect(try JSONValue(JSON(parsing: random.text(of: value))).canonicalText() == canonical)
        }
    }

    @Test func layouts() {
        let value: JSONValue = .object([
            ("a", .array([1, 2])), ("b", .object([])), ("c", .array([])),
            ("d", .object([("e", .null), ("f", "x/\n\u{1}")])),
        ])
        #expect(
            String(decoding: value.text(), as: UTF8.self)
                == #"{"a":[1,2],"b":{},"c":[],"d":{"e":null,"f":"x/\n\u0001"}}"#)
        #expect(
            String(decoding: value.text(.indented(spaces: 2)), as: UTF8.self) == """
                {
                  "a": [
                    1,
                    2
                  ],
                  "b": {},
                  "c": [],
                  "d": {
                    "e": null,
                    "f": "x/\\n\\u0001"
                  }
                }
                """)
    }

    @Test func textsComeBack() throws {
        var random = RandomDocument(seed: 5)
        for _ in 0..<500 {
            let value = random.value(depth: 5)
            for text in [value.text(), value.text(.indented(spaces: 4)), random.text(of: value)] {
                #expect(JSONValue(try JSON(parsing: text)) == value)
            }
        }
    }

    @Test func membersAreSetInPlace() {
        var value: JSONValue = .object([("a", 1), ("b", 2)])
        value["a"] = "x"
        value["c"] = true
        value["b"] = nil
        value["z"] = nil
        #expect(value == .object([("a", "x"), ("c", true)]))
        #expect(value["a"] == "x")
        #expect(value["b"] == nil)
        #expect(JSONValue.object([("é", 1)])["e\u{301}"] == nil)
        #expect(JSONValue.string("é") != .string("e\u{301}"))
        #expect(JSONValue.object([("a", 1), ("b", 2)]) != .object([("b", 2), ("a", 1)]))
    }

    @Test func writerWritesWhatItIsTold() throws {
        var writer = JSONWriter(.indented(spaces: 4))
        writer.beginObject()
        writer.member("id", "x\u{7F}\"\\\u{8}\u{C}\r\t")
        writer.member("pid", -42)
        writer.member("ok", true)
        writer.name("list")
        writer.beginArray()
        writer.null()
        writer.string(utf8: [0x61, 0xFF, 0x62])
        writer.number("1e2")
        writer.verbatim(try JSON(parsing: Array("[1,  2]".utf8)))
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == """
                {
                    "id": "x\u{7F}\\"\\\\\\b\\f\\r\\t",
                    "pid": -42,
                    "ok": true,
                    "list": [
                        null,
                        "a\u{FFFD}b",
                        1e2,
                        [1,  2],
                        {}
                    ]
                }
                """)
    }
}
