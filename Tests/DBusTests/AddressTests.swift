import Testing

@testable import DBus

struct AddressTests {
    @Test(arguments: [
        ("unix:path=/run/user/1000/bus", ["/run/user/1000/bus"]),
        ("unix:path=/a%20b,guid=00ff", ["/a b"]),
        ("unix:abstract=/tmp/dbus-x,guid=1;unix:path=/y", ["\0/tmp/dbus-x", "/y"]),
        ("tcp:host=localhost,port=1;unix:path=/y", ["/y"]),
    ])
    func addresses(text: String, paths: [String]) throws {
        #expect(try BusAddress.list(text).map(\.socketPath) == paths)
    }

    @Test(arguments: [
        "", "unix", "unix:", "unix:path", "unix:path=relative", "tcp:host=a", "unix:path=/%2", "unix:path=/%00",
        "unix:path=/run\0/bus",
    ])
    func whatIsNone(text: String) {
        #expect(throws: BusFailure.self) { try BusAddress.list(text) }
    }

    @Test func pathsAreEscaped() throws {
        let address = BusAddress(socketPath: "/run/a b;c,d=e%/é")
        #expect(address.text == "unix:path=/run/a%20b%3bc%2cd%3de%25/%c3%a9")
        #expect(try BusAddress.list(address.text) == [address])
    }
}
