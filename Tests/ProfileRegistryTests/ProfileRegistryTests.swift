import OCISpec
import ProfileRegistry
import SecurityProfile
import Testing

@Suite struct ProfileRegistryTests {
    /// Raind's published example, letter for letter.
    static let published = """
        name: custom-dev
        extends: dev
        add-cap:
          - CAP_SYS_PTRACE
        drop-cap:
          - CAP_NET_RAW
        """

    @Test func thePublishedExampleIsRegisteredAndFoundByItsName() throws {
        let (registry, storage) = registry(["custom-dev.yaml": Self.published])
        let registration = try registry.register("custom-dev.yaml", replacing: false)
        #expect(registration.path == "/store/custom-dev.yaml")
        #expect(storage["/store/custom-dev.yaml"] == Self.published, "the text is kept as it is")
        let chain = try registry.chain(of: "custom-dev")
        #expect(chain.map(\.name.description) == ["default", "dev", "custom-dev"])
        let profile = try ResolvedProfile(chain, on: .amd64)
        #expect(profile.capabilities.count == 14)
        #expect(profile.capabilities.contains(.sysPtrace))
        #expect(!profile.capabilities.contains(.netRaw))
        #expect(profile.seccomp?.rules.contains { $0.names.contains("ptrace") } == false)
        #expect(registry.names.map(\.description).last == "custom-dev")
    }

    @Test func aManifestNeedsNoRegistrationToBeUsedByItsPath() throws {
        let (registry, _) = registry(["dir/custom-dev.yaml": Self.published])
        #expect(try registry.chain(of: "dir/custom-dev.yaml").count == 3)
        #expect(refusal { _ = try registry.chain(of: "dir/other.yaml") }.contains("dir/other.yaml: ENOENT"))
        #expect(refusal { _ = try registry.chain(of: "custom-dew") }.contains("no profile is named \"custom-dew\""))
    }

