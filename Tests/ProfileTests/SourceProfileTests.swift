import Columns
import JSON
import Profile
import Testing
import Time

@Suite struct SourceProfileTests {
    private let today: CalendarDate

    init() throws {
        today = try #require(CalendarDate(year: 2026, month: 11, day: 30))
    }

    /// Rows of texts from line 2 on, cut into batches of seven.
    private func profile(_ columns: KeyValuePairs<String, [String?]>) -> SourceProfile {
        var profile = SourceProfile(columns: columns.map(\.key) + ["_tf_at"], today: today)
        let rows = columns.first?.value.count ?? 0
        for start in stride(from: 0, to: rows, by: 7) {
            let range = start..<min(start + 7, rows)
            var batch = Batch(columns: [], count: range.count)
            for (name, values) in columns {
                var builder = TextColumnBuilder()
                for value in values[range] {
                    if let value { builder.append(value) } else { builder.appendNull() }
                }
                batch.columns.append(builder.finish(name: name))
            }
            let bytes = range.flatMap { row in (0..<8).map { UInt8(truncatingIfNeeded: (row + 2) >> ($0 * 8)) } }
            batch.columns.append(
                Column(field: Field(name: "_tf_at", type: .int64), count: range.count, bytes: bytes)
            )
            profile.add(batch)
        }
        return profile
    }

    /// Forty different usual values, and odd ones in the rows from 42 on.
    private func findings(_ usual: (Int) -> String, odd: [String?]) -> [Finding] {
        profile(["x": (0..<40).map(usual) + odd]).findings
    }

    private func only(_ code: String, _ findings: [Finding], weight: Finding.Weight) throws -> Finding {
        let found = findings.filter { $0.code == code }
        #expect(found.count == 1, "\(findings.map(\.code))")
        let finding = try #require(found.first)
        #expect(finding.weight == weight)
        #expect(finding.columns == ["x"])
        return finding
    }

    private func date(_ number: Int) -> String { "\(10 + number % 19)/0\(1 + number % 9)/20\(10 + number % 10)" }

    // MARK: - Types

