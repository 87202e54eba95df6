import OCISpec

extension SeccompList {
    /// Reads a list in Docker's or OCI's form.
    ///
    /// Who writes a list is told what can't be meant. In a bundle it is read `asRuntimesDo`: an argument that stands
    /// twice in one rule, which looks like "and", makes a rule of each condition; an errno beside a default action that
    /// has none says nothing; a rule without names is none.
    package init(_ node: ManifestNode, asRuntimesDo: Bool = false) throws(ProfileError) {
        let what = "a seccomp list"
        var defaultAction: SeccompAction?
        var defaultErrno: (UInt32, ManifestNode)?
        var architectures = Architectures.listed([])
        var isListed = false
        var isMapped = false
        var flags: [String]?
        var entries: [Entry] = []
        for entry in try ManifestReader.entries(of: node, named: what, keys: SeccompList.keys) {
            // As Go writes what isn't there.
            if case .null = entry.value.content { continue }
            switch entry.key {
            case "defaultAction": defaultAction = try SeccompList.action(entry.value, entry.key)
            case "defaultErrnoRet": defaultErrno = (try SeccompList.errno(entry.value, entry.key), entry.value)
            case "architectures":
                try SeccompList.refuseBoth(isMapped, entry)
                architectures = try SeccompList.architectures(entry.value)
                isListed = architectures != .listed([])
            case "archMap":
                try SeccompList.refuseBoth(isListed, entry)
                architectures = .mapped(try SeccompList.architectureMap(entry.value))
                isMapped = true
            case "flags": flags = try SeccompList.flags(entry.value, entry.key, asRuntimesDo: asRuntimesDo)
            case "syscalls":
                for rule in try ManifestReader.list(entry.value, entry.key) {
                    entries += try SeccompList.entries(rule, asRuntimesDo: asRuntimesDo)
                }
            default: break  // listenerPath and listenerMetadata take no part in what is allowed.
            }
        }
        guard let defaultAction else {
            throw .manifest(node.place, "\(what) has no defaultAction", remedy: "SCMP_ACT_ERRNO refuses by default")
        }
        if let (_, place) = defaultErrno, !defaultAction.takesErrno, !asRuntimesDo {
            throw .manifest(
                place.place, "defaultErrnoRet stands beside the default action \(defaultAction.rawValue)",
                remedy: "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE have one; take it out")
        }
        self.init(
            defaultAction: defaultAction, defaultErrnoReturn: defaultAction.takesErrno ? defaultErrno?.0 : nil,
            architectures: architectures, flags: flags, entries: entries)
    }

    /// A rule that refuses a call which no kernel is known to have would do nothing where the others are permitted.
    func requireKnownRefusals(at place: SourcePlace) throws(ProfileError) {
        guard defaultAction.reach == .permits else { return }
        for entry in entries where entry.rule.action.reach == .refuses {
            guard let unknown = entry.rule.names.first(where: { !SyscallTable.contains($0) }) else { continue }
            throw .manifest(
                entry.place ?? place, "no syscall is named \(quoted(unknown)), so it can't be refused",
                remedy: "correct the name, or take it out")
        }
    }

    private static let keys = [
        "defaultAction", "defaultErrnoRet", "architectures", "archMap", "flags", "syscalls", "listenerPath",
        "listenerMetadata",
    ]

    private static func refuseBoth(_ isOther: Bool, _ entry: ManifestNode.Entry) throws(ProfileError) {
        guard isOther else { return }
        throw .manifest(
            entry.place, "architectures and archMap stand in one list", remedy: "both say the same; keep one of them")
    }

    /// The flags of a filter. One that isn't known is refused, but in a bundle: its runtime may know it.
    static func flags(
        _ node: ManifestNode, _ what: String, asRuntimesDo: Bool = false
    ) throws(ProfileError) -> [String] {
        if !asRuntimesDo {
            for element in try ManifestReader.list(node, what) {
                let name = try ManifestReader.string(element, "an element of \(what)")
                guard SeccompFlag(rawValue: name) == nil else { continue }
                throw unknown(name, of: SeccompFlag.allCases.map(\.rawValue), element, "a flag")
            }
        }
        return try ManifestReader.strings(node, what)
    }

    /// Docker's list of architectures, each with those that its processes can switch to.
    private static func architectureMap(
        _ node: ManifestNode
    ) throws(ProfileError) -> [(of: SeccompArchitecture, with: [SeccompArchitecture])] {
        var map: [(of: SeccompArchitecture, with: [SeccompArchitecture])] = []
        for element in try ManifestReader.list(node, "archMap") {
            var host: SeccompArchitecture?
            var others: [SeccompArchitecture] = []
            for entry in try ManifestReader.entries(
                of: element, named: "an element of archMap", keys: ["architecture", "subArchitectures"])
            {
                if case .null = entry.value.content { continue }
                if entry.key == "architecture" {
                    host = try architecture(entry.value)
                } else {
                    for other in try ManifestReader.list(entry.value, entry.key) {
                        others.append(try architecture(other))
                    }
                }
            }
            guard let host else {
                throw .manifest(
                    element.place, "an element of archMap has no architecture", remedy: "architecture: SCMP_ARCH_X86_64"
                )
            }
            map.append((of: host, with: others))
        }
        return map
    }

