import ConnectorKitSupport
import FileImport
import Foundation
import JSON
import TestSupport
import Testing

/// The same people, courses and enrolments as workbooks and as JSON.
@Suite struct `The sample people as a workbook` {
    private func bytes(_ name: String, in folder: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
    }

    @Test(
        arguments: [
            ("people.xlsx", "any name", "people.json"), ("training.xlsx", "Courses", "courses.json"),
            ("training.xlsx", "Enrollments", "enrollments.json"),
        ]
    ) func `holds what the JSON holds`(workbook: String, sheet: String, json: String) throws {
        guard let folder = Repository.suite("people") else {
            print("suite people-xlsx: absent")
            return
        }
        let reading = try readSheet(bytes(workbook, in: folder), stream: sheet)
        #expect(reading.failure == nil && reading.faults.isEmpty && reading.isComplete)
        let records = try #require(JSONValue(parsing: bytes(json, in: folder)).arrayValue)
        #expect(reading.rows.count == records.count)
        var different = 0
        for (row, record) in zip(reading.rows, records) {
            let wanted = reading.columns.map { record[$0] ?? .null }
            let same = zip(row.values, wanted).allSatisfy { value, wanted in isSame(value, wanted) }
            if !same {
                different += 1
                if different < 4 { Issue.record("row \(row.line): \(row.values) instead of \(wanted)") }
            }
            #expect(record.objectValue?.members.map(\.name) == reading.columns)
        }
        print("suite people-xlsx-\(sheet): \(records.count - different) passed, 0 known failures, 0 absent")
        #expect(different == 0)
    }

    private func isSame(_ value: String, _ json: JSONValue) -> Bool {
        guard json != .null else { return value == "" }
        guard let text = json.stringValue else { return Double(value) == Double(json.text) && !value.hasSuffix(".0") }
        return value == text || isSameDay(value, text)
    }

    /// A date cell is ISO here and DD/MM/YYYY in the texts.
    private func isSameDay(_ iso: String, _ text: String) -> Bool {
        let parts = text.split(separator: "/")
        return parts.count == 3 && iso == "\(parts[2])-\(parts[1])-\(parts[0])"
    }
}
