import LosslessJSON
import OCISpec

extension ManifestImport {
    /// A SeccompProfile and an AppArmorProfile, or one of them.
    mutating func importResources(_ items: [ManifestNode]) throws(ProfileError) {
        var seccomp: ManifestNode?
        var appArmor: ManifestNode?
        for item in items {
            switch item["kind"]?.text {
            case "SeccompProfile" where seccomp == nil: seccomp = item
            case "AppArmorProfile" where appArmor == nil: appArmor = item
            case "SeccompProfile", "AppArmorProfile":
                throw .manifest(item.place, "a second one of this kind stands there", remedy: "import one at a time")
            case let kind:
                throw .manifest(
                    item.place, "the kind is \(quoted(kind ?? "missing"))",
                    remedy: "it must be SeccompProfile or AppArmorProfile")
            }
        }
        put("extends", "default", at: items[0].place)
        note("the resources say nothing of capabilities and no_new_privs: the manifest has those of default")
        if let seccomp { try importSeccompProfile(seccomp) }
        if let appArmor { try importAppArmorProfile(appArmor) }
    }

    private mutating func spec(of item: ManifestNode) throws(ProfileError) -> ManifestNode {
        take(name: item["metadata"]?["name"]?.text)
        guard let spec = item["spec"], case .map = spec.content else {
            throw .manifest(item.place, "the resource has no spec", remedy: "spec: {...} says what it is")
        }
        if let state = spec["state"], state.text == "Disabled" {
            skip(state, "state: Disabled", "a profile of raind-profile is in force where it is applied")
        }
        return spec
    }

    private mutating func importSeccompProfile(_ item: ManifestNode) throws(ProfileError) {
        let spec = try spec(of: item)
        guard case .map(let entries) = spec.content else { return }
        if let base = spec["baseProfileName"], let name = base.text {
            skip(base, "baseProfileName \(quoted(name))", "its rules stand elsewhere; import it too, and extend it")
        }
        for name in ["listenerPath", "listenerMetadata"] {
            if let member = spec[name] { skip(member, name, "a supervisor's socket is the host's") }
        }
        let own = ["state", "baseProfileName", "listenerPath", "listenerMetadata"]
        let list = ManifestNode(.map(entries.filter { !own.contains($0.key) }), at: spec.place)
        try put(try SeccompList(list), at: spec.place)
    }

    private mutating func importAppArmorProfile(_ item: ManifestNode) throws(ProfileError) {
        let spec = try spec(of: item)
        guard let name = item["metadata"]?["name"]?.text, AppArmorText.isName(name) else {
            throw .manifest(item.place, "the resource has no name", remedy: "metadata: {name: ...}")
        }
        let content = spec["abstract"]
        var rules = AppArmorRules()
        let files = content?["filesystem"]
        let executable = content?["executable"]
        rules.readOnlyPaths = try paths(files?["readOnlyPaths"])
        rules.readWritePaths = try paths(files?["readWritePaths"])
        for list in [executable?["allowedExecutables"], executable?["allowedLibraries"]] {
            for path in try paths(list) where !rules.readOnlyPaths.contains(path) { rules.readOnlyPaths.append(path) }
        }
        if !rules.readOnlyPaths.isEmpty {
            note("AppArmorProfile \(name): what may be read may be executed too, which the resource keeps apart")
        }
        if let list = files?["writeOnlyPaths"] {
            skip(list, "writeOnlyPaths", "a manifest has none; what is written can be read")
        }
        if let list = content?["capability"] {
            skip(list, "the AppArmor profile's list of capabilities", "those of the container are add-cap and drop-cap")
        }
        let network = content?["network"]
        rules.network.raw = try isTrue(network?["allowRaw"])
        rules.network.tcp = try isTrue(network?["allowedProtocols"]?["allowTcp"])
        if try !isTrue(network?["allowedProtocols"]?["allowUdp"]) {
            note("AppArmorProfile \(name): UDP isn't refused: a manifest says nothing of it")
        }
        if rules.readOnlyPaths.isEmpty && rules.readWritePaths.isEmpty {
            note(
                "AppArmorProfile \(name): no file is allowed, which a manifest can't say; its profile allows all of them"
            )
        }
        let isComplaining = spec["mode"]?.text == "Complain"
        put("apparmor", ManifestDocument.appArmor(name, rules, isComplaining: isComplaining), at: item.place)
    }

    private func paths(_ node: ManifestNode?) throws(ProfileError) -> [String] {
        guard let node, !node.isNull else { return [] }
        var paths: [String] = []
        for element in try ManifestReader.list(node, "a list of paths") {
            let text = try ManifestReader.string(element, "a path")
            do throws(AppArmorTextError) {
                paths.append(try AppArmorPath(text).text)
            } catch {
                throw .manifest(element.place, "\(error)", remedy: nil)
            }
        }
        return paths
    }

    private func isTrue(_ node: ManifestNode?) throws(ProfileError) -> Bool {
        guard let node, !node.isNull else { return false }
        return try ManifestReader.bool(node, "a permission")
    }
}
