internal import Changes
internal import Columns
internal import JSON
internal import Mapping
internal import Time

/// Which of a source's rows a preview shows.
struct RowChoice: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// Those that come first.
        case first
        /// Any, the same ones each time for the same seed.
        case random
        /// Those that the mappings refuse.
        case failing
        /// Those with one key.
        case key
    }

    let kind: Kind
    let limit: Int
    private let key: String
    private var dice: Dice
    private(set) var rows: [SampleRows.Row] = []
    /// How many were looked at for them.
    private(set) var lookedAt = 0

    /// Of those that don't come first, so many are looked at.
    static let mostLookedAt = 10_000
    /// So many at once.
    static let batchRows = 500

    /// The members of the content.
    static let schema: [Schema.Field] = [
        .optional(
            "choose",
            Schema.oneOf(Kind.self).with("default", "first"),
            "Which of the source's rows: the first, any (by seed), those that the mappings refuse, or those of one person, course "
                + "or enrolment (by key). Of all but the first, the first 10,000 rows are looked at."
        ),
        .optional("seed", Schema.integer(0...Int64(Int32.max)).with("default", 1), "Of random rows."),
        .optional("key", .text(1...1_000), "The external id that is meant, as mapped."),
    ]

    init(_ fields: inout JSONFields, limit: Int) throws {
        kind = try fields.optionalOneOf("choose", Kind.self) ?? .first
        self.limit = limit
        let key = try fields.optionalString("key")
        guard (kind == .key) == (key != nil) else {
            throw Problem.invalid("/key", "key_missing", "A key is named where choose is key, and only there.")
        }
        self.key = key ?? ""
        dice = Dice(state: UInt64(try fields.optionalInteger("seed") ?? 1))
    }

    /// How many rows the source is asked for.
    var wanted: Int { kind == .first ? limit : Self.mostLookedAt }

    var isFull: Bool {
        if lookedAt >= wanted { return true }
        return kind == .random ? false : rows.count >= limit
    }

    /// Looks at the next rows of the source.
    mutating func take(_ part: SampleRows, _ mapping: CompiledMapping, today: CalendarDate) {
        let some = part.rows.prefix(max(0, wanted - lookedAt))
        switch kind {
        case .first: rows += some.prefix(limit - rows.count)
        case .random: for (place, row) in some.enumerated() { takeByChance(row, lookedAt + place) }
        case .failing:
            let refused = mapping.apply(part.batch, today: today).rejects.map { Int($0.row) }.sorted()
            for row in refused where row < some.count && rows.count < limit { rows.append(some[row]) }
        case .key:
            let keyOf = RecordKey.texts(of: mapping.apply(part.batch, today: today))
            for row in some.indices where rows.count < limit {
                if keyOf(row).map(RecordKey.shown) == key { rows.append(some[row]) }
            }
        }
        lookedAt += some.count
    }

    /// Each row that was looked at is kept with the same chance. Vitter, "Random sampling with a reservoir", algorithm R.
    private mutating func takeByChance(_ row: SampleRows.Row, _ position: Int) {
        guard rows.count >= limit else {
            rows.append(row)
            return
        }
        let place = Int.random(in: 0...position, using: &dice)
        if place < limit { rows[place] = row }
    }

    /// Those that were chosen, in source order.
    var chosen: [SampleRows.Row] { rows.sorted { $0.at < $1.at } }

    /// Steele, Lea and Flood's splitmix64: the same for the same seed.
    private struct Dice: RandomNumberGenerator, Sendable {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }
}
