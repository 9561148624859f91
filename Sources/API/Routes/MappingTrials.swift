internal import Changes
internal import Columns
internal import ConnectorHost
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store
internal import Time

/// Mappings tried out: checked, and applied to a few rows. Nothing is kept.
struct MappingTrialRoutes: Sendable {
    let context: APIContext

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .post,
                "/{id}/mappings/validate",
                "validateMappings",
                "Checks mappings, the kept ones or those given, and tells all that is wrong with them.",
                body: .optionalJSON(
                    .closed(
                        Self.linesField,
                        Self.versionField,
                        .optional(
                            "source_fields",
                            .map(of: .list(of: .text(1...1_000), count: 0...4_000)),
                            "The fields of each stream, to be checked against: {\"people\": [\"id\", \"email\"]}."
                        ),
                        .optional("discover", .bool, "Whether the connector is asked for the source's fields."),
                        ConnectionTopic.fileField
                    )
                ),
                answers: [.ok(Self.findingsSchema, "What was found, be it nothing.")],
                problems: ConnectionTopic.connectorProblems,
                isIdempotent: false,
                handle: validate
            ),
            Endpoint(
                .post,
                "/{id}/mappings/preview",
                "previewMappings",
                "Maps a few rows, given or read from the source, and shows each value on its way and what it would do.",
                body: .optionalJSON(
                    .closed(
                        Self.linesField,
                        Self.versionField,
                        .optional(
                            "stream",
                            .text(1...200),
                            "Which mappings, where there are those of several streams."
                        ),
                        .optional("target_entity", .oneOf(Entity.self), "The same, where a stream becomes several."),
                        .optional(
                            "rows",
                            .list(of: .anyObject, count: 1...SampleRows.mostRows),
                            "Rows by source field, in place of the source's: [{\"email\": \"a@example.org\"}]."
                        ),
                        RowChoice.schema[0],
                        RowChoice.schema[1],
                        RowChoice.schema[2],
                        ConnectionTopic.limitField,
                        ConnectionTopic.fileField
                    )
                ),
                answers: [.ok(.reference("MappingPreview"))],
                problems: ConnectionTopic.connectorProblems,
                isIdempotent: false,
                handle: preview
            ),
        ]
    }

    private static let linesField = Schema.Field.optional(
        "mappings",
        .list(of: .reference("MappingLine"), count: 0...MappingDraft.mostLines),
        "In place of the kept ones."
    )

    private static let versionField = Schema.Field.optional(
        "version",
        .integer(1...Int64.max),
        "Which version of the kept ones; the newest if not said."
    )

    private static let findingsSchema = Schema.object(
        .required("ok", .bool),
        .required("version", .integer.orNull, "Of the kept mappings that were checked; null for given ones."),
        .required(
            "problems",
            .list(
                of: .object(
                    .required("pointer", .string, "In the mappings' list: /mappings/3/transform_function."),
                    .required("code", .string),
                    .required("message", .string),
                    .optional("suggestion", .string),
                    .optional("source_field", .string),
                    .optional("target_field", .string),
                    .optional("line", .integer, "In the transform, from 1 on."),
                    .optional("column", .integer, "In characters, from 1 on."),
                    .optional("caret", .string, "The transform's line, and a ^ below the place.")
                )
            )
        )
    )

    // MARK: - Validate

    private func validate(_ call: Call) async throws -> Response {
        let (drafts, version) = try await drafts(call)
        var fields = try call.fields()
        let given = try fields.optionalObject("source_fields")
        let isAsked = try fields.optionalBool("discover") ?? false
        let file = try fields.file()
        let check = try await MappingCheck(drafts, context, tenant: call.tenant)
        let streams = isAsked ? try await ConnectorCall(call, context, file: file).streams() : nil
        let problems = check.problems { stream in
            if let names = given?[stream]?.arrayValue {
                return names.compactMap(\.stringValue).map { Field(name: $0, type: .utf8) }
            }
            return streams?.called(stream)?.columns.map(\.field)
        }
        var items = problems.map(Problem.Item.init)
        if let streams { items += check.strangers(to: streams, but: given) }
        return .json([
            "ok": .bool(items.isEmpty), "version": version.map(JSONValue.integer) ?? .null,
            "problems": .array(items.map(\.json)),
        ])
    }

    /// The given lines, or the kept ones with their version.
    private func drafts(_ call: Call) async throws -> (drafts: [MappingDraft], version: Int64?) {
        let config = try await context.requireConfig(call)
        var fields = try call.fields()
        if let lines = try fields.optionalArray("mappings") { return (try MappingDraft.lines(lines), nil) }
        let table = try await context.store.mappingTable(
            config: config.id,
            version: try fields.optionalInteger("version"),
            tenant: call.tenant
        )
        return (table.lines.map(\.draft), table.version)
    }

    // MARK: - Preview

    private func preview(_ call: Call) async throws -> Response {
        let check = try await MappingCheck(try await drafts(call).drafts, context, tenant: call.tenant)
        let group = try group(of: check, call)
        guard let today = call.now.date else {
            throw Problem(.unavailable, "clock_wrong", "The host's clock stands outside the calendar.")
        }
        let (rows, lookedAt) = try await rows(of: group, check, today, call)
        let mapping = try check.compiled(group, rows.fields)
        let batch = rows.batch
        guard mapping.previewCost(of: batch) <= PreviewAnswer.mostCost else {
            throw Problem(
                422,
                "preview_too_large",
                "These mappings make too much of these rows to be shown. Preview fewer rows, or fewer mappings."
            )
        }
        let preview = mapping.preview(batch, today: today, shown: PreviewAnswer.shownCharacters)
        let effects = try await context.store.previewEffects(
            of: preview.batch,
            config: try call.path.id("id"),
            tenant: call.tenant,
            now: call.now
        )
        return .json(
            PreviewAnswer(set: group.set, rows: rows, lookedAt: lookedAt, preview: preview, effects: effects).json
        )
    }

    /// The one set that is meant.
    private func group(of check: MappingCheck, _ call: Call) throws -> MappingCheck.Group {
        var fields = try call.fields()
        let stream = try fields.optionalString("stream")
        let entity = try fields.optionalOneOf("target_entity", Entity.self)
        let all = check.groups
        let fitting = all.filter { group in
            (stream.map { $0 == group.set.stream } ?? true) && (entity.map { $0 == group.set.entity } ?? true)
        }
        guard let group = fitting.first else {
            let known = all.map { "\($0.set.stream) to \($0.set.entity.rawValue)" }.joined(separator: ", ")
            throw Problem.invalid(
                stream == nil ? "/mappings" : "/stream",
                "no_mapping",
                all.isEmpty ? "Nothing is mapped yet." : "Nothing is mapped of this. There are mappings of \(known)."
            )
        }
        guard fitting.count == 1 else {
            let several = fitting.map { "\($0.set.stream) to \($0.set.entity.rawValue)" }.joined(separator: ", ")
            throw Problem.invalid(
                "/stream",
                "several_mappings",
                "There are mappings of \(several): name stream and target_entity."
            )
        }
        return group
    }

    /// And how many were looked at for them.
    private func rows(
        of group: MappingCheck.Group,
        _ check: MappingCheck,
        _ today: CalendarDate,
        _ call: Call
    ) async throws -> (SampleRows, Int) {
        var fields = try call.fields()
        let limit = Int(try fields.optionalInteger("limit") ?? ConnectionTopic.defaultLimit)
        let choice = try RowChoice(&fields, limit: limit)
        if let rows = try fields.optionalArray("rows") {
            let rows = try SampleRows(json: rows, at: "/rows")
            return (rows, rows.rows.count)
        }
        let file = try fields.file()
        return try await ConnectorCall(call, context, file: file).sample(group.set.stream, choice, today: today) {
            try check.compiled(group, $0.fields)
        }
    }
}

