import LinuxSys
import Testing

@Suite struct TracingTests {
    @Test func aProcessWithoutFilters() throws {
        let child = try Processes.spawn(
            try PreparedExec(path: "/bin/sleep", arguments: ["sleep", "60"], environment: []))
        // Twice: the first time leaves it running, and not traced.
        for _ in 0..<2 { #expect(try Tracing.seccompFilters(of: child.pid) == []) }
        let status = try Files.readFile("/proc/\(child.pid)/status", limit: 1 << 16)
        #expect(String(decoding: status, as: UTF8.self).contains("\nTracerPid:\t0\n"))
        #expect(try child.waitNoHang() == nil)
        try child.signal(Signals.kill)
        _ = try child.wait()
        #expect(throws: SyscallError.self) { try Tracing.seccompFilters(of: child.pid) }
    }

    @Test func whoIsStoppedStaysStopped() throws {
        let child = try Processes.spawn(
            try PreparedExec(path: "/bin/sleep", arguments: ["sleep", "60"], environment: []))
        try child.signal(19)
        func state() throws -> String? {
            let status = try Files.readFile("/proc/\(child.pid)/status", limit: 1 << 16)
            return String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("State:") }
                .map(String.init)
        }
        func isStoppedSoon() throws -> Bool {
            let end = Clock.monotonicNanoseconds() + 5_000_000_000
            while try state()?.contains("T (stopped)") != true {
                guard Clock.monotonicNanoseconds() < end else { return false }
            }
            return true
        }
        #expect(try isStoppedSoon())
        #expect(try Tracing.seccompFilters(of: child.pid) == [])
        // It goes back into its stop by itself.
        #expect(try isStoppedSoon())
        try child.signal(Signals.kill)
        _ = try child.wait()
    }

    @Test func nobodyAndOneself() throws {
        #expect(throws: SyscallError.self) { try Tracing.seccompFilters(of: 1 << 22) }
        // Nobody can trace himself.
        let error = #expect(throws: SyscallError.self) { try Tracing.seccompFilters(of: Processes.processID) }
        #expect(error?.errno == .EPERM && error?.operation == "ptrace(SEIZE)")
    }
}
