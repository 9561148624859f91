import Changes
import Identifiers
import Mapping
import Sync
import Testing

struct BatchGathererTests {
    private func batch(_ keys: [String], firstLine: Int64) -> MappedBatch {
        var bytes: [UInt8] = []
        var offsets: [Int32] = [0]
        for key in keys {
            bytes += Array(key.utf8)
            offsets.append(Int32(bytes.count))
        }
        let column = MappedColumn(
            target: Entity.users.fields[0],
            states: [UInt8](repeating: 0, count: keys.count),
            offsets: offsets,
            bytes: bytes
        )
        let last = Int32(keys.count - 1)
        return MappedBatch(
            entity: .users,
            count: keys.count,
            columns: [column],
            accepted: keys.indices.dropLast().map(Int32.init),
            locators: keys.indices.map { firstLine + Int64($0) },
            rejects: [RowReject(row: last, locator: firstLine + Int64(last), key: nil, failures: [], raw: [])],
            warnings: [RowWarning(row: 0, locator: firstLine, field: "f", code: "c", message: "m")],
            raw: { [RawField(name: "line", value: "\(firstLine)+\($0)")] }
        )
    }

    private func prepare(_ batch: MappedBatch) -> PreparedBatch {
        PreparedBatch.prepare(
            batch,
            source: "people.csv",
            locatorKind: "line",
            hashKey: [UInt8](0..<16),
            tenant: UUID(high: 1, low: 2),
            policy: Policy()
        )
    }

    private func receive(
        _ gatherer: inout BatchGatherer,
        _ keys: [String],
        line: Int64,
        token: [UInt8],
        isPartial: Bool = false
    ) -> BatchGatherer.Ready? {
        gatherer.received(
            .init(batch: batch(keys, firstLine: line), token: token, isPartial: isPartial),
            prepare: prepare
        )
    }

    @Test func `batches in key order pass at once`() throws {
        var gatherer = BatchGatherer()
        let received = receive(&gatherer, ["a", "b", "x"], line: 2, token: [1])
        let ready = try #require(received)
        #expect(ready.token == [1])
        #expect(ready.batch.order == [0, 1])
        let piece8 = gatherer.ended(prepare: prepare)
        #expect(piece8?.token == nil)
    }

    @Test func `unsorted batches wait until there are enough rows, and are one`() throws {
        var gatherer = BatchGatherer()
        gatherer.rows = 5
        let piece1 = receive(&gatherer, ["c", "a", "x"], line: 2, token: [1])
        #expect(piece1?.token == nil)
        let received = receive(&gatherer, ["b", "d"], line: 5, token: [2])
        let ready = try #require(received)
        let whole = ready.batch.mapped
        #expect(ready.token == [2])
        #expect((0..<5).map { whole.columns[0].text($0) } == ["c", "a", "x", "b", "d"])
        #expect(whole.accepted == [0, 1, 3])
        #expect(whole.locators == [2, 3, 4, 5, 6])
        #expect(whole.rejects.map(\.row) == [2, 4])
        #expect(whole.warnings.map(\.row) == [0, 3])
        #expect(ready.batch.order == [1, 3, 0])
        #expect(whole.raw?(1) == [RawField(name: "line", value: "2+1")])
        #expect(whole.raw?(4) == [RawField(name: "line", value: "5+1")])
    }

    @Test func `many bytes are enough too`() {
        var gatherer = BatchGatherer()
        gatherer.bytes = 3
        let piece2 = receive(&gatherer, ["bb", "aa", "x"], line: 2, token: [1])
        #expect(piece2?.token != nil)
    }

    @Test func `the rest comes at the end, once`() {
        var gatherer = BatchGatherer()
        let piece3 = receive(&gatherer, ["b", "a", "x"], line: 2, token: [7])
        #expect(piece3?.token == nil)
        let rest = gatherer.ended(prepare: prepare)
        #expect(rest?.token == [7])
        let piece9 = gatherer.ended(prepare: prepare)
        #expect(piece9?.token == nil)
    }

    @Test func `pieces of one batch are committed with the token that covers them all`() throws {
        var gatherer = BatchGatherer()
        gatherer.rows = 2
        let piece4 = receive(&gatherer, ["a", "b", "x"], line: 2, token: [], isPartial: true)
        #expect(piece4?.token == nil)
        let piece5 = receive(&gatherer, ["c", "d", "x"], line: 5, token: [], isPartial: true)
        #expect(piece5?.token == nil)
        #expect(gatherer.waitingBytes == 6)
        let received = receive(&gatherer, ["e", "x"], line: 8, token: [10])
        let ready = try #require(received)
        #expect(ready.token == [10])
        #expect(ready.batch.mapped.count == 8)
    }

    @Test func `rows that wait are not committed between the pieces of a later batch`() throws {
        var gatherer = BatchGatherer()
        gatherer.rows = 5
        let piece10 = receive(&gatherer, ["b", "a", "x"], line: 2, token: [1])
        #expect(piece10?.token == nil)
        let piece11 = receive(&gatherer, ["c", "d", "x"], line: 5, token: [], isPartial: true)
        #expect(piece11?.token == nil)
        let received = receive(&gatherer, ["e", "x"], line: 8, token: [2])
        let ready = try #require(received)
        #expect(ready.token == [2])
        #expect(ready.batch.mapped.count == 8)
    }

    @Test func `a token that comes again covers its batch all the same`() {
        var gatherer = BatchGatherer()
        let piece12 = receive(&gatherer, ["a", "x"], line: 2, token: [1])
        #expect(piece12?.token == [1])
        let piece13 = receive(&gatherer, ["b", "x"], line: 4, token: [1])
        #expect(piece13?.token == [1])
    }

    @Test func `a connector without tokens waits for nothing`() {
        var gatherer = BatchGatherer()
        let piece6 = receive(&gatherer, ["a", "x"], line: 2, token: [])
        #expect(piece6?.token != nil)
        let piece7 = receive(&gatherer, ["b", "x"], line: 4, token: [])
        #expect(piece7?.token != nil)
    }
}
