import LosslessJSON
import Testing

/// What is refused, and where the message points.
struct JSONSyntaxTests {
    static func error(_ text: [UInt8]) -> JSON.SyntaxError? {
        do {
            _ = try JSON(parsing: text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("", "1:1: the document is empty"),
        (" \n\t", "2:2: the document is empty"),
        ("{", "1:2: expected a member's name in double quotes, found the end of the document"),
        ("[", "1:2: the document ends where a value is expected"),
        ("[1,\n 2", "2:3: expected ',' or ']' after an element, found the end of the document"),
        ("[1,]", "1:3: a comma stands before ']'"),
        ("{\"a\": 1,\n}", "1:8: a comma stands before '}'"),
        ("[,1]", "1:2: expected a value, found ','"),
        ("[1,,2]", "1:4: expected a value, found ','"),
        ("{,}", "1:2: expected a member's name in double quotes, found ','"),
        ("{\"a\":1,,}", "1:8: expected a member's name in double quotes, found ','"),
        ("{a: 1}", "1:2: expected a member's name in double quotes, found 'a'"),
        ("{'a': 1}", "1:2: expected a member's name in double quotes, found '''"),
        ("{1: 1}", "1:2: expected a member's name in double quotes, found '1'"),
        ("{\"a\" 1}", "1:6: expected ':' after a member's name, found '1'"),
        ("{\"a\"}", "1:5: expected ':' after a member's name, found '}'"),
        ("{\"a\":}", "1:6: expected a value, found '}'"),
        ("{\"a\":1 \"b\":2}", "1:8: expected ',' or '}' after a member, found '\"'"),
        ("[1 2]", "1:4: expected ',' or ']' after an element, found '2'"),
        ("[1}", "1:3: expected ',' or ']' after an element, found '}'"),
        ("{\"a\":1]", "1:7: expected ',' or '}' after a member, found ']'"),
        ("]", "1:1: expected a value, found ']'"),
        ("{} x", "1:4: 'x' stands after the end of the document"),
        ("{}{}", "1:3: '{' stands after the end of the document"),
        ("1 2", "1:3: '2' stands after the end of the document"),
        ("{}\n\u{0}", "2:1: byte 0x00 stands after the end of the document"),
        ("\u{0}", "1:1: expected a value, found byte 0x00"),
        ("[\u{0}]", "1:2: expected a value, found byte 0x00"),
        ("\"a\u{0}\"", "1:3: byte 0x00 must be escaped in a string"),
        ("\"a\nb\"", "1:3: byte 0x0A must be escaped in a string"),
        ("\"a\tb\"", "1:3: byte 0x09 must be escaped in a string"),
        ("\"a\u{1F}b\"", "1:3: byte 0x1F must be escaped in a string"),
        ("\u{FEFF}{}", "1:1: a byte order mark stands before the document"),
        ("[\u{FEFF}1]", "1:2: expected a value, found byte 0xEF"),
        ("[\u{A0}1]", "1:2: expected a value, found byte 0xC2"),
        ("[1\u{B}]", "1:3: expected ',' or ']' after an element, found byte 0x0B"),
        ("// x\n{}", "1:1: expected a value, found '/'"),
        ("{} # x", "1:4: '#' stands after the end of the document"),
        ("[1, /* x */ 2]", "1:5: expected a value, found '/'"),
        ("\"a", "1:1: a string isn't closed"),
        ("[\"a\\\"]", "1:2: a string isn't closed"),
        ("\"\\", "1:1: a string isn't closed"),
        ("\"\\x41\"", "1:2: '\\' is followed by 'x', which is no escape"),
        ("\"\\'\"", "1:2: '\\' is followed by ''', which is no escape"),
        ("\"\\\n\"", "1:2: '\\' is followed by byte 0x0A, which is no escape"),
        ("\"\\U0041\"", "1:2: '\\' is followed by 'U', which is no escape"),
        ("\"\\u004\"", "1:2: '\\u' isn't followed by four hexadecimal digits"),
        ("\"\\u00g1\"", "1:2: '\\u' isn't followed by four hexadecimal digits"),
        ("\"\\u", "1:2: '\\u' isn't followed by four hexadecimal digits"),
        ("\"x\\uD800\"", "1:3: a high surrogate has no low one after it"),
        ("\"\\uD800x\"", "1:2: a high surrogate has no low one after it"),
        ("\"\\uD800\\n\"", "1:2: a high surrogate has no low one after it"),
        ("\"\\uD800\\u0041\"", "1:2: a high surrogate has no low one after it"),
        ("\"\\uD800\\uD800\"", "1:2: a high surrogate has no low one after it"),
        ("\"\\ud83d\\ude0\"", "1:8: '\\u' isn't followed by four hexadecimal digits"),
        ("\"\\uDC00\"", "1:2: a low surrogate has no high one before it"),
        ("\"\\uDE00\\uD83D\"", "1:2: a low surrogate has no high one before it"),
        ("01", "1:1: a number starts with 0"),
        ("-01", "1:1: a number starts with 0"),
        ("00", "1:1: a number starts with 0"),
        ("+1", "1:1: expected a value, found '+'"),
        (".5", "1:1: expected a value, found '.'"),
        ("-", "1:2: expected a digit, found the end of the document"),
        ("-x", "1:2: expected a digit, found 'x'"),
        ("--1", "1:2: expected a digit, found '-'"),
        ("1.", "1:3: expected a digit, found the end of the document"),
        ("[1.]", "1:4: expected a digit, found ']'"),
        ("1.e3", "1:3: expected a digit, found 'e'"),
        ("1e", "1:3: expected a digit, found the end of the document"),
        ("1e+", "1:4: expected a digit, found the end of the document"),
        ("1e5.5", "1:4: '.' stands after the end of the document"),
        ("0x10", "1:2: 'x' stands after the end of the document"),
        ("1_000", "1:2: '_' stands after the end of the document"),
        ("NaN", "1:1: expected a value, found 'N'"),
        ("-Infinity", "1:2: expected a digit, found 'I'"),
        ("nul", "1:1: expected null"),
        ("[tru]", "1:2: expected true"),
        ("falsE", "1:1: expected false"),
        ("True", "1:1: expected a value, found 'T'"),
        ("nullnull", "1:5: 'n' stands after the end of the document"),
        ("{\"a\": 1, \"b\": 2, \"a\": 1}", "1:18: the member \"a\" stands twice"),
        ("{\"a\": 1, \"\\u0061\": 1}", "1:10: the member \"\\u0061\" stands twice"),
        ("{\"\\u0061\": 1,\n\"a\": 1}", "2:1: the member \"a\" stands twice"),
        ("{\"\": 1, \"\": 1}", "1:9: the member \"\" stands twice"),
        ("[{\"x\": {\"k\": [], \"k\": {}}}]", "1:18: the member \"k\" stands twice"),
        // What a terminal would obey isn't shown.
        ("{\"a\u{7f}\": 1, \"a\u{7f}\": 2}", "1:11: the member of this name stands twice"),
        ("{\"\u{9b}2J\": 1, \"\u{9b}2J\": 2}", "1:13: the member of this name stands twice"),
        ("{\"\u{a0}\": 1, \"\u{a0}\": 2}", "1:11: the member \"\u{a0}\" stands twice"),
    ])
    func refused(text: String, message: String) {
        #expect(JSONSyntaxTests.error(Array(text.utf8))?.description == message)
    }

    @Test(arguments: [
        "0", "-0", "1e400", "-1.5E-07", "null", " true ", "\"\"", "[]", "{}", "\t\r\n [ ] \r\n",
        "{\"a\":{\"a\":{\"a\":1}}}", "[{\"a\":1},{\"a\":1}]", "{\"é\":1,\"e\u{301}\":2}", "{\"A\":1,\"a\":2}",
        "\"\\ud83d\\ude00\\/\\u0000\u{7F}\u{2028}\u{FFFF}\u{10FFFF}\"", "{\"a\": 1, \"aa\": 1, \"\": 1}",
    ])
    func accepted(text: String) {
        #expect(JSONSyntaxTests.error(Array(text.utf8)) == nil)
    }

    @Test func locationsCountBytesAndLineFeeds() {
        let error = JSONSyntaxTests.error(Array("{\r\n  \"é\": \"€\", x\r\n}".utf8))
        #expect(error?.location == JSON.Location(line: 2, column: 16))
        #expect(error?.offset == 18)
    }

    @Test func depthIsLimited() {
        let limit = JSON.maximumDepth
        func nested(_ open: String, _ close: String, _ depth: Int) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
        }
        #expect(limit == 128)
        #expect(JSONSyntaxTests.error(nested("[", "]", limit)) == nil)
        #expect(JSONSyntaxTests.error(nested("{\"a\":", "}", limit)) == nil)
        let refused = JSONSyntaxTests.error(nested("[", "]", limit + 1))
        #expect(refused?.description == "1:129: more than 128 arrays and objects stand inside each other")
        #expect(JSONSyntaxTests.error(nested("{\"a\":", "}", limit + 1))?.location.column == 128 * 5 + 1)
        // Far more must not exhaust anything either, closed or not.
        #expect(JSONSyntaxTests.error([UInt8](repeating: UInt8(ascii: "["), count: 1_000_000))?.offset == limit)
        // Siblings don't add up.
        let siblings = "[" + String(repeating: "[[]],", count: 1000) + "0]"
        #expect(JSONSyntaxTests.error(Array(siblings.utf8)) == nil)
    }

