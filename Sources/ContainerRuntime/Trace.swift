import LinuxSys
import LosslessJSON

/// The steps of a command with their durations, as a file in the Trace Event Format that Chrome's and Perfetto's trace
/// viewers open.
package struct Trace: ~Copyable {
    private struct Event {
        var name: String
        var process: Int32
        var startNanoseconds: Int64
        var endNanoseconds: Int64
    }

    private var events: [Event] = []
    private let path: String?

    /// A trace that is written to `path`; nil traces nothing and costs nothing.
    package init(path: String?) {
        self.path = path
    }

    /// Whether anything is traced.
    package var isOn: Bool { path != nil }

    /// The time to give to `add` as a start; 0 where nothing is traced.
    package var now: Int64 { isOn ? Clock.monotonicNanoseconds() : 0 }

    /// Adds a step that began at `start` and has just ended.
    package mutating func add(_ name: @autoclosure () -> String, process: Int32, since start: Int64) {
        guard isOn else { return }
        add(name(), process: process, from: start, to: Clock.monotonicNanoseconds())
    }

    /// Adds a step of which both ends are known.
    package mutating func add(_ name: String, process: Int32, from start: Int64, to end: Int64) {
        guard isOn else { return }
        events.append(Event(name: name, process: process, startNanoseconds: start, endNanoseconds: end))
    }

    /// Writes the file.
    /// - Throws: `RuntimeError` when it can't be written.
    package func write() throws(RuntimeError) {
        guard let path else { return }
        var lines: [String] = []
        let origin = events.map(\.startNanoseconds).min() ?? 0
        for event in events {
            let start = Double(event.startNanoseconds - origin) / 1000
            let duration = Double(event.endNanoseconds - event.startNanoseconds) / 1000
            let name = String(decoding: JSONValue.string(event.name).text(), as: UTF8.self)
            lines.append(
                "{\"name\":\(name),\"ph\":\"X\",\"ts\":\(start),\"dur\":\(duration),\"pid\":\(event.process),"
                    + "\"tid\":\(event.process)}")
        }
        let text = "{\"traceEvents\":[\n" + lines.joined(separator: ",\n") + "\n],\"displayTimeUnit\":\"ns\"}\n"
        do throws(SyscallError) {
            try Files.writeFile(path, text, flags: [.writeOnly, .create, .truncate])
        } catch {
            throw RuntimeError(error, in: "write trace")
        }
    }
}
