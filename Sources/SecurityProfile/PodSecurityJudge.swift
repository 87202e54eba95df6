import LosslessJSON
import OCISpec

/// Judges the controls one by one (Kubernetes, "Pod Security Standards").
struct PodSecurityJudge {
    private(set) var controls: [PodSecurity.Control] = []

    private mutating func judge(
        _ level: PodSecurity.Level, _ name: String, _ verdict: PodSecurity.Verdict, at place: LintPlace? = nil,
        _ reason: String
    ) {
        controls.append(
            PodSecurity.Control(level: level, name: name, verdict: verdict, reason: reason, place: place))
    }

    /// Judges `name` by the first thing that speaks against it.
    private mutating func judge(
        _ level: PodSecurity.Level, _ name: String, against: (reason: String, place: LintPlace?)?, met: String
    ) {
        if let against {
            judge(level, name, .notMet, at: against.place, against.reason)
        } else {
            judge(level, name, .met, met)
        }
    }

    /// A control that a bundle decides and a profile can't.
    private mutating func leaveToBundle(_ level: PodSecurity.Level, _ name: String) {
        judge(level, name, .notJudged, "the bundle decides it")
    }

    // Baseline

    mutating func baseline(_ facts: PodSecurityFacts) {
        judge(.baseline, "HostProcess", .notJudged, "of Windows alone")
        judgeHostNamespaces(facts)
        judgePrivileged(facts)
        judgeCapabilities(facts, .baseline, PodSecurityJudge.baselineCapabilities)
        judgeHostPaths(facts)
        judge(.baseline, "Host Ports", .notJudged, "not visible in a bundle")
        judge(.baseline, "Host Probes / Lifecycle Hooks", .notJudged, "not visible in a bundle")
        judge(
            .baseline, "AppArmor",
            against: facts.isAppArmorUnconfined
                ? ("unconfined by name", facts.place("/process/apparmorProfile", shown: "/apparmorProfile")) : nil,
            met: "not unconfined by name")
        judgeSELinux(facts)
        judgeProcMount(facts)
        judge(.baseline, "Seccomp", against: seccompFault(facts), met: "a filter refuses calls")
        judgeSysctls(facts)
    }

    private static let baselineCapabilities: CapabilitySet = [
        .auditWrite, .chown, .dacOverride, .fowner, .fsetid, .kill, .mknod, .netBindService, .setfcap, .setgid,
        .setpcap,
        .setuid, .sysChroot,
    ]

    private mutating func judgeHostNamespaces(_ facts: PodSecurityFacts) {
        let name = "Host Namespaces"
        guard !facts.isProfile else { return leaveToBundle(.baseline, name) }
        let namespaces = facts.elements("/linux/namespaces")
        let files = ["network": "net", "pid": "pid", "ipc": "ipc"]
        let shared = ["network", "pid", "ipc"].filter { type in
            guard let namespace = namespaces.first(where: { $0["type"]?.stringValue == type }) else { return true }
            return namespace["path"]?.stringValue == "/proc/1/ns/\(files[type] ?? type)"
        }
        judge(
            .baseline, name,
            against: shared.isEmpty
                ? nil : ("shared with the host: \(shared.joined(separator: ", "))", facts.place("/linux/namespaces")),
            met: "network, pid and ipc are the container's or its pod's")
    }

    private mutating func judgePrivileged(_ facts: PodSecurityFacts) {
        let hasAll = LintBaseline.privileged.isSubset(of: facts.capabilities) && facts.capabilities.count >= 32
        var against: (reason: String, place: LintPlace?)?
        if hasAll, facts.refusesCalls != true, facts.elements("/linux/maskedPaths").isEmpty {
            against = (
                "all capabilities, and no seccomp filter",
                facts.place("/process/capabilities/bounding", shown: "/capabilities/base")
            )
        }
        for device in facts.elements("/linux/resources/devices") where LintMount.isEveryDevice(device) {
            if device["allow"]?.boolValue == true {
                against = ("every device may be used", facts.place(device))
            } else if against?.reason == "every device may be used" {
                // A later refusal takes it back.
                against = nil
            }
        }
        judge(.baseline, "Privileged Containers", against: against, met: "not a privileged container")
    }

    private mutating func judgeCapabilities(
        _ facts: PodSecurityFacts, _ level: PodSecurity.Level, _ allowed: CapabilitySet
    ) {
        let beyond = facts.capabilities.subtracting(allowed)
        judge(
            level, "Capabilities",
            against: beyond.isEmpty
                ? nil
                : (
                    "beyond what may be added: \(LintText.list(beyond.names))",
                    facts.place("/process/capabilities/bounding", shown: "/capabilities/base")
                ),
            met: facts.capabilities.isEmpty ? "none" : "\(facts.capabilities.count), all of which may be added")
    }

    /// Where engines keep what they make themselves for a container: volumes, and the files of its name and network.
    private static let engineFolders = [
        "/var/lib/kubelet/pods", "/var/lib/containers/storage", "/run/containers/storage", "/var/lib/docker/containers",
        "/var/lib/docker/volumes", "/run/containerd", "/var/lib/containerd", "/var/lib/rancher",
    ]

