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
            warnings: [RowWarning(row: 0, locator: firstLine, field: "f", code: "c", message: "m")]
        )
    }

    @Test func `nothing comes out until there are enough rows`() throws {
        var gatherer = BatchGatherer()
        gatherer.rows = 5
        #expect(gatherer.isEmpty)
        #expect(gatherer.append(.init(batch: batch(["c", "a", "x"], firstLine: 2), token: [1])) == nil)
        #expect(!gatherer.isEmpty)
        let second = gatherer.append(.init(batch: batch(["b", "d"], firstLine: 5), token: [2]))
        let whole = try #require(second)
        #expect(whole.token == [2])
        #expect(whole.batch.count == 5)
        #expect((0..<5).map { whole.batch.columns[0].text($0) } == ["c", "a", "x", "b", "d"])
        #expect(whole.batch.accepted == [0, 1, 3])
        #expect(whole.batch.locators == [2, 3, 4, 5, 6])
        #expect(whole.batch.rejects.map(\.row) == [2, 4])
        #expect(whole.batch.warnings.map(\.row) == [0, 3])
        #expect(gatherer.isEmpty)
    }

    @Test func `many bytes are enough too`() {
        var gatherer = BatchGatherer()
        gatherer.bytes = 3
        #expect(gatherer.append(.init(batch: batch(["aa"], firstLine: 2), token: [])) == nil)
        #expect(gatherer.append(.init(batch: batch(["bb"], firstLine: 3), token: [])) != nil)
    }

    @Test func `the rest comes at the end, once`() {
        var gatherer = BatchGatherer()
        _ = gatherer.append(.init(batch: batch(["a"], firstLine: 2), token: [7]))
        #expect(gatherer.takeAll()?.token == [7])
        #expect(gatherer.takeAll() == nil)
    }
}

extension BatchGatherer.Piece: Equatable {
    static func == (left: Self, right: Self) -> Bool {
        left.token == right.token && left.batch.locators == right.batch.locators
    }
}
