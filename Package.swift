// swift-tools-version: 6.2
// The rooms of the TrainFlow Integration Layer, bottom up. docs/rooms.md says what lives in each.
import PackageDescription

// MARK: - Linking

/// A connector exports one symbol, carries no RUNPATH and is never unloaded (docs/connectors.md says why).
let connectorLinking: [LinkerSetting] = [
    .unsafeFlags([
        "-no-toolchain-stdlib-rpath", "-use-ld=lld",
        "-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/connector.map",
        "-Xlinker", "-z", "-Xlinker", "nodelete",
        "-Xlinker", "-z", "-Xlinker", "now",
        "-Xlinker", "-z", "-Xlinker", "relro",
    ]),
    .unsafeFlags(["-Xlinker", "--no-undefined"], .when(configuration: .release)),
]

/// The host finds the Swift runtime beside itself, never in the builder's toolchain.
let hostLinking: [LinkerSetting] = [
    .unsafeFlags(["-no-toolchain-stdlib-rpath", "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../lib/trainflow"])
]

// MARK: - Rooms

let systemLibraries: [Target] = [
    .systemLibrary(
        name: "CExpat",
        path: "Sources/CLibraries/CExpat",
        pkgConfig: "expat",
        providers: [.apt(["libexpat1-dev"])]
    ),
    .systemLibrary(
        name: "CIDN2",
        path: "Sources/CLibraries/CIDN2",
        pkgConfig: "libidn2",
        providers: [.apt(["libidn2-dev"])]
    ),
    .systemLibrary(
        name: "CMicroHTTPD",
        path: "Sources/CLibraries/CMicroHTTPD",
        pkgConfig: "libmicrohttpd",
        providers: [.apt(["libmicrohttpd-dev"])]
    ),
    .systemLibrary(
        name: "COpenSSL",
        path: "Sources/CLibraries/COpenSSL",
        pkgConfig: "openssl",
        providers: [.apt(["libssl-dev"])]
    ),
    .systemLibrary(
        name: "CSQLite",
        path: "Sources/CLibraries/CSQLite",
        pkgConfig: "sqlite3",
        providers: [.apt(["libsqlite3-dev"])]
    ),
    .systemLibrary(
        name: "CUTF8Proc",
        path: "Sources/CLibraries/CUTF8Proc",
        pkgConfig: "libutf8proc",
        providers: [.apt(["libutf8proc-dev"])]
    ),
    .systemLibrary(
        name: "CZip",
        path: "Sources/CLibraries/CZip",
        pkgConfig: "libzip",
        providers: [.apt(["libzip-dev"])]
    ),
    .systemLibrary(
        name: "CZlib",
        path: "Sources/CLibraries/CZlib",
        pkgConfig: "zlib",
        providers: [.apt(["zlib1g-dev"])]
    ),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)")
}

let leaves: [Target] = [
    // RE2 is C++: the shim is, behind a C header.
    .target(
        name: "CRE2",
        path: "Sources/CLibraries/CRE2",
        linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]
    ),
    .target(name: "CSystem", path: "Sources/CLibraries/CSystem"),
    .target(name: "PluginABI", path: "Sources/PluginABI"),
    room("Columns"),
    room("Identifiers"),
    room("JSON"),
    room("Log", ["JSON", "Time"]),
    room("Platform", ["CSystem"]),
    room("Time"),
]

let rooms: [Target] = [
    room("Crypto", ["COpenSSL", "CSystem", "JSON", "Time"]),
    room("HTTPServer", ["CMicroHTTPD", "CSystem", "JSON", "Log", "Platform"]),
    room("Profile", ["Columns", "JSON", "Time"]),
    room("SQLite", ["CSQLite", "Platform"]),
    room("Mapping", ["CIDN2", "CRE2", "CUTF8Proc", "Columns", "Crypto", "Identifiers", "JSON", "Time"]),
    room("Changes", ["Columns", "Crypto", "Identifiers", "JSON", "Mapping", "Time"]),
    room(
        "Store",
        ["CSystem", "Changes", "Columns", "Crypto", "Identifiers", "JSON", "Mapping", "Platform", "SQLite", "Time"]
    ),
    room("ConnectorHost", ["Columns", "Crypto", "CSystem", "Identifiers", "JSON", "Log", "Platform", "Time"]),
    room(
        "Sync",
        [
            "Changes", "Columns", "ConnectorHost", "Crypto", "Identifiers", "JSON", "Log", "Mapping", "Platform",
            "Store",
            "Time",
        ]
    ),
    room(
        "API",
        [
            "Changes", "Columns", "ConnectorHost", "Crypto", "CSystem", "CZlib", "HTTPServer", "Identifiers", "JSON",
            "Log", "Mapping", "Platform", "Profile", "Store", "Sync", "Time",
        ]
    ),
    room("ConnectorKit", ["JSON", "PluginABI"]),
]

let host: Target = .executableTarget(
    name: "Host",
    dependencies: [
        "API", "Changes", "Columns", "ConnectorHost", "Crypto", "CSystem", "HTTPServer", "Identifiers", "JSON", "Log",
        "Mapping", "Platform", "Profile", "Store", "Sync", "Time",
    ],
    path: "Sources/Host",
    linkerSettings: hostLinking
)