    @Test func `types are what nine in ten values are`() {
        let rows = 0..<30
        let columns = profile([
            "id": rows.map { "00\(1000 + $0)" }, "pay": rows.map { "\($0).50" },
            "mail": rows.map { "a\($0)@example.org" }, "on": rows.map(date),
            "iso": rows.map { "2024-01-\(10 + $0 % 20)" }, "at": rows.map { _ in "2025-02-11T03:27:00Z" },
            "is": rows.map { $0 % 3 == 0 ? "Y" : "N" }, "name": rows.map { "Ann \($0)" }, "none": rows.map { _ in nil },
        ]).columns
        #expect(
            columns.map(\.type) == [
                .integer, .decimal, .email, .date("dd/MM/yyyy"), .date("yyyy-MM-dd"), .timestamp, .boolean, .text,
                .empty,
            ]
        )
        #expect(columns.map(\.filled) == [30, 30, 30, 30, 30, 30, 30, 30, 0])
        #expect(columns[0].samples == ["001000", "001001", "001002"])
        #expect(columns[7].longest == 6)
    }

    @Test func `sound columns have no findings`() {
        let rows = 0..<60
        let sound = profile([
            "id": rows.map { "00\(1000 + $0)" }, "mail": rows.map { "a\($0)@example.org" }, "on": rows.map(date),
            "status": rows.map { $0 % 2 == 0 ? "Active" : "Left" }, "phone": rows.map { "+966 50\(1_000_000 + $0)" },
            "pay": rows.map { "\(1000 + $0).25" }, "name": rows.map { $0 % 2 == 0 ? "Zoë \($0)" : "هدى \($0)" },
        ])
        #expect(sound.findings == [])
        #expect(sound.rows == 60)
    }

    // MARK: - Dates

    @Test(arguments: ["12/28/1997", "31/02/2023", "11/12/17", "2008-03-14", "soon"])
    func `a date that is written otherwise is shown with its line`(odd: String) throws {
        let finding = try only("other_dates", findings(date, odd: [odd]), weight: .problem)
        #expect(finding.count == 1)
        #expect(finding.examples == [Examples.Example(at: 42, value: odd)])
        #expect(finding.message == "x has dates written as dd/MM/yyyy, but not in 1 value.")
        #expect(finding.transform == #"parseDate("dd/MM/yyyy")"#)
    }

    @Test func `dates that can be read both ways are a question`() throws {
        let both = findings({ "0\(1 + $0 % 9)/0\(1 + $0 % 7)/2020" }, odd: [])
        let finding = try only("ambiguous_dates", both, weight: .problem)
        #expect(finding.count == 40)
        #expect(finding.message.contains("as dd/MM/yyyy and as MM/dd/yyyy"))
        #expect(findings(date, odd: []).isEmpty)
    }

    @Test func `one day above twelve settles the order for all`() {
        let dates = (0..<40).map { "0\(1 + $0 % 9)/0\(1 + $0 % 7)/2020" }
        #expect(profile(["x": dates + ["03/25/2020"]]).columns[0].type == .date("MM/dd/yyyy"))
        #expect(profile(["x": dates + ["25/03/2020"]]).columns[0].type == .date("dd/MM/yyyy"))
    }

    @Test func `a date in the future stands out where others are past`() throws {
        let finding = try only("future_dates", findings(date, odd: ["01/01/2031"]), weight: .warning)
        #expect(finding.examples == [Examples.Example(at: 42, value: "01/01/2031")])
        #expect(!findings({ _ in "13/01/2031" }, odd: []).contains { $0.code == "future_dates" })
    }

    // MARK: - Numbers and words

    @Test func `letters among numbers, and numbers below zero`() throws {
        let all = findings({ "\(1000 + $0).50" }, odd: ["612O3.92", "-14156.19"])
        #expect(try only("broken_numbers", all, weight: .problem).examples.map(\.value) == ["612O3.92"])
        #expect(try only("negative_numbers", all, weight: .warning).examples.map(\.value) == ["-14156.19"])
    }

    @Test func `numbers that have lost their zeros`() throws {
        let finding = try only("lost_zeros", findings({ "00\(4000 + $0)" }, odd: ["4081"]), weight: .problem)
        #expect(finding.transform == #"padLeft(6, "0")"#)
        #expect(finding.examples == [Examples.Example(at: 42, value: "4081")])
        #expect(!findings({ "\(4000 + $0)" }, odd: ["81"]).contains { $0.code == "lost_zeros" })
    }

    @Test func `a code that no other row has`() throws {
        let codes = ["ENG", "FIN", "HR", "OPS"]
        let finding = try only("rare_values", findings({ codes[$0 % 4] }, odd: ["XX1"]), weight: .warning)
        #expect(finding.examples == [Examples.Example(at: 42, value: "XX1")])
    }

    @Test func `words that differ by capitals or spaces only`() throws {
        let finding = try only(
            "spelling_variants",
            findings({ $0 % 2 == 0 ? "Active" : "On Leave" }, odd: ["active", "On  leave"]),
            weight: .warning
        )
        #expect(finding.count == 2)
        #expect(finding.examples.map(\.value) == ["active", "On  leave"])
    }

    @Test func `an address that is none, and a value that is missing`() throws {
        let all = findings({ "a\($0)@example.org" }, odd: ["huda.at.example.org"])
        #expect(try only("broken_emails", all, weight: .problem).examples.map(\.value) == ["huda.at.example.org"])
        let missing = profile(["x": (0..<60).map { "v\($0)" } + [nil]]).findings
        #expect(try only("missing_values", missing, weight: .warning).examples == [Examples.Example(at: 62, value: "")])
    }

    // MARK: - Characters

    @Test(
        arguments: [
            ("direction_marks", "Qureshi\u{200F}", Finding.Weight.warning, "stripBidi"),
            ("odd_spaces", "\u{A0}Qureshi", .warning, "normalizeSpace"),
            ("extra_spaces", " Qureshi", .hint, "normalizeSpace"),
            ("extra_spaces", "Al  Qureshi", .hint, "normalizeSpace"),
            ("arabic_digits", "+٩٧١ ٣٥٥", .warning, "westernDigits"),
            ("mojibake", "ZoÃ«", .problem, nil),
            ("mojibake", "Ù‡Ø¯Ù‰", .problem, nil),
            ("mojibake", "Zo\u{FFFD}", .problem, nil),
            ("control_characters", "a\u{1}", .warning, nil),
            ("formulas", "=HYPERLINK(\"http://example.com\")", .warning, nil),
            ("formulas", "@SUM(1)", .warning, nil),
            ("formulas", "-2+3+cmd|' /C calc'!A0", .warning, nil),
        ] as [(String, String, Finding.Weight, String?)]
    )
    func `a character that is not what it seems`(
        code: String,
        value: String,
        weight: Finding.Weight,
        transform: String?
    ) throws {
        let finding = try only(code, findings({ "Ann \($0)" }, odd: [value]), weight: weight)
        #expect(finding.examples == [Examples.Example(at: 42, value: value)])
        #expect(finding.transform == transform)
    }

    @Test(arguments: ["-", "+966 50 123", "-5", "Ünal", "São", "Øystein", "a-b", "É§"])
    func `nothing is said of usual writing`(value: String) {
        #expect(findings({ "Ann \($0)" }, odd: [value]) == [])
    }

    // MARK: - Rows

    @Test func `repeated rows, and rows that repeat a number`() throws {
        let ids = (0..<40).map { "\(1000 + $0)" }
        let names = (0..<40).map { "Ann \($0)" }
        let all = profile([
            "id": ids + ["1003", "1005"], "phone": ids.map { "+1 \($0)" } + ["+1 1003", "+1 1005"],
            "name": names + [names[3], "ANN 5"],
        ]).findings.filter { $0.columns != ["name"] }
        #expect(all.map(\.code) == ["repeated_values", "repeated_rows"])
        #expect(all[0].columns == ["id", "phone"])
        #expect(all[0].examples == [Examples.Example(at: 43, value: "as in 7")])
        #expect(all[1].examples == [Examples.Example(at: 42, value: "as in 5")])
        #expect(all[1].columns == [])
    }

    @Test func `columns where repeats are usual are no keys`() {
        let all = profile(["city": (0..<400).map { "c\($0 % 90)" }, "id": (0..<400).map { "\($0)" }]).findings
        #expect(all == [])
    }

    @Test func `of very wide sources the first columns are looked at`() {
        let wide = SourceProfile(columns: (0..<4_000).map { "c\($0)" }, today: today)
        #expect(wide.columns.count == SourceProfile.mostColumns)
        #expect(wide.leftOut == 3_500)
        #expect(wide.json["columns_left_out"] == 3_500)
    }

    @Test func `many columns share the room for finding repeats`() {
        // 99 columns and the rows: room for 10,000 values each, so that the repeat in the last row is not seen.
        let names = (0..<99).map { "c\($0)" }
        for (rows, repeats) in [(9_000, 1), (11_000, 0)] {
            var profile = SourceProfile(columns: names, today: today)
            let values = (0..<rows).map { "v\($0)" } + ["v7"]
            let columns = names.map { name in
                var column = TextColumnBuilder()
                for value in values { column.append(value) }
                return column.finish(name: name)
            }
            profile.add(Batch(columns: columns, count: values.count))
            #expect(profile.findings.filter { $0.code == "repeated_rows" }.count == repeats)
        }
    }

    @Test func `rows that the source can't read are counted, and no values`() {
        var profile = SourceProfile(columns: ["x", "_tf_error"], today: today)
        var values = TextColumnBuilder()
        values.appendNull()
        values.append("v")
        var errors = TextColumnBuilder()
        errors.append("too_few_fields")
        errors.appendNull()
        profile.add(Batch(columns: [values.finish(name: "x"), errors.finish(name: "_tf_error")], count: 2))
        #expect(profile.findings.map(\.code) == ["unreadable_rows"])
        #expect(profile.findings[0].examples == [Examples.Example(at: 1, value: "too_few_fields")])
        #expect(profile.columns[0].rows == 1)
        #expect(profile.json["rows"] == 2)
    }
}