    /// The rules that one element of `syscalls` is. `namesAreOurs` is true where a person writes them into a manifest:
    /// a syscall that no kernel has is refused there. Lists that are made elsewhere may know newer ones than we do.
    static func entries(
        _ node: ManifestNode, asRuntimesDo: Bool = false, namesAreOurs: Bool = false
    ) throws(ProfileError) -> [Entry] {
        var rule = SeccompRule(names: [], action: .allow)
        var action: SeccompAction?
        var entry = Entry(rule)
        let keys = ["names", "name", "action", "errnoRet", "args", "comment", "includes", "excludes"]
        for member in try ManifestReader.entries(of: node, named: "a syscall rule", keys: keys) {
            if case .null = member.value.content { continue }
            switch member.key {
            case "names":
                rule.names +=
                    namesAreOurs
                    ? try syscalls(member.value, member.key) : try ManifestReader.strings(member.value, member.key)
            case "name":
                rule.names.append(
                    namesAreOurs
                        ? try syscall(member.value, member.key) : try ManifestReader.string(member.value, member.key))
            case "action": action = try self.action(member.value, member.key)
            case "errnoRet": rule.errnoReturn = try errno(member.value, member.key)
            case "args":
                for argument in try ManifestReader.list(member.value, member.key) {
                    rule.conditions.append(try condition(argument))
                }
            case "includes": try readConditions(member.value, "includes", into: &entry)
            case "excludes": try readConditions(member.value, "excludes", into: &entry)
            default: break
            }
        }
        guard let action else {
            throw .manifest(node.place, "a syscall rule has no action", remedy: "SCMP_ACT_ALLOW or SCMP_ACT_ERRNO")
        }
        guard !rule.names.isEmpty else {
            if asRuntimesDo { return [] }
            throw .manifest(node.place, "a syscall rule names no syscall", remedy: "give it names: [...]")
        }
        rule.action = action
        // Docker writes an errno beside any action. It says nothing where the action has none.
        rule.errnoReturn = action.takesErrno ? rule.errnoReturn ?? defaultErrno : nil
        entry.rule = rule
        entry.place = node.place
        guard Set(rule.conditions.map(\.index)).count < rule.conditions.count else { return [entry] }
        guard asRuntimesDo else {
            throw .manifest(
                node.place, "an argument stands twice in one rule for \(rule.names[0])",
                remedy: "runtimes take that for \"or\"; write a rule for each condition")
        }
        return rule.conditions.map { condition in
            var alternative = entry
            alternative.rule.conditions = [condition]
            return alternative
        }
    }

    private static func condition(_ node: ManifestNode) throws(ProfileError) -> SeccompCondition {
        var condition = SeccompCondition(index: 0, .equal, 0)
        var missing = ["index", "value", "op"]
        let keys = ["index", "value", "valueTwo", "op"]
        for entry in try ManifestReader.entries(of: node, named: "an argument's condition", keys: keys) {
            missing.removeAll { $0 == entry.key }
            switch entry.key {
            case "index":
                condition.index = Int(try ManifestReader.number(entry.value, entry.key, as: UInt8.self))
                guard condition.index < 6 else {
                    throw ManifestReader.mismatch(entry.value, entry.key, "a whole number from 0 to 5")
                }
            case "value": condition.value = try ManifestReader.number(entry.value, entry.key, as: UInt64.self)
            case "valueTwo": condition.valueTwo = try ManifestReader.number(entry.value, entry.key, as: UInt64.self)
            default:
                let name = try ManifestReader.string(entry.value, entry.key)
                guard let comparison = SeccompOperator(rawValue: name) else {
                    throw unknown(name, of: SeccompOperator.allCases.map(\.rawValue), entry.value, entry.key)
                }
                condition.comparison = comparison
            }
        }
        guard missing.isEmpty else {
            throw .manifest(
                node.place, "an argument's condition lacks " + missing.joined(separator: " and "),
                remedy: "it has index, value, op and, for SCMP_CMP_MASKED_EQ, valueTwo")
        }
        return condition
    }

    private static func readConditions(
        _ node: ManifestNode, _ what: String, into entry: inout Entry
    ) throws(ProfileError) {
        for member in try ManifestReader.entries(of: node, named: what, keys: ["caps", "arches", "minKernel"]) {
            if case .null = member.value.content { continue }
            switch (what, member.key) {
            case ("includes", "minKernel"): entry.requiredKernel = try kernel(member.value, "includes.minKernel")
            case ("excludes", "minKernel"): entry.excludedKernel = try kernel(member.value, "excludes.minKernel")
            case ("includes", "caps"): entry.requiredCapabilities = try capabilities(member.value, "includes.caps")
            case ("excludes", "caps"): entry.liftingCapabilities = try capabilities(member.value, "excludes.caps")
            case ("includes", _): entry.requiredArchitectures = try goArchitectures(member.value, "includes.arches")
            default: entry.excludedArchitectures = try goArchitectures(member.value, "excludes.arches")
            }
        }
    }

