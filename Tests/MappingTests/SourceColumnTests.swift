import Columns
import Mapping
import Testing

@Suite struct SourceColumnTests {
    private func column(_ type: ColumnType, _ bytes: [UInt8], count: Int, validity: [UInt8] = []) -> Column {
        Column(
            field: Field(name: "value", type: type),
            count: count,
            nullCount: validity.isEmpty ? 0 : 1,
            validity: validity,
            bytes: bytes
        )
    }

    private func little<Value: FixedWidthInteger>(_ values: [Value]) -> [UInt8] {
        values.flatMap { value in (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    }

    private func texts(_ column: Column) throws -> [Outcome] {
        let ids = textColumn("id", (0..<column.count).map { "\($0)" })
        let set = people(MappingRow(sourceField: "value", targetField: "attributes.x"))
        let mapped = try apply(set, to: Batch(columns: [ids, column], count: column.count))
        mapped.checkShape()
        return try mapped.outcomes("attributes.x")
    }

    @Test func `integers come as decimal text`() throws {
        #expect(
            try texts(column(.int8, little([Int8.min, 0, 127]), count: 3)) == [
                .value("-128"), .value("0"), .value("127"),
            ]
        )
        #expect(try texts(column(.uint16, little([UInt16.max]), count: 1)) == [.value("65535")])
        #expect(
            try texts(column(.int64, little([Int64.min, .max]), count: 2)) == [
                .value("-9223372036854775808"), .value("9223372036854775807"),
            ]
        )
        #expect(try texts(column(.uint64, little([UInt64.max]), count: 1)) == [.value("18446744073709551615")])
        #expect(
            try texts(column(.int32, little([Int32(7), 8]), count: 2, validity: [0b01])) == [.value("7"), .absent]
        )
    }

    @Test func `numbers come in plain decimal, whole ones without a point`() throws {
        let numbers: [(Double, String)] = [
            (4996, "4996"), (0.5, "0.5"), (-0.1, "-0.1"), (1e21, "1000000000000000000000"), (1.5e-7, "0.00000015"),
            (123_456_789.125, "123456789.125"), (0, "0"), (1e16, "10000000000000000"),
            (-2.5e20, "-250000000000000000000"),
            (.infinity, "inf"),
        ]
        let column = column(.float64, little(numbers.map(\.0.bitPattern)), count: numbers.count)
        #expect(try texts(column) == numbers.map { .value($0.1) })
        #expect(try texts(self.column(.float32, little([Float(0.1).bitPattern]), count: 1)) == [.value("0.1")])
    }

    @Test(arguments: [
        (Int128(12_345), 2, "123.45"), (-5, 3, "-0.005"), (0, 2, "0.00"), (7, 0, "7"), (7, -2, "700"), (0, -2, "0"),
        (Int128.min, 0, "-170141183460469231731687303715884105728"),
    ])
    func `decimals keep their digits`(unscaled: Int128, scale: Int, text: String) throws {
        let column = column(.decimal(precision: 38, scale: scale), little([unscaled]), count: 1)
        #expect(try texts(column) == [.value(text)])
    }

    @Test func `dates and times come in ISO form, UTC`() throws {
        #expect(
            try texts(column(.date32, little([Int32(0), -1, 3_000_000]), count: 3)) == [
                .value("1970-01-01"), .value("1969-12-31"), .value("3000000"),
            ]
        )
        let times: [(ColumnType.TimeUnit, Int64, String)] = [
            (.second, 1, "1970-01-01T00:00:01Z"), (.millisecond, -1, "1969-12-31T23:59:59.999Z"),
            (.microsecond, 1_739_244_420_000_000, "2025-02-11T03:27:00Z"),
            (.nanosecond, -1, "1969-12-31T23:59:59.999999Z"),
            (.second, .max, "9223372036854775807"),
        ]
        for (unit, ticks, text) in times {
            #expect(
                try texts(column(.timestamp(unit, zone: "Asia/Riyadh"), little([ticks]), count: 1)) == [.value(text)]
            )
        }
    }

    @Test func `truth comes as true and false`() throws {
        #expect(try texts(column(.bool, [0b10], count: 2, validity: [0b11])) == [.value("false"), .value("true")])
    }

    @Test func `typed columns go through functions like texts`() throws {
        let ids = textColumn("id", ["1"])
        let date = column(.date32, little([Int32(19_782)]), count: 1)
        let set = people(
            MappingRow(sourceField: "value", targetField: "hire_date"),
            MappingRow(sourceField: "value", targetField: "attributes.x", transform: "concatNonEmpty('/', id)")
        )
        let mapped = try apply(set, to: Batch(columns: [ids, date], count: 1))
        #expect(try mapped.outcome("hire_date", 0) == .value("2024-02-29"))
        #expect(try mapped.outcome("attributes.x", 0) == .value("2024-02-29/1"))
    }

    @Test func `null cells may hide bytes`() throws {
        let dirty = Column(
            field: Field(name: "value", type: .utf8),
            count: 3,
            nullCount: 1,
            validity: [0b101],
            offsets: [0, 2, 5, 6],
            bytes: Array("abXYZc".utf8)
        )
        #expect(try texts(dirty) == [.value("ab"), .absent, .value("c")])
    }

    @Test func `no rows are no trouble`() throws {
        let mapped = try apply(
            people(
                MappingRow(
                    sourceField: "id",
                    targetField: "email",
                    transform: "trim | lower | email | concatNonEmpty('', id)"
                )
            ),
            to: batch(["id": []])
        )
        mapped.checkShape()
        #expect(mapped.count == 0 && mapped.rejects.isEmpty)
    }

    // MARK: - Reserved columns

    @Test func `spoiled rows are rejects with what the source says`() throws {
        let errors: [String?] = [
            nil, #"{"code": "ragged_row", "field": "name", "message": "The row has 3 fields instead of 2."}"#,
            "not json", "{}", "",
        ]
        let raw = Column(
            field: Field(name: "_tf_raw", type: .binary),
            count: 5,
            nullCount: 4,
            validity: [0b00010],
            offsets: [0, 0, 6, 6, 6, 6],
            bytes: [0x61, 0x2C, 0xFF, 0x2C, 0xC3, 0xA9]
        )
        let columns = [
            textColumn("id", ["1", "2", "3", nil, "5"]), textColumn("name", ["a", "b", "c", "d", "e"]),
            int64Column("_tf_at", [10, 20, 30, 40, 50]), textColumn("_tf_error", errors), raw,
        ]
        let set = people(MappingRow(sourceField: "name", targetField: "first_name"))
        let mapped = try apply(set, to: Batch(columns: columns, count: 5))
        mapped.checkShape()
        #expect(mapped.accepted == [0])
        #expect(mapped.locators == [10, 20, 30, 40, 50])
        #expect(mapped.rejects.map(\.locator) == [20, 30, 40, 50])
        #expect(
            mapped.rejects[0].failures == [
                FieldFailure(
                    field: "name",
                    source: "name",
                    code: "ragged_row",
                    message: "The row has 3 fields instead of 2.",
                    hint: "Correct the row at the source.",
                    value: "b"
                )
            ]
        )
        #expect(mapped.rejects[0].raw == [RawField(name: "", value: "a,\u{FFFD},é")])
        #expect(mapped.rejects[1].failures.map(\.code) == ["source_error"])
        #expect(mapped.rejects[1].failures.map(\.message) == ["not json"])
        #expect(
            mapped.rejects[2].failures.map(\.code) == ["source_error"],
            "the spoiled row's own missing id is not its trouble"
        )
        #expect(mapped.rejects[3].failures.map(\.message) == ["The source could not read this row."])
        #expect(mapped.rejects[1].raw == [RawField(name: "id", value: "3"), RawField(name: "name", value: "c")])
    }

    @Test func `a row that is refused later can still be shown as it stands in the source`() throws {
        let source = batch(["id": [" 1", nil], "other": ["x", "y"], "_tf_at": ["a", "b"]])
        let mapped = try apply(people(), to: source)
        let raw = try #require(mapped.raw)
        #expect(raw(0) == [RawField(name: "id", value: " 1"), RawField(name: "other", value: "x")])
        #expect(raw(1) == mapped.rejects.first?.raw)
    }

    @Test func `reserved columns of other types are no trouble`() throws {
        let columns = [
            textColumn("id", ["1", "2"]), textColumn("_tf_at", ["x", "y"]), int64Column("_tf_error", [3, 4]),
            textColumn("_tf_op", ["z", nil]),
        ]
        let mapped = try apply(people(), to: Batch(columns: columns, count: 2))
        mapped.checkShape()
        #expect(mapped.rejects.flatMap(\.failures).map(\.message) == ["3", "4"])
    }

    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "abc…"), ("aéé", 3, "a…"), ("aéé", 4, "aé…"), ("a😀b", 4, "a…"), ("😀", 3, "…"),
    ])
    func `a shown text is cut at a character`(text: String, limit: Int, shown: String) {
        let cut = textColumn("a", [text]).displayText(0, limit: limit)
        // Of characters that may be whole, the last may be left out too.
        #expect(cut.map { shown.hasPrefix($0.hasSuffix("…") ? String($0.dropLast()) : $0) } == true)
        #expect(cut?.contains("\u{FFFD}") == false)
        #expect(cut?.hasSuffix("…") == shown.hasSuffix("…"))
        #expect(textColumn("a", [nil]).displayText(0, limit: limit) == nil)
    }

    @Test func `a rejected row's values are kept up to a length`() throws {
        let long = String(repeating: "é", count: 100_000)
        let set = people(MappingRow(sourceField: "hired", targetField: "hire_date"))
        let mapped = try apply(set, to: batch(["id": ["1"], "hired": [long]]))
        let value = try #require(mapped.rejects.first?.raw.first { $0.name == "hired" }?.value)
        #expect(value.utf8.count <= RawField.largestValue + 3 && value.utf8.count > RawField.largestValue - 4)
        #expect(value.hasSuffix("é…"))
    }

    @Test func `deletions are said to be not carried out`() throws {
        let operations = Column(field: Field(name: "_tf_op", type: .int8), count: 3, bytes: [0, 1, 9])
        let mapped = try apply(
            people(),
            to: Batch(columns: [textColumn("id", ["1", "2", "3"]), operations], count: 3)
        )
        mapped.checkShape()
        #expect(mapped.accepted == [0])
        #expect(mapped.rejects.flatMap(\.failures).map(\.code) == ["delete_not_supported", "unknown_operation"])
        #expect(mapped.locators == [0, 1, 2])
    }

    @Test func `all failing fields of a row are named at once, in target order`() throws {
        let set = people(
            MappingRow(sourceField: "hired", targetField: "hire_date", transform: "parseDate('dd/MM/yyyy')"),
            MappingRow(sourceField: "mail", targetField: "email", transform: "trim | email"),
            MappingRow(sourceField: "state", targetField: "status"),
            MappingRow(sourceField: "name", targetField: "first_name", transform: "require")
        )
        let source = batch([
            "id": ["7", "8", ""], "hired": ["1/2/2020", "01/02/2020", "x"], "mail": ["nobody", "a@b.c", "a@b.c"],
            "state": ["Active", "active", "gone"], "name": [nil, "n", "n"],
        ])
        let mapped = try apply(set, to: source)
        mapped.checkShape()
        #expect(mapped.accepted == [1])
        #expect(mapped.rejects.map(\.key) == ["7", nil])
        #expect(mapped.rejects[0].failures.map(\.field) == ["email", "first_name", "status", "hire_date"])
        #expect(mapped.rejects[0].failures.map(\.code) == ["invalid_email", "required", "not_allowed", "invalid_date"])
        #expect(mapped.rejects[0].failures.map(\.value) == ["nobody", nil, "Active", "1/2/2020"])
        #expect(
            mapped.rejects[0].failures[2].hint
                == "Did you mean active? A valueMap says what each value of the source means."
        )
        #expect(mapped.rejects[1].failures.map(\.field) == ["external_id", "status", "hire_date"])
    }

    @Test func `hints see spaces and case`() throws {
        func hint(_ pipe: String, _ value: String) throws -> String {
            let set = people(MappingRow(sourceField: "value", targetField: "attributes.x", transform: pipe))
            let mapped = try apply(set, to: batch(["id": ["1"], "value": [value]]))
            return try #require(mapped.rejects.first?.failures.first?.hint)
        }
        #expect(
            try hint("valueMap({'A': 'a'})", " A\u{200F}")
                == "It has spaces or invisible marks around it: write trim before valueMap."
        )
        #expect(
            try hint("valueMap({'A': 'a'})", "a")
                == "“A” is listed, and upper and lower case count: add this spelling too."
        )
        #expect(
            try hint("parseDate('dd/MM/yyyy')", "01/02/2020 ")
                == "It has spaces or invisible marks around it: write trim before parseDate."
        )
        #expect(
            try hint("email", " a@b.c") == "It would be one without what stands around it: write trim before email."
        )
    }

    @Test func `long values are shortened in the reason, whole in the raw row`() throws {
        let long = String(repeating: "é", count: 5_000)
        let mapped = try apply(
            people(MappingRow(sourceField: "value", targetField: "hire_date")),
            to: batch(["id": ["1"], "value": [long]])
        )
        let reject = try #require(mapped.rejects.first)
        #expect(reject.failures[0].value?.count == 1_001)
        #expect(reject.failures[0].message.count < 200)
        #expect(reject.raw[1].value == long)
    }

    @Test func `only hire dates after today are odd, and only in rows that are taken`() throws {
        let set = people(
            MappingRow(sourceField: "hired", targetField: "hire_date"),
            MappingRow(sourceField: "mail", targetField: "email")
        )
        let source = batch([
            "id": ["1", "2", "3", "4"], "hired": ["2025-06-30", "2025-07-01", "2031-01-01", nil],
            "mail": [nil, "a@b.c", "x", nil],
        ])
        let mapped = try apply(set, to: source)
        #expect(mapped.warnings.map(\.row) == [1])
        #expect(mapped.warnings.map(\.code) == ["future_date"])
    }
}
