import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

@Suite struct SecurityStatusTests {
    private typealias Sets = ResolvedProfile.ProcessCapabilities

    private static let config = """
        {"process": {"user": {"uid": 0}, "noNewPrivileges": true, "apparmorProfile": "web",
          "capabilities": {"bounding": ["CAP_CHOWN", "CAP_KILL"], "effective": ["CAP_CHOWN", "CAP_KILL"],
            "permitted": ["CAP_CHOWN", "CAP_KILL"]}},
         "root": {"path": "r", "readonly": true},
         "annotations": {"io.raind.security-profile.applied": "web@sha256:00"},
         "linux": {"namespaces": [{"type": "user"}], "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1},
            {"containerID": 1, "hostID": 100000, "size": 65536}],
           "gidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
           "maskedPaths": ["/a", "/b"], "readonlyPaths": ["/c", "/d"],
           "seccomp": {"defaultAction": "SCMP_ACT_ERRNO"}}}
        """

    private func promise(_ text: String = config) throws -> SecurityPromise {
        try SecurityPromise(reading: try BundleRewriter.parse(Array(text.utf8)))
    }

    /// What keeps all that the configuration above promises.
    private var kept: RunningSecurity {
        let both: CapabilitySet = [.chown, .kill]
        return RunningSecurity(
            capabilities: Sets(bounding: both, effective: both, permitted: both, inheritable: [], ambient: []),
            noNewPrivileges: true, isFiltered: true, filterCount: 1, appArmorProfile: "web", appArmorMode: "enforce",
            selinuxLabel: nil,
            // In another order than they were written: it is the same map.
            userMap: [
                IDMapping(containerID: 1, hostID: 100000, size: 65536),
                IDMapping(containerID: 0, hostID: 1000, size: 1),
            ],
            groupMap: [IDMapping(containerID: 0, hostID: 1000, size: 1)])
    }

    private func status(
        _ promise: SecurityPromise?, _ running: RunningSecurity, grantable: CapabilitySet = .all,
        paths: [String: SecurityStatus.PathState] = [:]
    ) -> SecurityStatus {
        let host = [IDMapping(containerID: 0, hostID: 0, size: .max)]
        let usual: [String: SecurityStatus.PathState] = [
            "/": .readOnly, "/a": .masked, "/b": .missing, "/c": .readOnly, "/d": .masked,
        ]
        return SecurityStatus(promise, running, grantable: grantable, ownMaps: (host, host)) { (path) throws(Never) in
            paths[path] ?? usual[path] ?? .open
        }
    }

    private func drift(_ status: SecurityStatus) -> [String] {
        status.points.filter { $0.verdict == .drift }.map(\.name)
    }

