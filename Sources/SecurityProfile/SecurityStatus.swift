package import LosslessJSON
package import OCISpec

/// What is in force beside what was promised, point by point.
package struct SecurityStatus: Sendable {
    /// How a point stands.
    package enum Verdict: String, Sendable {
        /// What is in force is what was promised.
        case same
        /// It isn't.
        case drift
        /// It isn't, and the remark says why that is as it should be.
        case explained
        /// Nothing was promised, or nobody looked.
        case notCompared
    }

    /// A point.
    package struct Point: Sendable {
        /// What it is about: `capabilities.bounding`, `seccomp`.
        package var name: String
        /// What was promised; nil where nothing was.
        package var promised: JSONValue?
        /// What is in force; nil where nobody looked.
        package var inForce: JSONValue?
        /// How it stands.
        package var verdict: Verdict
        /// What the difference is, or why there is none; nil where there is nothing to say.
        package var remark: String?

        /// Makes a point.
        package init(
            _ name: String, promised: JSONValue? = nil, inForce: JSONValue? = nil, _ verdict: Verdict,
            remark: String? = nil
        ) {
            self.name = name
            self.promised = promised
            self.inForce = inForce
            self.verdict = verdict
            self.remark = remark
        }
    }

    /// How the mounts keep a process from a path.
    package enum PathState: String, Sendable {
        /// Something else stands in its place.
        case masked
        /// It can be read and not be written.
        case readOnly
        /// It is as it is.
        case open
        /// There is no such path, so there is nothing to keep anybody from.
        case missing
    }

    /// The points.
    package private(set) var points: [Point] = []

    /// Whether anything is not as it was promised.
    package var hasDrift: Bool { points.contains { $0.verdict == .drift } }

    /// Adds a point.
    package mutating func append(_ point: Point) { points.append(point) }

    /// Compares what is in force with what was promised; without a promise it is only listed.
    ///
    /// - Parameters:
    ///   - promise: what was promised.
    ///   - running: what is in force.
    ///   - grantable: the capabilities that this host can give to anybody: the caller's own bounding set.
    ///   - ownMaps: the users and groups of the caller's user namespace, which is that of containers without one.
    ///   - stateOfPath: finds out how the process is kept from a path.
    package init<Failure: Error>(
        _ promise: SecurityPromise?, _ running: RunningSecurity, grantable: CapabilitySet,
        ownMaps: (users: [IDMapping], groups: [IDMapping]), stateOfPath: (String) throws(Failure) -> PathState
    ) throws(Failure) {
        appendCapabilities(promise, running, grantable)
        append("no_new_privs", promise.map { .bool($0.security.noNewPrivileges) }, .bool(running.noNewPrivileges))
        appendSeccomp(promise, running)
        appendLabels(promise, running)
        try appendPaths("maskedPaths", promise?.maskedPaths, wanted: [.masked], stateOfPath)
        try appendPaths("readonlyPaths", promise?.readOnlyPaths, wanted: [.readOnly, .masked], stateOfPath)
        let isRootReadonly = try stateOfPath("/") == .readOnly
        // What may be written to need not be: a file system of the host's may be read-only by itself.
        let isPromised = promise?.rootReadonly == true
        append("rootReadonly", isPromised ? .bool(true) : nil, .bool(isRootReadonly))
        append("userMap", promise?.userMap.map { $0.isEmpty ? ownMaps.users : $0 }, running.userMap)
        append("groupMap", promise?.groupMap.map { $0.isEmpty ? ownMaps.groups : $0 }, running.groupMap)
    }

    private mutating func append(_ name: String, _ promised: JSONValue?, _ inForce: JSONValue) {
        guard let promised else { return points.append(Point(name, inForce: inForce, .notCompared)) }
        points.append(Point(name, promised: promised, inForce: inForce, promised == inForce ? .same : .drift))
    }

    private mutating func append(_ name: String, _ promised: [IDMapping]?, _ inForce: [IDMapping]) {
        func json(_ map: [IDMapping]) -> JSONValue {
            // The kernel keeps the order in which a map was written, and a map means the same in any.
            .strings(map.sorted { $0.containerID < $1.containerID }.map { "\($0.containerID) \($0.hostID) \($0.size)" })
        }
        append(name, promised.map(json), json(inForce))
    }

    private mutating func appendCapabilities(
        _ promise: SecurityPromise?, _ running: RunningSecurity, _ grantable: CapabilitySet
    ) {
        let promised = promise?.security.capabilities.afterExecution(
            uid: promise?.uid ?? 0, noNewPrivileges: promise?.security.noNewPrivileges ?? false)
        typealias Sets = ResolvedProfile.ProcessCapabilities
        let sets: [(String, KeyPath<Sets, CapabilitySet>)] = [
            ("bounding", \.bounding), ("effective", \.effective), ("permitted", \.permitted),
            ("inheritable", \.inheritable), ("ambient", \.ambient),
        ]
        for (name, path) in sets {
            let inForce = running.capabilities[keyPath: path]
            var point = Point("capabilities.\(name)", inForce: .strings(inForce.names), .notCompared)
            if let wanted = promised?[keyPath: path] {
                let missing = wanted.subtracting(inForce)
                let gained = inForce.subtracting(wanted)
                point.promised = .strings(wanted.names)
                point.verdict = missing.isEmpty && gained.isEmpty ? .same : .drift
                var parts: [String] = []
                if !gained.isEmpty { parts.append("not promised: " + gained.names.joined(separator: " ")) }
                if !missing.isEmpty {
                    let text = "missing: " + missing.names.joined(separator: " ")
                    // What nobody here has, no runtime can give.
                    let isOfHost = missing.intersection(grantable).isEmpty
                    parts.append(text + (isOfHost ? " (this host can't give it)" : ""))
                    if gained.isEmpty && isOfHost { point.verdict = .explained }
                }
                if !parts.isEmpty { point.remark = parts.joined(separator: "; ") }
            }
            points.append(point)
        }
    }

    private mutating func appendSeccomp(_ promise: SecurityPromise?, _ running: RunningSecurity) {
        func json(_ isFiltered: Bool) -> JSONValue { isFiltered ? "filter" : "none" }
        var point = Point("seccomp", inForce: json(running.isFiltered), .notCompared)
        if let promise {
            let isPromised = promise.security.seccomp != nil
            point.promised = json(isPromised)
            point.verdict = isPromised == running.isFiltered ? .same : .drift
        }
        if let count = running.filterCount, running.isFiltered {
            point.remark = count == 1 ? "1 filter" : "\(count) filters, of which the strictest answer counts"
        }
        points.append(point)
    }

    private mutating func appendLabels(_ promise: SecurityPromise?, _ running: RunningSecurity) {
        func json(_ label: String?) -> JSONValue { label.map { .string($0) } ?? .null }
        let profile = Self.labelInOrder(promise?.security.appArmorProfile)
        append("apparmorProfile", promise.map { _ in json(profile) }, json(Self.labelInOrder(running.appArmorProfile)))
        explainAppArmor(profile, running)
        // What the bundle leaves to the runtime or the policy was not promised.
        let label = promise?.security.selinuxLabel.flatMap { $0.isEmpty ? nil : $0 }
        if label != nil || running.selinuxLabel != nil {
            append("selinuxLabel", label.map { json($0) }, json(running.selinuxLabel))
        }
    }

    /// The profiles that an AppArmor label names: one, or those that are stacked.
    private static func profiles(ofLabel label: String) -> [String] { label.split(separator: "//&").map(String.init) }

    /// An AppArmor label in an order of its own: the kernel has another.
    private static func labelInOrder(_ label: String?) -> String? {
        label.map { profiles(ofLabel: $0).sorted().joined(separator: "//&") }
    }

    /// Says of the last point, which is AppArmor's, in which mode the profile is, and that one which is stacked is in force.
    private mutating func explainAppArmor(_ promised: String?, _ running: RunningSecurity) {
        guard let name = running.appArmorProfile, let mode = running.appArmorMode, !mode.isEmpty else { return }
        let place = points.count - 1
        points[place].remark = mode
        guard let promised else { return }
        let stack = Self.profiles(ofLabel: name)
        let isStacked = stack.count > 1 && name != promised && stack.contains(promised)
        // The stack allows what all of its profiles allow; of a mixed one it isn't told which of them only logs.
        if isStacked, mode == "enforce" || mode == "kill" {
            points[place].verdict = .explained
            points[place].remark = "\(mode), stacked on what confines the runtime"
        }
        // A form of ours that only logs says so in its name.
        if mode == "complain", name == promised, !promised.hasSuffix("-audit") {
            points[place].verdict = .drift
            points[place].remark = "complain: what it would refuse is allowed, and logged"
        }
    }

    private mutating func appendPaths<Failure: Error>(
        _ name: String, _ paths: [String]?, wanted: Set<PathState>, _ stateOfPath: (String) throws(Failure) -> PathState
    ) throws(Failure) {
        guard let paths else { return points.append(Point(name, .notCompared)) }
        var held: [String] = []
        var missing: [String] = []
        var open: [String] = []
        for path in paths {
            switch try stateOfPath(path) {
            case .missing: missing.append(path)
            case let state where wanted.contains(state): held.append(path)
            default: open.append(path)
            }
        }
        var remarks: [String] = []
        if !open.isEmpty { remarks.append("not in force: " + open.joined(separator: " ")) }
        if !missing.isEmpty { remarks.append("not there: " + missing.joined(separator: " ")) }
        points.append(
            Point(
                name, promised: .strings(paths), inForce: .strings(held), open.isEmpty ? .same : .drift,
                remark: remarks.isEmpty ? nil : remarks.joined(separator: "; ")))
    }
}
