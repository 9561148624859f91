import ConnectorHost
import FoundationEssentials
import JSON
import Log
import TestSupport
import Testing

@Suite struct PluginsFolderTests {
    private let folder: TemporaryFolder
    private var configuration: ConnectorHostConfiguration

    init() throws {
        folder = try TemporaryFolder()
        configuration = ConnectorHostConfiguration(pluginsFolder: folder.path, runnerPath: "/nowhere/trainflow-runner")
        configuration.areUnsignedPluginsAllowed = true
    }

    private func connector(_ id: String, version: String = "1.0.0") -> [UInt8] {
        let manifest = wholeManifest.with("id", value: .string(id)).with("version", value: .string(version))
        return ELFImage(notes: [.init(bytes: manifest.serialized())]).bytes
    }

    private func write(_ name: String, _ bytes: [UInt8], mode: Int = 0o644) throws {
        try change(try folder.write(bytes, to: name), mode: mode)
    }

    private func change(_ path: String, mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: folder.file(name), withDestinationPath: target)
    }

    private var host: ConnectorHost { ConnectorHost(configuration, log: Logger(sink: CapturedLog())) }

    @Test func `connectors and refused files are listed with reason and hint`() async throws {
        try write("b.so", connector("bravo"))
        try write("a.so", connector("alpha"))
        try write("README.md", [1])
        try write("text.so", Array("#!/bin/sh".utf8))
        try write("open.so", connector("open"), mode: 0o666)
        try write("bare.so", ELFImage(notes: []).bytes)
        try write("two.so", ELFImage(notes: [.init(bytes: [1]), .init(bytes: [2])]).bytes)
        try write("bad.so", ELFImage(notes: [.init(bytes: Array("{}".utf8))]).bytes)
        try FileManager.default.createDirectory(atPath: folder.file("folder.so"), withIntermediateDirectories: false)
        try link("dangling.so", to: "/nowhere")
        try link("device.so", to: "/dev/null")
        let catalog = try await host.catalog()
        #expect(catalog.connectors.map(\.id) == ["alpha", "bravo"])
        #expect(catalog.connectors[0].fileName == "a.so")
        let reasons = catalog.refused.map { "\($0.path.split(separator: "/").last ?? ""): \($0.reason)" }
        #expect(
            reasons == [
                "bad.so: the manifest's /abi: is missing", "bare.so: it carries no TrainFlow manifest",
                "dangling.so: it can't be read (open \(folder.path)/dangling.so: No such file or directory)",
                "device.so: it is no regular file", "folder.so: it is no regular file",
                "open.so: everybody may change it",
                "text.so: it is too short to be a shared object",
                "two.so: it carries 2 manifests",
            ]
        )
        #expect(catalog.refused.allSatisfy { !$0.hint.isEmpty })
    }

    @Test func `two files with one id are both refused`() async throws {
        try write("one.so", connector("acme"))
        try write("two.so", connector("acme", version: "2.0.0"))
        let catalog = try await host.catalog()
        #expect(catalog.connectors.isEmpty)
        #expect(
            catalog.refused.map(\.reason) == [
                "its id acme is also that of two.so", "its id acme is also that of one.so",
            ]
        )
    }

    @Test func `unsigned files need the operator's word`() async throws {
        try write("a.so", connector("alpha"))
        var strict = configuration
        strict.areUnsignedPluginsAllowed = false
        let catalog = try await ConnectorHost(strict, log: Logger(sink: CapturedLog())).catalog()
        #expect(catalog.connectors.isEmpty)
        #expect(catalog.refused.first?.reason == "it is not signed")
        #expect(catalog.refused.first?.hint.contains("--unsigned-plugins allow") == true)
    }

    @Test func `a folder that everybody may change is refused, also behind a link`() async throws {
        let elsewhere = try TemporaryFolder()
        _ = try elsewhere.write(connector("alpha"), to: "a.so")
        try link("a.so", to: elsewhere.file("a.so"))
        #expect(try await host.catalog().connectors.map(\.id) == ["alpha"])
        try change(elsewhere.path, mode: 0o777)
        #expect(try await host.catalog().refused.map(\.reason) == ["everybody may change the folder \(elsewhere.path)"])
        try change(folder.path, mode: 0o777)
        let error = await #expect(throws: ConnectorError.self) { try await host.catalog() }
        #expect(error?.code == "plugins_folder_open")
    }

    @Test func `a missing folder says which and what to check`() async throws {
        let missing = ConnectorHostConfiguration(pluginsFolder: "/nowhere/plugins.d", runnerPath: "/nowhere/runner")
        let error = await #expect(throws: ConnectorError.self) {
            try await ConnectorHost(missing, log: Logger(sink: CapturedLog())).catalog()
        }
        #expect(error?.errorClass == .config)
        #expect(error?.message.contains("/nowhere/plugins.d") == true)
    }

    @Test func `a file anywhere can be inspected, signed or not, and says why not`() async throws {
        let elsewhere = try TemporaryFolder()
        let path = try elsewhere.write(connector("alpha"), to: "a.so")
        try change(path, mode: 0o666)
        try change(elsewhere.path, mode: 0o777)
        var strict = configuration
        strict.areUnsignedPluginsAllowed = false
        let host = ConnectorHost(strict, log: Logger(sink: CapturedLog()))
        #expect(try await host.inspect(file: path).manifest.id == "alpha")
        #expect(try await host.catalog().connectors.isEmpty)
        let text = try elsewhere.write(Array("#!/bin/sh".utf8), to: "text.so")
        for (path, reason) in [
            (text, "it is too short to be a shared object"), (elsewhere.path, "it is no regular file"),
            (elsewhere.file("missing.so"), "No such file or directory"),
        ] {
            let error = await #expect(throws: ConnectorError.self) { try await host.inspect(file: path) }
            #expect(error?.code == "connector_refused")
            #expect(error?.message.contains(reason) == true && error?.message.contains(path) == true)
        }
    }

    @Test func `a file that changes is read again`() async throws {
        let host = host
        try write("a.so", connector("alpha"))
        #expect(try await host.connector("alpha").manifest.version.description == "1.0.0")
        try write("a.so", connector("alpha", version: "1.10.0"))
        #expect(try await host.connector("alpha").manifest.version.description == "1.10.0")
        try FileManager.default.removeItem(atPath: folder.file("a.so"))
        #expect(try await host.catalog().connectors.isEmpty)
    }

    @Test func `an unknown provider names the nearest and the folder`() async throws {
        try write("a.so", connector("file-import"))
        try write("r.so", connector("rest"))
        try write("broken.so", Array("no".utf8))
        let error = await #expect(throws: ConnectorError.self) { try await host.connector("file-imprt") }
        #expect(error?.errorClass == .notFound)
        #expect(error?.message.contains("file-import") == true)
        #expect(error?.message.contains(folder.path) == true)
        let other = await #expect(throws: ConnectorError.self) { try await host.connector("zzzzzzzz") }
        #expect(other?.message.contains("file-import, rest") == true)
        #expect(other?.message.contains("broken.so is refused: it is too short to be a shared object. ") == true)
    }
}
