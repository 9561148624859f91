import Columns
import ConnectorHost
import JSON
import Testing

@Suite struct DataStreamTests {
    /// Name, number, tags (a list of texts), home (a structure of a bool and a decimal).
    private let fields: [JSONValue] = [
        field("_tf_at", "l", nullable: false), field("name", "u"), field("number", "l"),
        field("tags", "+l", children: [field("item", "u")]),
        field("home", "+s", children: [field("is_flat", "b"), field("rent", "d:10,2", nullable: false)]),
    ]

    private var batch: WireBatch {
        var tags = WireBatch.Node(length: 3, offsets: [0, 2, 2, 3])
        tags.setValidity([true, false, true])
        var flat = WireBatch.Node(length: 3, values: [0b001])
        flat.setValidity([true, false, true])
        return WireBatch(
            rows: 3,
            nodes: [
                WireBatch.integers([2, 3, 4]), WireBatch.text(["Åsa", nil, "Bo"]), WireBatch.integers([1, nil, -3]),
                tags, WireBatch.text(["a", "b", "é"]),
                WireBatch.Node(length: 3), flat,
                WireBatch.Node(length: 3, values: [UInt8](repeating: 1, count: 48)),
            ]
        )
    }

    private func stream(_ bytes: [UInt8]) -> DataStream<BytesInput> {
        DataStream(BytesInput(bytes), call: 1)
    }

    private func read(_ batch: WireBatch) throws(DataFailure) -> SourceBatch? {
        var stream = stream(schemaFrame(fields) + frame(33, batch.body) + endFrame)
        return try stream.readBatch()
    }

    /// What is wrong with the batch after a change.
    private func fault(_ change: (inout WireBatch) -> Void) -> String? {
        var batch = batch
        change(&batch)
        do throws(DataFailure) {
            _ = try read(batch)
            return nil
        } catch {
            guard case .failed(let error) = error, error.errorClass == .protocol, error.code == "bad_frame" else {
                return "\(error)"
            }
            return error.message
        }
    }

    private func schemaFault(_ fields: [JSONValue], metadata: JSONValue = [:]) -> String? {
        var stream = stream(schemaFrame(fields, metadata: metadata))
        do throws(DataFailure) {
            _ = try stream.readSchema()
            return nil
        } catch {
            guard case .failed(let error) = error else { return "\(error)" }
            return error.message
        }
    }

