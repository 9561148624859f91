import Changes
import JSON
import Testing

@Suite struct SnapshotTests {
    private let whole = StreamSummary(isComplete: true, isFiltered: false, declared: nil, read: 10)

    @Test func `only a complete snapshot is a proof`() {
        #expect(SnapshotProof.doubt([whole], readsAll: true, nameless: 0) == nil)
        #expect(SnapshotProof.doubt([], readsAll: true, nameless: 0) != nil)
        #expect(SnapshotProof.doubt([whole], readsAll: false, nameless: 0)?.contains("every mapped stream") == true)
        #expect(SnapshotProof.doubt([whole], readsAll: true, nameless: 2)?.contains("2 rejects") == true)
        var part = whole
        part.isComplete = false
        #expect(SnapshotProof.doubt([whole, part], readsAll: true, nameless: 0) != nil)
        part = whole
        part.isFiltered = true
        #expect(SnapshotProof.doubt([part, whole], readsAll: true, nameless: 0) != nil)
        part = whole
        part.declared = 12
        #expect(
            SnapshotProof.doubt([part], readsAll: true, nameless: 0)
                == "the source declares 12 records, and 10 came"
        )
        part.read = 12
        #expect(SnapshotProof.doubt([part], readsAll: true, nameless: 0) == nil)
    }

    @Test func `what a summary doesn't say counts against it`() {
        #expect(StreamSummary(json: [:], read: 1).isFiltered && !StreamSummary(json: [:], read: 1).isComplete)
        let json: JSONValue = ["complete": true, "filtered": false, "declared_total": 7]
        #expect(StreamSummary(json: json, read: 7) == .init(isComplete: true, isFiltered: false, declared: 7, read: 7))
    }

    @Test(arguments: [
        (80, 20, false), (79, 21, true), (0, 1, false), (1, 1, false), (0, 2, true), (5, 1, false), (4, 2, true),
    ])
    func `one in five may be missing, and one of few`(present: Int64, absent: Int64, isShrunk: Bool) {
        #expect(SnapshotCount(present: present, absent: absent, mostPercent: 20).isShrunk == isShrunk)
    }

    @Test func `leavers are read as they are written`() throws {
        let text = #"{"match":["email"],"adopt":true,"leavers":{"action":"suspend"}}"#
        #expect(try Policy(json: JSONValue(parsing: text)).leavers == .suspend)
        #expect(try Policy(json: JSONValue(parsing: text)).json.text == text)
        #expect(try Policy(json: [:]).leavers == .ignore)
        let error = #expect(throws: JSONFieldError.self) { try Policy(json: ["leavers": ["action": "delete"]]) }
        #expect(error?.description == "/leavers/action: must be one of ignore, suspend")
    }
}
