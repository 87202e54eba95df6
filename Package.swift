// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: memory safety is checked, and a warning stops the build.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "raind",
    products: [
        .executable(name: "raind-oci", targets: ["raind-oci"]),
        .executable(name: "raind-profile", targets: ["raind-profile"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    ],
    targets: [
        // C, and the libraries that the kernel's interfaces are reached through.
        .target(name: "CLinux", cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "CSelfClone", cSettings: [.treatAllWarnings(as: .error)]),
        .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .systemLibrary(name: "CAppArmor", pkgConfig: "libapparmor", providers: [.apt(["libapparmor-dev"])]),
        .systemLibrary(name: "CCap", pkgConfig: "libcap", providers: [.apt(["libcap-dev"])]),
        .target(
            name: "LinuxSys", dependencies: ["CLinux", "CSeccomp", "CAppArmor", "CCap"], swiftSettings: strict),

        // The message bus, for systemd.
        .target(name: "DBus", dependencies: ["LinuxSys"], swiftSettings: strict),

        // What a bundle says.
        .target(name: "LosslessJSON", swiftSettings: strict),
        .target(name: "OCISpec", dependencies: ["LosslessJSON"], swiftSettings: strict),

        // What is said to criu(8).
        .target(name: "CRIUProtocol", swiftSettings: strict),

        // The runtime.
        .target(name: "RuntimePlan", dependencies: ["OCISpec", "LosslessJSON"], swiftSettings: strict),
        .target(
            name: "ContainerRuntime",
            dependencies: ["RuntimePlan", "OCISpec", "LosslessJSON", "DBus", "LinuxSys", "CRIUProtocol"],
            swiftSettings: strict),
        .executableTarget(
            name: "raind-oci",
            dependencies: [
                "CSelfClone", "ContainerRuntime", "RuntimePlan", "OCISpec", "LosslessJSON", "LinuxSys",
            ],
            swiftSettings: strict,
            // The copy is made before the C library starts; see Sources/CSelfClone/early_start.c.
            linkerSettings: [.unsafeFlags(["-Xlinker", "-e", "-Xlinker", "raind_oci_start"])]),

        // The profiles.
        .target(name: "SecurityProfile", dependencies: ["OCISpec", "LosslessJSON"], swiftSettings: strict),
        .target(
            name: "ProfileRegistry",
            dependencies: [
                "SecurityProfile", "OCISpec", "LosslessJSON", .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .target(name: "HostInspection", dependencies: ["LinuxSys"], swiftSettings: strict),
        .executableTarget(
            name: "raind-profile",
            dependencies: [
                "SecurityProfile", "ProfileRegistry", "HostInspection", "OCISpec", "LosslessJSON", "LinuxSys",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: strict),

        .testTarget(name: "LosslessJSONTests", dependencies: ["LosslessJSON"], swiftSettings: strict),
        .testTarget(name: "OCISpecTests", dependencies: ["OCISpec", "LosslessJSON"], swiftSettings: strict),
        .testTarget(
            name: "RuntimePlanTests", dependencies: ["RuntimePlan", "OCISpec", "LosslessJSON"], swiftSettings: strict),
        .testTarget(name: "CRIUProtocolTests", dependencies: ["CRIUProtocol"], swiftSettings: strict),
        .testTarget(
            name: "ContainerRuntimeTests",
            dependencies: [
                "ContainerRuntime", "RuntimePlan", "OCISpec", "LosslessJSON", "DBus", "LinuxSys", "CRIUProtocol",
            ],
            swiftSettings: strict),
        .testTarget(name: "DBusTests", dependencies: ["DBus", "LinuxSys"], swiftSettings: strict),
        .testTarget(name: "LinuxSysTests", dependencies: ["LinuxSys"], swiftSettings: strict),
        .testTarget(
            name: "SecurityProfileTests", dependencies: ["SecurityProfile", "OCISpec", "LosslessJSON"],
            swiftSettings: strict),
        .testTarget(
            name: "ProfileRegistryTests",
            dependencies: ["ProfileRegistry", "SecurityProfile", "OCISpec", "LosslessJSON"], swiftSettings: strict),
        .testTarget(
            name: "RaindProfileTests",
            dependencies: ["raind-profile", "SecurityProfile", "OCISpec", "LosslessJSON", "LinuxSys"],
            swiftSettings: strict),
        .testTarget(
            name: "HostInspectionTests", dependencies: ["HostInspection", "LinuxSys"], swiftSettings: strict),
    ]
)
