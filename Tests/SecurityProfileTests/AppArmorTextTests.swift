import Testing

@testable import SecurityProfile

@Suite struct AppArmorPathTests {
    /// What a manifest has, and what stands in the profile.
    @Test(arguments: [
        ("/usr/bin/**", #""/usr/bin/**""#),
        ("/a b/c", #""/a b/c""#),
        (#"/quo"te"#, #""/quo\"te""#),
        (#"/" rwx, deny /** r, ""#, #""/\" rwx, deny /** r, \"""#),
        ("/hash#,comma,", #""/hash#,comma,""#),
        ("/etc/{a,b c,d*}/?", #""/etc/{a,b c,d*}/?""#),
        (#"/lit/\{a\,b\}\*\?\["#, #""/lit/\{a,b\}\*\?\[""#),
        (#"/back\\slash"#, #""/back\\slash""#),
        (#"/n\ame"#, #""/name""#),
        ("/set[a-z][^0-9]", #""/set[a-z][^0-9]""#),
        (#"/set["]"#, #""/set[\"]""#),
        ("/at@{a,b}", #""/at\@{a,b}""#),
        (#"/at@\{HOME\}"#, #""/at@\{HOME\}""#),
        (#"/in{a\,b,c}"#, #""/in{a\,b,c}""#),
        ("/caret^", #""/caret\^""#),
        ("/ä/日本", #""/ä/日本""#),
        ("/", #""/""#),
    ])
    func standsInQuotes(text: String, quoted: String) throws {
        let path = try AppArmorPath(text)
        #expect(path.quoted == quoted)
        #expect(path.text == text)
    }

    /// What would end the rule, begin a variable, or never hold, and the word that says so.
    @Test(arguments: [
        ("", "slash"), ("etc/passwd", "slash"), ("@{HOME}/x", "slash"), ("\"/x\"", "slash"),
        ("/a\nb", "control"), ("/a\r", "control"), ("/a\u{0}", "control"), ("/a\u{1B}[2J", "control"),
        ("/a\\\nb", "control"), ("/a\u{85}", "control"), ("/a[\n]", "control"), ("/{a,\n}", "control"),
        ("/a/../b", "by . or .."), ("/./a", "by . or .."), ("/..", "by . or .."),
        (#"/a\"#, "backslash"), ("/{a", "isn't closed"), ("/a}", "closes nothing"), ("/{a}", "alternative"),
        ("/@{HOME}/x", "alternative"), ("/[a", "isn't closed"), ("/[]", "stands in a set"),
        ("/[a[]", "stands in a set"),
        ("/[/]", "stands in a set"), ("/[^]", "stands in a set"), ("/{a,{b}}", "alternative"),
    ])
    func isRefused(text: String, word: String) {
        do throws(AppArmorTextError) {
            let path = try AppArmorPath(text)
            Issue.record("\(path.quoted) was made of \(text.debugDescription)")
        } catch {
            #expect("\(error)".contains(word), "\(error)")
            // A message stays a line.
            #expect(!"\(error)".contains { $0.isNewline })
        }
    }
}

@Suite struct AppArmorTextTests {
    @Test func generatesAnAllowList() throws {
        let text = try AppArmorText.generated(
            "web",
            rules: AppArmorRules(
                readOnlyPaths: ["/usr/**"], readWritePaths: ["/data/**"], denyPaths: ["/data/keys"],
                network: .init(raw: false, tcp: true)))
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
        #expect(lines.contains("profile web flags=(attach_disconnected,mediate_deleted) {"))
        #expect(lines.contains("\"/usr/**\" mrix,"))
        #expect(lines.contains("\"/data/**\" rwkl,"))
        #expect(lines.contains("deny \"/data/keys\" mrwklx,"))
        #expect(lines.contains("deny network inet raw,") && lines.contains("deny network inet6 raw,"))
        #expect(!lines.contains("file,"))
        #expect(!lines.contains { $0.hasPrefix("deny network inet") && !$0.hasSuffix(" raw,") })
        // What protects the host stays.
        for kept in ["deny mount,", "deny /proc/[^0-9]** wl,", #"signal (send, receive) peer="{,**//&}web{,//&**}","#] {
            #expect(lines.contains { $0 == kept }, "\(kept)")
        }
        #expect(lines.last == "}")
    }

    @Test func generatesWhatDenies() throws {
        let text = try AppArmorText.generated(
            "web", rules: AppArmorRules(denyPaths: ["/secret/**"], network: .init(raw: true, tcp: false)))
        #expect(text.contains("\n  file,\n"))
        #expect(text.contains("\n  deny network inet stream,\n  deny network inet6 stream,\n"))
        #expect(!text.contains("deny network packet"))
        #expect(!text.contains(" raw,"))
    }

    @Test(arguments: ["", "unconfined", "/usr/bin/x", "a b", "a\nb", "a{b", "-a", "a#", "a,b", "ü"])
    func refusesNames(name: String) {
        #expect(throws: AppArmorTextError.name(name)) { try AppArmorText.generated(name, rules: AppArmorRules()) }
    }

    /// A rule that denies is enforced also under the flag complain.
    @Test func auditsWithoutRefusing() throws {
        let original = try #require(BuiltInProfiles.appArmorProfile(named: "raind-default"))
        let text = AppArmorText.auditing(original, named: "raind-default")
        let code = text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.first != "#" }
        #expect(code.first == "profile raind-default-audit flags=(complain,attach_disconnected,mediate_deleted) {")
        #expect(!code.contains { $0.hasPrefix("deny") })
        #expect(!code.contains { $0.contains("}raind-default{") })
        #expect(code.contains(#"signal (send, receive) peer="{,**//&}raind-default-audit{,//&**}","#))
        #expect(code.contains("audit /proc/[^0-9]** wl,"))
        #expect(code.contains("audit /sys/[^f]** wl,"))
        #expect(code.contains("audit mount,"))
    }
}
