/// Makes configurations at random: any layout that JSON allows, members in any order, those that a profile owns
/// present or not, and beside them members that nobody knows.
struct RandomBundle {
    private var generator: SeededGenerator
    private let style: Style

    private enum Style: CaseIterable {
        case compact, spaces, tabs, carriageReturns, anything
    }

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        style = Style.allCases[Int(seed % UInt64(Style.allCases.count))]
    }

    static func text(seed: UInt64) -> String {
        var bundle = RandomBundle(seed: seed)
        return bundle.document()
    }

    private mutating func chance(_ part: Int, of whole: Int) -> Bool {
        Int.random(in: 0..<whole, using: &generator) < part
    }

    private mutating func document() -> String {
        let process = object(
            depth: 1,
            [("cwd", "\"/\""), ("args", "[\"sh\"]")].filter { _ in chance(3, of: 4) } + foreign(depth: 2)
                + maybe("capabilities", ["{}", "null", #"{"bounding":["CAP_CHOWN"], "x":1}"#])
                + maybe("noNewPrivileges", ["true", "false"])
                + maybe("apparmorProfile", [#""old""#, #""""#])
                + maybe("user", [#"{"uid":0,"gid":0}"#, #"{"uid" : 1000}"#, "{}"])
                + maybe("rlimits", ["[]", #"[{"type":"RLIMIT_NOFILE","hard":18446744073709551615,"soft":1e3}]"#])
                + maybe("oomScoreAdj", ["-1000"]))
        var members = [("process", process), ("ociVersion", #""1.0\u0032""#)]
        if chance(3, of: 4) {
            let linux = object(
                depth: 1,
                foreign(depth: 2)
                    + maybe("seccomp", ["{}", "null", #"{"defaultAction":"SCMP_ACT_ALLOW", "syscalls" : [] }"#])
                    + maybe("namespaces", [#"[{"type":"pid"}]"#]) + maybe("resources", ["{\n}"])
                    + maybe("maskedPaths", ["[]"]) + maybe("rootfsPropagation", [#""private""#]))
            members.append(("linux", chance(1, of: 10) ? "null" : linux))
        }
        if chance(1, of: 2) {
            let annotations = object(
                depth: 1,
                foreign(depth: 2) + maybe("io.raind.security-profile.applied", [#""old@sha256:1""#])
                    + maybe("io.raind.security-profile", [#""asked""#]))
            members.append(("annotations", chance(1, of: 10) ? "null" : annotations))
        }
        members += foreign(depth: 1)
        return space() + object(depth: 0, members) + space()
    }

    private mutating func maybe(_ name: String, _ values: [String]) -> [(String, String)] {
        chance(1, of: 2) ? [(name, values.randomElement(using: &generator) ?? "null")] : []
    }

    private mutating func foreign(depth: Int) -> [(String, String)] {
        let values = [
            "18446744073709551615", "-0.0", "1.50e+07", #""a\/b\u00e9\n""#, #""ü€𝄞""#, "[ 1 , [ ] , { } ]", "true",
            "null",
            #"{"a" :1,"b":[{}]}"#, "[]", "{ }",
        ]
        return (0..<Int.random(in: 0...3, using: &generator)).map {
            ("x-\(depth)-\($0)", values.randomElement(using: &generator) ?? "0")
        }
    }

    private mutating func object(depth: Int, _ unordered: [(String, String)]) -> String {
        let members = unordered.shuffled(using: &generator)
        guard !members.isEmpty else { return chance(1, of: 2) ? "{}" : "{\(space())}" }
        var text = "{"
        for (position, member) in members.enumerated() {
            if position > 0 { text += (style == .anything ? space() : "") + "," }
            text += line(depth + 1) + "\"\(member.0)\"" + colon() + member.1
        }
        return text + line(depth) + "}"
    }

    private mutating func line(_ depth: Int) -> String {
        switch style {
        case .compact: ""
        case .spaces: "\n" + String(repeating: "  ", count: depth)
        case .tabs: "\n" + String(repeating: "\t", count: depth)
        case .carriageReturns: "\r\n" + String(repeating: "    ", count: depth)
        case .anything: space()
        }
    }

    private mutating func colon() -> String {
        switch style {
        case .compact: ":"
        case .anything: space() + ":" + space()
        default: ": "
        }
    }

    private mutating func space() -> String {
        guard style == .anything || chance(1, of: 8) else { return "" }
        return ["", " ", "\n", "\t ", "\r\n  ", "\n\n"].randomElement(using: &generator) ?? ""
    }
}
