import Testing

@testable import OCISpec

/// Versions of the specification: SemVer 2.0.0, and its order.
struct OCIVersionTests {
    @Test(arguments: [
        "1.0.0", "1.0.2-dev", "1.3.0", "1.0.0-rc5", "1.2.0-rc.2+build.7", "0.1.0", "1.0.0-x-y-z.0a", "1.0.0+001",
    ])
    func versions(text: String) {
        #expect(OCIVersion(text)?.description == text)
    }

    @Test(
        arguments: [
            "", "1", "1.0", "1.0.0.0", "v1.0.0", "1.0.0-", "1.0.0+", "01.0.0", "1.00.0", "1.0.0-rc..1", "1.0.0-01",
            "1.0.0 ",
            "1.0.x", "-1.0.0", "1.0.0-ü", "1.0.0+a+b", "1..0", "99999999999999999999.0.0", "1.0.0-a_b",
        ])
    func textsThatAreNoVersion(text: String) {
        #expect(OCIVersion(text) == nil)
    }

    @Test func parts() throws {
        let version = try #require(OCIVersion("1.2.3-rc.1+meta"))
        #expect(version.major == 1 && version.minor == 2 && version.patch == 3)
        #expect(version.prerelease == "rc.1" && version.build == "meta")
        #expect(OCIVersion.current.description == "1.3.0")
    }

    @Test func order() throws {
        let texts = [
            "0.9.9", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-rc5",
            "1.0.0", "1.0.2-dev", "1.0.2", "1.2.0", "1.10.0", "2.0.0-dev",
        ]
        let versions = try texts.map { try #require(OCIVersion($0)) }
        for (position, version) in versions.enumerated() {
            for (other, second) in versions.enumerated() {
                #expect((version < second) == (position < other), "\(version) < \(second)")
                #expect((version == second) == (position == other))
            }
        }
        #expect(OCIVersion("1.0.0+a") == OCIVersion("1.0.0+b"))
    }
}
