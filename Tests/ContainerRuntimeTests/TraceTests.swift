import LinuxSys
import LosslessJSON
import Testing

@testable import ContainerRuntime

/// The file that trace viewers open.
struct TraceTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func eventsAreTold() throws {
        let path = directory.path + "/trace.json"
        var trace = Trace(path: path)
        let isOn = trace.isOn
        #expect(isOn)
        trace.add("mount \"proc\"\n\u{1b}[2J", process: 7, from: 2_000_000, to: 2_001_500)
        trace.add("clone", process: 1, from: 1_000_000, to: 3_000_000)
        let start = trace.now
        trace.add("later", process: 1, since: start)
        try trace.write()
        let text = try directory.read("trace.json")
        let json = try JSON(parsing: Array(text.utf8))
        #expect(json["displayTimeUnit"]?.stringValue == "ns")
        let events = try #require(json["traceEvents"]).elements.map(\.self)
        #expect(events.count == 3)
        #expect(events.map { $0["name"]?.stringValue } == ["mount \"proc\"\n\u{1b}[2J", "clone", "later"])
        #expect(events.allSatisfy { $0["ph"]?.stringValue == "X" })
        // Microseconds since the first.
        #expect(events[0]["ts"]?.numberText == "1000.0")
        #expect(events[0]["dur"]?.numberText == "1.5")
        #expect(events[0]["pid"]?.int64Value == 7)
        #expect(events[1]["ts"]?.numberText == "0.0")
        #expect(events[1]["dur"]?.numberText == "2000.0")
        // A line an event.
        #expect(text.split(separator: "\n").count == 5)
    }

    /// Without a file nothing is kept, nor are names made.
    @Test func offCostsNothing() throws {
        var trace = Trace(path: nil)
        let (isOn, now) = (trace.isOn, trace.now)
        #expect(!isOn && now == 0)
        trace.add(
            {
                Issue.record("made a name")
                return ""
            }(), process: 1, since: 0)
        trace.add("b", process: 1, from: 0, to: 1)
        try trace.write()
    }

    @Test func nothingIsAFileToo() throws {
        let path = directory.path + "/empty.json"
        try Trace(path: path).write()
        let json = try JSON(parsing: Array(try directory.read("empty.json").utf8))
        #expect(json["traceEvents"]?.elements.isEmpty == true)
    }

    @Test func whatCannotBeWrittenIsTold() {
        let path = directory.path + "/missing/trace.json"
        let error = runtimeError { () throws(RuntimeError) in try Trace(path: path).write() }
        #expect(error?.errno == .ENOENT)
    }

    /// An older trace goes.
    @Test func tracesAreWrittenOver() throws {
        let path = try directory.write("trace.json", Array(repeating: UInt8(ascii: "x"), count: 10_000))
        try Trace(path: path).write()
        _ = try JSON(parsing: Array(try directory.read("trace.json").utf8))
    }
}