extension [DiscoveredStream] {
    /// The stream of this name, or the only one: a file's is named after the file, and mappings go with any.
    fileprivate func called(_ name: String) -> DiscoveredStream? {
        first { $0.name == name } ?? (count == 1 ? first : nil)
    }
}

extension MappingCheck {
    /// Lines whose stream the source doesn't have.
    fileprivate func strangers(to streams: [DiscoveredStream], but given: JSONObject?) -> [Problem.Item] {
        groups.compactMap { group in
            let name = group.set.stream
            guard streams.called(name) == nil, given?[name] == nil else { return nil }
            var more: JSONObject = [:]
            let names = streams.map(\.name)
            if let meant = nearest(to: name, in: names) { more["suggestion"] = .string("Did you mean \(meant)?") }
            return Problem.Item(
                pointer: "/mappings/\(group.places.first ?? 0)/stream",
                code: "unknown_stream",
                message: names.isEmpty
                    ? "The source offers no streams; a file's stream needs a file_id."
                    : "The source has no such stream. It has \(names.prefix(40).joined(separator: ", ")).",
                more: more
            )
        }
    }
}

/// What a preview shows.
struct PreviewAnswer {
    let set: MappingSet
    let rows: SampleRows
    let lookedAt: Int
    let preview: MappingPreview
    /// By row.
    let effects: [PreviewedRecord]

    /// Of a value on its way.
    static let shownCharacters = 1_000
    /// Bytes that all functions together may make.
    static let mostCost = 32 << 20

    static let schema = Schema.object(
        .required("stream", .string),
        .required("target_entity", .oneOf(Entity.self)),
        .required("source", .string, "The file or object that was read; empty for given rows."),
        .required("locator_kind", .string, "What `at` counts: line, row, byte_offset or index."),
        .required("looked_at", .integer, "How many of the source's rows were looked at for these."),
        .required(
            "effects",
            .object(
                PreviewedRecord.Outcome.allCases.map { .required($0.rawValue, .integer) },
                isClosed: false
            ),
            "How many of the rows would do what."
        ),
        .required(
            "counts",
            .object(.required("rows", .integer), .required("accepted", .integer), .required("rejected", .integer))
        ),
        .required("rows", .list(of: rowSchema))
    )

