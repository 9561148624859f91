import Foundation
import JSON
import TestSupport
import Testing

/// JSONTestSuite, folder test_parsing: `y_` must be accepted, `n_` refused, `i_` is up to the reader.
struct `JSON conformance` {
    /// Accepted by the grammar, refused here: a repeated name leaves open which value counts (RFC 8259, section 4).
    private static let refusedOnPurpose = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]

    @Test func `both readers agree with the suite, in chunks of any size`() throws {
        let files = try suiteFiles()
        guard !files.isEmpty else { return print("suite json: absent") }
        var passed = 0
        var known = 0
        for (name, bytes) in files {
            let whole = outcome { try JSONValue(parsing: bytes) }
            for size in [1, 2, 7, 4096] {
                let streamed = outcome { try readWhole(bytes, chunk: size) }
                #expect(streamed == whole, "\(name) in chunks of \(size)")
            }
            switch (name.prefix(2), whole) {
            case ("y_", .success), ("n_", .failure), ("i_", _):
                passed += 1
            case ("y_", .failure(let error)) where Self.refusedOnPurpose.contains(name):
                #expect(error.code == .duplicateName)
                known += 1
            default:
                Issue.record("\(name): \(whole)")
            }
        }
        #expect(files.count == 318)
        #expect(known == Self.refusedOnPurpose.count)
        print("suite json: \(passed) passed, \(known) known failures, 0 absent")
    }

    @Test func `what was accepted is the same value after writing and reading it again`() throws {
        for (name, bytes) in try suiteFiles() {
            guard case .success(let value) = outcome({ try JSONValue(parsing: bytes) }) else { continue }
            #expect(try JSONValue(parsing: value.serialized()) == value, "\(name)")
            #expect(try JSONValue(parsing: value.prettyText) == value, "\(name), pretty")
        }
    }

    @Test func `mutations never crash, and what is accepted survives writing and reading`() throws {
        let files = try suiteFiles().filter { $0.name.hasPrefix("y_") }
        guard !files.isEmpty else { return print("suite json: absent") }
        var random = SeededGenerator(seed: 20_240_229)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = files[Int.random(in: 0..<files.count, using: &random)].bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&bytes, files.map(\.bytes), using: &random) }
            let whole = outcome { try JSONValue(parsing: bytes) }
            let chunk = Int.random(in: 1...9, using: &random)
            #expect(outcome { try readWhole(bytes, chunk: chunk) } == whole, "\(bytes)")
            guard case .success(let value) = whole else { continue }
            accepted += 1
            #expect(try JSONValue(parsing: value.serialized()) == value, "\(bytes)")
        }
        #expect(accepted > 1_000)
    }

    private func mutate(_ bytes: inout [UInt8], _ pool: [[UInt8]], using random: inout SeededGenerator) {
        let telling = Array("{}[]\",:\\u0dD9-+.eEtrfalsn \n\u{0}\u{1F}é".utf8) + [0xFF, 0xC0, 0x80, 0xED, 0xA0]
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0 where place < bytes.count: bytes[place] = telling[Int.random(in: 0..<telling.count, using: &random)]
        case 1 where place < bytes.count: bytes.remove(at: place)
        case 2 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 3: bytes.insert(contentsOf: pool[Int.random(in: 0..<pool.count, using: &random)].prefix(64), at: place)
        default: bytes.insert(telling[Int.random(in: 0..<telling.count, using: &random)], at: place)
        }
    }

    private func suiteFiles() throws -> [(name: String, bytes: [UInt8])] {
        guard let folder = Repository.suite("json") else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: "\(folder)/test_parsing").sorted().map { name in
            let data = try Data(contentsOf: URL(filePath: "\(folder)/test_parsing/\(name)"))
            return (name, Array(data))
        }
    }

    private func outcome(_ read: () throws -> JSONValue) -> Result<JSONValue, JSONError> {
        do {
            return .success(try read())
        } catch let error as JSONError {
            return .failure(error)
        } catch {
            Issue.record("another error: \(error)")
            return .success(nil)
        }
    }
}
