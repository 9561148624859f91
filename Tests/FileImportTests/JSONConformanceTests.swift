import ConnectorKit
import FileImport
import FoundationEssentials
import TestSupport
import Testing

@Suite struct `JSON conformance suites` {
    private func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Accepted as JSON, but the record that holds them is spoiled: stricter than RFC 8259, on purpose.
    private static let spoiled = [
        "y_object_duplicated_key.json": "duplicate_name", "y_object_duplicated_key_and_value.json": "duplicate_name",
        "y_string_null_escape.json": "nul_byte", "y_object_escaped_null_in_key.json": "nul_byte",
    ]

    /// Each text stands as the value of the only member of the only record, `[{"v":…}]`: there the scanner reads any value.
    @Test func `JSONTestSuite, through the scanner of records`() throws {
        guard let folder = Repository.suite("json/test_parsing") else {
            print("suite json/test_parsing: absent")
            return
        }
        var counts: [Character: Int] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name.hasSuffix(".json") {
            let text = try bytes("\(folder)/\(name)")
            let whole = Array("[{\"v\":".utf8) + text + Array("}]".utf8)
            for window in [CSVFile.windowBytes, 64] {
                let reading = try readJSON(whole, Ways(windowBytes: window))
                let isTaken = reading.failure == nil && reading.summary.isComplete && reading.rows.count == 1
                switch name.first {
                case "y":
                    #expect(isTaken && reading.faults == [Self.spoiled[name]].compactMap(\.self), "\(name): \(reading)")
                    if isTaken, window == 64 { counts["y", default: 0] += 1 }
                case "n":
                    let isRefused = !isTaken || reading.faults.count == 1
                    #expect(isRefused, "\(name): \(reading)")
                    if isRefused, window == 64 { counts["n", default: 0] += 1 }
                default:
                    if window == 64 { counts["i", default: 0] += 1 }
                }
            }
            // As a file of its own and as lines: whatever comes of it, it comes to an end.
            _ = try readJSON(text)
            _ = try readJSON(text, lines: true)
        }
        print(
            "suite json/test_parsing: \((counts["y"] ?? 0) + (counts["n"] ?? 0)) passed (\(counts["y"] ?? 0) accepted, "
                + "\(counts["n"] ?? 0) refused), 0 known failures, 0 absent; \(counts["i"] ?? 0) of either kind"
        )
        for (name, code) in Self.spoiled.sorted(by: { $0.key < $1.key }) {
            print("    \(name): accepted, its record is spoiled: \(code)")
        }
        #expect(counts == ["y": 95, "n": 188, "i": 35])
    }

    @Test func `people.json has the rows of people.csv`() throws {
        guard let folder = Repository.suite("people") else {
            print("suite people-json: absent")
            return
        }
        for (name, delimiter) in [("people", ","), ("courses", ","), ("enrollments", ";")] {
            let csv = try read(bytes("\(folder)/\(name).csv"), Dialect())
            #expect(csv.found["delimiter"] == delimiter && csv.faults.isEmpty && csv.values.count > 100)
            let json = try readJSON(bytes("\(folder)/\(name).json"))
            #expect(json.columns == csv.columns + ["_more"] && json.faults.isEmpty && json.summary.isComplete)
            var passed = 0
            for (row, cells) in zip(json.values, csv.values) {
                let isSame = zip(row, cells).allSatisfy { value, cell in
                    (value ?? "") == cell
                        || value.flatMap(Double.init) != nil && value.flatMap(Double.init) == Double(cell)
                }
                #expect(isSame, "\(name): \(row), \(cells)")
                if isSame { passed += 1 }
            }
            print("suite people-json-\(name): \(passed) passed, 0 known failures, 0 absent")
            #expect(json.values.count == csv.values.count && passed == csv.values.count)
        }
    }
}
