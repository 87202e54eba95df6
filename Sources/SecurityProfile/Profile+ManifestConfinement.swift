import OCISpec

/// The parts of a manifest that confine: seccomp, AppArmor, paths.
extension Profile {
    static func seccomp(
        _ node: ManifestNode, loadingFile: (String) throws(ProfileError) -> ManifestNode
    ) throws(ProfileError) -> Seccomp {
        if case .string(let word) = node.content {
            guard word == "unconfined" else {
                throw ManifestReader.mismatch(node, "spec.seccomp", "unconfined or a mapping")
            }
            return .unconfined
        }
        let keys = [
            "mode", "file", "defaultAction", "defaultErrnoRet", "architectures", "flags", "allow", "deny", "syscalls",
        ]
        var layer = SeccompLayer(.extend)
        layer.places[""] = node.place
        let entries = try ManifestReader.entries(of: node, named: "spec.seccomp", keys: keys)
        // What stands in the manifest itself is read after the file, wherever that stands: it is the later word.
        for entry in entries where entry.key == "file" {
            let list = try loadedList(entry.value, loadingFile)
            layer.defaultAction = list.defaultAction
            layer.defaultErrnoReturn = list.defaultErrnoReturn
            layer.architectures = list.architectures
            layer.flags = list.flags
            layer.parts.append(list.entries)
            layer.places["defaultAction"] = entry.value.place
            layer.places["defaultErrnoRet"] = entry.value.place
        }
        var rules: [SeccompList.Entry] = []
        var simple: [(name: String, SeccompList.Entry)] = []
        for entry in entries {
            let what = "spec.seccomp.\(entry.key)"
            layer.places[entry.key] = entry.value.place
            switch entry.key {
            case "mode": layer.mode = try mode(entry.value)
            case "defaultAction":
                layer.defaultAction = try SeccompList.action(entry.value, what)
                layer.defaultErrnoReturn = nil
            case "architectures":
                layer.architectures = try SeccompList.architectures(entry.value)
                if layer.architectures == .listed([]) {
                    throw ManifestReader.mismatch(entry.value, what, "auto, or a list of at least one")
                }
            case "flags": layer.flags = try SeccompList.flags(entry.value, what)
            case "allow", "deny":
                let isAllowed = entry.key == "allow"
                for element in try ManifestReader.list(entry.value, what) {
                    let name = try SeccompList.syscall(element, "an element of \(what)")
                    guard !simple.contains(where: { $0.name == name }) else {
                        throw .manifest(
                            element.place, "\(name) stands twice in allow and deny", remedy: "keep one of the two")
                    }
                    var rule = SeccompList.Entry(
                        SeccompRule(
                            names: [name], action: isAllowed ? .allow : .errno,
                            errnoReturn: isAllowed ? nil : SeccompList.defaultErrno))
                    rule.place = element.place
                    simple.append((name, rule))
                }
            case "syscalls":
                for rule in try ManifestReader.list(entry.value, what) {
                    rules += try SeccompList.entries(rule, namesAreOurs: true)
                }
            default: break
            }
        }
        for entry in entries where entry.key == "defaultErrnoRet" {
            layer.defaultErrnoReturn = try SeccompList.errno(entry.value, "spec.seccomp.defaultErrnoRet")
            if let action = layer.defaultAction, !action.takesErrno {
                throw .manifest(
                    entry.value.place, "defaultErrnoRet stands beside the default action \(action.rawValue)",
                    remedy: "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE have one; take it out")
            }
        }
        for (name, _) in simple {
            guard let other = rules.first(where: { $0.rule.names.contains(name) }) else { continue }
            throw .manifest(
                other.place ?? node.place, "\(name) stands in a rule, and in allow or deny too",
                remedy: "keep one of the two")
        }
        layer.parts.append(rules + simple.map(\.1))
        if layer.mode != .extend, layer.defaultAction == nil {
            throw .manifest(
                node.place, "spec.seccomp has no defaultAction, which the mode \(layer.mode.rawValue) needs",
                remedy: "SCMP_ACT_ERRNO makes a list of what is allowed, SCMP_ACT_ALLOW one of what is refused")
        }
        try refuseSupervised(layer, node.place)
        return .layer(layer)
    }

    private static func mode(_ node: ManifestNode) throws(ProfileError) -> SeccompLayer.Mode {
        let text = try ManifestReader.string(node, "spec.seccomp.mode")
        guard let mode = SeccompLayer.Mode(rawValue: text) else {
            throw ManifestReader.mismatch(node, "spec.seccomp.mode", "extend, replace or intersect")
        }
        return mode
    }

    private static func loadedList(
        _ node: ManifestNode, _ loadingFile: (String) throws(ProfileError) -> ManifestNode
    ) throws(ProfileError) -> SeccompList {
        let path = try ManifestReader.string(node, "spec.seccomp.file")
        guard !path.isEmpty else { throw ManifestReader.mismatch(node, "spec.seccomp.file", "the path of a file") }
        let file = try loadingFile(path)
        if case .map(let entries) = file.content {
            for entry in entries where ["listenerPath", "listenerMetadata"].contains(entry.key) {
                throw .manifest(
                    entry.place, "a profile can't have a supervisor, and \(entry.key) names one",
                    remedy: "take it out; a bundle's own seccomp section may have one")
            }
        }
        let list = try SeccompList(file)
        try list.requireKnownRefusals(at: file.place)
        return list
    }