    @Test func manyMembersAreCheckedForDuplicates() throws {
        var text = "{"
        for number in 0..<5000 { text += "\"m\(number)\": \(number), " }
        let accepted = try JSON(parsing: Array((text + "\"m\": 0}").utf8))
        #expect(accepted.count == 5001)
        #expect(accepted["m4999"]?.int64Value == 4999)
        let refused = JSONSyntaxTests.error(Array((text + "\"m17\": 0}").utf8))
        #expect(refused?.message == "the member \"m17\" stands twice")
        #expect(refused?.offset == text.utf8.count)
        let long = String(repeating: "x", count: 100_000)
        let refusedLong = JSONSyntaxTests.error(Array("{\"\(long)\": 1, \"\(long)\": 1}".utf8))
        #expect(refusedLong?.message == "the member of this name stands twice")
        let escaped = JSONSyntaxTests.error(Array((text + "\"\\u006d17\": 0}").utf8))
        #expect(escaped?.message == "the member \"\\u006d17\" stands twice")
    }

    /// Every sequence of up to two bytes, and every three and four bytes around the borders, is taken for UTF-8
    /// exactly where Swift's own decoder takes it.
    @Test func utf8IsWhatSwiftTakesForUTF8() {
        let borders: [UInt8] = [0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        var sequences: [[UInt8]] = []
        for first: UInt8 in 0x80...0xFF {
            sequences.append([first])
            for second: UInt8 in 0x23...0xFF where second != UInt8(ascii: "\\") { sequences.append([first, second]) }
            for second in borders {
                for third in borders {
                    sequences.append([first, second, third])
                    for fourth in borders { sequences.append([first, second, third, fourth]) }
                }
            }
        }
        var acceptedCount = 0
        for sequence in sequences {
            let error = JSONSyntaxTests.error(
                [UInt8(ascii: "\""), UInt8(ascii: "x")] + sequence + [UInt8(ascii: "\"")])
            let isUTF8 = String(validating: sequence, as: UTF8.self) != nil
            if (error == nil) != isUTF8 { Issue.record("\(sequence) is \(isUTF8 ? "" : "not ")UTF-8") }
            if error == nil { acceptedCount += 1 }
        }
        #expect(acceptedCount > 1000)
        // A sequence that the end of the text cuts off, and the place of one in the midst of others.
        #expect(JSONSyntaxTests.error([0x22, 0xE2, 0x82])?.description == "1:2: the text isn't well-formed UTF-8")
        #expect(JSONSyntaxTests.error([0x22, 0xC3, 0xA9, 0xED, 0xA0, 0x80, 0x22])?.offset == 3)
        #expect(JSONSyntaxTests.error([0x22, 0xC0, 0xAF, 0x22])?.offset == 1)
    }

    /// A text cut anywhere is refused and nothing else happens, and a byte changed anywhere never traps.
    @Test func damagedTextsAreRefusedOrRead() throws {
        var random = RandomDocument(seed: 7)
        for _ in 0..<150 {
            let text = random.text(of: .array([random.object(depth: 4)]))
            let end = try JSON(parsing: text).byteRange.upperBound
            for length in 0..<end {
                #expect(JSONSyntaxTests.error(Array(text[..<length])) != nil)
            }
            for _ in 0..<20 {
                var damaged = text
                let position = Int.random(in: 0..<text.count, using: &random.generator)
                damaged[position] = UInt8.random(in: 0...255, using: &random.generator)
                if let json = try? JSON(parsing: damaged) {
                    #expect(try JSONValue(json) == JSONValue(JSON(parsing: JSONValue(json).text())))
                }
            }
        }
    }
}
