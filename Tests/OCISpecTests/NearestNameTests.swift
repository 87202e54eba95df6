import Testing

@testable import OCISpec

/// Names that are suggested in place of unknown ones, and those that aren't.
struct NearestNameTests {
    let names = ["read", "write", "ptrace", "process_vm_readv", "process_vm_writev"]

    @Test(
        arguments: [
            ("raed", "read"), ("wrtie", "write"), ("WRITE", "write"), ("ptrac", "ptrace"), ("ptracee", "ptrace"),
            ("process_vm_read", "process_vm_readv"), ("process_vm_wirtev", "process_vm_writev"),
            ("pro", "process_vm_readv"),
        ])
    func near(name: String, suggestion: String) {
        #expect(NearestName.suggest(name, among: names) == suggestion)
    }

    @Test(arguments: ["", "x", "re", "socket", "wr", "process_vm_", "\0\0\0\0"])
    func far(name: String) {
        let suggestion = NearestName.suggest(name, among: names)
        #expect(suggestion == (name == "process_vm_" ? "process_vm_readv" : nil))
    }

    @Test func theFirstOfEqualsWins() {
        #expect(NearestName.suggest("cat", among: ["bat", "hat"]) == "bat")
        #expect(NearestName.suggest("cat", among: ["hat", "cats", "cat"]) == "cat")
    }

    @Test func longNamesAreNotCompared() {
        let long = String(repeating: "a", count: 1_000_000)
        #expect(NearestName.suggest(long, among: [long]) == nil)
        #expect(NearestName.suggest("aaaa", among: [long]) == long)
    }

    @Test func thereIsNoneAmongNone() {
        #expect(NearestName.suggest("read", among: []) == nil)
    }
}
