internal import Changes
package import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

extension SQLiteStore {
    package func effects(
        run: UUID,
        _ filter: EffectFilter,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<RecordedEffect> {
        try await read { connection throws(StoreError) in
            let run = try RunRow.require(connection, run, tenant: tenant)
            let number = run.isUnapplied ? run.planNumber : run.number
            let queries = PageQuery.effects(run: number, filter, after: page.after, tenant: tenant)
            let names = RowLabels(connection: connection, tenant: tenant)
            return try connection.page(merging: queries, limit: page.limit, by: { $0.major < $1.major }) {
                line throws(StoreError) in try names.effect(line)
            }
        }
    }
}

extension PageQuery {
    /// One query for each kind and state that is wanted, so that few among many are found without reading the others.
    ///
    /// - Parameter run: of a plan, the run's number negated.
    package static func effects(
        run: Int64,
        _ filter: EffectFilter,
        after: PageKey?,
        tenant: UUID
    ) -> [PageQuery] {
        let states = filter.state.map { [$0] } ?? RecordedEffect.State.allCases
        let all = run < 0 ? RecordedChange.Effect.plannedMasks : GuardedEffects.masks
        let masks = all.filter { mask in
            (filter.kind.map { mask & $0.bit != 0 } ?? true)
                && (filter.effect.map { RecordedChange.Effect(mask: mask) == $0 } ?? true)
        }
        return states.flatMap { state in
            masks.map { mask in
                var query = PageQuery(
                    "entity, kinds, state, row_number, external_id, before, after, updated_at",
                    from: "integration_effects",
                    order: .byNumber
                )
                query.require("tenant_id", is: tenant)
                query.require("run_number = ?", .integer(run))
                query.require("state", is: state.rawValue)
                query.require("kinds = ?", .integer(mask))
                query.begin(after: after)
                return query
            }
        }
    }
}

/// What rows are called, for people who look at a list.
private struct RowLabels {
    let connection: SQLiteConnection
    let tenant: UUID

    func effect(_ line: SQLiteStatement) throws(StoreError) -> RecordedEffect {
        guard let entity = Entity(number: line.int64(2)) else {
            throw line.damaged("an effect on an entity that nothing applies")
        }
        let label = try label(entity, line.int64(5))
        guard let before = try line.json(7).objectValue, let after = try line.json(8).objectValue else {
            throw line.damaged("what an effect has shown is no JSON object")
        }
        return RecordedEffect(
            effect: RecordedChange.Effect(mask: line.int64(3)),
            kinds: GuardedEffects.kinds(of: line.int64(3)),
            state: try line.word(4),
            entity: entity,
            row: label?.id,
            externalID: RecordKey.shown(line.text(6)),
            name: label?.name,
            fields: after.members.map {
                RecordedChange.Field(name: $0.name, before: before[$0.name] ?? .null, after: $0.value)
            },
            at: line.time(9)
        )
    }

    /// nil if the row is gone.
    private func label(_ entity: Entity, _ number: Int64) throws(StoreError) -> (id: UUID, name: String?)? {
        try connection.row(
            "SELECT id, \(RowLabels.name(entity)) FROM \(entity.table.name) AS row WHERE number = ? AND tenant_id = ?",
            [.integer(number), .id(tenant)]
        ) { row throws(StoreError) in (try row.id(0), row.optionalText(1)) }
    }

    private static func name(_ entity: Entity) -> String {
        let person =
            "coalesce(display_name, nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''), email, username)"
        return switch entity {
        case .users: person
        case .courses: "coalesce(title, code)"
        case .enrollments:
            "(SELECT \(person) FROM users WHERE users.number = row.user_number) || ' in ' ||"
                + " (SELECT coalesce(title, code) FROM courses WHERE courses.number = row.course_number)"
        }
    }
}
