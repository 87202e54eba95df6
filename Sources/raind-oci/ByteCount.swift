/// A number of bytes on the command line: `536870912`, `512M`, `2g`, `64KiB`, with powers of 1024; -1 for no limit.
struct ByteCount {
    /// The number.
    let bytes: Int64

    /// Reads one; nil for anything else.
    init?(_ text: String) {
        if text == "-1" {
            bytes = -1
            return
        }
        let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        let unit = text.utf8.dropFirst(digits.count).map { $0 | 0x20 }
        var shift: Int64 = 0
        if let first = unit.first, first != UInt8(ascii: "b") {
            guard let place = "kmgtp".utf8.enumerated().first(where: { $0.element == first })?.offset else {
                return nil
            }
            shift = Int64(place + 1) * 10
        }
        guard unit.count <= 3,
            ["", "b", "ib"].contains(String(decoding: unit.dropFirst(shift == 0 ? 0 : 1), as: UTF8.self)),
            let number = Int64(String(decoding: digits, as: UTF8.self))
        else { return nil }
        let (product, overflows) = number.multipliedReportingOverflow(by: 1 << shift)
        guard !overflows else { return nil }
        bytes = product
    }
}
