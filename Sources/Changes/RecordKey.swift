package import Mapping

/// The text under which a config's link knows a record: its external id. An enrolment without one is known by whom it
/// enrols in what, in the source's own words, so that an unchanged one is known without looking either up.
package enum RecordKey {
    /// Stands between the two, and in no identifier: unit separator.
    package static let separator: UInt8 = 0x1F

    /// The batch's column of keys; nil where it has none.
    static func column(of batch: MappedBatch) -> MappedColumn? {
        let own = batch.column("external_id")
        guard batch.entity == .enrollments, let user = batch.column("user_external_id"),
            let course = batch.column("course_external_id")
        else { return own }
        if let own, batch.accepted.allSatisfy({ own.hasValue(Int($0)) }) { return own }
        var keys = MappedColumn(
            target: TargetField("external_id", .identifier),
            states: [UInt8](repeating: ValueState.absent.rawValue, count: batch.count),
            offsets: [0],
            bytes: []
        )
        keys.offsets.reserveCapacity(batch.count + 1)
        for row in 0..<batch.count {
            if let own, own.hasValue(row) {
                keys.append(own, row)
            } else if user.hasValue(row), course.hasValue(row) {
                keys.append(user, row)
                keys.bytes.append(separator)
                keys.append(course, row)
            }
            if keys.offsets[row] < Int32(keys.bytes.count) { keys.states[row] = ValueState.value.rawValue }
            keys.offsets.append(Int32(keys.bytes.count))
        }
        return keys
    }

    /// As people read it: `007924 in SAF-416`.
    package static func shown(_ key: String) -> String {
        key.split(separator: "\u{1F}", omittingEmptySubsequences: false).joined(separator: " in ")
    }
}

extension MappedColumn {
    fileprivate func hasValue(_ row: Int) -> Bool {
        states[row] == ValueState.value.rawValue && offsets[row] < offsets[row + 1]
    }

    fileprivate mutating func append(_ other: MappedColumn, _ row: Int) {
        bytes += other.bytes[Int(other.offsets[row])..<Int(other.offsets[row + 1])]
    }
}

extension RecordKey {
    /// The key of each row of a batch, as a link knows it; nil for a row that has none.
    package static func texts(of batch: MappedBatch) -> (_ row: Int) -> String? {
        let keys = column(of: batch)
        return { row in keys?.text(row).flatMap { $0.isEmpty ? nil : $0 } }
    }
}