    private static func kernel(_ node: ManifestNode, _ what: String) throws(ProfileError) -> KernelVersion {
        // Without quotes YAML takes it for a number, whose text is kept.
        switch node.content {
        case .string(let text), .number(let text):
            if let version = KernelVersion(exactly: text) { return version }
        default: break
        }
        throw ManifestReader.mismatch(node, what, "a kernel's version of two numbers, such as \"4.8\"")
    }

    /// The names of syscalls in a list.
    static func syscalls(_ node: ManifestNode, _ what: String) throws(ProfileError) -> [String] {
        var names: [String] = []
        for element in try ManifestReader.list(node, what) {
            names.append(try syscall(element, "an element of \(what)"))
        }
        return names
    }

    static func syscall(_ node: ManifestNode, _ what: String) throws(ProfileError) -> String {
        let name = try ManifestReader.string(node, what)
        guard !SyscallTable.contains(name) else { return name }
        let known = SeccompArchitecture.allCases.flatMap { SyscallTable.names(on: $0) }
        throw .manifest(
            node.place, "no syscall is named \(quoted(name))",
            remedy: NearestName.suggest(name, among: known).map { "did you mean \($0)?" } ?? "syscalls(2) lists all")
    }

    private static func capabilities(_ node: ManifestNode, _ what: String) throws(ProfileError) -> CapabilitySet {
        var set: CapabilitySet = []
        for element in try ManifestReader.list(node, what) {
            let name = try ManifestReader.string(element, "an element of \(what)")
            guard let capability = Capability(lenientName: name) else {
                throw .manifest(
                    element.place, "no capability is named \(quoted(name))",
                    remedy: CapabilityRequest.nearest(to: name).map { "did you mean \($0)?" })
            }
            set.insert(capability)
        }
        return set
    }

    private static func goArchitectures(
        _ node: ManifestNode, _ what: String
    ) throws(ProfileError) -> [SeccompArchitecture] {
        var architectures: [SeccompArchitecture] = []
        for element in try ManifestReader.list(node, what) {
            let name = try ManifestReader.string(element, "an element of \(what)")
            guard let architecture = SeccompArchitecture(platformName: name) else {
                throw .manifest(
                    element.place, "no architecture is named \(quoted(name))",
                    remedy: NearestName.suggest(name, among: platformNames).map { "did you mean \($0)?" }
                        ?? platformNames.joined(separator: ", "))
            }
            architectures.append(architecture)
        }
        return architectures
    }

    private static let platformNames = [
        "amd64", "x86", "x32", "arm", "arm64", "loong64", "mips", "mips64", "mips64n32", "mipsel", "mipsel64",
        "mipsel64n32", "ppc", "ppc64", "ppc64le", "riscv64", "s390", "s390x",
    ]

    static func action(_ node: ManifestNode, _ what: String) throws(ProfileError) -> SeccompAction {
        let name = try ManifestReader.string(node, what)
        guard let action = SeccompAction(rawValue: name) else {
            throw unknown(name, of: SeccompAction.allCases.map(\.rawValue), node, what)
        }
        return action
    }

    private static func unknown(
        _ name: String, of names: [String], _ node: ManifestNode, _ what: String
    ) -> ProfileError {
        let wanted = NearestName.suggest(name, among: names) ?? "one of " + names.joined(separator: ", ")
        return ManifestReader.mismatch(node, what, wanted)
    }

    static func errno(_ node: ManifestNode, _ what: String) throws(ProfileError) -> UInt32 {
        guard case .string(let name) = node.content else {
            return UInt32(try ManifestReader.number(node, what, as: UInt16.self))
        }
        guard let number = ErrnoName.number(of: name) else {
            let known = (1...Int32(133)).compactMap { ErrnoName.name(of: $0) }
            throw ManifestReader.mismatch(
                node, what, NearestName.suggest(name, among: known) ?? "an errno, by its name or number")
        }
        return UInt32(number)
    }

    static func architectures(_ node: ManifestNode) throws(ProfileError) -> Architectures {
        if case .string("auto") = node.content { return .auto }
        var listed: [SeccompArchitecture] = []
        for element in try ManifestReader.list(node, "architectures") {
            listed.append(try architecture(element))
        }
        return .listed(listed)
    }

    private static func architecture(_ node: ManifestNode) throws(ProfileError) -> SeccompArchitecture {
        let name = try ManifestReader.string(node, "an architecture")
        guard let architecture = SeccompArchitecture(rawValue: name) else {
            // Whoever knows it by another name is told OCI's.
            if let known = SeccompArchitecture(platformName: name) {
                throw ManifestReader.mismatch(node, "an architecture", known.rawValue)
            }
            throw unknown(name, of: SeccompArchitecture.allCases.map(\.rawValue), node, "an architecture")
        }
        return architecture
    }
}
