internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite

/// Rows of people as they were: as they are now, walked back through what runs have changed in them.
struct RowImages {
    private let connection: SQLiteConnection
    private let tenant: UUID
    /// The columns that a change can name, besides `manager_id` and those of `attributes`.
    private static let columns = Entity.users.fields.map(\.name).filter { $0 != "manager_external_id" }
    private static let present =
        "SELECT id, manager_id, attributes, \(columns.joined(separator: ", ")) FROM users WHERE number = ? AND tenant_id = ?"

    init(_ connection: SQLiteConnection, tenant: UUID) throws(StoreError) {
        self.connection = connection
        self.tenant = tenant
    }

    private struct Image {
        var id: UUID
        /// By name, those that hold something.
        var fields: JSONObject
    }

    func change(_ entry: ChangeEntry) throws(StoreError) -> RecordedChange {
        let image = try present(entry.row)
        var change = RecordedChange(
            effect: entry.effect,
            entity: .users,
            row: image?.id,
            externalID: entry.externalID ?? image?.fields["external_id"]?.stringValue,
            fields: RowImages.fields(entry.before, entry.after),
            at: entry.at
        )
        if entry.effect == .created, let image {
            let created = try walkedBack(image.fields, entry.row)
            change.externalID = created["external_id"]?.stringValue
            change.fields = RowImages.fields(JSONObject(), created)
        }
        return change
    }

    private static func fields(_ before: JSONObject, _ after: JSONObject) -> [RecordedChange.Field] {
        let names = before.members.map(\.name) + after.members.map(\.name).filter { before[$0] == nil }
        return names.map { .init(name: $0, before: before[$0] ?? .null, after: after[$0] ?? .null) }
    }

    /// nil if the row is gone.
    private func present(_ number: Int64) throws(StoreError) -> Image? {
        try connection.row(RowImages.present, [.integer(number), .id(tenant)]) { row throws(StoreError) in
            var fields = JSONObject()
            for (position, name) in RowImages.columns.enumerated() {
                let column = Int32(position) + 3
                if !row.isNull(column) { fields[name] = .string(row.text(column)) }
            }
            if let manager = UUID(bytes: row.bytes(1)) { fields["manager_id"] = .string(manager.description) }
            if !row.isNull(2), let attributes = try row.json(2).objectValue {
                for member in attributes.members where member.value != .null {
                    fields["attributes.\(member.name)"] = member.value
                }
            }
            return Image(id: try row.id(0), fields: fields)
        }
    }

    /// The fields before any change that a run has made to the row, newest first.
    private func walkedBack(_ present: JSONObject, _ number: Int64) throws(StoreError) -> JSONObject {
        let images = try connection.rows(
            """
            SELECT before FROM integration_changes
                WHERE tenant_id = ? AND entity = ? AND row_number = ? AND kind <> 'created' ORDER BY number DESC
            """,
            [.id(tenant), .integer(Entity.users.number), .integer(number)]
        ) { row throws(StoreError) in row.isNull(0) ? JSONValue.object(JSONObject()) : try row.json(0) }
        var fields = present
        for member in images.flatMap({ $0.objectValue?.members ?? [] }) {
            // A plain nil would be JSON's null.
            fields[member.name] = member.value == .null ? JSONValue?.none : member.value
        }
        return fields
    }
}
