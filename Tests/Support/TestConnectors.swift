internal import FoundationEssentials
internal import Testing

/// The real runner, and connectors in C that behave and misbehave (Tests/Connectors).
package enum TestConnectors {
    package static let runner = variable("TRAINFLOW_RUNNER") ?? "\(Repository.root)/.build/trainflow-runner"
    package static let folder = variable("TRAINFLOW_TEST_CONNECTORS") ?? "\(Repository.root)/.build/test-connectors"

    /// The path of a built file; the test fails with the command that builds it.
    package static func built(_ path: String) throws -> String {
        try #require(
            FileManager.default.fileExists(atPath: path),
            "\(path) is not built: run make -f runner.mk runner test-connectors"
        )
        return path
    }

    /// Puts a test connector, named without `.so`, into a host's folder.
    package static func install(_ name: String, in plugins: TemporaryFolder) throws {
        try FileManager.default.createSymbolicLink(
            atPath: plugins.file("\(name).so"),
            withDestinationPath: try built("\(folder)/\(name).so")
        )
    }

    /// Puts the connector `file` into a host's folder: it is built beside the tests.
    package static func installFileImport(in plugins: TemporaryFolder) throws {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = tests.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createSymbolicLink(
            atPath: plugins.file("file.so"),
            withDestinationPath: try built("/\(folder)/libFileImportEntry.so")
        )
    }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }
}
