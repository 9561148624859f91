import ConnectorKit
import ConnectorKitSupport
import PluginABI
import Testing

@Suite struct `Columns being filled` {
    /// What the host sees of a column.
    private func cells(_ column: RecordColumn) throws -> [Cell] {
        let schema = RecordSchema(fields: [RecordSchema.Field("x", column.type)], locator: .row, source: "")
        let places = RecordColumn(.int64)
        for row in 0..<column.count { places.append(Int64(row)) }
        var array = unsafe try RecordBatch(rows: column.count, columns: [column], places: places).exported(schema)
        var exported = unsafe schema.exported()
        return unsafe try ImportedBatch(&array, ImportedSchema(&exported)).columns["x"] ?? []
    }

    @Test func `many values of all lengths, with nulls between them`() throws {
        let column = RecordColumn(.text)
        var expected: [Cell] = []
        for number in 0..<3000 {
            if number % 7 == 3 {
                column.appendNulls(number % 3 + 1)
                expected += [Cell](repeating: .null, count: number % 3 + 1)
            } else {
                let text = String(repeating: "é", count: number % 100)
                column.append(text)
                expected.append(.text(text))
            }
        }
        #expect(column.count == expected.count)
        #expect(column.nullCount == expected.count { $0 == .null })
        #expect(try cells(column) == expected)
    }

    @Test func `numbers come one by one, many at once, and none at all`() throws {
        let column = RecordColumn(.int64)
        column.append(-1 as Int64)
        column.appendNulls()
        let numbers = (0..<300).map { Int64($0) * -7_000_000_000 }
        column.append(numbers: numbers.span)
        column.append(numbers: [Int64]().span)
        column.append(.max as Int64)
        #expect(column.count == 303)
        #expect(try cells(column) == [.integer(-1), .null] + numbers.map { .integer($0) } + [.integer(.max)])
    }

    @Test(arguments: [1, 7, 8, 9, 63, 64, 65, 500]) func `the first null may come late`(rows: Int) throws {
        for column in [
            RecordColumn(.int64), RecordColumn(.int8), RecordColumn(.text), RecordColumn(.bytes, rows: rows),
        ] {
            for row in 0..<rows {
                if column.type == .text || column.type == .bytes {
                    column.append("x")
                } else {
                    column.append(Int64(row % 100))
                }
            }
            column.appendNulls()
            for row in stride(from: 0, to: rows, by: 5) { column.setNull(row) }
            column.setNull(0)
            let nulls = try cells(column).indices.filter { try cells(column)[$0] == .null }
            #expect(nulls == Array(stride(from: 0, to: rows, by: 5)) + [rows])
            #expect(column.nullCount == nulls.count)
        }
    }

    @Test func `what rows lack is named in a column of its own`() throws {
        let schema = RecordSchema(
            fields: (0..<10).map { RecordSchema.Field("c\($0)", .text) },
            locator: .row,
            source: "",
            hasAbsences: true
        )
        func absent(_ lacking: [(row: Int, column: Int)]) throws -> [Cell] {
            let columns = (0..<10).map { _ in RecordColumn(.text) }
            let places = RecordColumn(.int64)
            for row in 0..<100 {
                for column in columns { column.append("x") }
                places.append(Int64(row))
            }
            for (row, column) in lacking { columns[column].setAbsent(row) }
            var array = unsafe try RecordBatch(rows: 100, columns: columns, places: places).exported(schema)
            var exported = unsafe schema.exported()
            let batch = unsafe try ImportedBatch(&array, ImportedSchema(&exported))
            for (row, column) in lacking { #expect(batch.columns["c\(column)"]?[row] == .null) }
            return batch.columns["_tf_absent"] ?? []
        }
        #expect(try absent([]) == [Cell](repeating: .null, count: 100))
        var expected = [Cell](repeating: .null, count: 100)
        expected[3] = .bytes([0x01, 0x02])
        expected[99] = .bytes([0x00, 0x01])
        #expect(try absent([(3, 0), (3, 9), (99, 8)]) == expected.map { $0 })
    }

    @Test func `an empty column is a column`() throws {
        for type in [ColumnType.text, .bytes, .int64, .int8] { #expect(try cells(RecordColumn(type)) == []) }
    }

    @Test func `many values at once`() throws {
        let column = RecordColumn(.text)
        column.append("start")
        for _ in 0..<3 {
            column.append(count: 2, byteCapacity: 100) { ends, values, base in
                values.storeBytes(of: UInt8(ascii: "a"), toByteOffset: 0, as: UInt8.self)
                values.storeBytes(of: UInt8(ascii: "b"), toByteOffset: 1, as: UInt8.self)
                ends[0] = Int32(base + 2)
                ends[1] = Int32(base + 2)
                return 2
            }
        }
        #expect(column.byteCount == 11)
        #expect(
            try cells(column) == [.text("start")] + [[Cell]](repeating: [.text("ab"), .text("")], count: 3).joined()
        )
    }

    @Test func `what the host has is not changed any more`() async {
        await #expect(processExitsWith: .failure) {
            let column = RecordColumn(.text)
            let places = RecordColumn(.int64)
            let schema = RecordSchema(fields: [RecordSchema.Field("x", .text)], locator: .row, source: "")
            _ = unsafe try RecordBatch(rows: 0, columns: [column], places: places).exported(schema)
            column.append("late")
        }
    }

    @Test func `a number too large for its column ends the process`() async {
        await #expect(processExitsWith: .failure) { RecordColumn(.int8).append(128) }
        await #expect(processExitsWith: .failure) { RecordColumn(.text).append(1) }
        await #expect(processExitsWith: .failure) { RecordColumn(.int64).append("x") }
    }
}
