import Glibc
import OCISpec

/// Ends the program, as the fuzzer wants it, where something doesn't hold, and says what that is. A precondition's message is left
/// out of an optimized program.
func expect(_ holds: Bool, _ what: @autoclosure () -> String) {
    if holds { return }
    var message = "expected: \(what().debugDescription)\n"
    message.withUTF8 { bytes in
        // SAFETY: the bytes are those of a text that lives until the end of the closure.
        _ = unsafe write(2, bytes.baseAddress, bytes.count)
    }
    abort()
}

/// A text for people is one line, whatever it quotes.
func expectOneLine(_ text: String) {
    let bad = text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }
    expect(!bad, "one line: \(text.debugDescription)")
}

/// Problems are there, sorted, and each names its place.
func expectOrderly(_ problems: [Problem]) {
    expect(!problems.isEmpty, "a refusal has a reason")
    expectSorted(problems)
    for problem in problems { expectPlace(problem) }
}

/// Problems are in their order.
func expectSorted(_ problems: [Problem]) {
    for (first, second) in zip(problems, problems.dropFirst()) {
        expect(!(second < first), "sorted: \(first) before \(second)")
    }
}

/// A problem names its place, and what is wrong, in a line.
func expectPlace(_ problem: Problem) {
    expect(problem.pointer.isEmpty || problem.pointer.utf8.first == UInt8(ascii: "/"), "a pointer: \(problem)")
    expect(!problem.message.isEmpty, "a message at \(problem.pointer)")
    expectOneLine(problem.description)
}
