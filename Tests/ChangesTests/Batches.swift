import Changes
import Identifiers
import JSON
import Mapping

/// Mapped batches from tables of texts, for tests.
///
/// A cell that is nil is absent, `erased` erases, anything else is the value.
let erased = "\u{0}erase"

func mappedBatch(
    _ names: [String],
    _ rows: [[String?]],
    firstLine: Int64 = 2,
    write: [String: WriteRule] = [:]
) -> MappedBatch {
    let columns = names.enumerated().map { position, name in
        var states: [UInt8] = []
        var offsets: [Int32] = [0]
        var bytes: [UInt8] = []
        for row in rows {
            switch row[position] {
            case nil: states.append(ValueState.absent.rawValue)
            case erased: states.append(ValueState.erase.rawValue)
            case let text?:
                states.append(ValueState.value.rawValue)
                bytes += text.utf8
            }
            offsets.append(Int32(bytes.count))
        }
        let target = Entity.users.fields.first { $0.name == name } ?? TargetField(name)
        return MappedColumn(
            target: target,
            write: write[name] ?? .always,
            states: states,
            offsets: offsets,
            bytes: bytes
        )
    }
    return MappedBatch(
        entity: .users,
        count: rows.count,
        columns: columns,
        accepted: rows.indices.map { Int32($0) },
        locators: rows.indices.map { firstLine + Int64($0) }
    )
}

func prepared(_ batch: MappedBatch, policy: Policy = Policy(), tenant: UInt64 = 1) -> PreparedBatch {
    PreparedBatch.prepare(
        batch,
        source: "people.csv",
        locatorKind: "line",
        hashKey: Array(0..<16),
        tenant: UUID(high: tenant, low: 0),
        policy: policy
    )
}
