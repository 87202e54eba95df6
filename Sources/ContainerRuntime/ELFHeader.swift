/// The header of an ELF file (elf(5)), as far as it decides whether a program can be executed.
struct ELFHeader {
    private let isWide: Bool
    private let isBigEndian: Bool
    /// `e_type`: 2 for ET_EXEC, 3 for ET_DYN.
    let type: Int
    /// `e_machine`.
    let machine: Int

    /// Reads the beginning of a file; nil for no ELF file.
    init?(_ head: [UInt8]) {
        guard head.count >= 64, head.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { return nil }
        isWide = head[4] == 2
        isBigEndian = head[5] == 2
        type = Self.number(head, 16, 2, isBigEndian) ?? 0
        machine = Self.number(head, 18, 2, isBigEndian) ?? 0
    }

    private static func number(_ head: [UInt8], _ offset: Int, _ size: Int, _ isBigEndian: Bool) -> Int? {
        guard offset >= 0, offset + size <= head.count else { return nil }
        var value = 0
        for place in 0..<size {
            let byte = Int(head[offset + (isBigEndian ? place : size - 1 - place)])
            guard value <= Int.max >> 8 else { return nil }
            value = value << 8 | byte
        }
        return value
    }

    /// The path in the PT_INTERP header, nil for a static program and where the header is not in `head`.
    func loader(in head: [UInt8]) -> String? {
        func number(_ offset: Int, _ size: Int) -> Int? { Self.number(head, offset, size, isBigEndian) }
        guard let table = isWide ? number(32, 8) : number(28, 4), let size = number(isWide ? 54 : 42, 2),
            let count = number(isWide ? 56 : 44, 2), table < head.count
        else { return nil }
        for place in 0..<min(count, 64) {
            let header = table + place * size
            // 3 is PT_INTERP.
            guard number(header, 4) == 3, let offset = isWide ? number(header + 8, 8) : number(header + 4, 4),
                let length = isWide ? number(header + 32, 8) : number(header + 16, 4),
                length > 1, offset <= head.count, length <= head.count - offset
            else { continue }
            return String(decoding: head[offset..<(offset + length)].prefix { $0 != 0 }, as: UTF8.self)
        }
        return nil
    }
}

/// Whom the program is for.
extension ELFHeader {
    #if arch(x86_64)
        private static let nativeMachine = 62
        // EM_386, and x32, which has the machine's own number.
        private static let narrowMachines = [3, 62]
        /// The name of this machine's architecture.
        static let nativeMachineName = "x86_64"
    #elseif arch(arm64)
        private static let nativeMachine = 183
        private static let narrowMachines = [40]
        /// The name of this machine's architecture.
        static let nativeMachineName = "aarch64"
    #endif

    /// Whether it is of this program's own architecture.
    var isNative: Bool { isWide && !isBigEndian && machine == Self.nativeMachine }

    /// Whether it is of the 32 bits that many kernels run beside.
    var isOfThisProcessor: Bool { !isWide && !isBigEndian && Self.narrowMachines.contains(machine) }

    /// The architecture's name, as uname(2) has it.
    var machineName: String {
        switch machine {
        case 2: "sparc"
        case 3: "i386"
        case 8: "mips"
        case 20: "ppc"
        case 21: isBigEndian ? "ppc64" : "ppc64le"
        case 22: "s390x"
        case 40: "arm"
        case 43: "sparc64"
        case 62: "x86_64"
        case 183: "aarch64"
        case 243: isWide ? "riscv64" : "riscv32"
        case 258: "loongarch64"
        default: "machine \(machine) of elf(5)"
        }
    }
}
