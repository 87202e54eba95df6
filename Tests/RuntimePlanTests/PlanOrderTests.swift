import OCISpec
import Testing

@testable import RuntimePlan

/// The order of steps: what breaks or opens a hole when two change places. Each rule holds in every plan of the
/// fixtures, and in each that has both steps they stand as told.
struct PlanOrderTests {
    /// The last step named `first` comes before the first one named `second`.
    struct Rule: CustomTestStringConvertible {
        var first: String
        var second: String
        var testDescription: String { "\(first) before \(second)" }

        init(_ first: String, _ second: String) {
            self.first = first
            self.second = second
        }
    }

    static let runtime = [
        // Whatever is made is known to belong to the id.
        Rule("claim id", "make cgroups"), Rule("claim id", "make start pipes"), Rule("claim id", "clone"),
        // Limits hold before the process is in its groups; about devices there is a test below.
        Rule("set cgroup value", "open cgroups"), Rule("clone", "open cgroups"),
        // The group is its user's before it is the process's.
        Rule("make cgroups", "delegate cgroup"), Rule("delegate cgroup", "clone"),
        Rule("delegate cgroup", "filter devices"),
        // A process that is born has what it is to mount.
        Rule("map ids of mount", "clone"), Rule("prepare devices", "clone"),
        // What is born in the container is born in its class.
        Rule("clone", "enter resctrl class"), Rule("enter resctrl class", "await process"),
        Rule("connect console socket", "make cgroups"), Rule("clone", "write id maps"),
        Rule("write id maps", "await root file system"), Rule("compile seccomp", "release process"),
        // The hooks' authors are promised that the mounts are done.
        Rule("await root file system", "run hooks"), Rule("run hooks", "release process"),
        // In its namespace the process is sure to be, and its parameters and the hooks come after.
        Rule("await root file system", "move network device"), Rule("move network device", "run hooks"),
        Rule("move network device", "release process"), Rule("write id maps", "move network device"),
        // Inside its user namespace the process could not do it any more.
        Rule("set resource limits", "release process"), Rule("set oom_score_adj", "release process"),
        Rule("release process", "pass seccomp listener"), Rule("pass seccomp listener", "await process"),
        Rule("set resource limits", "set scheduler"), Rule("set scheduler", "release process"),
        Rule("set I/O priority", "release process"),
        Rule("release process", "await process"), Rule("await process", "record created"),
    ]