// MARK: - Connectors: logic, the manifest's ELF note, and the entry symbol

func connector(_ name: String, _ dependencies: [Target.Dependency]) -> [Target] {
    [
        .target(name: name, dependencies: dependencies, path: "Plugins/\(name)/Connector"),
        // .incbin looks for manifest.json where the compiler looks for headers.
        .target(
            name: "\(name)Manifest",
            dependencies: ["PluginABI"],
            path: "Plugins/\(name)/Manifest",
            exclude: ["manifest.json"],
            cSettings: [.headerSearchPath(".")]
        ),
        .target(
            name: "\(name)Entry",
            dependencies: [
                .init(stringLiteral: name), .init(stringLiteral: "\(name)Manifest"), "ConnectorKit", "PluginABI",
            ],
            path: "Plugins/\(name)/Entry",
            linkerSettings: connectorLinking
        ),
    ]
}

let connectors: [Target] = connector("FileImport", ["CExpat", "CZip", "ConnectorKit", "JSON"])

// MARK: - Tests

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests")
}

let testTargets: [Target] = [
    .target(name: "TestSupport", dependencies: ["CSystem", "JSON", "Log", "Platform"], path: "Tests/Support"),
    .target(name: "MappingSupport", dependencies: ["Mapping"], path: "Tests/MappingSupport"),
    .target(
        name: "StoreConformance",
        dependencies: ["Changes", "Identifiers", "JSON", "Mapping", "MappingSupport", "Store", "Time"],
        path: "Tests/StoreConformance"
    ),
    .target(
        name: "ConnectorKitSupport",
        dependencies: ["ConnectorKit", "CSystem", "PluginABI"],
        path: "Tests/ConnectorKitSupport"
    ),
    tests(
        "API",
        [
            "API", "ConnectorHost", "Crypto", "CSystem", "HTTPServer", "Identifiers", "JSON", "Log", "Mapping",
            "Platform", "SQLite", "Store", "Sync", "TestSupport", "Time",
        ]
    ),
    tests("Changes", ["Changes", "Crypto", "Identifiers", "JSON", "Mapping", "MappingSupport", "TestSupport", "Time"]),
    tests(
        "ConnectorHost",
        ["Columns", "ConnectorHost", "Crypto", "Identifiers", "JSON", "Log", "Platform", "TestSupport", "Time"]
    ),
    tests("ConnectorKit", ["ConnectorKit", "ConnectorKitSupport", "JSON", "PluginABI", "TestSupport"]),
    tests("Crypto", ["Crypto", "JSON", "TestSupport", "Time"]),
    tests(
        "FileImport",
        [
            "ConnectorHost", "ConnectorKit", "ConnectorKitSupport", "Crypto", "FileImport", "JSON", "PluginABI",
            "TestSupport",
        ]
    ),
    tests("HTTPServer", ["HTTPServer", "JSON", "Log", "Platform", "TestSupport", "Time"]),
    tests("JSON", ["JSON", "TestSupport"]),
    tests("Mapping", ["Columns", "CSystem", "JSON", "Mapping", "Platform", "TestSupport", "Time"]),
    tests("Platform", ["CSystem", "Identifiers", "JSON", "Log", "Platform", "TestSupport", "Time"]),
    tests("Profile", ["Columns", "JSON", "Profile", "Time"]),
    tests("SQLite", ["SQLite", "TestSupport"]),
    tests(
        "Store",
        [
            "Changes", "Columns", "Crypto", "Identifiers", "JSON", "Mapping", "MappingSupport", "Platform", "SQLite",
            "Store", "StoreConformance", "TestSupport", "Time",
        ]
    ),
    tests(
        "Sync",
        [
            "Changes", "Columns", "ConnectorHost", "Crypto", "Identifiers", "JSON", "Log", "Mapping", "Platform",
            "SQLite", "Store", "Sync", "TestSupport", "Time",
        ]
    ),
]

// MARK: - Package

let package = Package(
    name: "trainflow",
    products: [
        .executable(name: "trainflow", targets: ["Host"]),
        .library(name: "FileImportEntry", type: .dynamic, targets: ["FileImportEntry"]),
    ],
    targets: systemLibraries + leaves + rooms + [host] + connectors + testTargets,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)

/// Modules that the compiler imports by itself, with a library each: Swift's regular expressions are 1 MB of every process
/// that loads them, its concurrency with dispatch is another. Tests may have them.
func notImporting(_ modules: String...) -> SwiftSetting {
    .unsafeFlags(modules.flatMap { ["-Xfrontend", "-disable-implicit-\($0)-module-import"] })
}

let shipped = Set((leaves + rooms + [host] + connectors).map(\.name))
let loadedByRunner = Set(["JSON", "ConnectorKit"] + connectors.map(\.name))

for target in package.targets where target.type != .system {
    target.cSettings = (target.cSettings ?? []) + [.treatAllWarnings(as: .error)]
    target.cxxSettings = [.treatAllWarnings(as: .error)]
    target.swiftSettings = [
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    if shipped.contains(target.name) { target.swiftSettings? += [notImporting("string-processing")] }
    if loadedByRunner.contains(target.name) { target.swiftSettings? += [notImporting("concurrency")] }
}
