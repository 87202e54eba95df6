import OCISpec
import Testing

@testable import SecurityProfile

@Suite struct ResolutionTests {
    func capabilities(_ names: String...) throws -> CapabilitySet { try CapabilityRequest(names, option: "").named }

    @Test func namesAreReadAsPeopleWriteThem() throws {
        let wanted = try capabilities("CAP_SYS_PTRACE")
        for name in ["CAP_SYS_PTRACE", "SYS_PTRACE", "sys_ptrace", "cap_sys_ptrace", "Cap_Sys_Ptrace"] {
            #expect(try CapabilityRequest([name], option: "").named == wanted)
        }
        #expect(try CapabilityRequest(["all"], option: "").isAll)
    }

    @Test(arguments: ["", "CAP_", "SYS-PTRACE", "CAP_CAP_CHOWN", "CAP_ALL", "chown ", "ＣＨＯＷＮ"])
    func unknownNamesAreRefused(name: String) {
        #expect(throws: ProfileError.self) { try CapabilityRequest([name], option: "--cap-add") }
    }

    @Test func anUnknownNameIsToldWithTheNearest() throws {
        let error = #expect(throws: ProfileError.self) {
            try CapabilityRequest(["net_ra"], option: "--cap-add")
        }
        #expect(
            error?.description
                == "--cap-add: no capability is named \"net_ra\"; did you mean CAP_NET_RAW?")
    }

    @Test func dropAllLeavesWhatTheSameLayerAdds() throws {
        let profile = try resolved("default", add: ["NET_ADMIN"], drop: ["ALL"])
        #expect(profile.capabilities == (try capabilities("NET_ADMIN")))
    }

    @Test func addAllLeavesOutTheDrops() throws {
        let profile = try resolved("default", add: ["ALL"], drop: ["SYS_ADMIN"])
        #expect(profile.capabilities == CapabilitySet.all.subtracting(try capabilities("SYS_ADMIN")))
    }

    @Test func allInBothIsAnError() throws {
        #expect(throws: ProfileError.self) { try resolved("default", add: ["ALL"], drop: ["ALL"]) }
        let child = try profile(
            "child", add: CapabilityRequest(named: [], isAll: true), drop: CapabilityRequest(named: [], isAll: true))
        #expect(throws: ProfileError.self) { try ResolvedProfile([child], on: .amd64) }
    }

    @Test func oneCapabilityInBothIsAnErrorOnTheCommandLineOnly() throws {
        let error = #expect(throws: ProfileError.self) {
            try resolved("default", add: ["CHOWN"], drop: ["cap_chown"])
        }
        #expect(error?.description.contains("CAP_CHOWN is both added and dropped") == true)
        let both = try CapabilityRequest(["CHOWN"], option: "")
        let child = try profile("child", add: both, drop: both)
        #expect(try ResolvedProfile([child], on: .amd64).capabilities.isEmpty, "the drop wins")
    }

    @Test func addingWhatIsThereAndDroppingWhatIsNotChangesNothing() throws {
        let changed = try resolved("deploy", add: ["CHOWN"], drop: ["SYS_ADMIN"])
        #expect(changed.capabilities == (try resolved("deploy").capabilities))
    }

    @Test func layersFollowEachOther() throws {
        var parent = try profile("parent", add: try CapabilityRequest(["CHOWN", "KILL"], option: ""))
        parent.noNewPrivileges = true
        parent.appArmor = .profile("one", .enforce)
        parent.ambient = .never
        parent.selinuxLabel = "label"
        var child = try profile(
            "child", extends: "parent", add: try CapabilityRequest(["SYS_PTRACE"], option: ""),
            drop: try CapabilityRequest(["KILL"], option: ""))
        var both = try ResolvedProfile([parent, child], on: .amd64)
        #expect(both.name.description == "child")
        #expect(both.capabilities == (try capabilities("CHOWN", "SYS_PTRACE")))
        #expect(both.noNewPrivileges)
        #expect(both.appArmorProfile == "one")
        #expect(both.ambient == .never)
        #expect(both.selinuxLabel == "label")
        child.noNewPrivileges = false
        child.appArmor = .unconfined
        child.ambient = .auto
        both = try ResolvedProfile([parent, child], on: .amd64)
        #expect(!both.noNewPrivileges)
        #expect(both.appArmorProfile == nil)
        #expect(both.ambient == .auto)
    }

    @Test func chainsGoToTheOutermostAncestorAndEnd() throws {
        let profiles = [
            try profile("a"), try profile("b", extends: "a"), try profile("c", extends: "b"),
            try profile("x", extends: "y"), try profile("y", extends: "z"), try profile("z", extends: "y"),
        ]
        func chain(_ name: String) throws -> [String] {
            try Profile.chain(of: profileName(name)) { name throws(ProfileError) in
                guard let found = profiles.first(where: { $0.name == name }) else {
                    throw .unknownProfile(name.description, nearest: nil)
                }
                return found
            }.map(\.name.description)
        }
        #expect(try chain("c") == ["a", "b", "c"])
        let error = #expect(throws: ProfileError.self) { try chain("x") }
        #expect(error?.description == "a profile extends itself: y -> z -> y")
        #expect(throws: ProfileError.self) { try chain("d") }
    }

    @Test func chainsHaveALimit() throws {
        func depth(_ levels: Int) throws -> Int {
            try Profile.chain(of: profileName("p\(levels)")) { name throws(ProfileError) in
                let level = Int(name.description.dropFirst()) ?? 0
                return Profile(
                    name: name, origin: .builtIn, parent: level > 0 ? ProfileName("p\(level - 1)") : nil)
            }.count
        }
        #expect(try depth(15) == 16)
        #expect(throws: ProfileError.self) { try depth(16) }
    }

    @Test(arguments: ["", "-a", ".a", "_a", "A", "a b", "a/b", "ä", String(repeating: "a", count: 64)])
    func badNamesAreNone(name: String) { #expect(ProfileName(name) == nil) }

    @Test(arguments: ["a", "0", "custom-dev", "a.b_c-d", String(repeating: "a", count: 63)])
    func goodNamesAreNames(name: String) { #expect(ProfileName(name)?.description == name) }

    @Test func rootHasItsCapabilitiesByTheBoundingSet() throws {
        let sets = try resolved("deploy", add: ["SYS_PTRACE"]).processCapabilities(uid: 0)
        #expect(sets.bounding.count == 13)
        #expect(sets.effective == sets.bounding)
        #expect(sets.permitted == sets.bounding)
        #expect(sets.inheritable.isEmpty)
        #expect(sets.ambient.isEmpty)
    }

    @Test func anotherUserKeepsOnlyWhatWasAddedOnPurpose() throws {
        let sets = try resolved("deploy", add: ["SYS_PTRACE", "CHOWN"], drop: ["KILL"]).processCapabilities(uid: 1000)
        #expect(sets.bounding.count == 12)
        let added = try capabilities("SYS_PTRACE", "CHOWN")
        #expect([sets.effective, sets.permitted, sets.inheritable, sets.ambient] == [added, added, added, added])
        let plain = try resolved("privileged").processCapabilities(uid: 1000)
        #expect(plain.bounding == .all)
        #expect(plain.effective.isEmpty && plain.ambient.isEmpty)
    }

    @Test func whatACustomProfileAddsIsOnPurpose() throws {
        let base = try builtIn("default")
        let child = try profile("child", extends: "default", add: try CapabilityRequest(["SYS_PTRACE"], option: ""))
        var resolved = try ResolvedProfile([base, child], on: .amd64)
        #expect(resolved.addedOnPurpose == (try capabilities("SYS_PTRACE")))
        resolved.ambient = .never
        #expect(resolved.processCapabilities(uid: 1).effective.isEmpty)
        resolved.ambient = .listed(try capabilities("CHOWN", "SYS_BOOT"))
        #expect(resolved.processCapabilities(uid: 1).ambient == (try capabilities("CHOWN")))
    }

    @Test func theDigestFollowsWhatIsDecidedAndNothingElse() throws {
        #expect(try resolved("default").canonicalText() == (try resolved("dev").canonicalText()))
        let texts = try [
            resolved("default"), resolved("deploy"), resolved("default", add: ["SYS_PTRACE"]),
            resolved("default", drop: ["KILL"]), resolved("default", on: .aarch64), resolved("default", add: ["KILL"]),
        ].map { try $0.canonicalText() }
        #expect(Set(texts).count == texts.count)
    }
}
