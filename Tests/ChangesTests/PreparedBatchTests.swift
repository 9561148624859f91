import Changes
import Identifiers
import Mapping
import MappingSupport
import Testing

@Suite struct PreparedBatchTests {
    private func order(_ keys: [String]) -> PreparedBatch {
        prepared(MappedBatch.people(["external_id"], keys.map { [$0] }))
    }

    // MARK: Key order

    @Test func `a sorted source keeps its order`() {
        let batch = order(["a", "ab", "b"])
        #expect(batch.isInKeyOrder)
        #expect(batch.order == [0, 1, 2])
        #expect(batch.repeats.isEmpty)
    }

    @Test func `keys are ordered by bytes`() {
        let batch = order(["b", "é", "a", "10", "9", "Z", "ab", "a\u{0}"])
        #expect(!batch.isInKeyOrder)
        #expect(batch.order == [3, 4, 5, 2, 7, 6, 0, 1])
    }

    @Test func `long keys with a common beginning are ordered`() {
        let prefix = "EMPLOYEE-NUMBER-0000"
        let batch = order([prefix + "123456789", prefix + "12345678", prefix + "0", prefix, prefix + "123456780"])
        #expect(batch.order == [3, 2, 1, 4, 0])
    }

    @Test func `repeats name the row before, in source order`() {
        let batch = order(["x", "a", "x", "a", "x"])
        #expect(batch.order == [1, 3, 0, 2, 4])
        #expect(
            batch.repeats == [
                KeyRepeat(row: 2, earlier: 0), KeyRepeat(row: 3, earlier: 1), KeyRepeat(row: 4, earlier: 2),
            ]
        )
        #expect(order(["a", "a", "b"]).repeats == [KeyRepeat(row: 1, earlier: 0)])
    }

    @Test func `any keys are ordered as arrays of bytes are`() {
        var random = Deterministic(seed: 7)
        for _ in 0..<300 {
            let count = Int.random(in: 0..<40, using: &random)
            let shared = String(repeating: "p", count: Int.random(in: 0..<12, using: &random))
            let keys = (0..<count).map { _ in
                let length = Int.random(in: shared.isEmpty ? 1..<20 : 0..<20, using: &random)
                return shared
                    + String((0..<length).map { _ in ["a", "b", "\u{0}"].randomElement(using: &random) ?? "a" })
            }
            let expected = keys.indices.sorted { left, right in
                let (key, other) = (Array(keys[left].utf8), Array(keys[right].utf8))
                return key == other ? left < right : key.lexicographicallyPrecedes(other)
            }
            #expect(order(keys).order == expected.map { Int32($0) })
        }
    }

    // MARK: Hashes

    private func hash(_ cells: [String?], write: [String: WriteRule] = [:], names: [String]? = nil) -> UInt64 {
        let names = names ?? ["external_id", "first_name", "last_name"]
        return prepared(MappedBatch.people(names, [cells], write: write)).hashes[0]
    }

    @Test func `no length and no cut between two values gives another row's hash`() {
        var seen: Set<UInt64> = []
        let texts = (0...40).flatMap { length in
            ["a", "\u{0}", "\u{8}"].map { String(repeating: $0, count: length) }
        }
        for text in Set(texts) {
            seen.insert(hash(["1", text, "x"]))
            for cut in text.indices { seen.insert(hash(["1", String(text[..<cut]), String(text[cut...]) + "y"])) }
        }
        let rows = Set(texts).reduce(0) { $0 + 1 + $1.count }
        #expect(seen.count == rows)
    }

    @Test func `equal rows hash equally, whatever stands around them`() {
        let batch = prepared(
            MappedBatch.people(["external_id", "first_name"], [["1", "Ada"], ["2", "Ada"], ["1", "Ada"]])
        )
        #expect(batch.hashes[0] == batch.hashes[2])
        #expect(batch.hashes[0] != batch.hashes[1])
    }

    @Test func `nothing, an empty text and an erased one are three things`() {
        #expect(Set([hash(["1", nil, "x"]), hash(["1", "", "x"]), hash(["1", Cell.erased, "x"])]).count == 3)
    }

    @Test func `a text does not move into the next field`() {
        #expect(hash(["1", "ab", "c"]) != hash(["1", "a", "bc"]))
        #expect(hash(["1", "a", nil]) != hash(["1", nil, "a"]))
    }

    @Test func `the field's name and write rule count`() {
        #expect(
            hash(["1", "a"], names: ["external_id", "first_name"])
                != hash(["1", "a"], names: ["external_id", "department"])
        )
        #expect(hash(["1", "a", "b"]) != hash(["1", "a", "b"], write: ["last_name": .whenEmpty]))
    }

    @Test func `the key counts`() {
        let batch = MappedBatch.people(["external_id"], [["1"]])
        let other = PreparedBatch.prepare(
            batch,
            source: "",
            locatorKind: "line",
            hashKey: Array(1..<17),
            tenant: .init(high: 1, low: 0),
            policy: Policy()
        )
        #expect(prepared(batch).hashes != other.hashes)
    }

    // MARK: Directory keys

    @Test func `e-mails that differ by case or spelling alone have one key`() throws {
        let batch = prepared(
            MappedBatch.people(
                ["external_id", "email"],
                [
                    ["1", "Zoë@Example.com"], ["2", "zoe\u{308}@EXAMPLE.com"], ["3", "zoe@example.com"], ["4", nil],
                    ["5", ""],
                ]
            )
        )
        let keys = try #require(batch.identification).emailKeys
        #expect(keys[0] == keys[1])
        #expect(keys[0] != keys[2])
        #expect(keys[3] == 0 && keys[4] == 0)
    }

    @Test func `keys differ by tenant and by kind`() throws {
        let batch = MappedBatch.people(["external_id", "email", "username"], [["a", "a", "a"]])
        var policy = Policy()
        policy.match = [.username, .externalID]
        let one = try #require(prepared(batch, policy: policy).identification)
        let other = try #require(prepared(batch, policy: policy, tenant: 2).identification)
        let keys = [one, other].flatMap { [$0.emailKeys[0], $0.usernameKeys[0], $0.externalIDKeys[0]] }
        #expect(Set(keys).count == 6)
        #expect(prepared(batch).identification?.usernameKeys == [])
    }

    // MARK: References and keys

    @Test func `each manager is resolved once`() throws {
        let batch = prepared(
            MappedBatch.people(
                ["external_id", "manager_external_id"],
                [["1", "7"], ["2", nil], ["3", "8"], ["4", "7"], ["5", ""], ["6", "8"]]
            )
        )
        let managers = try #require(batch.identification).managers
        #expect(managers.samples == [0, 2])
        #expect(managers.index == [0, -1, 1, 0, -1, 1])
    }

    @Test func `a row without a key is refused`() {
        var batch = MappedBatch.people(
            ["external_id", "email"],
            [["1", "a@b.example"], [nil, "c@d.example"], ["", "e@f.example"]]
        )
        batch.rejects = [RowReject(row: 2, locator: 4, key: nil, failures: [], raw: [])]
        batch.accepted = [0, 1]
        let result = prepared(batch)
        #expect(result.mapped.accepted == [0])
        #expect(result.mapped.rejects.map(\.row) == [1, 2])
        #expect(result.mapped.rejects.map(\.locator) == [3, 4])
        #expect(result.mapped.rejects[0].failures.map(\.code) == ["required"])
        #expect(result.mapped.rejects[0].raw.map(\.value) == [nil, "c@d.example"])
        #expect(result.hashes[1] == 0)
    }

    @Test func `a batch of rejects alone is fine`() {
        var batch = MappedBatch.people(["external_id"], [["1"]])
        batch.accepted = []
        #expect(prepared(batch).order.isEmpty)
        #expect(prepared(MappedBatch.people(["external_id"], [])).hashes.isEmpty)
    }
}

/// Xorshift: the same numbers for the same seed.
struct Deterministic: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
