import HostInspection
import LinuxSys
import LosslessJSON
import OCISpec
import SecurityProfile

/// One run of `raind-profile status`: what it finds, and how it prints it.
struct StatusReport {
    /// The points, compared.
    private(set) var status: SecurityStatus
    private let target: StatusTarget
    private let stamp: AppliedStamp?

    /// Looks at the process.
    init(_ command: StatusCommand) throws(CommandFailure) {
        guard let architecture = SeccompArchitecture.native else {
            throw .failed("this host's architecture is none that seccomp knows")
        }
        let target = try StatusTarget(command, architecture: architecture)
        self.target = target
        let process = try failing { () throws(SyscallError) in try InspectedProcess(pid: target.pid) }
        guard process.status.state != "Z" else {
            throw .failed("process \(target.pid) has ended and waits for its parent; there is nothing in force for it")
        }
        let own = try failing { () throws(SyscallError) in try InspectedProcess(pid: Processes.processID) }
        let promise = try Self.promise(target.subject, process)
        stamp = promise?.stamp.flatMap { AppliedStamp($0) }
        do throws(SyscallError) {
            status = try SecurityStatus(
                promise, RunningSecurity(process), grantable: CapabilitySet(rawValue: own.status.bounding),
                ownMaps: (own.userMap.mappings, own.groupMap.mappings)
            ) { path throws(SyscallError) in
                // That there is a root needs no looking, which another user's processes don't allow.
                if path != "/", try !process.hasPath(path) { return .missing }
                return switch process.mounts.confinement(of: path) {
                case .masked: .masked
                case .readOnly: .readOnly
                case .open: .open
                }
            }
        } catch {
            throw .failed("\(error)")
        }
        try appendFilter(promise, isRead: command.readsFilter, architecture)
        if let promise, target.subject?.kind == .bundle {
            for point in try AppliedProfileCheck.points(promise, on: architecture) { status.append(point) }
        }
        if promise == nil {
            Output.error(
                "note: no bundle of process \(target.pid) is known, so nothing was compared; name it, or a profile")
        }
    }

    private static func promise(
        _ subject: Subject?, _ process: borrowing InspectedProcess
    ) throws(CommandFailure) -> SecurityPromise? {
        guard let subject else { return nil }
        if let config = subject.config {
            return try failing(subject.path) { () throws(BundleError) in try SecurityPromise(reading: config) }
        }
        guard let profile = subject.resolution?.profile else { return nil }
        let uid = process.userMap.inside(process.status.uid) ?? process.status.uid
        return SecurityPromise(BundleSecurity(profile, uid: uid), uid: uid)
    }

    /// The point about what the filters answer.
    private mutating func appendFilter(
        _ promise: SecurityPromise?, isRead: Bool, _ architecture: SeccompArchitecture
    ) throws(CommandFailure) {
        guard isRead else {
            return status.append(
                .init("seccompFilter", .notCompared, remark: "filter content was not compared; --filter does, as root"))
        }
        let pid = target.pid
        let programs: [[UInt8]]
        do throws(SyscallError) {
            programs = try Tracing.seccompFilters(of: pid)
        } catch {
            let hint =
                switch error.errno {
                case .EACCES, .EPERM: "; --filter takes root of the host, without a filter of its own"
                case .EIO: "; this kernel can't show filters (CONFIG_CHECKPOINT_RESTORE)"
                case .ETIMEDOUT: "; the process doesn't stand still, as one that is frozen"
                default: ""
                }
            throw .failed("\(error)\(hint)")
        }
        var machines: [SeccompMachine] = []
        for program in programs {
            machines.append(try failing { () throws(SeccompMachine.Fault) in try SeccompMachine(program) })
        }
        let inForce = JSONValue.strings(machines.map { "\($0.instructions.count) instructions" })
        guard let promise else {
            return status.append(.init("seccompFilter", inForce: inForce, .notCompared))
        }
        var wanted: [SeccompMachine] = []
        if let filter = promise.security.seccomp { wanted = [try filter.machine(on: architecture)] }
        let comparison = SeccompComparison(wanted, machines, on: [architecture])
        status.append(
            .init(
                "seccompFilter", promised: .strings(wanted.map { "\($0.instructions.count) instructions" }),
                inForce: inForce, comparison.isEqual ? .same : .drift,
                remark: comparison.isEqual ? "answers every call as promised" : DriftText.of(comparison)))
    }

