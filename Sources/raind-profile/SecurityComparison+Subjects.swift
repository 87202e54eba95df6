import OCISpec
import SecurityProfile

extension SecurityComparison {
    /// Compares what a command line names, on a host of this architecture.
    init(_ first: Subject, _ second: Subject, on host: SeccompArchitecture) throws(CommandFailure) {
        self.init(try Side(first, beside: second, on: host), try Side(second, beside: first, on: host), on: [host])
    }
}

extension SecurityComparison.Side {
    /// One of two subjects. Beside a bundle a profile is what it makes of a process of that bundle's user.
    fileprivate init(_ subject: Subject, beside other: Subject, on host: SeccompArchitecture) throws(CommandFailure) {
        var security = subject.security
        if let profile = subject.resolution?.profile, let config = other.config {
            let uid = try failing(other.text) { () throws(BundleError) in try BundleSecurity.uid(of: config) }
            security = BundleSecurity(profile, uid: uid)
        }
        if let config = subject.config {
            try failing(subject.text) { () throws(BundleError) in
                try BundleRewriter.refuseFilterPastTheSection(in: config)
            }
        }
        let isFilterAlone = subject.kind == .seccomp || other.kind == .seccomp
        var filters: [SeccompMachine] = []
        do {
            if let filter = security.seccomp { filters.append(try filter.machine(on: host)) }
        } catch {
            throw .failed("\(subject.text): \(error.message)")
        }
        self.init(
            security: isFilterAlone ? nil : security, paths: Self.paths(subject, security, beside: other),
            leavesLabel: subject.kind == .profile && other.kind == .bundle, filters: filters)
    }

    /// The masked and read-only paths; nil where nothing is said of them.
    ///
    /// What a profile leaves to the bundle stays as the bundle has it; beside another profile that is no path.
    private static func paths(
        _ subject: Subject, _ security: BundleSecurity, beside other: Subject
    ) -> ConfinedPaths? {
        let own = security.paths
        let others = other.security.paths
        switch (subject.kind, other.kind) {
        case (.seccomp, _): return nil
        case (.profile, .bundle):
            guard own.masked != nil || own.readonly != nil else { return nil }
            return ConfinedPaths(
                masked: own.masked ?? others.masked ?? [], readOnly: own.readonly ?? others.readonly ?? [])
        case (.profile, _), (.bundle, _):
            return ConfinedPaths(masked: own.masked ?? [], readOnly: own.readonly ?? [])
        }
    }
}
