package import OCISpec

extension SeccompArchitecture {
    /// The architecture that people, uname(2) or Go call by this name: `x86_64` and `amd64`, `aarch64` and `arm64`,
    /// `i386`, `386` and `x86`; or by OCI's own: `SCMP_ARCH_X86_64`.
    package init?(platformName name: String) {
        let name = name.lowercased()
        if let named = SeccompArchitecture(rawValue: name.uppercased())
            ?? SeccompArchitecture(rawValue: "SCMP_ARCH_" + name.uppercased())
        {
            self = named
            return
        }
        switch name {
        case "amd64": self = .amd64
        case "386", "i386", "i686": self = .x86
        case "amd64p32": self = .x32
        case "arm64": self = .aarch64
        case "armhf", "armv7", "armv7l", "armv6l": self = .arm
        case "loong64": self = .loongarch64
        case "mipsle": self = .mipsel
        case "mips64le": self = .mipsel64
        case "mips64p32": self = .mips64n32
        case "mips64p32le": self = .mipsel64n32
        default: return nil
        }
    }
}
