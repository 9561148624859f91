import ConnectorHost
import Foundation
import JSON
import TestSupport
import Testing

/// A manifest with every member, to be spoiled member by member.
let wholeManifest: JSONValue = [
    "id": "acme-hr", "name": "Acme HR", "version": "1.12.0", "publisher": "Acme", "description": "People of Acme.",
    "abi": 0,
    "streams": [
        [
            "name": "people.csv", "entity": "users",
            "mappings": [["source_field": "id", "target_field": "external_id"]],
        ],
        ["name": "teams"],
    ],
    "settings": ["type": "object", "properties": ["url": ["type": "string", "format": "uri"]]],
    "credentials": ["type": "object", "properties": ["token": ["type": "string", "writeOnly": true]]],
    "capabilities": ["pull", "incremental"],
    "sandbox": ["profile": "brokered", "memory": 1_000_000, "concurrency": 1, "hosts": ["{settings.url}"]],
]

extension JSONValue {
    /// The same with one member set, or taken away.
    func with(_ path: String..., value: JSONValue?) -> JSONValue {
        with(path[...], value: value)
    }

    private func with(_ path: ArraySlice<String>, value: JSONValue?) -> JSONValue {
        guard let first = path.first else { return value ?? .null }
        if case .array(var items) = self, let place = Int(first), items.indices.contains(place) {
            items[place] = items[place].with(path.dropFirst(), value: value)
            return .array(items)
        }
        guard case .object(var object) = self else { return self }
        object[first] = path.count == 1 ? value : (object[first] ?? [:]).with(path.dropFirst(), value: value)
        return .object(object)
    }
}

@Suite struct ManifestTests {
    private func reason(_ manifest: JSONValue) -> String? {
        #expect(throws: ManifestError.self) { try Manifest(reading: manifest.serialized()) }?.message
    }

    @Test func `a whole manifest is read`() throws {
        let manifest = try Manifest(reading: wholeManifest.serialized())
        #expect(manifest.id == "acme-hr")
        #expect(manifest.version.description == "1.12.0")
        #expect(manifest.streams.map(\.name) == ["people.csv", "teams"])
        #expect(manifest.streams[0].entity == "users")
        #expect(manifest.streams[0].mappings.count == 1)
        #expect(manifest.capabilities == [.pull, .incremental])
        #expect(manifest.sandbox.profile == .brokered)
        #expect(manifest.sandbox.hosts == ["{settings.url}"])
        #expect(manifest.settings.findings(in: ["url": "x"]).map(\.pointer) == ["/url"])
        #expect(manifest.text == wholeManifest.serialized())
    }

    @Test func `each required member is missed by name`() {
        for name in wholeManifest.objectValue?.members.map(\.name) ?? [] where name != "description" {
            let message = reason(wholeManifest.with(name, value: nil))
            #expect(message?.contains("/\(name)") == true, "\(name): \(message ?? "")")
        }
        #expect(reason(wholeManifest.with("sandbox", "profile", value: nil))?.contains("/sandbox/profile") == true)
        #expect(reason(wholeManifest.with("streams", "0", "name", value: nil))?.contains("/streams/0/name") == true)
    }

    @Test func `unknown members are refused by name`() {
        #expect(reason(wholeManifest.with("licence", value: "MIT"))?.contains("/licence") == true)
        #expect(reason(wholeManifest.with("sandbox", "network", value: true))?.contains("/sandbox/network") == true)
        #expect(reason(wholeManifest.with("streams", "1", "key", value: []))?.contains("/streams/1/key") == true)
    }

    private static let wrongMembers: [(String, JSONValue, String)] = [
        ("id", "A", "/id"), ("id", "1abc", "/id"), ("id", "a", "/id"), ("id", "Ab", "/id"),
        ("id", "a_b", "/id"), ("id", .string(String(repeating: "a", count: 65)), "/id"),
        ("id", "../etc", "/id"),
        ("version", "1.0", "/version"), ("version", "1.02.0", "/version"), ("version", "v1.0.0", "/version"),
        ("version", "1.0.99999999999999999999", "/version"), ("abi", 1, "/abi"), ("abi", "0", "/abi"),
        ("name", "", "/name"), ("name", "a\nb", "/name"),
        ("streams", [["name": "a"], ["name": "a"]], "/streams/1/name"),
        ("streams", [["name": "a", "entity": "people"]], "/streams/0/entity"),
        ("capabilities", ["fly"], "/capabilities"), ("capabilities", ["pull", "pull"], "/capabilities"),
        ("sandbox", ["profile": "open"], "/sandbox/profile"),
        ("sandbox", ["profile": "pure", "hosts": ["example.org"]], "/sandbox/hosts"),
        ("sandbox", ["profile": "pure", "memory": 0], "/sandbox/memory"),
        (
            "credentials", ["type": "object", "properties": ["pin": ["type": "integer"]]],
            "/credentials/properties/pin/type: must be string"
        ),
        ("settings", ["type": "string"], "/settings"), ("settings", true, "/settings"),
        (
            "settings", ["type": "object", "properties": ["a": ["pattern": "^x$"]]], "/settings/properties/a/pattern"
        ),
    ]

