import LinuxSys
import Testing

@testable import HostInspection

@Suite struct AppArmorHostTests {
    @Test func aProfileThatNobodyLoadedIsNotLoaded() {
        switch AppArmorHost.state(of: "raind-test-nobody-loaded-this") {
        case .noAppArmor(let reason): #expect(reason == AppArmor.reasonUnavailable())
        case .noFileSystem: #expect(AppArmor.reasonUnavailable() == .ENOENT)
        case .notLoaded, .unreadable: #expect(AppArmor.isEnabled)
        case .loaded(let mode): Issue.record("loaded, in mode \(mode)")
        }
    }

    @Test func nobodyRunsUnderAProfileThatNobodyLoaded() throws {
        #expect(try AppArmorHost.processes(under: "raind-test-nobody-loaded-this").isEmpty)
    }

    @Test func theParserReadsTheText() throws {
        // Stands in for apparmor_parser: passes on what it is given, and ends as grep does.
        let folder = try TemporaryFolder()
        let parser = try folder.write(
            "parser", "#!/bin/sh\n[ \"$*\" = '--replace --skip-cache' ] && exec grep -qx 'profile a {}'\n",
            permissions: 0o700)
        #expect(try AppArmorHost.change(.replace, "# text\nprofile a {}\n", parser: parser).isSuccess)
        #expect(try !AppArmorHost.change(.replace, "profile b {}\n", parser: parser).isSuccess)
    }
}
