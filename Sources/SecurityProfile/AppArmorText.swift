/// The text of an AppArmor profile, as apparmor_parser(8) reads it.
package enum AppArmorText {
    /// The profile `name` that allows what `rules` say.
    ///
    /// What `raind-default` says of mounts, other processes, /proc, /sys and the machine's devices stands in it too: rules
    /// about a program's own files don't lift what protects the host.
    package static func generated(_ name: String, rules: AppArmorRules) throws(AppArmorTextError) -> String {
        guard isName(name) else { throw .name(name) }
        var lines = [
            "# \(name): made by raind-profile from a manifest's spec.apparmor.rules.",
            "#",
            "# A denial wins over a permission wherever it stands.",
            "",
            "profile \(name) flags=(attach_disconnected,mediate_deleted) {",
            "  capability,",
            "",
            "  # --- Network ---",
            "",
            "  network,",
        ]
        switch rules.network.raw {
        case nil: lines.append("  deny network packet,")
        // Of both families alone: a netlink socket is a raw one too, and every program that looks up a name opens one.
        case false?: lines += ["  deny network packet,", "  deny network inet raw,", "  deny network inet6 raw,"]
        case true?: break
        }
        if rules.network.tcp == false { lines += ["  deny network inet stream,", "  deny network inet6 stream,"] }
        lines += ["", "  # --- Files ---", ""]
        lines += try files(rules)
        return lines.joined(separator: "\n") + "\n\n" + renamed(try base(), from: builtIn, to: name)
    }

    /// The form of a profile of ours that refuses nothing: under the name `NAME-audit`, and what `text` refuses is allowed
    /// and stands in the kernel's log.
    ///
    /// The flag `complain` does that for what no rule allows. A rule that denies is enforced under it all the same, and
    /// without a word (aa-complain(8)); such rules become ones that allow and tell (`audit`).
    package static func auditing(_ text: String, named name: String) -> String {
        let auditName = ResolvedProfile.complainName(of: name)
        let remark = "# \(auditName): refuses nothing, and has the kernel's log say what \(name) would refuse.\n#\n"
        return remark + complaining(renamed(text, from: name, to: auditName), named: auditName)
    }

    /// The name of the profile whose form that only tells is named `name`.
    package static func plainName(of name: String) -> String {
        name.hasSuffix("-audit") ? String(name.dropLast("-audit".count)) : name
    }

    private static func complaining(_ text: String, named name: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let line = String(line)
            let code = line.drop { $0 == " " }
            if code.hasPrefix("profile \(name) flags=(") {
                return line.replacing("flags=(", with: "flags=(complain,", maxReplacements: 1)
            }
            guard code.hasPrefix("deny ") else { return line }
            let rule = line.replacing("deny ", with: "audit ", maxReplacements: 1)
            guard let space = rule.lastIndex(of: " "), code.dropFirst(5).first.map({ $0 == "/" || $0 == "\"" }) == true
            else { return rule }
            // To execute is allowed by saying under which profile; what is executed is read first, and that is told.
            let access = rule[rule.index(after: space)...].filter { $0 != "x" }
            return rule[...space] + access
        }.joined(separator: "\n")
    }

    /// Whether a profile that is made here may have this name. A name that begins with a slash would attach the profile
    /// to a program of the host's.
    package static func isName(_ text: String) -> Bool {
        func isLetterOrDigit(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: false
            }
        }
        guard let first = text.utf8.first, isLetterOrDigit(first), text.utf8.count <= 128, text != "unconfined" else {
            return false
        }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || "_.-".utf8.contains($0) }
    }

    private static let builtIn = "raind-default"

    private static func files(_ rules: AppArmorRules) throws(AppArmorTextError) -> [String] {
        var lines: [String] = []
        if rules.readOnlyPaths.isEmpty && rules.readWritePaths.isEmpty {
            lines.append("  file,")
        } else {
            lines += always
            for path in rules.readOnlyPaths { lines.append("  \(try AppArmorPath(path).quoted) mrix,") }
            for path in rules.readWritePaths { lines.append("  \(try AppArmorPath(path).quoted) rwkl,") }
        }
        for path in rules.denyPaths { lines.append("  deny \(try AppArmorPath(path).quoted) mrwklx,") }
        return lines
    }

    /// What any program needs whatever it is for, and what a runtime gives to each container.
    private static let always = [
        "  # What any program needs: its streams, its own folder in /proc, the loader's cache.",
        "  / r,",
        "  /dev/ r,",
        "  /dev/{null,zero,full,tty,ptmx,console} rw,",
        "  /dev/{random,urandom} r,",
        "  /dev/pts/ r,",
        "  /dev/{pts/[0-9]*,pts/ptmx} rw,",
        "  /dev/shm/** rwkl,",
        "  /proc/ r,",
        "  /proc/** r,",
        "  /proc/[0-9]*/{oom_score_adj,comm,timerslack_ns} w,",
        "  /proc/[0-9]*/task/[0-9]*/comm w,",
        "  /sys/ r,",
        "  /sys/** r,",
        "  /etc/ld.so.cache mr,",
        "  /etc/ld.so.preload r,",
        "",
    ]

    /// What `raind-default` says of everything but files and the network, up to its end.
    private static func base() throws(AppArmorTextError) -> String {
        guard let text = BuiltInProfiles.appArmorProfile(named: builtIn),
            let start = text.firstRange(of: "  # --- Mounts ---")
        else { throw .name(builtIn) }
        return String(text[start.lowerBound...])
    }

    /// The text with the profile `old` and its peers under a new name; comments stay.
    private static func renamed(_ text: String, from old: String, to new: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            let line = String(line)
            guard line.drop(while: { $0 == " " }).first != "#" else { return line }
            return line.replacing("profile \(old) ", with: "profile \(new) ").replacing(
                "peer=\"{,**//&}\(old){,//&**}\",", with: "peer=\"{,**//&}\(new){,//&**}\",")
        }.joined(separator: "\n")
    }
}