    /// The report as a document.
    var document: JSONValue {
        var members: [(name: String, value: JSONValue)] = [("pid", .integer(UInt64(target.pid)))]
        if let container = target.container {
            members.append(
                (
                    "container",
                    .object([
                        ("id", .string(container.id)), ("runtime", .string(container.runtime.path)),
                        ("bundle", .string(container.bundle)),
                    ])
                ))
        }
        members.append(("audit", .bool(stamp?.isAudit ?? false)))
        members.append(("drift", .bool(status.hasDrift)))
        let points = status.points.map { point in
            var members: [(name: String, value: JSONValue)] = [
                ("name", .string(point.name)), ("verdict", .string(point.verdict.rawValue)),
                ("promised", point.promised ?? .null), ("inForce", point.inForce ?? .null),
            ]
            if let remark = point.remark { members.append(("remark", .string(remark))) }
            return JSONValue.object(members)
        }
        members.append(("points", .array(points)))
        return .object(members)
    }

    /// The report for people.
    var table: String {
        var head = Table(heading: .column)
        head.append("PROCESS", String(target.pid))
        if let container = target.container {
            head.append("CONTAINER", "\(container.id) of \(container.runtime.path), bundle \(container.bundle)")
        }
        if stamp?.isAudit == true {
            head.append("AUDIT", "refusals of seccomp and AppArmor are logged and let through")
        }
        var table = Table(
            heading: .row,
            styles: Dictionary(uniqueKeysWithValues: Self.styles.map { (Self.word($0.key), $0.value) }))
        table.append("POINT", "VERDICT", "IN FORCE")
        for point in status.points {
            table.append(point.name, Self.word(point.verdict), brief(point))
            if point.verdict == .drift, point.remark == nil, let promised = point.promised {
                table.append("", "", "promised: " + Self.brief(promised, of: point.name))
            }
            if let remark = point.remark { table.append("", "", "(\(remark))") }
        }
        return head.text + "\n\n" + table.text
    }

    /// What is in force, in a cell.
    private func brief(_ point: SecurityStatus.Point) -> String {
        // Most often the sets are the same, and long.
        let sets = ["capabilities.effective", "capabilities.permitted"]
        let bounding = status.points.first { $0.name == "capabilities.bounding" }?.inForce
        if sets.contains(point.name), point.inForce == bounding, point.inForce != .array([]) { return "as bounding" }
        return Self.brief(point.inForce, of: point.name)
    }

    private static func brief(_ value: JSONValue?, of name: String) -> String {
        switch value {
        case .bool(let isTrue)?: return isTrue ? "true" : "false"
        case .string(let text)?: return text
        case .array(let elements)?:
            let words = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
            if words.isEmpty { return "none" }
            if name.hasPrefix("capabilities.") {
                return words.map { $0.replacing("CAP_", with: "") }.joined(separator: " ")
            }
            return name.hasSuffix("Paths") ? "\(words.count) paths" : words.joined(separator: ", ")
        default: return "-"
        }
    }

    private static let styles: [SecurityStatus.Verdict: Style] = [
        .same: .green, .drift: .red, .explained: .yellow, .notCompared: .yellow,
    ]

    private static func word(_ verdict: SecurityStatus.Verdict) -> String {
        switch verdict {
        case .same: "as promised"
        case .drift: "DRIFT"
        case .explained: "explained"
        case .notCompared: "not compared"
        }
    }
}

extension RunningSecurity {
    /// What was found of a process.
    fileprivate init(_ process: borrowing InspectedProcess) {
        let status = process.status
        self.init(
            capabilities: .init(
                bounding: CapabilitySet(rawValue: status.bounding),
                effective: CapabilitySet(rawValue: status.effective),
                permitted: CapabilitySet(rawValue: status.permitted),
                inheritable: CapabilitySet(rawValue: status.inheritable),
                ambient: CapabilitySet(rawValue: status.ambient)),
            noNewPrivileges: status.noNewPrivileges, isFiltered: status.seccompMode != 0,
            filterCount: status.seccompFilterCount, appArmorProfile: process.labels.appArmorProfile,
            appArmorMode: process.labels.appArmorMode, selinuxLabel: process.labels.selinuxLabel,
            userMap: process.userMap.mappings, groupMap: process.groupMap.mappings)
    }
}

extension IDMap {
    fileprivate var mappings: [IDMapping] {
        ranges.map { IDMapping(containerID: $0.inside, hostID: $0.outside, size: $0.count) }
    }
}