    @Test(arguments: [
        "default", "dev", "hardened",
    ])
    func aBuiltInNameIsRefused(name: String) throws {
        let (registry, storage) = registry(["a.yaml": flat(name, extends: "default")])
        #expect(
            refusal { _ = try registry.register("a.yaml", replacing: true) }.contains("a built-in profile is named"))
        #expect(refusal { _ = try registry.chain(of: "a.yaml") }.contains("a built-in profile is named"))
        #expect(storage.files.count == 1)
    }

    @Test func anExistingNameNeedsReplace() throws {
        let (registry, storage) = registry([
            "a.yaml": flat("a", extends: "dev"), "b.yaml": flat("a", extends: "deploy"),
        ])
        _ = try registry.register("a.yaml", replacing: false)
        let text = refusal { _ = try registry.register("b.yaml", replacing: false) }
        #expect(text == "a profile is named a already (/store/a.yaml); --replace puts this one in its place")
        #expect(storage["/store/a.yaml"] == flat("a", extends: "dev"))
        _ = try registry.register("b.yaml", replacing: true)
        #expect(storage["/store/a.yaml"] == flat("a", extends: "deploy"))
    }

    @Test func anUnknownParentIsRefusedWithTheNearest() throws {
        let (registry, storage) = registry(["a.yaml": flat("a", extends: "deplyo")])
        #expect(refusal { _ = try registry.register("a.yaml", replacing: false) }.contains("did you mean deploy?"))
        #expect(storage.files.count == 1)
    }

    @Test func aCycleIsRefusedWithItsPath() throws {
        let (registry, storage) = registry([
            "/store/a.yaml": flat("a", extends: "dev"), "/store/b.yaml": flat("b", extends: "a"),
            "/store/c.yaml": flat("c", extends: "b"), "new.yaml": flat("a", extends: "c"),
            "self.yaml": flat("self", extends: "self"),
        ])
        let text = refusal { _ = try registry.register("new.yaml", replacing: true) }
        #expect(text.contains("a -> c -> b -> a"))
        #expect(storage["/store/a.yaml"] == flat("a", extends: "dev"))
        #expect(refusal { _ = try registry.register("self.yaml", replacing: true) }.contains("self -> self"))
    }

    @Test func moreThanFifteenLevelsAreRefusedAlsoBelow() throws {
        var files = ["/store/p0.yaml": flat("p0", extends: nil, "seccomp: unconfined")]
        for level in 1...15 { files["/store/p\(level).yaml"] = flat("p\(level)", extends: "p\(level - 1)") }
        files["q.yaml"] = flat("q", extends: "p15")
        files["r.yaml"] = flat("r", extends: "p14")
        files["s.yaml"] = flat("p0", extends: "default")
        let (registry, _) = registry(files)
        #expect(refusal { _ = try registry.register("q.yaml", replacing: false) }.contains("more than 15"))
        _ = try registry.register("r.yaml", replacing: false)
        let text = refusal { _ = try registry.register("s.yaml", replacing: true) }
        #expect(text.contains("could not be resolved any more"), "\(text)")
    }

    @Test func whatIsExtendedStays() throws {
        let (registry, storage) = registry([
            "/store/a.yaml": flat("a", extends: "dev"), "/store/b.yaml": flat("b", extends: "a"),
            "/store/c.yaml": flat("c", extends: "a"),
        ])
        #expect(refusal { _ = try registry.remove("a") } == "a is extended by b, c; remove those first")
        _ = try registry.remove("b")
        #expect(refusal { _ = try registry.remove("a") } == "a is extended by c; remove that first")
        _ = try registry.remove("c")
        _ = try registry.remove("a")
        #expect(storage.files.isEmpty)
        #expect(refusal { _ = try registry.remove("a") }.contains("no profile is named \"a\""))
        #expect(refusal { _ = try registry.remove("deploy") }.contains("built in"))
    }

    @Test func aNameInTwoFoldersIsToldAndTheFirstCounts() throws {
        let (registry, storage) = registry(
            [
                "/own/a.yaml": flat("a", extends: "deploy"), "/etc/a.yaml": flat("a", extends: "dev"),
                "/etc/b.yaml": flat("b", extends: "a"), "/etc/README.txt": "", "/etc/Bad.yaml": "",
                "/etc/deploy.yaml": flat("deploy", extends: "privileged"),
            ], folders: ["/own", "/etc"])
        let registrations = try registry.registrations()
        #expect(registrations.map(\.name.description) == ["a", "b"])
        #expect(registrations[0].path == "/own/a.yaml" && registrations[0].hidden == ["/etc/a.yaml"])
        #expect(try registry.chain(of: "a").map(\.name.description) == ["default", "deploy", "a"])
        // A file can't take a built-in profile's place, and that is told.
        #expect(try registry.unreadFiles() == ["/etc/deploy.yaml"])
        #expect(try registry.chain(of: "deploy").count == 2)
        #expect(try registry.remove("a").hidden == ["/etc/a.yaml"])
        #expect(storage["/own/a.yaml"] == nil && storage["/etc/a.yaml"] != nil)
        #expect(try registry.chain(of: "a").map(\.name.description) == ["default", "dev", "a"])
        #expect(refusal { _ = try registry.remove("a") }.contains("extended by b"))
    }

    @Test func aFileOfAnotherNameIsRefused() throws {
        let (registry, _) = registry(["/store/a.yaml": flat("b", extends: "dev")])
        #expect(refusal { _ = try registry.chain(of: "a") }.contains("names itself b"))
    }

    @Test func withoutAFolderNothingIsRegistered() throws {
        let (registry, _) = registry(["a.yaml": flat("a", extends: "dev")], folders: [])
        #expect(refusal { _ = try registry.register("a.yaml", replacing: false) }.contains("neither HOME"))
        #expect(try registry.chain(of: "a.yaml").count == 3)
    }
}