    static let container = [
        Rule("await id maps", "become root of the user namespace"),
        Rule("become root of the user namespace", "unshare"), Rule("join namespaces", "mount"),
        Rule("unshare", "mount"), Rule("unshare", "set propagation"),
        // A mount that was made before would show on the host.
        Rule("set propagation", "attach root"), Rule("set propagation", "mount"), Rule("attach root", "mount"),
        Rule("open procfs", "mount"), Rule("enter cgroups", "unshare cgroup namespace"),
        Rule("mount", "make device"), Rule("make device", "link device"), Rule("mount", "open terminal"),
        Rule("make device", "mask"), Rule("link device", "mask"), Rule("make device", "make read-only"),
        Rule("make read-only", "mask"), Rule("mount", "make working directory"),
        Rule("mask", "report root file system"), Rule("make working directory", "report root file system"),
        Rule("report root file system", "await release"), Rule("await release", "pivot root"),
        Rule("mask", "pivot root"), Rule("mask", "await release"),
        Rule("pivot root", "set root propagation"), Rule("pivot root", "make mount read-only"),
        Rule("pivot root", "make root read-only"), Rule("make device", "make mount read-only"),
        Rule("make working directory", "make root read-only"),
        // Names and parameters are the host's until the namespaces are entered, and read-only with /proc/sys.
        Rule("unshare", "set hostname"), Rule("join namespaces", "set hostname"), Rule("pivot root", "set hostname"),
        Rule("set sysctl", "set user"), Rule("pivot root", "set sysctl"), Rule("chown standard streams", "set user"),
        Rule("set AppArmor profile", "set user"), Rule("set SELinux label", "set user"),
        Rule("set SELinux label", "join session keyring"),
        Rule("enter working directory", "find executable"), Rule("pivot root", "find executable"),
        // Looking for the program may take more than the container is to have; raising a limit takes a capability.
        Rule("find executable", "set resource limits"), Rule("set resource limits", "limit bounding set"),
        Rule("set resource limits", "set user"), Rule("set resource limits", "load seccomp"),
        Rule("find executable", "set oom_score_adj"), Rule("set oom_score_adj", "set user"),
        // RLIMIT_RTPRIO and RLIMIT_NICE let a caller without CAP_SYS_NICE have more.
        Rule("set resource limits", "set scheduler"), Rule("set scheduler", "limit bounding set"),
        Rule("set I/O priority", "limit bounding set"), Rule("set scheduler", "load seccomp"),
        // A filter may allow neither; the nodes have to be in the cpuset.
        Rule("set personality", "load seccomp"), Rule("set memory policy", "load seccomp"),
        Rule("enter cgroups", "set memory policy"),
        // Its clocks are set below /proc/self, which belongs to the process until its ids change; hooks are promised the
        // namespaces, and the container's mounts cover /proc.
        Rule("await id maps", "make time namespace"), Rule("make time namespace", "become root of the user namespace"),
        Rule("make time namespace", "run hooks"), Rule("make time namespace", "attach root"),
        // Dropping from the bounding set takes CAP_SETPCAP, which goes with the ids.
        Rule("limit bounding set", "set user"), Rule("set user", "set capabilities"),
        Rule("set capabilities", "await start"), Rule("set no_new_privs", "await start"),
        Rule("find executable", "close descriptors"), Rule("close descriptors", "load seccomp"),
        Rule("load seccomp", "execute"), Rule("open terminal", "use terminal"),
        // Its streams are the user's too.
        Rule("use terminal", "take terminal"), Rule("use terminal", "chown standard streams"),
    ]

    static func check(_ rule: Rule, _ steps: (Plan) -> [Step]) throws {
        var seen = false
        for name in PlanFixture.names {
            let names = try steps(PlanFixture.plan(name)).map { "\($0.name)" }
            guard let first = names.lastIndex(of: rule.first), let second = names.firstIndex(of: rule.second) else {
                continue
            }
            seen = true
            #expect(first < second, "\(name)")
        }
        // A rule about steps that no plan has checks nothing.
        #expect(seen)
    }

    @Test(arguments: runtime)
    func theRuntimes(rule: Rule) throws { try Self.check(rule) { $0.runtimeSteps } }

    @Test(arguments: container)
    func theContainers(rule: Rule) throws { try Self.check(rule) { $0.containerSteps } }

