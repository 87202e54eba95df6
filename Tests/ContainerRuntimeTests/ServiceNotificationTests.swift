import LinuxSys
import LosslessJSON
import OCISpec
import Testing

@testable import ContainerRuntime

/// What of a datagram out of a container counts, and what a config gets for it.
struct ServiceNotificationTests {
    @Test func readiness() {
        let rows: [(String, Bool)] = [
            ("READY=1", true), ("READY=1\n", true), ("STATUS=x\nREADY=1\nX=1", true), ("\n\nREADY=1", true),
            ("", false),
            ("READY=0", false), ("READY=1x", false), ("READY=", false), ("XREADY=1", false), (" READY=1", false),
            ("READY=1\r\n", false), ("STATUS=READY=1", false),
        ]
        for (text, expected) in rows { #expect(ServiceNotification.saysReady(Array(text.utf8)) == expected, "\(text)") }
        #expect(!ServiceNotification.saysReady([0xff, 0, 0x0a, 0x80]))
    }

    @Test func configs() throws {
        let text = #"{"ociVersion":"1.2.0","process":{"cwd":"/","env":["A=1","NOTIFY_SOCKET=/host","B=2"]}}"#
        var spec = try Spec(JSON(parsing: Array(text.utf8)))
        ServiceNotification.add(to: &spec, stateFolder: "/run/state/box")
        #expect(spec.process?.env == ["A=1", "B=2", "NOTIFY_SOCKET=/run/notify/notify.sock"])
        #expect(
            spec.mounts == [
                Mount(
                    destination: "/run/notify", source: "/run/state/box/notify", type: "bind",
                    options: ["bind", "nosuid", "noexec", "nodev", "ro"])
            ])
    }

    /// Whatever the umask is, any user may enter the folder; it goes with all that is in it.
    @Test func folders() throws {
        let directory = try TemporaryDirectory()
        let folder = try Files.open(directory.path, .directory)
        try ServiceNotification.makeFolder(in: folder.borrowed)
        #expect(try Files.status(directory.path + "/notify").permissions == 0o755)
        _ = try Sockets.listen(directory.path + "/notify/notify.sock", .datagram)
        try Files.unlink("notify/notify.sock", in: folder.borrowed)
        try Files.removeDirectory("notify", in: folder.borrowed)
        #expect(try Files.list(folder.borrowed).isEmpty)
    }
}