    private mutating func judgeHostPaths(_ facts: PodSecurityFacts) {
        let name = "HostPath Volumes"
        guard !facts.isProfile else { return leaveToBundle(.baseline, name) }
        let own = PodSecurityJudge.engineFolders + (facts.folder.isEmpty ? [] : [facts.folder])
        let foreign = facts.elements("/mounts").filter { mount in
            guard LintMount.isBind(mount), let path = LintMount.source(mount) else { return false }
            // A rootless engine keeps its own below the user's home.
            return !own.contains { LintPaths.isInside(path, $0) } && !path.contains("/.local/share/containers/storage/")
                && !path.contains("/containers/overlay-containers/")
        }
        judge(
            .baseline, name,
            against: foreign.first.map {
                ("the host's \(LintMount.source($0) ?? "/") is at \(LintMount.destination($0))", facts.place($0))
            },
            met: "nothing of the host's but what the engine keeps for the container")
    }

    private static let selinuxTypes = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"]

    private mutating func judgeSELinux(_ facts: PodSecurityFacts) {
        let place = facts.place("/process/selinuxLabel")
        var against: (reason: String, place: LintPlace?)?
        if let label = facts.selinuxLabel, !label.isEmpty {
            // USER:ROLE:TYPE:LEVEL. Engines write their own user and role into it, those that a pod can't choose.
            let parts = label.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            if parts.count < 3 {
                against = ("\(quoted(label)) is no label", place)
            } else if !PodSecurityJudge.selinuxTypes.contains(parts[2]) {
                against = ("the type is \(quoted(parts[2]))", place)
            } else if parts[0] != "system_u" || parts[1] != "system_r" {
                against = ("user and role are \(quoted(parts[0] + ":" + parts[1]))", place)
            }
        }
        judge(
            .baseline, "SELinux", against: against,
            met: facts.selinuxLabel?.isEmpty == false ? "a container's type" : "no label is asked for")
    }

    private mutating func judgeProcMount(_ facts: PodSecurityFacts) {
        let name = "/proc Mount Type"
        guard !facts.isProfile else { return leaveToBundle(.baseline, name) }
        let masked = facts.elements("/linux/maskedPaths").compactMap(\.stringValue)
        let readOnly = facts.elements("/linux/readonlyPaths").compactMap(\.stringValue)
        // latency_stats is in the kubelet's list and not in all engines'.
        let open = PodSecurityJudge.maskedPaths.filter { !LintPaths.isCovered($0, by: masked) }
        let writable = LintPaths.readOnly.filter { !LintPaths.isCovered($0, by: masked + readOnly) }
        let hasProc = facts.elements("/mounts").contains { LintMount.destination($0) == "/proc" }
        var against: (reason: String, place: LintPlace?)?
        if hasProc, !writable.isEmpty {
            against = ("writable: \(LintText.list(writable))", facts.place("/linux/readonlyPaths"))
        }
        if hasProc, !open.isEmpty {
            against = ("not masked: \(LintText.list(open))", facts.place("/linux/maskedPaths"))
        }
        judge(.baseline, name, against: against, met: "masked and read-only as by default")
    }

    private static let maskedPaths = [
        "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
    ]

    private func seccompFault(_ facts: PodSecurityFacts) -> (reason: String, place: LintPlace?)? {
        let place = facts.place("/linux/seccomp", shown: "/seccomp")
        return switch facts.refusesCalls {
        case nil: ("there is no seccomp filter", place)
        case false?: ("the seccomp filter refuses nothing", place)
        case true?: nil
        }
    }

    private static let safeSysctls = [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
    ]

    private mutating func judgeSysctls(_ facts: PodSecurityFacts) {
        guard let config = facts.config else { return leaveToBundle(.baseline, "Sysctls") }
        let unsafe = (config.value(at: "/linux/sysctl").map { Array($0.members) } ?? []).first {
            // A sysctl may be written with slashes in place of dots.
            !PodSecurityJudge.safeSysctls.contains(String($0.name.map { $0 == "/" ? "." : $0 }))
        }
        judge(
            .baseline, "Sysctls", against: unsafe.map { ("\($0.name) is set", facts.place($0.value)) },
            met: "none but those that are safe")
    }

    // Restricted

    mutating func restricted(_ facts: PodSecurityFacts) {
        judge(.restricted, "Volume Types", .notJudged, "not visible in a bundle")
        judge(
            .restricted, "Privilege Escalation",
            against: facts.noNewPrivileges
                ? nil : ("no_new_privs isn't set", facts.place("/process/noNewPrivileges", shown: "/noNewPrivileges")),
            met: "no_new_privs is set")
        if let config = facts.config {
            let uid = config.value(at: "/process/user/uid")?.numberText ?? "0"
            judge(
                .restricted, "Running as Non-root",
                against: uid == "0" ? ("the process runs as user 0", facts.place("/process/user/uid")) : nil,
                met: "the process runs as user \(uid)")
        } else {
            leaveToBundle(.restricted, "Running as Non-root")
        }
        judge(.restricted, "Seccomp", against: seccompFault(facts), met: "a filter refuses calls")
        judgeCapabilities(facts, .restricted, [.netBindService])
    }
}
