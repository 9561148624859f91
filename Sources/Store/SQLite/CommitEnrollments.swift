internal import Changes
internal import Crypto
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite

/// The people or courses that one batch names, each looked for once, in the order of the links.
final class BatchReferences {
    /// By the references of the batch: a row's number; 0 where it is not known who is meant.
    private let rows: CommitArray<Int64>
    private let references: References
    private let column: RecordColumn

    /// - Parameters:
    ///   - wanted: the batch's rows that ask.
    ///   - known: what the run has found so far; nil where it is not about the run's own config.
    init(
        _ wanted: [Int32],
        _ references: References,
        _ column: RecordColumn,
        in target: EntityRows,
        known: KnownReferences<Int64>?
    ) throws(SQLiteError) {
        self.references = references
        self.column = column
        rows = CommitArray(references.samples.count, 0)
        var isWanted = [Bool](repeating: false, count: references.samples.count)
        for row in wanted where references.index[Int(row)] >= 0 { isWanted[Int(references.index[Int(row)])] = true }
        known?.prefetch(references.hashes)
        var open: [Int] = []
        for place in isWanted.indices where isWanted[place] {
            if let number = known?.find(references.hashes[place], references.checks[place]) {
                rows[place] = number
            } else {
                open.append(place)
            }
        }
        let links = BatchLinks(count: references.index.count)
        try target.links.find(open.map { references.samples[$0] }, column, into: links)
        for place in open {
            let sample = Int(references.samples[place])
            var found = links.rows[sample]
            if found != 0, try target.id(found) == nil { found = 0 }
            if found == 0 { found = try target.referredElsewhere(column.copied(sample)) ?? 0 }
            guard found != 0 else { continue }
            rows[place] = found
            known?.set(references.hashes[place], references.checks[place], found)
        }
    }

    /// Which row a row of the batch names; 0 if it is not known.
    func number(_ row: Int) -> Int64 {
        let place = references.index[row]
        return place < 0 ? 0 : rows[Int(place)]
    }

    func text(_ row: Int) -> String { column.text(row) ?? "" }
    var field: String { column.name }
    var write: WriteRule { column.write }
}

/// Whom the rows of a batch enrol in what.
final class BatchPairs {
    let users: BatchReferences
    let courses: BatchReferences
    /// The directory's key of each row's pair, per row; 0 where one of the two is not known.
    private(set) var keys: [UInt64]

    init(_ users: BatchReferences, _ courses: BatchReferences, _ rows: [Int32], count: Int, _ keys: DirectoryKeys?) {
        self.users = users
        self.courses = courses
        self.keys = [UInt64](repeating: 0, count: count)
        guard let keys else { return }
        for row in rows {
            if let pair = pair(Int(row)) { self.keys[Int(row)] = keys.key(pair.text) }
        }
    }

    /// nil where one of the two is not known.
    func pair(_ row: Int) -> EnrollmentPair? {
        let (user, course) = (users.number(row), courses.number(row))
        return user == 0 || course == 0 ? nil : EnrollmentPair(user: user, course: course)
    }

    /// What is wrong with a row whose person or course is not known.
    func unknown(_ row: Int) -> [FieldFailure] {
        var failures: [FieldFailure] = []
        if users.number(row) == 0 { failures.append(.unknownReference(users.field, to: .users, users.text(row))) }
        if courses.number(row) == 0 {
            failures.append(.unknownReference(courses.field, to: .courses, courses.text(row)))
        }
        return failures
    }
}

// What is peculiar to enrolments: they refer to a person and a course, and the two together say which one is meant.
extension CommitRecords {
    /// Finds what the rows refer to, all together; nil for a batch without such columns, which has no rows to apply.
    func findPairs(_ rows: [Int32]) throws(SQLiteError) -> BatchPairs? {
        guard let user = columns.user, let course = columns.course else { return nil }
        // What the run remembers are its own config's links.
        let isOwn = work.lease.config.id == work.lease.run.config
        return BatchPairs(
            try BatchReferences(
                rows,
                identification.users,
                user,
                in: work.referred(.users),
                known: isOwn ? work.run.users : nil
            ),
            try BatchReferences(
                rows,
                identification.courses,
                course,
                in: work.referred(.courses),
                known: isOwn ? work.run.courses : nil
            ),
            rows,
            count: batch.mapped.count,
            work.rows.keys(.pair)
        )
    }

    func identifyEnrollment(_ row: Int, _ group: Int) throws(SQLiteError) {
        guard let pair = pairs?.pair(row), let key = pairs?.keys[row] else { return }
        if try work.directory.isFree(key) { return try createEnrollment(row, group, pair) }
        let standing = try candidates(work.rows.find(.pair, pair.text))
        if hasOwnKey(row) {
            // Two external ids of one config are two enrolments: a course may be taken again.
            let identity = Identity.decide(matches: [standing], emailHolders: [], adopt: work.lease.policy.adopt)
            switch identity {
            case .create, .wait: return try createEnrollment(row, group, pair)
            case .link, .ambiguous, .notAdopted: return try link(row, group, identity)
            }
        }
        if let known = standing.first(where: \.isLinkedHere) {
            return try linkAgain(row, group, known, among: standing.filter(\.isLinkedHere))
        }
        let identity = Identity.decide(matches: [standing], emailHolders: [], adopt: work.lease.policy.adopt)
        if identity == .create { return try createEnrollment(row, group, pair) }
        try link(row, group, identity)
    }

    /// Whether the record has an external id; otherwise its person and course are its key.
    private func hasOwnKey(_ row: Int) -> Bool {
        batch.mapped.column("external_id")?.text(row)?.isEmpty == false
    }

    /// The config knows the enrolment under another name of the person or the course: one of the two is written otherwise
    /// than before.
    private func linkAgain(
        _ row: Int,
        _ group: Int,
        _ known: Candidate,
        among all: [Candidate]
    ) throws(SQLiteError) {
        if all.count > 1 { return try link(row, group, .ambiguous(known.row, all[1].row)) }
        if work.seen.contains(known.row) {
            return refuse(row, [.repeatedPair(try work.rows.name(of: known.row))])
        }
        try link(row, group, .link(row: known.row, owned: known.owner == .thisConfig))
    }

    private func createEnrollment(_ row: Int, _ group: Int, _ pair: EnrollmentPair) throws(SQLiteError) {
        guard try mayCreate(row) else { return }
        let number = newRows.add(row, pair: pair)
        try enter(.pair, pair.text, number)
        linked(row, group, to: number, owned: true)
    }

    /// Adds person and course to what changes in the row.
    func addPair(
        _ row: Int,
        _ standing: StandingRow,
        owned: Bool,
        _ changes: inout RowChanges
    ) throws(SQLiteError) {
        guard let pairs, let new = pairs.pair(row), let old = standing.pair, new != old, owned else { return }
        var pair = old
        if pairs.users.write == .always { pair.user = new.user }
        if pairs.courses.write == .always { pair.course = new.course }
        guard pair != old else { return }
        changes.pair = pair
        if pair.user != old.user { try note("user_id", .users, old.user, pair.user, &changes) }
        if pair.course != old.course { try note("course_id", .courses, old.course, pair.course, &changes) }
    }

    private func note(
        _ field: String,
        _ entity: Entity,
        _ old: Int64,
        _ new: Int64,
        _ changes: inout RowChanges
    ) throws(SQLiteError) {
        let rows = work.referred(entity)
        changes.before[field] = try rows.id(old).map { .string($0.id.description) } ?? .null
        changes.after[field] = try rows.id(new).map { .string($0.id.description) } ?? .null
    }
}
