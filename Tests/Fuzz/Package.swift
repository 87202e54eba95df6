// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the programs are never built with a fuzzer in them. The modules that read what others wrote are
// links to the project's sources: they are built here with coverage for libFuzzer, and `package` reaches across them.

/// As in the project's manifest. `-assert-config Debug` keeps the assertions that an optimized build leaves out.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-parse-as-library", "-assert-config", "Debug"]),
]

/// What is tested says which of its edges were taken; what tests it doesn't.
let instrumented = strict + [.unsafeFlags(["-sanitize=fuzzer"])]
/// And shows its inner parts, too.
let open = instrumented + [.unsafeFlags(["-enable-testing"])]

let package = Package(
    name: "raind-fuzz",
    products: [.executable(name: "fuzz", targets: ["Fuzz"])],
    dependencies: [.package(url: "https://github.com/jpsim/Yams", exact: "6.2.2")],
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CAppArmor", pkgConfig: "libapparmor", providers: [.apt(["libapparmor-dev"])]),
        .systemLibrary(name: "CCap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
        .target(
            name: "LinuxSys", dependencies: ["CLinux", "CSeccomp", "CAppArmor", "CCap"], swiftSettings: open),
        .target(name: "DBus", dependencies: ["LinuxSys"], swiftSettings: open),
        .target(name: "LosslessJSON", swiftSettings: instrumented),
        .target(name: "OCISpec", dependencies: ["LosslessJSON"], swiftSettings: instrumented),
        .target(name: "CRIUProtocol", swiftSettings: open),
        .target(name: "RuntimePlan", dependencies: ["OCISpec", "LosslessJSON"], swiftSettings: instrumented),
        .target(
            name: "ContainerRuntime",
            dependencies: ["RuntimePlan", "OCISpec", "LosslessJSON", "DBus", "LinuxSys", "CRIUProtocol"],
            swiftSettings: open),
        .target(name: "SecurityProfile", dependencies: ["OCISpec", "LosslessJSON"], swiftSettings: instrumented),
        .target(
            name: "ProfileRegistry",
            dependencies: ["SecurityProfile", "OCISpec", "LosslessJSON", .product(name: "Yams", package: "Yams")],
            swiftSettings: instrumented),
        .target(name: "HostInspection", dependencies: ["LinuxSys"], swiftSettings: instrumented),
        .systemLibrary(name: "CFuzzer"),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "CFuzzer", "CRIUProtocol", "ContainerRuntime", "DBus", "HostInspection", "LinuxSys", "LosslessJSON",
                "OCISpec", "ProfileRegistry", "RuntimePlan", "SecurityProfile",
            ],
            swiftSettings: strict, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]),
    ]
)
