import Columns
import Foundation
import Mapping
import Testing
import Time

/// A batch of utf8 columns; nil is null.
func batch(_ columns: KeyValuePairs<String, [String?]>) -> Batch {
    let count = columns.first?.value.count ?? 0
    return Batch(columns: columns.map { textColumn($0.key, $0.value) }, count: count)
}

func textColumn(_ name: String, _ values: [String?]) -> Column {
    var builder = TextColumnBuilder()
    for value in values {
        if let value { builder.append(value) } else { builder.appendNull() }
    }
    return builder.finish(name: name)
}

let today = CalendarDate(year: 2025, month: 6, day: 30)

/// The lookup tables of tests and examples, and the system's time zones that a set names.
func environment(for set: MappingSet) -> MappingEnvironment {
    var environment = MappingEnvironment(
        tables: ["departments": LookupTable([("HR", "Human Resources"), ("FIN", "Finance"), ("", "None")])],
        tableNames: ["departments", "sites"],
        zoneNames: ["Asia/Riyadh", "Africa/Cairo"]
    )
    for name in set.needs.zones {
        guard let file = FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)") else { continue }
        let rules = ZoneRules(tzif: [UInt8](file))
        #expect(rules != nil, "\(name)")
        environment.zones[name] = rules
    }
    return environment
}

/// What a set makes of a batch, as of 30 June 2025.
func apply(_ set: MappingSet, to batch: Batch) throws -> MappedBatch {
    let mapping = try CompiledMapping.compile(
        set,
        source: batch.columns.map(\.field),
        environment: environment(for: set)
    )
    return mapping.apply(batch, today: try #require(today))
}

/// People by their number and one more row.
func people(_ rows: MappingRow...) -> MappingSet {
    MappingSet(
        stream: "people.csv",
        entity: .users,
        rows: [MappingRow(sourceField: "id", targetField: "external_id")] + rows
    )
}

/// What came of one cell.
enum Outcome: Equatable, CustomStringConvertible {
    case value(String)
    case absent
    case erase
    case failed(String)

    var description: String {
        switch self {
        case .value(let text):
            "value \(text.debugDescription) \(text.unicodeScalars.map { String($0.value, radix: 16) })"
        case .absent: "absent"
        case .erase: "erase"
        case .failed(let code): "failed \(code)"
        }
    }

    /// By code points: Swift's `==` takes é and e + accent for the same.
    static func == (left: Outcome, right: Outcome) -> Bool {
        switch (left, right) {
        case (.value(let left), .value(let right)): left.utf8.elementsEqual(right.utf8)
        case (.absent, .absent), (.erase, .erase): true
        case (.failed(let left), .failed(let right)): left == right
        default: false
        }
    }
}

extension MappedBatch {
    func column(_ target: String) throws -> MappedColumn {
        try #require(columns.first { $0.target.name == target })
    }

    func outcome(_ target: String, _ row: Int) throws -> Outcome {
        try outcome(column(target), row, rejects.first { $0.row == row })
    }

    func outcomes(_ target: String) throws -> [Outcome] {
        let column = try column(target)
        let rejects = Dictionary(uniqueKeysWithValues: rejects.map { (Int($0.row), $0) })
        return try (0..<count).map { try outcome(column, $0, rejects[$0]) }
    }

    private func outcome(_ column: MappedColumn, _ row: Int, _ reject: RowReject?) throws -> Outcome {
        switch ValueState(rawValue: column.states[row]) {
        case .value: return .value(try #require(column.text(row)))
        case .absent: return .absent
        case .erase: return .erase
        case .failed:
            let failure = try #require(reject).failures.first { $0.field == column.target.name }
            return .failed(try #require(failure).code)
        case nil: throw BrokenState()
        }
    }

    /// What must hold for every batch, whatever was mapped.
    func checkShape() {
        let rejected = Set(rejects.map { Int($0.row) })
        for column in columns {
            #expect(column.states.count == count)
            #expect(column.offsets.count == count + 1)
            #expect(column.offsets.first == 0)
            #expect(Int(column.offsets.last ?? -1) <= column.bytes.count)
            let wrong = (0..<count).filter { row in
                let length = column.offsets[row + 1] - column.offsets[row]
                return switch ValueState(rawValue: column.states[row]) {
                case .value: length <= 0
                case .absent, .erase: length != 0
                case .failed: length < 0 || !rejected.contains(row)
                case nil: true
                }
            }
            #expect(wrong.isEmpty, "\(column.target.name)")
        }
        #expect(accepted == accepted.sorted())
        #expect(rejects.map(\.row) == rejects.map(\.row).sorted())
        #expect(Set(accepted).union(rejects.map(\.row)).count == count)
        #expect(accepted.count + rejects.count == count)
        #expect(locators.count == count)
        #expect(rejects.allSatisfy { !$0.failures.isEmpty && $0.locator == locators[Int($0.row)] })
    }
}

struct BrokenState: Error {}

/// What a transform makes of values, in the target `attributes.x`.
func transform(
    _ transform: String?,
    _ values: [String?],
    fields: [String: [String?]] = [:],
    target: String = "attributes.x",
    empty: EmptyRule = .ignore
) throws -> [Outcome] {
    let columns =
        [
            textColumn("id", values.indices.map { "\($0)" }),
            textColumn("value", values),
        ] + fields.sorted { $0.key < $1.key }.map { textColumn($0.key, $0.value) }
    let row = MappingRow(sourceField: "value", targetField: target, transform: transform, empty: empty)
    let mapped = try apply(people(row), to: Batch(columns: columns, count: values.count))
    mapped.checkShape()
    return try mapped.outcomes(target)
}
