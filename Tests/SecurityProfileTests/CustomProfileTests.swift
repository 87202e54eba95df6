import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

/// What a profile of one's own decides beside its seccomp filter.
@Suite struct CustomProfileTests {
    private func manifest(_ text: String) throws -> Profile {
        try Profile(manifest: try node(text), origin: .file("m.yaml")) { path throws(ProfileError) in
            throw .file("\(path) is not asked for")
        }
    }

    @Test func everyPartOfAManifestIsRead() throws {
        let profile = try manifest(
            #"""
            {"apiVersion": "raind.io/v1", "kind": "SecurityProfile",
             "metadata": {"name": "web", "description": "A web server", "labels": {"team": "b", "app": "a"}},
             "spec": {"extends": "deploy", "add-cap": ["net_admin"], "drop-cap": ["CAP_KILL"], "ambient": ["NET_ADMIN"],
              "noNewPrivileges": false, "selinuxLabel": "system_u:system_r:container_t:s0:c1,c2",
              "apparmor": {"profile": "raind-web", "mode": "complain", "rules": {
               "readOnlyPaths": ["/etc/**"], "readWritePaths": ["/var/lib/web/**"], "denyPaths": ["/etc/shadow"],
               "network": {"raw": false, "tcp": true}}},
              "paths": {"masked": ["/proc/kcore"], "readonly": "keep", "rootReadonly": true}}}
            """#)
        #expect(profile.name.description == "web" && profile.parent?.description == "deploy")
        #expect(profile.labels.map(\.name) == ["app", "team"])
        #expect(profile.appArmor == .profile("raind-web", .complain))
        #expect(profile.appArmorRules?.network.tcp == true && profile.appArmorRules?.denyPaths == ["/etc/shadow"])
        #expect(profile.maskedPaths == .set(["/proc/kcore"]) && profile.readonlyPaths == .keep)
        let resolved = try ResolvedProfile([try builtIn("default"), try builtIn("deploy"), profile], on: .amd64)
        #expect(resolved.appArmorProfile == "raind-web-audit" && resolved.appArmorIsComplaining)
        #expect(resolved.paths == ProfilePaths(masked: ["/proc/kcore"], rootReadonly: true))
        #expect(resolved.processCapabilities(uid: 1).ambient == [.netAdmin])
        #expect(!resolved.noNewPrivileges)
        let origin = resolved.provenance
        #expect(origin.capabilities[.netAdmin]?.layer == .profile(profile.name))
        #expect(origin.capabilities[.kill]?.place?.description == "test.json:3:71")
        #expect(origin.capabilities[.netRaw]?.layer == .profile(try profileName("deploy")))
        #expect(origin.capabilities[.chown]?.layer == .profile(try profileName("default")))
        #expect(origin.capabilities[.sysBoot] == nil)
        #expect(origin.noNewPrivileges?.layer == .profile(profile.name))
        #expect(origin.appArmor?.layer == .profile(profile.name))
    }

    @Test func aChildsAppArmorHasItsOwnRulesOnly() throws {
        var parent = try profile("parent")
        parent.appArmor = .profile("one", .complain)
        parent.appArmorRules = AppArmorRules(denyPaths: ["/etc/shadow"])
        var child = try profile("child", extends: "parent")
        #expect(try ResolvedProfile([parent, child], on: .amd64).appArmorRules != nil)
        child.appArmor = .profile("two", .enforce)
        let both = try ResolvedProfile([parent, child], on: .amd64)
        #expect(both.appArmorRules == nil && !both.appArmorIsComplaining && both.appArmorProfile == "two")
    }

    @Test func theDigestCoversPathsAndRules() throws {
        let base = try ResolvedProfile([try profile("a")], on: .amd64)
        var texts = [try base.canonicalText()]
        var changed = base
        changed.paths.masked = []
        texts.append(try changed.canonicalText())
        changed.paths.masked = ["/proc/kcore"]
        texts.append(try changed.canonicalText())
        changed.paths.readonly = ["/proc/sys"]
        texts.append(try changed.canonicalText())
        changed.paths.rootReadonly = true
        texts.append(try changed.canonicalText())
        changed.appArmorProfile = "a"
        texts.append(try changed.canonicalText())
        changed.appArmorRules = AppArmorRules()
        texts.append(try changed.canonicalText())
        changed.appArmorRules?.network.tcp = false
        texts.append(try changed.canonicalText())
        #expect(Set(texts).count == texts.count)
    }

    @Test func pathsAreWrittenWhereTheyStandOrBelong() throws {
        var profile = try ResolvedProfile([try profile("a")], on: .amd64)
        let bundle =
            #"{"process": {"cwd": "/"}, "root": {"path": "rootfs"}, "linux": {"readonlyPaths": ["/proc/sys"]}}"#
        #expect(try value("/linux/readonlyPaths", of: applied(profile, to: bundle)) == .strings(["/proc/sys"]))
        #expect(try value("/root", of: applied(profile, to: bundle)) == .object([("path", "rootfs")]))
        profile.paths = ProfilePaths(masked: ["/proc/kcore"], readonly: [], rootReadonly: true)
        let text = try applied(profile, to: bundle)
        #expect(try value("/linux/maskedPaths", of: text) == .strings(["/proc/kcore"]))
        #expect(try value("/linux/readonlyPaths", of: text) == .strings([]))
        #expect(try value("/root/readonly", of: text) == true)
        #expect(try applied(profile, to: text) == text, "twice is as once")
        #expect(throws: BundleError.self) { try applied(profile, to: #"{"process": {"cwd": "/"}}"#) }
    }

    @Test func tighteningKeepsWhatTheBundleHides() throws {
        var profile = try ResolvedProfile([try profile("a")], on: .amd64)
        profile.paths = ProfilePaths(masked: ["/a"], rootReadonly: false)
        let config = try BundleRewriter.parse(
            Array(
                #"""
                {"process": {"cwd": "/"}, "root": {"path": "r", "readonly": true},
                 "linux": {"maskedPaths": ["/b"], "readonlyPaths": ["/c"]}}
                """#.utf8))
        let bundle = try BundleSecurity(reading: config)
        let wanted = BundleSecurity(profile, uid: 0)
        let tight = try wanted.tightened(by: bundle)
        #expect(tight.paths == ProfilePaths(masked: ["/a", "/b"], rootReadonly: true))
        #expect(Widening.between(bundle, wanted).contains(.maskedPaths(["/b"])))
        #expect(Widening.between(bundle, wanted).contains(.rootWritable))
        #expect(!Widening.between(bundle, tight).contains(.rootWritable))
        #expect(!Widening.between(bundle, tight).contains(.maskedPaths(["/b"])))
    }

    @Test(arguments: [
        ("oci://example.org/team/web:1.0", true), ("oci://localhost:5000/web", true),
        ("oci://example.org/a/b@sha256:" + String(repeating: "0", count: 64), true),
        ("oci://example.org", false), ("oci:///web", false), ("oci://example.org/Web", false),
        ("oci://example.org/web:", false), ("oci://example.org/web@sha256:0", false),
        ("https://example.org/web", false),
    ])
    func artifactsAreKnownByTheirAddress(text: String, isOne: Bool) {
        #expect((ArtifactReference(text) != nil) == isOne)
    }
}
