import Columns
import Foundation
import JSON
import Mapping
import TestSupport
import Testing
import Time

/// The sample people, with the mapping that stands in `samples/`, against the list of their faults.
@Suite struct PeopleTests {
    struct Fault {
        var row: Int
        var key: String
        var kind: String
        var field: String
        var value: String
        var clean: String
        var advice: String
    }

    private func sampleMapping() throws -> MappingSet {
        let text = try String(contentsOfFile: "\(Repository.root)/samples/people.map.json", encoding: .utf8)
        return try MappingSet(json: JSONValue(parsing: text))
    }

    private func faults(_ folder: String) throws -> [Fault] {
        let text = try String(contentsOfFile: "\(folder)/dirt.json", encoding: .utf8)
        let items = try #require(try JSONValue(parsing: text).arrayValue)
        return items.filter { $0["file"]?.stringValue == "people" }.map { item in
            Fault(
                row: Int(item["row"]?.integerValue ?? 0),
                key: item["employee_id"]?.stringValue ?? "",
                kind: item["kind"]?.stringValue ?? "",
                field: item["field"]?.stringValue ?? "",
                value: item["value"]?.stringValue ?? "",
                clean: item["clean_value"]?.stringValue ?? "",
                advice: item["import_should"]?.stringValue ?? ""
            )
        }
    }

    /// The file's rows as the CSV connector gives them: text columns, and the line of each row.
    private func people(_ folder: String) throws -> Batch {
        let text = try String(contentsOfFile: "\(folder)/people.csv", encoding: .utf8)
        let records = SimpleCSV.records(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
        let header = try #require(records.first)
        let rows = records.dropFirst()
        var columns = header.indices.map { index in textColumn(header[index], rows.map { $0[index] }) }
        columns.append(int64Column("_tf_at", (0..<rows.count).map { Int64($0) + 2 }))
        return Batch(columns: columns, count: rows.count)
    }

    @Test func `the sample people give the rejects and warnings that are listed`() throws {
        guard let folder = Repository.suite("people") else {
            print("suite people: absent")
            return
        }
        let source = try people(folder)
        let mapping = try CompiledMapping.compile(try sampleMapping(), source: source.columns.map(\.field))
        let mapped = mapping.apply(source, today: try #require(CalendarDate(year: 2025, month: 6, day: 30)))
        mapped.checkShape()
        let faults = try faults(folder)
        func fault(_ kind: String) throws -> Fault { try #require(faults.first { $0.kind == kind }) }
        func reject(_ line: Int) -> RowReject? { mapped.rejects.first { $0.locator == line } }

        // What must be refused is refused, for that field, with that value; nothing else is.
        let refused: [(kind: String, target: String, code: String)] = [
            ("month first", "hire_date", "invalid_date"),
            ("impossible date", "hire_date", "invalid_date"),
            ("two-digit year", "hire_date", "invalid_date"),
            ("ISO date in a day-first column", "hire_date", "invalid_date"),
            ("unknown department code", "department", "unlisted_value"),
            ("malformed e-mail", "email", "invalid_email"),
            ("spaces around and inside", "email", "invalid_email"),
        ]
        for (kind, target, code) in refused {
            let fault = try fault(kind)
            let reject = try #require(reject(fault.row), "\(kind)")
            #expect(reject.key == fault.key)
            #expect(reject.failures.map(\.field) == [target], "\(kind)")
            #expect(reject.failures.map(\.code) == [code], "\(kind)")
            #expect(reject.failures[0].value == fault.value, "\(kind)")
            #expect(reject.raw.contains(RawField(name: fault.field, value: fault.value)))
            #expect(reject.raw.count == 23)
        }
        let missing = faults.filter { $0.kind == "required value missing" }
        #expect(missing.count == 2)
        for fault in missing {
            let target = fault.field == "employee_id" ? "external_id" : "email"
            let failures = try #require(reject(fault.row)).failures
            #expect(failures.map(\.field) == [target] && failures.map(\.code) == ["required"])
        }
        #expect(mapped.rejects.count == refused.count + missing.count)
        #expect(mapped.accepted.count == 2_000 - 9)

        // What can be mended is mended, what is odd is a warning.
        let marks = try fault("no-break space and direction marks")
        #expect(try mapped.outcome("last_name", marks.row - 2) == .value(marks.clean))
        #expect(try mapped.outcome("display_name", marks.row - 2) == .value("Usman Qureshi"))
        let formula = try fault("formula in a text")
        #expect(try mapped.outcome("job_title", formula.row - 2) == .value(formula.value))
        let future = try fault("hired in the future")
        #expect(
            mapped.warnings == [
                RowWarning(
                    row: Int32(future.row - 2),
                    locator: Int64(future.row),
                    field: "hire_date",
                    code: "future_date",
                    message: "hire_date 2031-01-01 is in the future."
                )
            ]
        )

        // And the rows without fault come out whole.
        let clean = try #require(mapped.accepted.first)
        #expect(try mapped.outcome("external_id", Int(clean)) == .value("002604"))
        #expect(try mapped.outcome("email", Int(clean)) == .value("huda.alharbi@example.com"))
        #expect(try mapped.outcome("display_name", Int(clean)) == .value("Huda Khalid Al-Harbi"))
        #expect(try mapped.outcome("status", Int(clean)) == .value("active"))
        #expect(try mapped.outcome("department", Int(clean)) == .value("Operations"))
        #expect(try mapped.outcome("manager_external_id", Int(clean)) == .absent)
        #expect(try mapped.outcome("hire_date", Int(clean)) == .value("1992-04-29"))
        #expect(try mapped.outcome("language", Int(clean)) == .value("ar"))
        #expect(try mapped.outcome("attributes.last_modified", Int(clean)) == .value("2025-02-11T03:27:00Z"))
        #expect(try mapped.outcome("attributes.full_name_ar", Int(clean)) == .value("هدى خالد الحربي"))
        print("suite people: \(mapped.count) passed, 0 known failures, 0 absent")
    }

    @Test func `refusals say what is wrong and what to do`() throws {
        guard let folder = Repository.suite("people") else { return }
        let mapped = try apply(try sampleMapping(), to: try people(folder))
        func said(_ line: Int) -> [String] {
            mapped.rejects.first { $0.locator == line }?.failures.flatMap { [$0.message, $0.hint] } ?? []
        }
        #expect(
            said(143) == [
                "“12/28/1997” is not a date in the form dd/MM/yyyy.",
                "It would be one in the form MM/dd/yyyy: correct it at the source, or change the pattern of parseDate.",
            ]
        )
        #expect(
            said(284) == [
                "“31/02/2023” is not a date in the form dd/MM/yyyy.",
                "Write the date as dd/MM/yyyy at the source, or change the pattern of parseDate.",
            ]
        )
        #expect(
            said(1114) == [
                "“2008-03-14” is not a date in the form dd/MM/yyyy.",
                "It would be one in the form yyyy-MM-dd: correct it at the source, or change the pattern of parseDate.",
            ]
        )
        #expect(
            said(530) == [
                "“XX1” is not among the values that valueMap lists.",
                "Add it to the valueMap of department, or write default(…) after it.",
            ]
        )
        #expect(
            said(1489) == [
                "“huda.farouk2.at.example.com” is not an e-mail address: it has no @.",
                "Correct it at the source, as in name@example.com.",
            ]
        )
        #expect(
            said(845) == [
                "“rami.albalushi @example.com” is not an e-mail address: it has a space in it.",
                "Correct it at the source, as in name@example.com.",
            ]
        )
        #expect(
            said(1595) == [
                "email needs a value, and email has none.",
                "Fill in email at the source, or give email a default(…) in the mapping.",
            ]
        )
    }

    @Test func `batches may be cut anywhere`() throws {
        guard let folder = Repository.suite("people") else { return }
        let source = try people(folder)
        let mapping = try CompiledMapping.compile(try sampleMapping(), source: source.columns.map(\.field))
        let day = try #require(today)
        let whole = mapping.apply(source, today: day)
        var row = 0
        for size in [1, 7, 64, 500, 1_428] {
            let part = mapping.apply(source.rows(row..<row + size), today: day)
            part.checkShape()
            for column in part.columns {
                let all = try whole.column(column.target.name)
                for offset in 0..<size {
                    #expect(column.text(offset) == all.text(row + offset))
                    #expect(column.states[offset] == all.states[row + offset])
                }
            }
            #expect(
                part.rejects.map(\.locator)
                    == whole.rejects.map(\.locator).filter { row + 2..<row + size + 2 ~= Int($0) }
            )
            row += size
        }
        #expect(row == whole.count)
    }
}

