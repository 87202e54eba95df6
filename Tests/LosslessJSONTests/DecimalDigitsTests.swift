import LosslessJSON
import Testing

@Suite struct DecimalDigitsTests {
    @Test(arguments: [0, 1, 9, 10, 100, 4711, 18_446_744_073_709_551_615] as [UInt64])
    func digitsAreThoseOfTheStandardLibrary(number: UInt64) {
        #expect(String(decimal: number) == number.description)
    }

    @Test func writesIntegersOfEveryKind() {
        var writer = JSONWriter(.compact)
        writer.beginArray()
        writer.int(Int8.min)
        writer.int(Int64.min)
        writer.int(UInt64.max)
        writer.int(0)
        writer.endArray()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "[-128,-9223372036854775808,18446744073709551615,0]")
    }
}
