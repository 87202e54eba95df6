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
}