extension Batch {
    /// Some rows of a batch of text columns and int64 columns.
    fileprivate func rows(_ range: Range<Int>) -> Batch {
        let columns = columns.map { column in
            column.field.type == .utf8
                ? textColumn(column.field.name, range.map { column.text($0) })
                : int64Column(column.field.name, range.compactMap { column.integer($0) })
        }
        return Batch(columns: columns, count: range.count)
    }
}

func int64Column(_ name: String, _ values: [Int64]) -> Column {
    let bytes = values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    return Column(field: Field(name: name, type: .int64, isNullable: false), count: values.count, bytes: bytes)
}

/// Enough of RFC 4180 for the samples.
enum SimpleCSV {
    static func records(_ text: String, separator: Character = ",") -> [[String]] {
        var records: [[String]] = []
        var record: [String] = []
        var field = String.UnicodeScalarView()
        var isQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            switch (scalar, isQuoted) {
            case ("\"", true) where scalars.first == "\"":
                scalars.removeFirst()
                field.append(scalar)
            case ("\"", _): isQuoted.toggle()
            case (separator.unicodeScalars.first, false):
                record.append(String(field))
                field = .init()
            case ("\r", false): break
            case ("\n", false):
                record.append(String(field))
                field = .init()
                records.append(record)
                record = []
            default: field.append(scalar)
            }
        }
        return records
    }
}
