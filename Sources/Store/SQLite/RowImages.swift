internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite

/// Rows as they were: as they are now, walked back through what runs have changed in them.
struct RowImages {
    private let connection: SQLiteConnection
    private let tenant: UUID
    init(_ connection: SQLiteConnection, tenant: UUID) throws(StoreError) {
        self.connection = connection
        self.tenant = tenant
    }

    struct Image {
        var id: UUID
        /// By name, those that hold something.
        var fields: JSONObject
    }

    func change(_ entry: ChangeEntry) throws(StoreError) -> RecordedChange {
        let image = try present(entry.entity, entry.row)
        var change = RecordedChange(
            effect: entry.effect,
            entity: entry.entity,
            row: image?.id,
            externalID: entry.externalID.map(RecordKey.shown) ?? image?.fields["external_id"]?.stringValue,
            fields: RowImages.fields(entry.before, entry.after),
            at: entry.at
        )
        if entry.effect == .created, let image {
            let created = try walkedBack(image.fields, entry)
            change.externalID = created["external_id"]?.stringValue
            change.fields = RowImages.fields(JSONObject(), created)
        }
        return change
    }

    /// A row as it is; nil if it is gone.
    func now(_ entity: Entity, _ row: Int64) throws(StoreError) -> Image? { try present(entity, row) }

    /// Whether a row is there, and has these values now; null for nothing.
    func stands(_ entity: Entity, _ row: Int64, _ values: JSONObject) throws(StoreError) -> Bool {
        guard let image = try present(entity, row) else { return false }
        return values.members.allSatisfy { value in
            let now = image.fields[value.name] ?? .null
            return now == value.value || now.stringValue ?? now.text == value.value.stringValue ?? value.value.text
        }
    }

    private static func fields(_ before: JSONObject, _ after: JSONObject) -> [RecordedChange.Field] {
        let names = before.members.map(\.name) + after.members.map(\.name).filter { before[$0] == nil }
        return names.map { .init(name: $0, before: before[$0] ?? .null, after: after[$0] ?? .null) }
    }

    /// What a row refers to, by the name that a change has for it, with the SQL of the other row's id.
    private static func references(_ entity: Entity) -> [(name: String, id: String)] {
        func id(_ table: Entity, _ column: String) -> String {
            "(SELECT id FROM \(table.table.name) AS other WHERE other.number = \(column) AND other.tenant_id = row.tenant_id)"
        }
        return switch entity {
        case .users: [("manager_id", "manager_id")]
        case .courses: []
        case .enrollments:
            [("user_id", id(.users, "user_number")), ("course_id", id(.courses, "course_number"))]
        }
    }

    /// nil if the row is gone.
    private func present(_ entity: Entity, _ number: Int64) throws(StoreError) -> Image? {
        let fields = entity.table.fields
        let references = RowImages.references(entity)
        let columns = ["id", "attributes"] + fields.map(\.name) + references.map(\.id)
        return try connection.row(
            "SELECT \(columns.joined(separator: ", ")) FROM \(entity.table.name) AS row WHERE number = ? AND tenant_id = ?",
            [.integer(number), .id(tenant)]
        ) { row throws(StoreError) in
            var image = JSONObject()
            for (position, field) in fields.enumerated() {
                let column = Int32(position) + 2
                if !row.isNull(column) { image[field.name] = row.image(column) }
            }
            for (position, reference) in references.enumerated() {
                guard let id = UUID(bytes: row.bytes(Int32(position + fields.count) + 2)) else { continue }
                image[reference.name] = .string(id.description)
            }
            if !row.isNull(1), let attributes = try row.json(1).objectValue {
                for member in attributes.members where member.value != .null {
                    image["attributes.\(member.name)"] = member.value
                }
            }
            return Image(id: try row.id(0), fields: image)
        }
    }

    /// The fields before any change that a run has made to the row, newest first.
    private func walkedBack(_ present: JSONObject, _ entry: ChangeEntry) throws(StoreError) -> JSONObject {
        let images = try connection.rows(
            """
            SELECT before FROM integration_changes
                WHERE tenant_id = ? AND entity = ? AND row_number = ? AND kind <> 'created' ORDER BY number DESC
            """,
            [.id(tenant), .integer(entry.entity.number), .integer(entry.row)]
        ) { row throws(StoreError) in row.isNull(0) ? JSONValue.object(JSONObject()) : try row.json(0) }
        var fields = present
        for member in images.flatMap({ $0.objectValue?.members ?? [] }) {
            // A plain nil would be JSON's null.
            fields[member.name] = member.value == .null ? JSONValue?.none : member.value
        }
        return fields
    }
}

extension SQLiteStatement {
    /// A field as a change's image shows it.
    fileprivate func image(_ column: Int32) -> JSONValue {
        let text = String(decoding: canonicalBytes(column), as: UTF8.self)
        return type(column) == .text ? .string(text) : JSONValue(number: text) ?? .string(text)
    }
}
