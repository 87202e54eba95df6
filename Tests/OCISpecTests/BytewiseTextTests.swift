import OCISpec
import Testing

@Suite struct BytewiseTextTests {
    /// A slash and a combining acute accent, which make one character together.
    private let slashWithAccent = "/\u{301}"

    @Test func anAccentDoesNotHideASlash() {
        #expect("a/..\(slashWithAccent)b".bytewiseParts(separatedBy: "/") == ["a", "..", "\u{301}b"])
        #expect("/dev\(slashWithAccent)".startsBytewise(with: "/dev/"))
        #expect("\u{65}\u{301}".endsBytewise(with: "\u{301}"))
    }

    @Test func equalToReadersIsNotEqualInBytes() {
        #expect(!"\u{e9}/x".startsBytewise(with: "\u{65}\u{301}"))
    }

    @Test(
        arguments: [
            ("", []), ("/", []), ("//a//b/", ["a", "b"]), ("a", ["a"]), ("a/ü/c", ["a", "ü", "c"]),
        ] as [(String, [String])])
    func partsAreNeverEmpty(text: String, parts: [String]) {
        #expect(text.bytewiseParts(separatedBy: "/") == parts)
    }

    @Test func prefixesAndSuffixes() {
        #expect("name=systemd".startsBytewise(with: "name="))
        #expect(!"nam".startsBytewise(with: "name="))
        #expect("x".startsBytewise(with: ""))
        #expect("kernel.domainname".endsBytewise(with: "name"))
        #expect(!"ame".endsBytewise(with: "name"))
        #expect("PATH=/bin".bytewiseSuffix(from: 5) == "/bin")
        #expect("PATH=".bytewiseSuffix(from: 5).isEmpty)
    }
}
