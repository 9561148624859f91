internal import Time

/// What is odd but possible about an enrolment's times: completed before it began.
enum OrderOfTimes {
    static func warnings(_ columns: [MappedColumn], _ accepted: [Int32], _ locators: [Int64]) -> [RowWarning] {
        guard let began = columns.first(where: { $0.target.name == "enrolled_at" && $0.target.rule == .instant }),
            let ended = columns.first(where: { $0.target.name == "completed_at" && $0.target.rule == .instant })
        else { return [] }
        return accepted.compactMap { row in
            let row = Int(row)
            guard ended.mayBeBefore(began, row), let start = began.text(row), let end = ended.text(row),
                let from = Instant(rfc3339: start), let to = Instant(rfc3339: end), to < from
            else { return nil }
            return RowWarning(
                row: Int32(row),
                locator: locators[row],
                field: ended.target.name,
                code: "completed_before_enrolled",
                message: "completed_at \(end) is before enrolled_at \(start)."
            )
        }
    }
}

extension MappedColumn {
    /// Whether both have a value, and this one's bytes stand before the other's: fractions of a second may say otherwise.
    fileprivate func mayBeBefore(_ other: MappedColumn, _ row: Int) -> Bool {
        guard states[row] == ValueState.value.rawValue, other.states[row] == ValueState.value.rawValue else {
            return false
        }
        let mine = bytes[Int(offsets[row])..<Int(offsets[row + 1])]
        let theirs = other.bytes[Int(other.offsets[row])..<Int(other.offsets[row + 1])]
        return mine.lexicographicallyPrecedes(theirs)
    }
}
