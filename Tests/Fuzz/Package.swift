// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the programs are never built with a fuzzer in them. The modules that read a config are
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

let package = Package(
    name: "raind-fuzz",
    products: [.executable(name: "fuzz-config", targets: ["FuzzConfig"])],
    targets: [
        .target(name: "LosslessJSON", swiftSettings: instrumented),
        .target(name: "OCISpec", dependencies: ["LosslessJSON"], swiftSettings: instrumented),
        .target(name: "RuntimePlan", dependencies: ["OCISpec", "LosslessJSON"], swiftSettings: instrumented),
        .systemLibrary(name: "CFuzzer"),
        .executableTarget(
            name: "FuzzConfig", dependencies: ["RuntimePlan", "OCISpec", "LosslessJSON", "CFuzzer"],
            swiftSettings: strict, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]),
    ]
)