    @Test(arguments: wrongMembers)
    func `a wrong member is named`(name: String, value: JSONValue, pointer: String) {
        let message = reason(wholeManifest.with(name, value: value))
        #expect(message?.hasPrefix("the manifest's \(pointer)") == true, "\(message ?? "")")
    }

    @Test func `a setting is no place for a secret`() {
        let secret: JSONValue = ["type": "string", "writeOnly": true]
        let message = reason(wholeManifest.with("settings", "properties", "key", value: secret))
        #expect(message?.hasPrefix("the manifest's /settings/properties/key: is writeOnly") == true, "\(message ?? "")")
        let inside: JSONValue = [
            "type": "object", "properties": ["a": ["type": "object", "properties": ["b": secret]]],
        ]
        let place = reason(wholeManifest.with("settings", value: inside))
        #expect(place?.contains("/settings/properties/a/properties/b") == true, "\(place ?? "")")
        let harmless: JSONValue = [
            "type": "object", "properties": ["writeOnly": ["type": "object", "default": secret]],
        ]
        #expect(throws: Never.self) {
            try Manifest(reading: wholeManifest.with("settings", value: harmless).serialized())
        }
    }

    @Test func `what is no JSON object is refused`() {
        for text in ["", "[]", "{", "{}x", "{\"id\":\"a\",\"id\":\"b\"}", "\u{FEFF}{}"] {
            #expect(throws: ManifestError.self) { try Manifest(reading: Array(text.utf8)) }
        }
        #expect(throws: ManifestError.self) { try Manifest(reading: [UInt8](repeating: 32, count: 300_000)) }
    }

    @Test func `what is no object is named as the manifest itself`() {
        #expect(reason([1]) == "the manifest must be an object, is an array")
    }

    @Test func `versions are ordered by their numbers`() throws {
        let versions = ["1.9.0", "1.10.0", "2.0.0"].compactMap(Manifest.Version.init)
        #expect(versions.count == 3 && versions == versions.sorted())
    }

    /// docs/manifest.schema.json is for authors and their editors; what it takes and what the host takes must not differ.
    @Test func `the published schema says the same`() throws {
        let text = try String(contentsOfFile: "\(Repository.root)/docs/manifest.schema.json", encoding: .utf8)
        let schema = try JSONSchema(compiling: withoutPatterns(try JSONValue(parsing: text)))
        #expect(schema.findings(in: wholeManifest).isEmpty)
        for member in wholeManifest.objectValue?.members ?? [] where member.name != "description" {
            #expect(!schema.findings(in: wholeManifest.with(member.name, value: nil)).isEmpty, "\(member.name)")
        }
        #expect(!schema.findings(in: wholeManifest.with("licence", value: "MIT")).isEmpty)
        for (name, value, pointer) in Self.wrongMembers {
            // Left to patterns, which are taken out here, and to rules that a schema can't say.
            let isBeyond =
                ["/id", "/version", "/streams/1/name"].contains(pointer) || pointer.hasSuffix("/pattern")
                || value == "a\nb"
            guard !isBeyond else { continue }
            #expect(!schema.findings(in: wholeManifest.with(name, value: value)).isEmpty, "\(pointer)")
        }
    }

    @Test func `the manifests of this repository are right`() throws {
        let files = try FileManager.default.subpathsOfDirectory(atPath: "\(Repository.root)/Plugins")
            .filter { $0.hasSuffix("/manifest.json") }.map { "Plugins/\($0)" }
        #expect(!files.isEmpty)
        for file in files {
            let text = try String(contentsOfFile: "\(Repository.root)/\(file)", encoding: .utf8)
            #expect(throws: Never.self, "\(file)") { try Manifest(reading: Array(text.utf8)) }
        }
    }

    private func withoutPatterns(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(var object):
            object["pattern"] = nil
            for member in object.members { object[member.name] = withoutPatterns(member.value) }
            return .object(object)
        case .array(let items): return .array(items.map(withoutPatterns))
        default: return value
        }
    }
}