    @Test func `a right stream gives schema, batches and the end`() throws {
        var stream = stream(
            schemaFrame(fields, metadata: ["trainflow.locator": "line", "trainflow.source": "people.csv"])
                + frame(33, batch.body) + frame(33, WireBatch(rows: 0, token: [], nodes: emptyNodes).body) + endFrame
        )
        let schema = try stream.readSchema()
        #expect(schema.locatorKind == "line" && schema.source == "people.csv")
        #expect(schema.fields.map(\.name) == ["_tf_at", "name", "number", "tags", "home"])
        #expect(
            schema.fields[4].type
                == .structure([
                    Field(name: "is_flat", type: .bool),
                    Field(name: "rent", type: .decimal(precision: 10, scale: 2), isNullable: false),
                ])
        )
        let first = try #require(try stream.readBatch())
        #expect(first.token == Array("token".utf8))
        #expect(first.batch.count == 3)
        #expect((0..<3).map { first.batch.columns[1].text($0) } == ["Åsa", nil, "Bo"])
        #expect((0..<3).map { first.batch.columns[2].integer($0) } == [1, nil, -3])
        #expect(first.batch.columns[3].offsets == [0, 2, 2, 3])
        #expect(first.batch.columns[3].children[0].text(2) == "é")
        #expect(first.batch.columns[4].children[0].bytes == [1])
        let second = try #require(try stream.readBatch())
        #expect(second.batch.count == 0 && second.token == [])
        #expect(try stream.readBatch() == nil)
        #expect(try stream.readBatch() == nil)
    }

    @Test func `a piece of a batch says so, and is never the end`() throws {
        var piece = batch
        piece.reserved = 1
        piece.token = []
        var whole = stream(schemaFrame(fields) + frame(33, piece.body) + frame(33, batch.body) + endFrame)
        let first = try #require(try whole.readBatch())
        #expect(first.isPartial && first.token == [] && first.batch.count == 3)
        let last = try #require(try whole.readBatch())
        #expect(!last.isPartial && last.token == Array("token".utf8))
        #expect(try whole.readBatch() == nil)
        var torn = stream(schemaFrame(fields) + frame(33, piece.body) + endFrame)
        _ = try torn.readBatch()
        do throws(DataFailure) {
            _ = try torn.readBatch()
            Issue.record("the end inside a batch was taken for a good one")
        } catch {
            guard case .ended = error else { throw error }
        }
    }

    @Test func `what a row lacks must be a column, and null`() {
        let fields = [field("name", "u"), field("phone", "u"), field("_tf_absent", "z")]
        func fault(_ absent: [UInt8], _ phones: [String?] = ["1", nil]) -> String? {
            var bits = WireBatch.Node(length: 2, offsets: [0, 0, Int32(absent.count)], values: absent)
            bits.setValidity([false, true])
            let nodes = [WireBatch.text(["a", "b"]), WireBatch.text(phones), bits]
            var stream = stream(schemaFrame(fields) + frame(33, WireBatch(rows: 2, nodes: nodes).body) + endFrame)
            do throws(DataFailure) {
                _ = try stream.readBatch()
                return nil
            } catch {
                guard case .failed(let error) = error else { return "\(error)" }
                return error.message
            }
        }
        #expect(fault([0b10]) == nil && fault([]) == nil && fault([0]) == nil)
        #expect(fault([0b11])?.contains("names name, which has a value in that row") == true)
        #expect(fault([0b10], [nil, "1"])?.contains("names phone, which has a value") == true)
        #expect(fault([0b110])?.contains("names column 2, and there are 2") == true)
        #expect(fault([0, 1])?.contains("names column 8, and there are 2") == true)
        #expect(fault([0b10, 0, 0, 0b1000_0001])?.contains("names column 24, and there are 2") == true)
        #expect(schemaFault([field("_tf_absent", "u")]) != nil)
    }

    /// What bits and nulls make of a few bytes on the wire is bounded too.
    @Test func `many values in a small frame are refused`() {
        func fault(_ fields: [JSONValue], _ batch: WireBatch) -> String? {
            var stream = stream(schemaFrame(fields) + frame(33, batch.body))
            do throws(DataFailure) {
                _ = try stream.readBatch()
                return nil
            } catch {
                guard case .failed(let error) = error else { return "ended" }
                return error.message
            }
        }
        func bits(_ count: Int) -> WireBatch.Node {
            WireBatch.Node(length: count, values: [UInt8](repeating: 0, count: (count + 7) / 8))
        }
        func flags(rows: Int, columns: Int) -> String? {
            fault(
                (0..<columns).map { field("c\($0)", "b") },
                WireBatch(rows: rows, nodes: (0..<columns).map { _ in bits(rows) })
            )
        }
        #expect(flags(rows: 1_000_000, columns: 4) == nil)
        #expect(flags(rows: 1_000_001, columns: 4)?.contains("4000004 values together, more than 4,000,000") == true)
        func list(_ count: Int) -> String? {
            let list = WireBatch.Node(length: 1, offsets: [0, Int32(count)])
            return fault(
                [field("tags", "+l", children: [field("item", "b")])],
                WireBatch(rows: 1, nodes: [list, bits(count)])
            )
        }
        #expect(list(1_000_000) == nil)
        #expect(list(1_000_001)?.contains("1000001 values together, more than 1,000,000") == true)
    }

    private var emptyNodes: [WireBatch.Node] {
        let text = WireBatch.Node(length: 0, offsets: [0])
        let plain = WireBatch.Node(length: 0)
        return [plain, text, plain, text, text, plain, plain, plain]
    }

    @Test func `each type is read`() throws {
        let formats: [(String, ColumnType)] = [
            ("b", .bool), ("c", .int8), ("C", .uint8), ("s", .int16), ("S", .uint16), ("i", .int32), ("I", .uint32),
            ("l", .int64), ("L", .uint64), ("f", .float32), ("g", .float64), ("u", .utf8), ("z", .binary),
            ("tdD", .date32), ("ttu", .time), ("tss:", .timestamp(.second, zone: nil)),
            ("tsm:UTC", .timestamp(.millisecond, zone: "UTC")),
            ("tsu:Asia/Riyadh", .timestamp(.microsecond, zone: "Asia/Riyadh")),
            ("tsn:+05:30", .timestamp(.nanosecond, zone: "+05:30")),
            ("d:38,-2", .decimal(precision: 38, scale: -2)),
        ]
        var stream = stream(schemaFrame(formats.map { field($0.0, $0.0) }))
        #expect(try stream.readSchema().fields.map(\.type) == formats.map(\.1))
    }

    @Test(arguments: [
        "", "n", "e", "U", "Z", "vu", "w:4", "ttm", "tdm", "tsu", "tsx:", "d:39,2", "d:0,0", "d:10", "d:10,2,128", "+m",
        "+us:", "i->u", "tiM",
    ])
    func `other formats are refused with the column's name`(format: String) {
        #expect(schemaFault([field("wage", format)])?.contains("wage") == true)
    }

    @Test func `schemas that break a rule`() {
        #expect(schemaFault([])?.contains("/fields: has no field") == true)
        #expect(schemaFault([field("a", "u"), field("a", "l")])?.contains("/fields/1/name: stands twice") == true)
        #expect(schemaFault([field("", "u")])?.contains("is empty") == true)
        #expect(schemaFault([field("a", "+s")])?.contains("does not cross") == true)
        #expect(schemaFault([field("a", "+l", children: [field("x", "u"), field("y", "u")])]) != nil)
        #expect(schemaFault([field("a", "u", children: [field("x", "u")])]) != nil)
        #expect(schemaFault([field("a", "+s", children: [field("", "u")])]) != nil)
        #expect(schemaFault([field("a", "+l", children: [field("", "u")])]) == nil)
        #expect(
            schemaFault([field("_tf_at", "i")], metadata: ["trainflow.locator": "line"])?.contains("_tf_at") == true
        )
        #expect(schemaFault([field("_tf_at", "l")])?.contains("trainflow.locator") == true)
        #expect(schemaFault([field("_tf_new", "u")])?.contains("reserved") == true)
        #expect(schemaFault([field("_tf_raw", "z")])?.contains("_tf_error") == true)
        #expect(schemaFault([field("a", "u")], metadata: ["trainflow.locator": "inch"]) != nil)
        #expect(schemaFault([["name": "a", "format": "u"]])?.contains("nullable") == true)
        #expect(schemaFault([["name": "a", "format": "u", "nullable": true, "flags": 2]])?.contains("flags") == true)
        var deep = field("x", "u")
        for _ in 1..<16 { deep = field("x", "+s", children: [deep]) }
        #expect(schemaFault([deep]) == nil)
        #expect(schemaFault([field("x", "+s", children: [deep])])?.contains("more than 16") == true)
        #expect(schemaFault((0..<4_096).map { field("c\($0)", "c") }) == nil)
        #expect(schemaFault((0..<4_097).map { field("c\($0)", "c") })?.contains("4,096") == true)
        var noJSON = stream(frame(32, Array("{".utf8)))
        #expect(throws: DataFailure.self) { try noJSON.readSchema() }
    }

    @Test func `frames that break a rule`() {
        func fault(_ bytes: [UInt8]) -> String? {
            var stream = stream(bytes)
            do throws(DataFailure) {
                while try stream.readBatch() != nil {}
                return nil
            } catch {
                if case .failed(let error) = error { return error.message }
                return "ended"
            }
        }
        let schema = schemaFrame(fields)
        let right = frame(33, batch.body)
        #expect(fault(schema + right + endFrame) == nil)
        #expect(fault(right + endFrame)?.contains("type 33 where the schema belongs") == true)
        #expect(fault(schema + schema)?.contains("type 32 where a batch") == true)
        #expect(fault(schema + frame(35, []))?.contains("type 35") == true)
        #expect(fault(schema + frame(34, [0]))?.contains("end frame with a body") == true)
        #expect(fault(schema + frame(34, [], reserved: 1))?.contains("reserved") == true)
        #expect(fault(schema + frame(33, batch.body, call: 2))?.contains("call 2 instead of 1") == true)
        #expect(
            fault(schema + little(UInt32(64 << 20 + 1)) + little(UInt16(33)) + little(UInt16(0)) + little(UInt64(1)))?
                .contains("64 MiB") == true
        )
        #expect(
            fault(little(UInt32(1 << 20 + 1)) + little(UInt16(32)) + little(UInt16(0)) + little(UInt64(1)))?.contains(
                "1 MiB"
            ) == true
        )
        #expect(fault(schema + frame(33, [0, 0]))?.contains("a batch of 2 bytes") == true)
        #expect(fault([]) == "ended")
        #expect(fault(schema) == "ended")
        #expect(fault(schema + right) == "ended")
        #expect(fault(endFrame) == "ended")
        for cut in stride(from: 1, to: right.count, by: 7) { #expect(fault(schema + right[..<cut]) == "ended") }
    }

    @Test func `sizes that don't fit each other`() {
        func expect(_ what: String, _ change: (inout WireBatch) -> Void, line: Int = #line) {
            let fault = fault(change)
            #expect(fault?.contains(what) == true, "line \(line): \(fault ?? "no fault")")
        }
        expect("reserved flags") { $0.reserved = 2 }
        expect("reserved flags") { $0.reserved = 1 << 31 }
        expect("more pieces follow") { $0.reserved = 1 }
        expect("7 nodes instead of 8") { $0.nodeCount = 7 }
        expect("4294967295 nodes") { $0.nodeCount = 0xFFFF_FFFF }
        expect("1,048,576") { $0.rows = 1 << 20 + 1 }
        expect("65,536") { $0.tokenLength = 65_537 }
        expect("65,536") { $0.token = [UInt8](repeating: 1, count: 65_537) }
        expect("its frame") { $0.tokenLength = 500 }
        expect("column _tf_at has 3 values instead of 4") { $0.rows = 4 }
        expect("column home.is_flat has 4 values instead of 3") { $0.nodes[6].length = 4 }
        expect("column tags[] has") { $0.nodes[4].length = 2 }
        expect("more nulls than values") { $0.nodes[1].nullCount = 4 }
        expect("isn't nullable") { $0.nodes[0].setValidity([true, false, true]) }
        expect("isn't nullable") { $0.nodes[7].setValidity([true, false, true]) }
        expect("0 validity bytes for 3 values and 1 nulls") { $0.nodes[1].validity = [] }
        expect("2 validity bytes") { $0.nodes[1].validity = [5, 0] }
        expect("1 validity bytes for 3 values and 0 nulls") { $0.nodes[1].nullCount = 0 }
        expect("12 bytes of offsets for 3 values") { $0.nodes[1].offsets = [0, 4, 4] }
        expect("4 bytes of offsets") { $0.nodes[2].offsets = [0] }
        expect("23 bytes of values for 3 values") { $0.nodes[2].values.removeLast() }
        expect("2 bytes of bits") { $0.nodes[6].values = [1, 0] }
        expect("1 bytes of values") { $0.nodes[5].values = [0] }
        expect("1 bytes of values") { $0.nodes[3].values = [0] }
        expect("its frame") { $0.tail = [0] }
        expect("its frame") { $0.nodes[1].sizes = [3, 1, 1, 16, 1_000] }
        for place in 0..<5 {
            for size in [UInt64.max, 1 << 63, 1 << 32, 1 << 30] {
                expect("") { batch in
                    var sizes: [UInt64] = [3, 1, 1, 16, 6]
                    sizes[place] = size
                    batch.nodes[1].sizes = sizes
                }
            }
        }
    }

    @Test func `contents that can't be`() {
        func expect(_ what: String, _ change: (inout WireBatch) -> Void, line: Int = #line) {
            let fault = fault(change)
            #expect(fault?.contains(what) == true, "line \(line): \(fault ?? "no fault")")
        }
        expect("padding") { $0.padding = 1 }
        expect("column name: offsets don't begin at 0") { $0.nodes[1].offsets[0] = 1 }
        expect("column name: offsets fall") { $0.nodes[1].offsets = [0, 4, 3, 6] }
        expect("column name: offsets fall") { $0.nodes[1].offsets = [0, -1, 4, 6] }
        expect("column name: offsets fall") { $0.nodes[1].offsets = [0, .max, .min, 6] }
        expect("column name: the last offset") { $0.nodes[1].offsets = [0, 4, 4, 5] }
        expect("column name: the last offset") { $0.nodes[1].offsets = [0, 4, 4, 7] }
        expect("column tags: the last offset") { $0.nodes[3].offsets = [0, 2, 2, 2] }
        expect("column tags: offsets fall") { $0.nodes[3].offsets = [0, 2, 1, 3] }
        expect("column name: says 2 nulls, its bits say 1") { $0.nodes[1].nullCount = 2 }
        expect("column name: text that is no UTF-8 in value 0") { $0.nodes[1].values[1] = 0x41 }
        expect("column name: text that is no UTF-8 in value 2") { $0.nodes[1].values[5] = 0xFF }
        expect("column name: a value that begins inside a character in value 1") { $0.nodes[1].offsets = [0, 1, 4, 6] }
        expect("column tags[]: text that is no UTF-8") { $0.nodes[4].values[0] = 0x80 }
        expect("column number: a null is not 0") { $0.nodes[2].values[8] = 1 }
        expect("column home.is_flat: a null is not 0") { $0.nodes[6].values = [0b011] }
    }

    @Test func `bits behind the last value are cleared`() throws {
        var batch = batch
        batch.nodes[1].validity = [0b1111_1101]
        batch.nodes[6].values = [0b1111_1001]
        let columns = try #require(try read(batch)).batch.columns
        #expect(columns[1].validity == [0b101])
        #expect(columns[4].children[0].bytes == [0b001])
    }

    @Test func `reserved columns keep their own rules`() {
        func fault(at: [Int64?] = [1, 2], error: [String?], raw: [String?], operation: [UInt8]) -> String? {
            let fields = [
                field("_tf_at", "l"), field("_tf_error", "u"), field("_tf_raw", "z"), field("_tf_op", "c"),
            ]
            let batch = WireBatch(
                rows: 2,
                nodes: [
                    WireBatch.integers(at), WireBatch.text(error), WireBatch.text(raw),
                    WireBatch.Node(length: 2, values: operation),
                ]
            )
            var stream = stream(schemaFrame(fields) + frame(33, batch.body))
            do throws(DataFailure) {
                _ = try stream.readBatch()
                return nil
            } catch {
                if case .failed(let error) = error { return error.message }
                return "ended"
            }
        }
        #expect(fault(error: [nil, "{}"], raw: [nil, "x"], operation: [0, 1]) == nil)
        #expect(fault(error: [nil, "{}"], raw: [nil, nil], operation: [0, 1]) == nil)
        #expect(fault(error: ["{}", "{}"], raw: ["y", "x"], operation: [0, 1]) == nil)
        #expect(fault(error: [nil, "{}"], raw: ["y", "x"], operation: [0, 1])?.contains("_tf_raw") == true)
        #expect(fault(error: [nil, nil], raw: ["y", nil], operation: [0, 1])?.contains("_tf_raw") == true)
        #expect(fault(error: [nil, nil], raw: [nil, nil], operation: [0, 2])?.contains("_tf_op") == true)
        #expect(
            fault(at: [1, nil], error: [nil, nil], raw: [nil, nil], operation: [0, 0])?.contains("_tf_at") == true
        )
    }

    /// Every changed stream ends in batches that keep the rules, or in a reason; never in a trap.
    @Test func `ten thousand mutated streams`() throws {
        let right = schemaFrame(fields) + frame(33, batch.body) + frame(33, batch.body) + endFrame
        let schemaSize = schemaFrame(fields).count
        var generator = SeededGenerator(seed: 4)
        var counts = (read: 0, refused: 0, ended: 0)
        for round in 0..<10_000 {
            var bytes = right
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                // Where the sizes stand, in the values, or anywhere.
                let range =
                    switch round % 3 {
                    case 0: 0..<bytes.count
                    case 1: min(schemaSize, bytes.count)..<min(schemaSize + 400, bytes.count)
                    default: min(schemaSize + 400, bytes.count)..<min(schemaSize + 900, bytes.count)
                    }
                guard !range.isEmpty else { continue }
                let place = Int.random(in: range, using: &generator)
                switch Int.random(in: 0..<(round % 3 == 2 ? 2 : 5), using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 2: bytes.remove(at: place)
                case 3: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                default:
                    bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...64, using: &generator)))
                }
            }
            var stream = stream(bytes)
            do throws(DataFailure) {
                while let batch = try stream.readBatch() { try check(batch) }
                counts.read += 1
            } catch {
                switch error {
                case .ended: counts.ended += 1
                case .failed(let error):
                    #expect(error.errorClass == .protocol)
                    counts.refused += 1
                }
            }
        }
        #expect(counts.read > 100 && counts.refused > 3_000, "\(counts)")
    }

    /// What whoever holds a batch relies on, said once more and slowly.
    private func check(_ batch: SourceBatch) throws(DataFailure) {
        for column in batch.batch.columns { check(column, count: batch.batch.count) }
    }

    private func check(_ column: Column, count: Int) {
        #expect(column.count == count)
        #expect((0..<count).count { !column.isValid($0) } == column.nullCount)
        switch column.field.type {
        case .utf8:
            for row in 0..<count {
                let value = column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])]
                #expect(String(validating: value, as: UTF8.self) != nil)
            }
            #expect(Int(column.offsets[count]) == column.bytes.count)
        case .list: check(column.children[0], count: Int(column.offsets[count]))
        case .structure: for child in column.children { check(child, count: count) }
        default:
            #expect(
                column.bytes.count
                    == (column.field.type == .bool ? (count + 7) / 8 : (column.field.type.width ?? 0) * count)
            )
        }
    }
}
