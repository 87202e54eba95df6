import Testing

@testable import OCISpec

/// How problems are sorted and written.
struct ProblemTests {
    @Test func order() {
        let pointers = ["", "/a", "/a/0", "/a/2", "/a/10", "/a/10/x", "/a/b", "/a-b", "/b"]
        let sorted = SpecProblems(pointers.reversed().map { Problem(pointer: $0, message: "m") })
        #expect(sorted.problems.map(\.pointer) == pointers)
    }

    @Test func messagesDecideBetweenEqualPointers() {
        let problems = SpecProblems([Problem(pointer: "/a", message: "y"), Problem(pointer: "/a", message: "x")])
        #expect(problems.description == "/a: x; /a: y")
    }

    @Test func description() {
        #expect(Problem(pointer: "", message: "m").description == "m")
        #expect(Problem(pointer: "/ü/~1", message: "m").description == "/ü/~1: m")
        #expect(Problem(pointer: "/a\n\u{1B}\u{7F}\0", message: "m").description == #"/a\u000a\u001b\u007f\u0000: m"#)
    }
}
