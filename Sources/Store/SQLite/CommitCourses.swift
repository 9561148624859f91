internal import Changes
internal import Mapping
internal import SQLite

// What is peculiar to courses: their code says which one is meant; a title never does.
extension CommitRecords {
    func identifyCourse(_ row: Int, _ group: Int) throws(SQLiteError) {
        let codeKey = identification.codeKeys.isEmpty ? 0 : identification.codeKeys[row]
        let isFree = codeKey == 0 ? true : try work.directory.isFree(codeKey)
        if isFree, identification.externalIDKeys.isEmpty { return try createCourse(row, group) }
        let identity = Identity.decide(
            matches: try courseMatches(row),
            emailHolders: [],
            adopt: work.lease.policy.adopt
        )
        switch identity {
        case .create, .wait: try createCourse(row, group)
        case .link, .ambiguous, .notAdopted: try link(row, group, identity)
        }
    }

    /// The code first, whatever the policy says; its other rules are for people, but for numbers that systems share.
    private func courseMatches(_ row: Int) throws(SQLiteError) -> [[Candidate]] {
        var matches: [[Candidate]] = []
        if let code = columns.code { matches.append(try candidates(work.rows.find(.code, code.copied(row)))) }
        if work.lease.policy.match.contains(.externalID) { matches.append(try withExternalID(row)) }
        return matches
    }

    private func createCourse(_ row: Int, _ group: Int) throws(SQLiteError) {
        guard try mayCreate(row) else { return }
        let number = newRows.add(row)
        if let code = columns.code { try enter(.code, code.copied(row), number) }
        linked(row, group, to: number, owned: true)
    }
}
