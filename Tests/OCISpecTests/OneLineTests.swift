import OCISpec
import Testing

/// Texts from anywhere, in one line.
struct OneLineTests {
    @Test(
        arguments: [
            ("", ""), ("plain /path", "plain /path"), ("ä \u{1F4E6} \u{a0}", "ä \u{1F4E6} \u{a0}"),
            ("a\nb", "a\\u000ab"), ("\r\n", "\\u000d\\u000a"), ("\u{1b}[2J", "\\u001b[2J"), ("\0", "\\u0000"),
            ("\u{7f}", "\\u007f"), ("\u{80}\u{9b}\u{9f}", "\\u0080\\u009b\\u009f"), ("\u{440}", "\u{440}"),
            ("\t", "\\u0009"), ("e\u{301}\n", "e\u{301}\\u000a"),
        ])
    func controlsAreEscaped(text: String, shown: String) {
        #expect(Array(text.oneLine.utf8) == Array(shown.utf8))
    }

    /// Both ends stay, and each is whole characters.
    @Test(arguments: ["a", "ä", "\u{1F4E6}"])
    func longTextsAreCut(part: String) {
        let text = "begin" + String(repeating: part, count: 10_000) + "end"
        for most in 8...40 {
            let short = text.shortened(to: most)
            #expect(short.utf8.count < most + 30)
            #expect(short.hasPrefix("begi") && short.contains(" bytes) ..."))
            #expect(!short.unicodeScalars.contains("\u{FFFD}"))
            #expect(short.hasSuffix("d"))
        }
        #expect("begin".shortened(to: 5) == "begin")
    }
}
