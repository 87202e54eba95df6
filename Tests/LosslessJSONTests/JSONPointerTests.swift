import LosslessJSON
import Testing

/// Pointers as RFC 6901 has them.
struct JSONPointerTests {
    @Test func examplesOfTheRFC() throws {
        let text = #"""
            {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}
            """#
        let json = try JSON(parsing: Array(text.utf8))
        #expect(json.value(at: "")?.kind == .object)
        #expect(json.value(at: "/foo")?.count == 2)
        #expect(json.value(at: "/foo/0")?.stringValue == "bar")
        let pointers = ["/", "/a~1b", "/c%d", "/e^f", "/g|h", "/i\\j", "/k\"l", "/ ", "/m~0n"]
        for (number, pointer) in pointers.enumerated() {
            #expect(json.value(at: pointer)?.int64Value == Int64(number))
            #expect(json.value(at: pointer)?.pointer.description == pointer)
        }
    }

    @Test(arguments: ["foo", "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/+1", "/foo/", "/m~n", "/m~", "/foo/0/x"])
    func leadNowhere(pointer: String) throws {
        let json = try JSON(parsing: Array(#"{"foo": ["bar", "baz"], "m~n": 8}"#.utf8))
        #expect(json.value(at: pointer) == nil)
    }

    @Test func sortAsTheDocumentIsRead() {
        let root = JSONPointer()
        let mounts = root.appending("mounts")
        let sorted = [
            root, root.appending("linux"), mounts, mounts.appending(2), mounts.appending(2).appending("type"),
            mounts.appending(10), mounts.appending("2"),
        ]
        #expect(sorted.reversed().sorted().map(\.description) == sorted.map(\.description))
        #expect(mounts.appending(2) != mounts.appending("2"))
        #expect(mounts.appending("é") != mounts.appending("e\u{301}"))
        #expect(mounts.appending(3).appending("a/b~c").description == "/mounts/3/a~1b~0c")
    }

    @Test func everyValueKnowsItsPointer() throws {
        var random = RandomDocument(seed: 11)
        for _ in 0..<100 {
            let json = try JSON(parsing: random.text(of: random.value(depth: 4)))
            for (path, value) in paths(in: json) {
                #expect(value.pointer.tokens.count == path.count)
                #expect(json.value(at: value.pointer)?.byteRange == value.byteRange)
                #expect(json.value(at: value.pointer.description)?.byteRange == value.byteRange)
            }
        }
    }
}
