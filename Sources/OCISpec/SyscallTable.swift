/// The numbers of Linux's syscalls on each architecture, up to Linux 6.18.
///
/// It is our own and not libseccomp's: a filter must know calls that are newer than the library it is built with, and a
/// profile for another host must be checked where no library is at hand. The names are the kernel's (`__NR_read` is
/// `read`). `scripts/generate-syscall-table` makes the data, which lies in the binary as it is: one list of names, and
/// for each architecture a list of numbers in the same order.
package enum SyscallTable {
    /// The number of the syscall `name` on `architecture` as the kernel counts it: x32's have bit 30 set, MIPS's start at
    /// 4000, 5000 and 6000. Nil where the architecture has no syscall of this name.
    package static func number(of name: String, on architecture: SeccompArchitecture) -> Int? {
        index(of: name).flatMap { number(at: $0, on: architecture) }
    }

    /// The numbers of the syscall `name` on several architectures, in their order, as ``number(of:on:)`` tells them.
    package static func numbers(of name: String, on architectures: [SeccompArchitecture]) -> [Int?] {
        guard let index = index(of: name) else { return [Int?](repeating: nil, count: architectures.count) }
        return architectures.map { number(at: index, on: $0) }
    }

    /// Whether any architecture has a syscall of this name.
    package static func contains(_ name: String) -> Bool { index(of: name) != nil }

    /// The highest number of `architecture` as the kernel counts it. New syscalls are numbered on from it. Arm's own
    /// calls from 0x0f0000 and x32's from 512 to 547, which stand apart, don't count.
    package static func newestNumber(on architecture: SeccompArchitecture) -> Int {
        var newest: UInt16 = 0
        let isX32 = architecture == .x32
        for number in numbers(on: architecture)
        where number > newest && number < armPrivateCode && !(isX32 && number >= firstLegacyX32Number) {
            newest = number
        }
        return Int(newest) + base(of: architecture)
    }

    /// The names of the architecture's syscalls, sorted by their bytes.
    package static func names(on architecture: SeccompArchitecture) -> [String] {
        let numbers = numbers(on: architecture)
        return numbers.indices.filter { numbers[$0] != absent }.map { name(at: $0) }
    }

    /// The name of the syscall with `number`, as ``number(of:on:)`` counts; nil where the architecture has none. Of
    /// several names for one number it is the first by its bytes.
    package static func name(ofNumber number: Int, on architecture: SeccompArchitecture) -> String? {
        numbers(on: architecture).indices.first { self.number(at: $0, on: architecture) == number }.map { name(at: $0) }
    }

    private static let absent: UInt16 = 0xFFFF
    private static let armPrivateCode: UInt16 = 0xFF00
    private static let armPrivateBase = 0x0F_0000
    private static let firstLegacyX32Number = 512

    /// Finds a name by halves.
    private static func index(of name: String) -> Int? {
        var name = name
        return name.withUTF8 { name in
            var low = 0
            var high = nameOffsets.count - 1
            while low < high {
                let middle = (low + high) / 2
                let start = Int(nameOffsets[middle])
                // SAFETY: the buffer is read only inside this closure.
                let order = unsafe compare(name, with: start..<Int(nameOffsets[middle + 1]) - 1)
                if order == 0 { return middle }
                if order < 0 { high = middle } else { low = middle + 1 }
            }
            return nil
        }
    }

    /// Less than, equal to or greater than 0 as `name` stands before, is or stands after the name at `range`.
    private static func compare(_ name: UnsafeBufferPointer<UInt8>, with range: Range<Int>) -> Int {
        // SAFETY: a static string lives as long as the program. `range` comes from `nameOffsets`, which is generated
        // together with the names, and no position past the end of either is read.
        let names = unsafe UnsafeBufferPointer(start: allNames.utf8Start, count: allNames.utf8CodeUnitCount)
        for position in 0..<min(name.count, range.count) {
            let difference = unsafe Int(name[position]) - Int(names[range.lowerBound + position])
            if difference != 0 { return difference }
        }
        return name.count - range.count
    }

    private static func name(at index: Int) -> String {
        let range = Int(nameOffsets[index])..<Int(nameOffsets[index + 1]) - 1
        // SAFETY: as in `compare`.
        let names = unsafe UnsafeBufferPointer(start: allNames.utf8Start, count: allNames.utf8CodeUnitCount)
        return unsafe String(decoding: names[range], as: UTF8.self)
    }

    private static func number(at index: Int, on architecture: SeccompArchitecture) -> Int? {
        let number = numbers(on: architecture)[index]
        if number == absent { return nil }
        if number >= armPrivateCode { return armPrivateBase + Int(number - armPrivateCode) }
        return base(of: architecture) + Int(number)
    }

    /// What the kernel adds to the architecture's numbers.
    private static func base(of architecture: SeccompArchitecture) -> Int {
        switch architecture {
        case .x32: 0x4000_0000
        case .mips, .mipsel: 4000
        case .mips64, .mipsel64: 5000
        case .mips64n32, .mipsel64n32: 6000
        default: 0
        }
    }

    private static func numbers(on architecture: SeccompArchitecture) -> [UInt16] {
        switch architecture {
        case .amd64: amd64Numbers
        case .x86: x86Numbers
        case .x32: x32Numbers
        case .aarch64: aarch64Numbers
        case .arm: armNumbers
        case .riscv64: riscv64Numbers
        case .loongarch64: loongarch64Numbers
        case .s390x: s390xNumbers
        case .s390: s390Numbers
        case .ppc64le, .ppc64: ppc64Numbers
        case .ppc: ppcNumbers
        case .mips, .mipsel: mipsNumbers
        case .mips64, .mipsel64: mips64Numbers
        case .mips64n32, .mipsel64n32: mips64n32Numbers
        case .parisc: pariscNumbers
        case .parisc64: parisc64Numbers
        case .m68k: m68kNumbers
        case .sh, .sheb: shNumbers
        }
    }
}