    @Test func whatIsKeptIsNoDrift() throws {
        let status = status(try promise(), kept)
        #expect(!status.hasDrift && drift(status) == [])
        #expect(
            status.points.map(\.name) == [
                "capabilities.bounding", "capabilities.effective", "capabilities.permitted", "capabilities.inheritable",
                "capabilities.ambient", "no_new_privs", "seccomp", "apparmorProfile", "maskedPaths", "readonlyPaths",
                "rootReadonly", "userMap", "groupMap",
            ])
        #expect(status.points.allSatisfy { $0.verdict == .same })
        #expect(status.points.first { $0.name == "maskedPaths" }?.remark == "not there: /b")
        #expect(try promise().stamp == "web@sha256:00")
    }

    /// A stack allows what all of its profiles allow, and the kernel keeps no order in it.
    @Test func aStackedProfileIsInForce() throws {
        var running = kept
        running.appArmorProfile = "runtime//&web"
        let stacked = status(try promise(), running)
        #expect(!stacked.hasDrift)
        let point = stacked.points.first { $0.name == "apparmorProfile" }
        #expect(point?.verdict == .explained && point?.remark == "enforce, stacked on what confines the runtime")
        let asked = Self.config.replacing("\"web\"", with: "\"web//&runtime\"")
        #expect(status(try promise(asked), running).points.first { $0.name == "apparmorProfile" }?.verdict == .same)
        running.appArmorProfile = nil
        running.appArmorMode = nil
        let free = Self.config.replacing("\"web\"", with: "\"unconfined\"")
        #expect(!status(try promise(free), running).hasDrift)
    }

    @Test func eachPointDrifts() throws {
        let changes: [(String, (inout RunningSecurity) -> Void)] = [
            ("capabilities.bounding", { $0.capabilities.bounding = [.chown] }),
            ("capabilities.bounding", { $0.capabilities.bounding = [.chown, .kill, .netRaw] }),
            ("capabilities.effective", { $0.capabilities.effective = [] }),
            ("capabilities.permitted", { $0.capabilities.permitted = .all }),
            ("capabilities.inheritable", { $0.capabilities.inheritable = [.chown] }),
            ("capabilities.ambient", { $0.capabilities.ambient = [.chown] }),
            ("no_new_privs", { $0.noNewPrivileges = false }),
            ("seccomp", { $0.isFiltered = false }),
            ("apparmorProfile", { $0.appArmorProfile = nil }),
            ("apparmorProfile", { $0.appArmorProfile = "web-audit" }),
            ("apparmorProfile", { $0.appArmorMode = "complain" }),
            ("apparmorProfile", { $0.appArmorProfile = "other//&another" }),
            // One of both only logs, and which is not told.
            ("apparmorProfile", { ($0.appArmorProfile, $0.appArmorMode) = ("runtime//&web", "mixed") }),
            ("userMap", { $0.userMap[0].hostID += 1 }),
            ("groupMap", { $0.groupMap = [] }),
        ]
        for (name, change) in changes {
            var running = kept
            change(&running)
            #expect(drift(status(try promise(), running)) == [name])
        }
        for (path, state, name) in [
            ("/a", .open, "maskedPaths"), ("/a", .readOnly, "maskedPaths"), ("/c", .open, "readonlyPaths"),
        ] as [(String, SecurityStatus.PathState, String)] {
            let status = status(try promise(), kept, paths: [path: state])
            #expect(drift(status) == [name])
            #expect(status.points.first { $0.verdict == .drift }?.remark?.contains("not in force: \(path)") == true)
        }
    }

    @Test func theRootFileSystem() throws {
        #expect(drift(status(try promise(), kept, paths: ["/": .open])) == ["rootReadonly"])
        // Read-only without having been promised is no drift.
        var promise = try promise()
        promise.rootReadonly = false
        #expect(!status(promise, kept).hasDrift)
    }

    @Test func whatAProfileSaysOfPaths() throws {
        var profile = try resolved("default")
        let plain = SecurityPromise(BundleSecurity(profile, uid: 0), uid: 0)
        #expect(plain.maskedPaths == nil && plain.readOnlyPaths == nil && plain.rootReadonly == nil)
        profile.paths = ProfilePaths(masked: ["/m"], readonly: ["/r"], rootReadonly: true)
        let promise = SecurityPromise(BundleSecurity(profile, uid: 0), uid: 0)
        #expect(promise.maskedPaths == ["/m"] && promise.readOnlyPaths == ["/r"] && promise.rootReadonly == true)
    }

    @Test func whatNobodyHereCanGiveIsExplained() throws {
        var running = kept
        running.capabilities = Sets(
            bounding: [.chown], effective: [.chown], permitted: [.chown], inheritable: [], ambient: [])
        #expect(drift(status(try promise(), running)).count == 3)
        let explained = status(try promise(), running, grantable: [.chown])
        #expect(!explained.hasDrift)
        #expect(explained.points[0].verdict == .explained)
        // Something else besides is drift all the same.
        running.capabilities.bounding = [.chown, .netRaw]
        #expect(drift(status(try promise(), running, grantable: [.chown])) == ["capabilities.bounding"])
    }

    @Test func aFilterThatNobodyPromised() throws {
        var promise = try promise()
        promise.security.seccomp = nil
        #expect(drift(status(promise, kept)) == ["seccomp"])
    }

    @Test func labelsOfSELinux() throws {
        var promise = try promise()
        var running = kept
        // Nothing is said of it, so the policy decides.
        running.selinuxLabel = "a:b:c:s0"
        #expect(status(promise, running).points.first { $0.name == "selinuxLabel" }?.verdict == .notCompared)
        promise.security.selinuxLabel = "a:b:c:s0"
        #expect(!status(promise, running).hasDrift)
        running.selinuxLabel = nil
        #expect(drift(status(promise, running)) == ["selinuxLabel"])
    }

    @Test func withoutAPromiseNothingIsCompared() {
        let status = status(nil, kept)
        #expect(!status.hasDrift && status.points.allSatisfy { $0.verdict == .notCompared })
        #expect(status.points[0].inForce == .strings(["CAP_CHOWN", "CAP_KILL"]) && status.points[0].promised == nil)
    }

    @Test func namespacesOfUsers() throws {
        let without = try promise(#"{"process": {}}"#)
        #expect(without.userMap == [] && without.groupMap == [] && without.maskedPaths == [])
        // The host's own map is what a container without a namespace of users has.
        #expect(drift(status(without, kept)).contains("userMap"))
        let joined = try promise(
            #"{"process": {}, "linux": {"namespaces": [{"type": "user", "path": "/proc/1/ns/user"}]}}"#)
        #expect(joined.userMap == nil)
        for wrong in [
            #"{"process": {}, "linux": {"maskedPaths": [7]}}"#, #"{"process": {}, "linux": {"maskedPaths": {}}}"#,
            #"{"process": {}, "linux": {"namespaces": [{"type": "user"}], "uidMappings": [{"containerID": 0}]}}"#,
        ] {
            #expect(throws: BundleError.self) { try promise(wrong) }
        }
    }

    /// Against capabilities(7): what is left of the sets once the program has been executed.
    @Test func setsAfterExecution() {
        let sets = Sets(
            bounding: [.chown, .kill, .netRaw], effective: [], permitted: [.chown, .kill], inheritable: [.kill],
            ambient: [.kill, .netRaw])
        let root = sets.afterExecution(uid: 0, noNewPrivileges: false)
        #expect(root.permitted == [.chown, .kill, .netRaw] && root.effective == root.permitted)
        #expect(root.ambient == [.kill] && root.inheritable == [.kill] && root.bounding == sets.bounding)
        // no_new_privs: no more than it had.
        #expect(sets.afterExecution(uid: 0, noNewPrivileges: true).permitted == [.chown, .kill])
        let user = sets.afterExecution(uid: 1000, noNewPrivileges: false)
        #expect(user.permitted == [.kill] && user.effective == [.kill] && user.ambient == [.kill])
    }
}
