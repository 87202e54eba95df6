import OCISpec

extension Conversion {
    /// An engine whose command line has security options.
    enum Engine {
        case docker
        case podman
    }

    /// Options of `docker run` or `podman run`; the two share their names.
    mutating func convertToOptions(of engine: Engine, attachmentsIn folder: String) {
        var options: [String] = []
        if !source.isSeccompAlone {
            options += capabilityOptions(of: engine)
            options += privilegeOptions(of: engine)
        }
        options += seccompOptions(of: engine, folder)
        if !source.isSeccompAlone {
            // Not said, an engine takes a profile of its own.
            options.append("--security-opt=apparmor=\(security.appArmorProfile ?? "unconfined")")
            _ = attachAppArmor()
            options += labelOptions()
            options += pathOptions(of: engine)
        }
        finish(.options(options))
    }

    private mutating func capabilityOptions(of engine: Engine) -> [String] {
        let sets = security.capabilities
        switch engine {
        case .docker:
            loseCapabilitySets(
                others: [], means: "Docker makes of --cap-add: all for root, and nothing for another user")
            if let kept = source.ambientForOthers, !kept.isEmpty {
                note("for a user other than root Docker keeps no capability; the profile keeps \(list(kept))")
            }
        case .podman:
            loseCapabilitySets(
                others: sets.bounding, means: "podman makes of --cap-add: all that it names, for any user")
            if let kept = source.ambientForOthers, kept != sets.bounding {
                note(
                    "for a user other than root podman keeps all that --cap-add names; the profile keeps "
                        + (kept.isEmpty ? "none of it" : list(kept)))
            }
        }
        if sets.bounding == .all { return ["--cap-add=ALL"] }
        return ["--cap-drop=ALL"] + shortNames(sets.bounding).map { "--cap-add=\($0)" }
    }

    private func list(_ set: CapabilitySet) -> String { shortNames(set).joined(separator: ", ") }

    private func privilegeOptions(of engine: Engine) -> [String] {
        if security.noNewPrivileges { return ["--security-opt=no-new-privileges"] }
        switch engine {
        // Docker's daemon may set it by default.
        case .docker: return ["--security-opt=no-new-privileges=false"]
        case .podman: return []
        }
    }

    private mutating func seccompOptions(of engine: Engine, _ folder: String) -> [String] {
        guard let filter = security.seccomp else { return ["--security-opt=seccomp=unconfined"] }
        let file = "\(source.name).docker-seccomp.json"
        attach(file, .json(filter.dockerJSON))
        if engine == .docker {
            if let errno = filter.defaultErrnoReturn, errno != SeccompList.defaultErrno {
                let name = ErrnoName.name(of: Int32(errno)) ?? String(errno)
                note("Docker before 23.0 passes defaultErrnoRet over: what no rule names fails with EPERM, not \(name)")
            }
            if let flags = filter.flags, !flags.isEmpty {
                note("Docker before 23.0 passes flags over: \(flags.joined(separator: ", "))")
            }
        }
        return ["--security-opt=seccomp=\(folder)/\(file)"]
    }

    private mutating func pathOptions(of engine: Engine) -> [String] {
        var options: [String] = []
        if source.paths.rootReadonly == true { options.append("--read-only") }
        if uncoversSystemPaths {
            options.append("--security-opt=" + (engine == .docker ? "systempaths=unconfined" : "unmask=ALL"))
        } else {
            losePaths("the engine has a list of its own, and no option that replaces it")
        }
        return options
    }

    private mutating func labelOptions() -> [String] {
        guard let label = security.selinuxLabel, !label.isEmpty else { return [] }
        guard let parts = selinuxParts(label) else {
            lose("selinuxLabel", "\(quoted(label)) isn't user:role:type:level, which the options take it apart into")
            return []
        }
        return zip(["user", "role", "type", "level"], parts).map { "--security-opt=label=\($0):\($1)" }
    }
}
