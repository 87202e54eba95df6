import LosslessJSON
import Testing

@testable import OCISpec

/// State documents, written and read.
struct StateTests {
    let full = State(
        ociVersion: "1.3.0", id: "box", status: .running, pid: 4422, bundle: "/srv/box",
        annotations: [MapEntry(key: "b", value: "1"), MapEntry(key: "a", value: "\"")], rootfs: "/srv/box/rootfs",
        created: "2024-01-01T00:00:00Z", owner: "")

    func text(of state: State) -> String {
        var writer = JSONWriter()
        state.write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func written() {
        #expect(
            text(of: full)
                == #"{"ociVersion":"1.3.0","id":"box","pid":4422,"status":"running","bundle":"/srv/box","#
                + #""rootfs":"/srv/box/rootfs","created":"2024-01-01T00:00:00Z","annotations":{"b":"1","a":"\""},"#
                + #""owner":""}"#)
        let small = State(ociVersion: "1.3.0", id: "box", status: .creating, bundle: "/b", annotations: [])
        #expect(text(of: small) == #"{"ociVersion":"1.3.0","id":"box","status":"creating","bundle":"/b"}"#)
    }

    @Test func outOfMemory() throws {
        var state = State(ociVersion: "1.3.0", id: "box", status: .stopped, bundle: "/b")
        let start = #"{"ociVersion":"1.3.0","id":"box","status":"stopped","bundle":"/b","#
        for (oom, written) in [
            (
                OutOfMemory(limitBytes: 65536, peakBytes: 65000, kills: 2),
                #""oom":{"limitBytes":65536,"peakBytes":65000,"kills":2}}"#
            ), (OutOfMemory(limitBytes: nil, peakBytes: nil, kills: 1), #""oom":{"kills":1}}"#),
        ] {
            state.oom = oom
            #expect(text(of: state) == start + written)
            #expect(try State(json(text(of: state))) == state)
        }
        #expect(throws: SpecProblems.self) { try State(json(start + #""oom":{"limitBytes":1}}"#)) }
    }

    @Test func readBack() throws {
        #expect(try State(json(text(of: full))) == full)
        for status in ContainerStatus.allCases {
            var state = full
            state.status = status
            #expect(try State(json(text(of: state))).status == status)
        }
    }

    @Test func problems() throws {
        let error = #expect(throws: SpecProblems.self) {
            try State(json(#"{"ociVersion":1,"status":"dead","pid":-1,"annotations":{"a":1}}"#))
        }
        #expect(
            error?.problems.map(\.description) == [
                "/annotations/a: expected a string, found a number", "/bundle: missing, expected a string",
                "/id: missing, expected a string", "/ociVersion: expected a string, found a number",
                "/pid: expected an integer from 0 to 2147483647, found -1",
                "/status: expected one of creating, created, running, stopped, paused, found \"dead\"",
            ])
    }
}