    /// A call that waits for a supervisor's word needs the socket of one, and that is a matter of the bundle.
    static func refuseSupervised(_ layer: SeccompLayer, _ place: SourcePlace) throws(ProfileError) {
        let remedy = "refuse or allow the call; a bundle's own seccomp section may leave it to a supervisor"
        if layer.defaultAction == .notify {
            throw .manifest(
                layer.places["defaultAction"] ?? place, "a profile can't leave calls to a supervisor (SCMP_ACT_NOTIFY)",
                remedy: remedy)
        }
        for entry in layer.parts.joined() where entry.rule.action == .notify {
            throw .manifest(
                entry.place ?? place, "a profile can't leave calls to a supervisor (SCMP_ACT_NOTIFY)", remedy: remedy)
        }
    }

    mutating func readAppArmor(_ node: ManifestNode) throws(ProfileError) {
        if case .string(let word) = node.content {
            guard word == "unconfined" else {
                throw ManifestReader.mismatch(node, "spec.apparmor", "unconfined or a mapping")
            }
            appArmor = .unconfined
            return
        }
        var name: String?
        var mode = AppArmor.Mode.enforce
        for entry in try ManifestReader.entries(of: node, named: "spec.apparmor", keys: ["profile", "mode", "rules"]) {
            let what = "spec.apparmor.\(entry.key)"
            switch entry.key {
            case "profile": name = try Profile.appArmorName(entry.value, what)
            case "mode":
                guard let named = AppArmor.Mode(rawValue: try ManifestReader.string(entry.value, what)) else {
                    throw ManifestReader.mismatch(entry.value, what, "enforce or complain")
                }
                mode = named
            default: appArmorRules = try Profile.appArmorRules(entry.value)
            }
        }
        guard let name else {
            throw .manifest(node.place, "spec.apparmor has no profile", remedy: "name a profile, or say unconfined")
        }
        if let rules = appArmorRules {
            guard BuiltInProfiles.appArmorProfile(named: name) == nil else {
                throw .manifest(
                    node.place, "the AppArmor profile \(name) is built in, so it can't have rules",
                    remedy: "give the profile another name")
            }
            do throws(AppArmorTextError) {
                _ = try AppArmorText.generated(name, rules: rules)
            } catch {
                throw .manifest(node.place, "the AppArmor profile can't be made", remedy: "\(error)")
            }
        }
        appArmor = .profile(name, mode)
    }

    private static func appArmorName(_ node: ManifestNode, _ what: String) throws(ProfileError) -> String {
        let name = try ManifestReader.string(node, what)
        guard !name.isEmpty, name.utf8.count < 256, name.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            name != "unconfined"
        else {
            throw ManifestReader.mismatch(node, what, "the name of an AppArmor profile; apparmor: unconfined is none")
        }
        return name
    }

    private static func appArmorRules(_ node: ManifestNode) throws(ProfileError) -> AppArmorRules {
        var rules = AppArmorRules()
        let keys = ["readOnlyPaths", "readWritePaths", "denyPaths", "network"]
        for entry in try ManifestReader.entries(of: node, named: "spec.apparmor.rules", keys: keys) {
            let what = "spec.apparmor.rules.\(entry.key)"
            switch entry.key {
            case "readOnlyPaths": rules.readOnlyPaths = try globs(entry.value, what)
            case "readWritePaths": rules.readWritePaths = try globs(entry.value, what)
            case "denyPaths": rules.denyPaths = try globs(entry.value, what)
            default:
                for member in try ManifestReader.entries(of: entry.value, named: what, keys: ["raw", "tcp"]) {
                    let value = try ManifestReader.bool(member.value, "\(what).\(member.key)")
                    if member.key == "raw" { rules.network.raw = value } else { rules.network.tcp = value }
                }
            }
        }
        return rules
    }

    private static func globs(_ node: ManifestNode, _ what: String) throws(ProfileError) -> [String] {
        var globs: [String] = []
        for element in try ManifestReader.list(node, what) {
            let glob = try ManifestReader.string(element, "an element of \(what)")
            do throws(AppArmorTextError) {
                _ = try AppArmorPath(glob)
            } catch {
                throw .manifest(element.place, "an element of \(what) is no path of AppArmor's", remedy: "\(error)")
            }
            globs.append(glob)
        }
        return globs
    }

    mutating func readPaths(_ node: ManifestNode) throws(ProfileError) {
        for entry in try ManifestReader.entries(
            of: node, named: "spec.paths", keys: ["masked", "readonly", "rootReadonly"])
        {
            let what = "spec.paths.\(entry.key)"
            places.keys["paths.\(entry.key)"] = entry.value.place
            switch entry.key {
            case "masked": maskedPaths = try Profile.paths(entry.value, what)
            case "readonly": readonlyPaths = try Profile.paths(entry.value, what)
            default:
                switch entry.value.content {
                case .string("keep"): rootReadonly = .keep
                case .bool(let value): rootReadonly = .set(value)
                default: throw ManifestReader.mismatch(entry.value, what, "keep, true or false")
                }
            }
        }
    }

    private static func paths(_ node: ManifestNode, _ what: String) throws(ProfileError)
        -> ProfilePaths.Choice<[String]>
    {
        if case .string("keep") = node.content { return .keep }
        guard case .list(let elements) = node.content else {
            throw ManifestReader.mismatch(node, what, "keep or a list of absolute paths")
        }
        var paths: [String] = []
        for element in elements {
            let path = try ManifestReader.string(element, "an element of \(what)")
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard path.hasPrefix("/"), path.utf8.count > 1,
                !parts.dropFirst().contains(where: { ["", ".", ".."].contains($0) }),
                !path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
            else {
                throw ManifestReader.mismatch(
                    element, "an element of \(what)", "an absolute path below /, without . and .. in it")
            }
            guard !paths.contains(path) else {
                throw .manifest(element.place, "\(path) stands twice in \(what)", remedy: "keep one of the two")
            }
            paths.append(path)
        }
        return .set(paths)
    }
}
