import OCISpec
import Testing

/// The list format of cpuset(7).
struct NumberListTests {
    @Test(arguments: [
        ("0", [0]), ("7", [7]), ("0-3", [0, 1, 2, 3]), ("0-3,7", [0, 1, 2, 3, 7]), ("5,1,1-2", [1, 2, 5]),
        ("9-9", [9]), ("007", [7]), ("0-15", Array(0...15)),
    ])
    func lists(text: String, numbers: [Int]) {
        #expect(NumberList(text, through: 15)?.numbers == numbers)
    }

    @Test(arguments: [
        "", ",", "-", "1,", ",1", "1,,2", "1-", "-1", "1--2", "1-2-3", "3-1", "16", "0-16", "99999999999999999999999",
        "a", "1 ", " 1", "0x1", "1\n", "all", "1;2", "\u{661}", "0-\0",
    ])
    func others(text: String) { #expect(NumberList(text, through: 15) == nil) }
}
