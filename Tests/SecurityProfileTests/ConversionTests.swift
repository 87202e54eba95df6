import LosslessJSON
import OCISpec
import Testing

@testable import SecurityProfile

@Suite struct ConversionTests {
    @Test(arguments: [
        ("1.30", "1.29", false), ("1.9", "1.30", true), ("v1.29.14", "1.30", true), ("2.0", "1.30", false),
    ])
    func comparesVersions(first: String, second: String, isOlder: Bool) throws {
        let versions = (try #require(KubernetesVersion(first)), try #require(KubernetesVersion(second)))
        #expect((versions.0 < versions.1) == isOlder)
    }

    @Test(arguments: ["", "1", "1.", ".1", "1.2.3.4", "a.b", "1.-2", "1.99999", " 1.2", "vv1.2"])
    func refusesVersions(text: String) { #expect(KubernetesVersion(text) == nil) }

    @Test(arguments: [
        ("web", "web"), ("my_app", "my-app"), ("a..b", "a.b"), ("x_", "x"), ("-", "profile"), ("a_.b", "a.b"),
        ("Größe", "gr----e"),
    ])
    func namesResources(name: String, resource: String) {
        #expect(ConversionSource.resourceName(name) == resource)
    }

    /// What is told to be lost is what the form lacks, and nothing else.
    @Test func expressesRulesOfAppArmor() throws {
        let profile = try resolved("deploy")
        let rules = AppArmorRules(
            readOnlyPaths: ["/usr/**"], readWritePaths: ["/data/**"], network: .init(raw: false, tcp: true))
        var source = ConversionSource(profile, description: nil, appArmor: .rules(rules))
        source.security.appArmorProfile = "web-audit"
        source.appArmorIsComplaining = true
        let conversion = Conversion(source, to: .spo, attachmentsIn: "/x")
        #expect(conversion.losses.map(\.point) == ["capabilities", "noNewPrivileges"])
        guard case .yaml(let documents, _) = conversion.document, documents.count == 2 else {
            Issue.record("\(conversion.document)")
            return
        }
        let spec = try #require(documents[1]["spec"])
        #expect(spec["mode"] == "Complain")
        #expect(spec["abstract"]?["filesystem"]?["readOnlyPaths"] == .strings(["/usr/**"]))
        #expect(spec["abstract"]?["network"]?["allowRaw"] == false)

        var denying = source
        denying.appArmorContent = .rules(AppArmorRules(denyPaths: ["/x"]))
        let points = Conversion(denying, to: .spo, attachmentsIn: "/x").losses.map(\.point)
        #expect(points.contains("apparmor.rules.denyPaths"))
        // Where the text goes along, nothing is lost.
        let docker = Conversion(denying, to: .docker, attachmentsIn: "/x")
        #expect(docker.losses.isEmpty)
        #expect(docker.attachments.contains { $0.name == "deploy.apparmor" })
    }

    /// A label is taken apart for engines; its last part may have colons.
    @Test func splitsLabels() throws {
        var profile = try resolved("restricted")
        profile.selinuxLabel = "system_u:system_r:container_t:s0:c1,c2"
        let source = ConversionSource(profile, description: nil, appArmor: .unknown)
        guard case .options(let options) = Conversion(source, to: .podman, attachmentsIn: "/x").document else {
            Issue.record("no options")
            return
        }
        #expect(
            options.suffix(4) == [
                "--security-opt=label=user:system_u", "--security-opt=label=role:system_r",
                "--security-opt=label=type:container_t", "--security-opt=label=level:s0:c1,c2",
            ])
    }
}
