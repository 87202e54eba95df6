import Testing

@testable import LinuxSys

struct KeyringTests {
    @Test(
        arguments: [
            ("keyring;0;0;3f1b0000;_ses.name", 0x3f1b_0000), ("user;1000;100;3f010000;a;b", 0x3f01_0000),
            ("k;0;0;0;", 0),
            ("k;0;0;ffffffff;x", 0xffff_ffff),
        ] as [(String, UInt32)])
    func permissionsAreRead(text: String, bits: UInt32) {
        #expect(Keyring.permissions(described: Array(text.utf8))?.rawValue == bits)
    }

    @Test(arguments: ["", "keyring;0;0;3f1b0000", "k;0;0;;x", "k;0;0;3F;x", "k;0;0;1ffffffff;x", "k;0;0;0x3f;x"])
    func otherTextsAreNone(text: String) {
        #expect(Keyring.permissions(described: Array(text.utf8)) == nil)
    }
}
