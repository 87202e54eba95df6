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
        var paths: ConfinedPaths?
        if let config = subject.config {
            (paths, _) = try failing(subject.text) { () throws(BundleError) in
                (try ConfinedPaths(reading: config), try BundleRewriter.refuseFilterPastTheSection(in: config))
            }
        }
        // Most profiles leave paths to the bundle.
        if let own = subject.resolution?.profile.paths, let masked = own.masked, let readonly = own.readonly {
            paths = ConfinedPaths(masked: masked, readOnly: readonly)
        }
        let isFilterAlone = subject.kind == .seccomp || other.kind == .seccomp
        var filters: [SeccompMachine] = []
        do {
            if let filter = security.seccomp { filters.append(try filter.machine(on: host)) }
        } catch {
            throw .failed("\(subject.text): \(error.message)")
        }
        self.init(
            security: isFilterAlone ? nil : security, paths: paths,
            leavesLabel: subject.kind == .profile && other.kind == .bundle, filters: filters)
    }
}
