import LosslessJSON
import Testing

/// Integers are read by their exact value.
struct JSONNumberTests {
    @Test(
        arguments: [
            ("0", 0, 0), ("-0", 0, 0), ("-0.0e5", 0, 0), ("1", 1, 1), ("-1", -1, nil), ("1.0", 1, 1), ("1e2", 100, 100),
            ("1.5e1", 15, 15), ("150e-1", 15, 15), ("10e-1", 1, 1), ("1e-1", nil, nil), ("1.5", nil, nil),
            ("0.000", 0, 0), ("0e999999999999999999999", 0, 0), ("1e999999999999999999999", nil, nil),
            ("1e-999999999999999999999", nil, nil), ("1e19", nil, 10_000_000_000_000_000_000), ("1e20", nil, nil),
            ("9223372036854775807", .max, 9_223_372_036_854_775_807),
            ("9223372036854775808", nil, 9_223_372_036_854_775_808), ("-9223372036854775808", .min, nil),
            ("-9223372036854775809", nil, nil), ("18446744073709551615", nil, .max),
            ("18446744073709551615.000", nil, .max), ("1844674407370955161.5e1", nil, .max),
            ("18446744073709551616", nil, nil), ("-18446744073709551615", nil, nil),
            ("9007199254740993", 9_007_199_254_740_993, 9_007_199_254_740_993),
            ("00.1", nil, nil), ("100000000000000000000000e-20", 1000, 1000), ("1000000000000000000000000", nil, nil),
        ] as [(String, Int64?, UInt64?)])
    func integers(text: String, signed: Int64?, unsigned: UInt64?) {
        guard let json = try? JSON(parsing: Array(text.utf8)) else {
            #expect(text == "00.1")
            return
        }
        #expect(json.int64Value == signed)
        #expect(json.uint64Value == unsigned)
        #expect(json.numberText == text)
    }

    @Test func othersAreNoNumbers() throws {
        for text in ["\"1\"", "true", "null", "[1]"] {
            let json = try JSON(parsing: Array(text.utf8))
            #expect(json.int64Value == nil)
            #expect(json.uint64Value == nil)
            #expect(json.numberText == nil)
        }
    }

    @Test(arguments: [
        ("1", "1.0", true), ("100", "1e2", true), ("0", "-0", true), ("0e9", "0.000", true), ("1", "-1", false),
        ("0.1", "1e-1", true), ("0.1", "0.10000000000000000001", false),
        ("9007199254740993", "9007199254740992", false), ("1e400", "10e399", true), ("1e400", "1e401", false),
        ("18446744073709551615", "1.8446744073709551615e19", true),
        ("1e99999999999999999999", "1e99999999999999999999", true),
        ("1e99999999999999999999", "1e99999999999999999998", false),
        ("1", "\"1\"", false), ("\"a\"", "\"\\u0061\"", true), ("\"é\"", "\"e\u{301}\"", false),
        ("{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}", true), ("{\"a\":1}", "{\"a\":1,\"b\":null}", false),
        ("{\"a\":1,\"b\":1}", "{\"a\":1,\"c\":1}", false), ("[1,2]", "[2,1]", false), ("[]", "{}", false),
        ("true", "false", false), ("null", "null", true), ("null", "false", false),
        ("{\"\\u00e9\":1}", "{\"é\":1}", true), ("{\"\\u00e9\":1}", "{\"e\u{301}\":1}", false),
    ])
    func meaning(first: String, second: String, isSame: Bool) throws {
        let one = try JSON(parsing: Array(first.utf8))
        let other = try JSON(parsing: Array(second.utf8))
        #expect(one.equals(other) == isSame)
        #expect(other.equals(one) == isSame)
        #expect(one.equals(one))
    }
}
