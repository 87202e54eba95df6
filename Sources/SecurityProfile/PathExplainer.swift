package import LosslessJSON

/// Answers what a bundle lets be done with a path in the container.
package enum PathExplainer {
    /// Whether the path can be reached, and written, by the file system alone. Refused is what is masked; `source` is the
    /// configuration's path.
    package static func explain(_ path: String, in config: JSON, named source: String) -> Explanation {
        let path = LintPaths.normalized("/" + path)
        var causes: [Explanation.Cause] = []
        func match(_ pointer: String) -> JSON? {
            config.value(at: pointer)?.elements.first {
                $0.stringValue.map { LintPaths.isInside(path, LintPaths.normalized($0)) } == true
            }
        }
        // Masks and read-only paths are put on after all mounts, so they come first.
        if let masked = match("/linux/maskedPaths") {
            causes.append(
                .init("paths", at: LintPlace(masked, in: source), "it is masked: empty to whoever reads it"))
            return Explanation("path \(path)", .refused, causes)
        }
        let readOnly = match("/linux/readonlyPaths")
        if let readOnly {
            causes.append(.init("paths", at: LintPlace(readOnly, in: source), "it can be read and not written"))
        }
        // Of several mounts around a path the innermost shows; of those at one place, the last.
        var innermost: (mount: JSON, destination: String)?
        for mount in config["mounts"].map({ Array($0.elements) }) ?? [] {
            let destination = LintMount.destination(mount)
            guard LintPaths.isInside(path, destination),
                destination.utf8.count >= innermost?.destination.utf8.count ?? 0
            else { continue }
            innermost = (mount, destination)
        }
        if let (mount, destination) = innermost {
            let options = mount["options"]?.elements.compactMap(\.stringValue) ?? []
            let isReadOnly = options.last { ["ro", "rw"].contains($0) } == "ro"
            var what = mount["type"]?.stringValue ?? "a file system"
            if LintMount.isBind(mount) { what = "the host's \(LintMount.source(mount) ?? "folder of the bundle")" }
            causes.append(
                .init(
                    "mounts", at: LintPlace(mount, in: source),
                    "\(what) is mounted at \(destination), " + (isReadOnly ? "read-only" : "writable")
                        + (options.contains("noexec") ? ", nothing in it can be run" : "")))
        } else {
            let isReadOnly = config.value(at: "/root/readonly")?.boolValue == true
            causes.append(
                .init(
                    "root", at: LintPlace(config["root"] ?? config, in: source),
                    "it is on the root file system, which is " + (isReadOnly ? "read-only" : "writable")))
        }
        if let profile = config.value(at: "/process/apparmorProfile")?.stringValue, !profile.isEmpty {
            causes.append(
                .init("apparmor", at: nil, "what AppArmor profile \(quoted(profile)) refuses isn't looked at"))
        }
        return Explanation("path \(path)", .allowed, causes)
    }

    /// Whether a profile hides the path or keeps it from being written; nil where it leaves that to the bundle.
    package static func explain(_ path: String, in profile: ResolvedProfile) -> Explanation? {
        let path = LintPaths.normalized("/" + path)
        let places = ProfilePlaces(profile)
        guard let masked = profile.paths.masked else { return nil }
        if LintPaths.isCovered(path, by: masked) {
            return Explanation(
                "path \(path)", .refused,
                [.init("paths", at: places.maskedPaths, "it is masked: empty to whoever reads it")])
        }
        var causes = [Explanation.Cause("paths", at: places.maskedPaths, "it isn't masked")]
        if let readOnly = profile.paths.readonly, LintPaths.isCovered(path, by: readOnly) {
            causes.append(.init("paths", at: places.readonlyPaths, "it can be read and not written"))
        }
        causes.append(.init("mounts", at: nil, "what is there, and whether it can be written else, the bundle decides"))
        return Explanation("path \(path)", .allowed, causes)
    }
}