    @Test(arguments: PlanFixture.names)
    func endsAreWhereTheyBelong(name: String) throws {
        let plan = try PlanFixture.plan(name)
        #expect(plan.runtimeSteps.first == .claimID)
        #expect(plan.runtimeSteps.last == .recordCreated)
        #expect(plan.containerSteps.last == .execute(plan.spec.arguments))
        // Steps that wait come in pairs.
        for (waiting, doing) in [(Step.awaitRootfs, .reportRootfs), (.releaseProcess, .awaitRelease)] as [(Step, Step)]
        {
            #expect(plan.runtimeSteps.count { $0 == waiting } == plan.containerSteps.count { $0 == doing })
            #expect(plan.runtimeSteps.count { $0 == waiting } <= 1)
        }
        let runtimesHooks = [HookKind.prestart, .createRuntime].contains { !plan.spec.hooks($0).isEmpty }
        if runtimesHooks { #expect(plan.runtimeSteps.contains(.awaitRootfs)) }
        if plan.spec.seccomp != nil { #expect(plan.runtimeSteps.contains(.releaseProcess)) }
        #expect(plan.runtimeSteps.contains(.openCgroups) == plan.containerSteps.contains(.enterCgroups))
        let writesMaps = plan.runtimeSteps.contains { if case .writeIDMaps = $0 { true } else { false } }
        #expect(plan.containerSteps.contains(.awaitIDMaps) == writesMaps)
    }

    /// A value goes into a group that is there: cgroup2's before the process is born in it, v1's after.
    @Test(arguments: PlanFixture.names)
    func valuesFollowTheirGroups(name: String) throws {
        let plan = try PlanFixture.plan(name)
        let steps = plan.runtimeSteps
        let clone = try #require(steps.firstIndex(of: .cloneProcess(plan.spec.creation)))
        if let v2 = steps.firstIndex(of: .makeCgroups(.v2)) { #expect(v2 < clone) }
        for (place, step) in steps.enumerated() {
            guard case .setCgroup(let write) = step else { continue }
            let isUnified = plan.spec.cgroup.layout.hierarchies[write.hierarchy].isUnified
            let group = try #require(
                steps.firstIndex(of: plan.unit.map(Step.startScope) ?? .makeCgroups(isUnified ? .v2 : .v1)))
            #expect(group < place)
            if plan.unit == nil { #expect((place < clone) == isUnified) }
        }
    }

    /// Device rules follow the group that they are for: cgroup2's before the process is born in it, v1's before it enters.
    /// systemd is asked before there is a process to take back, and takes it before the process can be another user's; what
    /// the config asks for goes along, and the process waits until it is in its group.
    @Test(arguments: PlanFixture.names)
    func scopesAreThereInTime(name: String) throws {
        let plan = try PlanFixture.plan(name)
        let steps = plan.runtimeSteps
        guard let unit = plan.unit else {
            #expect(!steps.contains { ["connect to systemd", "start scope"].contains("\($0.name)") })
            return
        }
        let start = try #require(steps.firstIndex(of: .startScope(unit)))
        let clone = try #require(steps.firstIndex(of: .cloneProcess(plan.spec.creation)))
        let open = try #require(steps.firstIndex(of: .openCgroups))
        #expect(try #require(steps.firstIndex(of: .connectSystemd(unit.instance))) < clone)
        #expect(clone < start && start < open)
        #expect(!steps.contains { "\($0.name)" == "make cgroups" })
        for (place, step) in steps.enumerated() {
            switch step {
            case .writeIDMaps: #expect(start < place)
            case .setUnitProperty(let property):
                #expect(place < start)
                #expect(unit.properties.contains(property))
            default: break
            }
        }
        let entered = try #require(plan.containerSteps.firstIndex(of: .enterCgroups))
        if let own = plan.containerSteps.firstIndex(of: .unshareCgroupNamespace) { #expect(entered < own) }
    }

    /// Where a mount opens a device they wait for the mounts, and for nothing more: the hooks find them in force, and nobody
    /// can start the program before.
    @Test(arguments: PlanFixture.names)
    func deviceRulesAreInForceInTime(name: String) throws {
        let plan = try PlanFixture.plan(name)
        let steps = plan.runtimeSteps
        guard let filter = steps.firstIndex(where: { "\($0.name)" == "filter devices" }) else {
            #expect(!plan.spec.cgroup.filtersDevices || !steps.contains(.openCgroups))
            return
        }
        let clone = try #require(steps.firstIndex(of: .cloneProcess(plan.spec.creation)))
        let opensDevice = plan.spec.mounts.contains(where: \.isOfDevice)
        if opensDevice {
            let mounted = try #require(steps.firstIndex { $0 == .awaitRootfs || $0 == .awaitReady })
            #expect(filter == mounted + 1)
            if !plan.spec.hooks(.createContainer).isEmpty { #expect(steps[mounted] == .awaitRootfs) }
            #expect(filter < steps.count - 1)
        } else if plan.spec.cgroup.layout.index(of: "devices") == nil, plan.unit == nil {
            #expect(filter < clone)
        } else {
            let open = try #require(steps.firstIndex(of: .openCgroups))
            #expect(clone < filter && filter < open)
        }
        for (place, step) in steps.enumerated() { if case .runHooks = step { #expect(filter < place) } }
    }

    /// What joins a container that has a class of service is in it before its program is executed.
    @Test func whatJoinsHasTheClassOfService() throws {
        let spec = try PlanFixture.plan("runc-spec").spec
        var options = PlanOptions()
        #expect(!Plan(joining: spec, id: "demo", options: options).runtimeSteps.contains(.joinResctrl))
        options.joinsResctrl = true
        let steps = Plan(joining: spec, id: "demo", options: options).runtimeSteps
        let place = try #require(steps.firstIndex(of: .joinResctrl))
        #expect(steps[place - 1] == .enterContainer)
        #expect(try place < #require(steps.firstIndex(of: .releaseProcess)))
    }

    /// Whoever may trace the container's processes finds nothing in the one that joins that the program isn't to have: it comes
    /// into the pid namespace with all given up, but for a filter that doesn't let it come.
    @Test(arguments: PlanFixture.names)
    func whatJoinsIsSeenLast(name: String) throws {
        let spec = try PlanFixture.plan(name).spec
        let plan = Plan(joining: spec, id: "demo")
        let steps = plan.containerSteps
        let place = try #require(steps.firstIndex(of: .enterPIDNamespace))
        let later = steps[(place + 1)...].map { "\($0.name)" }
        #expect(later.allSatisfy { ["take terminal", "await limits", "load seccomp", "execute"].contains($0) })
        #expect(later.contains("load seccomp") == (spec.seccomp?.listener != nil && spec.noNewPrivileges))
        #expect(later.first == "take terminal")
        #expect(steps.count { $0 == .enterPIDNamespace } == 1)
        // Its number is known before it is told to anybody, and what it doesn't inherit is set before the program.
        let runtime = plan.runtimeSteps.map { "\($0.name)" }
        let birth = try #require(runtime.firstIndex(of: "await birth"))
        #expect(runtime[birth - 1] == "release process")
        for inherited in ["set resource limits", "set oom_score_adj", "set I/O priority", "enter resctrl class"] {
            if let limit = runtime.firstIndex(of: inherited) { #expect(limit < birth) }
        }
        for later in [
            "set scheduler", "set final affinity", "confirm limits", "pass seccomp listener", "announce process",
        ] {
            if let limit = runtime.firstIndex(of: later) { #expect(limit > birth) }
        }
        #expect(runtime.contains("confirm limits") == steps.contains(.awaitLimits))
        #expect(
            runtime.contains("confirm limits")
                == runtime.contains { ["set scheduler", "set final affinity"].contains($0) })
    }

    /// With no_new_privs the filter is the last thing before the exec; without it, it comes while there is still
    /// CAP_SYS_ADMIN, and after all that opens files. One with a listener is loaded while there is a runtime to pass it on.
    @Test(arguments: PlanFixture.names)
    func seccompIsLoadedWhereItCanBe(name: String) throws {
        let plan = try PlanFixture.plan(name)
        let steps = plan.containerSteps
        let loads = steps.count { "\($0.name)" == "load seccomp" }
        guard let seccomp = plan.spec.seccomp else {
            #expect(loads == 0)
            return
        }
        #expect(loads == 1)
        let passes = plan.runtimeSteps.contains { if case .passListener = $0 { true } else { false } }
        #expect(passes == (seccomp.listener != nil))
        if seccomp.listener != nil, plan.spec.noNewPrivileges {
            let place = try #require(steps.firstIndex(of: .loadSeccompWithListener))
            #expect(steps[place - 1] == .setNoNewPrivileges && steps[place + 1] == .awaitStart)
        } else if plan.spec.noNewPrivileges {
            #expect(steps.dropLast().last == .loadSeccompLate)
            #expect(!steps.contains(.loadSeccompEarly))
        } else {
            let place = try #require(steps.firstIndex(of: .loadSeccompEarly))
            #expect(steps[place + 1] == .setUser(plan.spec.user))
            #expect(!steps.contains(.loadSeccompLate))
        }
    }

    /// A process that joins gives up what the first one does, in the same order; what it doesn't do is the container's
    /// once and for all, or the runtime's.
    @Test(arguments: PlanFixture.names)
    func whatJoinsIsLockedDownAlike(name: String) throws {
        let plan = try PlanFixture.plan(name)
        let once = [
            "set resource limits", "set oom_score_adj", "set I/O priority", "set scheduler", "await start", "run hooks",
        ]
        // What is done once the process is in the pid namespace is looked at above.
        let late = ["enter pid namespace", "take terminal", "await limits"]
        func lockdown(_ steps: [Step]) -> [Step] {
            let start = steps.lastIndex { ["await release", "pivot root"].contains("\($0.name)") } ?? 0
            return steps[(start + 1)...].filter { step in
                !once.contains("\(step.name)") && !late.contains("\(step.name)")
                    && !["set root propagation", "make mount read-only", "make root read-only"].contains("\(step.name)")
            }
        }
        let keepsKeyring = !plan.containerSteps.contains { "\($0.name)" == "join session keyring" }
        let joining = Plan(joining: plan.spec, id: plan.id, options: PlanOptions(keepsKeyring: keepsKeyring))
        #expect(lockdown(joining.containerSteps) == lockdown(plan.containerSteps))
        #expect(joining.containerSteps.allSatisfy { !once.contains("\($0.name)") })
        #expect(joining.containerSteps.last == .execute(plan.spec.arguments))
        #expect(joining.runtimeSteps.contains(.openCgroups) && joining.containerSteps.contains(.awaitRelease))
        // Limits are the runtime's to set while the process waits; it is announced once it executes its program.
        let names = joining.runtimeSteps.map { "\($0.name)" }
        let listener = plan.spec.seccomp?.listener == nil ? [] : ["pass seccomp listener"]
        var end = ["release process", "await birth"]
        if plan.spec.initialAffinity != nil || plan.spec.finalAffinity != nil { end.append("set final affinity") }
        if plan.spec.scheduler != nil { end.append("set scheduler") }
        if end.count > 2 { end.append("confirm limits") }
        end += listener + ["await execution", "announce process"]
        #expect(Array(names.suffix(end.count)) == end)
        #expect(names.contains("set resource limits") == !plan.spec.resourceLimits.isEmpty)
        // Born on the first ones, and on the last ones once it is in its groups.
        let affinities = names.filter { $0.hasSuffix("affinity") || $0 == "enter container" }
        if plan.spec.initialAffinity != nil {
            #expect(affinities == ["set initial affinity", "enter container", "set final affinity"])
        } else {
            #expect(affinities.count == (plan.spec.finalAffinity == nil ? 1 : 2))
        }
        #expect(names.contains("set scheduler") == (plan.spec.scheduler != nil))
        #expect(names.contains("set I/O priority") == (plan.spec.ioPriority != nil))
    }

    /// What the config asks for has a step.
    @Test(arguments: PlanFixture.names)
    func nothingIsLeftOut(name: String) throws {
        let plan = try PlanFixture.plan(name)
        let steps = plan.runtimeSteps + plan.containerSteps
        #expect(
            steps.compactMap { if case .mount(let action) = $0 { action.index } else { nil } }
                == plan.spec.mounts.map(\.index))
        #expect(steps.count { "\($0.name)" == "mask" } == plan.spec.maskedPaths.count)
        #expect(steps.count { "\($0.name)" == "make read-only" } == plan.spec.readOnlyPaths.count)
        #expect(steps.count { "\($0.name)" == "set sysctl" } == plan.spec.sysctl.count)
        #expect(steps.contains(.setNoNewPrivileges) == plan.spec.noNewPrivileges)
        #expect(steps.contains(.setCapabilities(plan.spec.capabilities)))
        #expect(steps.contains(.limitBoundingSet(plan.spec.capabilities.bounding)))
        for kind in HookKind.allCases where kind != .poststart && kind != .poststop {
            #expect(steps.contains(.runHooks(kind)) == !plan.spec.hooks(kind).isEmpty)
        }
    }
}