    private static let rowSchema = Schema.object(
        .required("at", .integer),
        .required("accepted", .bool, "Whether a sync would take it."),
        .required("source", .map(of: .string.orNull), "By source field, as text."),
        .required(
            "effect",
            .object(
                .required("outcome", .oneOf(PreviewedRecord.Outcome.self)),
                .required("kinds", .list(of: .oneOf(GuardedEffect.self)), "What the guard counts."),
                .required("row_id", .id.orNull, "Whom it is about; null where nobody is there yet."),
                .required(
                    "fields",
                    .list(of: .object(.required("name", .string), .required("before", .any), .required("after", .any))),
                    "What would change; of a new row what it would hold."
                )
            ),
            "What a sync would do with it, as if these rows were all: after those before it."
        ),
        .required(
            "fields",
            .list(
                of: .object(
                    .required("target_field", .string),
                    .required("source_field", .string),
                    .required("value", .string.orNull, "What the source gives."),
                    .required(
                        "steps",
                        .list(of: .object(.required("function", .string), .required("value", .string.orNull))),
                        "What comes out of each function; null behind one that failed."
                    ),
                    .required("mapped", .string.orNull),
                    .required("present", .any, "What TrainFlow has now; null for nothing, and where there is no row."),
                    .required("state", .oneOf(["value", "absent", "erase", "failed"]))
                )
            )
        ),
        .required(
            "failures",
            .list(
                of: .object(
                    .required("field", .string),
                    .required("source_field", .string),
                    .required("code", .string),
                    .required("message", .string),
                    .required("hint", .string),
                    .required("value", .string.orNull)
                )
            )
        ),
        .required(
            "warnings",
            .list(of: .object(.required("field", .string), .required("code", .string), .required("message", .string)))
        )
    )

    var json: JSONValue {
        let mapped = preview.batch
        let rejects = Dictionary(mapped.rejects.map { ($0.row, $0) }) { first, _ in first }
        let warnings = Dictionary(grouping: mapped.warnings, by: \.row)
        let shown = rows.rows.indices.map { index -> JSONValue in
            let reject = rejects[Int32(index)]
            return [
                "at": .integer(mapped.locators[index]), "accepted": .bool(reject == nil),
                "source": rows.values(index), "effect": effects[index].json,
                "fields": .array(
                    zip(mapped.columns, preview.columns).map { Self.field($0, $1, index, effects[index].present) }
                ),
                "failures": .array((reject?.failures ?? effects[index].failures).map(\.json)),
                "warnings": .array((warnings[Int32(index)] ?? []).map(\.json)),
            ]
        }
        return [
            "stream": .string(set.stream), "target_entity": .string(set.entity.rawValue),
            "source": .string(rows.source), "locator_kind": .string(rows.locatorKind),
            "looked_at": .integer(Int64(lookedAt)), "effects": counts,
            "counts": [
                "rows": .integer(Int64(mapped.count)), "accepted": .integer(Int64(mapped.accepted.count)),
                "rejected": .integer(Int64(mapped.rejects.count)),
            ],
            "rows": .array(shown),
        ]
    }

    private var counts: JSONValue {
        var counts = JSONObject()
        for outcome in PreviewedRecord.Outcome.allCases {
            counts[outcome.rawValue] = .integer(Int64(effects.count { $0.outcome == outcome }))
        }
        return .object(counts)
    }

    private static func field(
        _ column: MappedColumn,
        _ stepped: MappingPreview.SteppedColumn,
        _ row: Int,
        _ present: JSONObject?
    ) -> JSONValue {
        let steps = stepped.steps.map { step -> JSONValue in
            ["function": .string(step.function), "value": .text(step.values[row])]
        }
        return [
            "target_field": .string(column.target.name), "source_field": .string(stepped.sourceField),
            "value": .text(stepped.source[row]), "steps": .array(steps), "mapped": .text(column.text(row)),
            "present": present?[column.target.name] ?? .null, "state": .string(stateName(column.states[row])),
        ]
    }

    private static func stateName(_ state: UInt8) -> String {
        switch ValueState(rawValue: state) {
        case .value: "value"
        case .absent: "absent"
        case .erase: "erase"
        case .failed, nil: "failed"
        }
    }
}

extension PreviewedRecord {
    fileprivate var json: JSONValue {
        [
            "outcome": .string(outcome.rawValue), "kinds": .array(kinds.map { .string($0.rawValue) }),
            "row_id": .id(rowID),
            "fields": .array(fields.map { ["name": .string($0.name), "before": $0.before, "after": $0.after] }),
        ]
    }
}

extension FieldFailure {
    fileprivate var json: JSONValue {
        [
            "field": .string(field), "source_field": .string(source), "code": .string(code),
            "message": .string(message), "hint": .string(hint), "value": .text(value),
        ]
    }
}

extension RowWarning {
    fileprivate var json: JSONValue {
        ["field": .string(field), "code": .string(code), "message": .string(message)]
    }
}
