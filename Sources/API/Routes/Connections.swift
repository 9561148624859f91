internal import Columns
internal import ConnectorHost
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Store

/// What a config's connector says of the other side.
enum ConnectionTopic {
    static func topic(_ context: APIContext) -> Topic {
        let routes = ConnectionRoutes(context: context)
        return Topic(
            "Connections",
            "What a configuration's connector says of the system it connects to.",
            schemas: [
                "ConnectionReport": ConnectionReport.schema, "Stream": DiscoveredStream.schema,
                "SourceSample": SampleRows.schema,
            ],
            endpoints: [
                Endpoint(
                    .post,
                    "/{id}/test-connection",
                    "testConnection",
                    "Tries the connection step by step, with the stored credentials.",
                    body: .optionalJSON(.closed(fileField)),
                    answers: [.ok(.reference("ConnectionReport"), "What was tried, whether it went well or not.")],
                    problems: connectorProblems,
                    isIdempotent: false,
                    handle: routes.test
                ),
                Endpoint(
                    .post,
                    "/{id}/discover",
                    "discoverStreams",
                    "Lists the kinds of record that the source offers, with their fields.",
                    body: .optionalJSON(.closed(fileField)),
                    answers: [.ok(.object(.required("streams", .list(of: .reference("Stream")))))],
                    problems: connectorProblems,
                    isIdempotent: false,
                    handle: routes.discover
                ),
                Endpoint(
                    .post,
                    "/{id}/source-preview",
                    "previewSource",
                    "Reads the first rows of a stream, as they stand in the source.",
                    body: .json(
                        .closed(
                            .required("stream", .text(1...200), "As discover or the mappings name it."),
                            limitField,
                            fileField
                        )
                    ),
                    answers: [.ok(.reference("SourceSample"))],
                    problems: connectorProblems,
                    isIdempotent: false,
                    handle: routes.preview
                ),
            ]
        )
    }

    static let fileField = Schema.Field.optional("file_id", .id, "A file uploaded for this configuration, to be read.")

    static let limitField = Schema.Field.optional(
        "limit",
        Schema.integer(1...Int64(SampleRows.mostRows)).with("default", 20),
        "The most rows."
    )

    static let defaultLimit: Int64 = 20

    static let connectorProblems: [(status: Status, reason: String)] = [
        (409, "The provider is switched off, or the source changed meanwhile."),
        (422, "The content, or the configuration's settings or credentials, are not what the connector asks for."),
        (503, "The other side, or a runner, can't answer just now: error_class and Retry-After say more."),
    ]
}

private struct ConnectionRoutes: Sendable {
    let context: APIContext

    func test(_ call: Call) async throws -> Response {
        var fields = try call.fields()
        let file = try fields.file()
        let connector = try await ConnectorCall(call, context, file: file)
        let report = try await connector.report()
        try await context.store.audit(
            AuditDeed(
                actor: call.principal.subject,
                action: "config.tested",
                subject: "config",
                subjectID: connector.config.id,
                detail: ["ok": .bool(report.isOK)]
            ),
            tenant: call.tenant,
            now: call.now
        )
        return .json(report.json)
    }

    func discover(_ call: Call) async throws -> Response {
        var fields = try call.fields()
        let file = try fields.file()
        let streams = try await ConnectorCall(call, context, file: file).streams()
        return .json(["streams": .array(streams.map(\.json))])
    }

    func preview(_ call: Call) async throws -> Response {
        var fields = try call.fields()
        let stream = try fields.string("stream")
        let limit = try fields.optionalInteger("limit") ?? ConnectionTopic.defaultLimit
        let file = try fields.file()
        let connector = try await ConnectorCall(call, context, file: file)
        return .json(try await connector.sample(stream, limit: Int(limit)).json)
    }
}

extension JSONFields {
    /// The content's `file_id`, an id by its schema.
    mutating func file() throws(JSONFieldError) -> UUID? {
        try optionalString("file_id").flatMap(UUID.init)
    }
}

extension ConnectionReport {
    static let schema = Schema.object(
        .required("ok", .bool),
        .required("steps", .list(of: stepSchema), "In the order in which they were tried.")
    )

    private static let stepSchema = Schema.object(
        .required("name", .string, "dns, tcp, tls, auth, permission, sample or clock_skew."),
        .required("ok", .bool),
        .required("skipped", .bool, "Not tried: an earlier step failed, or there is nothing to try."),
        .required("ms", .integer),
        .required("message", .string),
        .required("hint", .string, "What to do; empty if nothing.")
    )

    var json: JSONValue { ["ok": .bool(isOK), "steps": stepsJSON] }

    var stepsJSON: JSONValue {
        .array(
            steps.map { step in
                [
                    "name": .string(step.name), "ok": .bool(step.isOK), "skipped": .bool(step.isSkipped),
                    "ms": .integer(step.milliseconds), "message": .string(step.message), "hint": .string(step.hint),
                ]
            }
        )
    }
}

extension DiscoveredStream {
    fileprivate static let schema = Schema.object(
        .required("name", .string),
        .required(
            "fields",
            .list(
                of: .object(
                    .required("name", .string),
                    .required("type", .oneOf(ColumnType.plainNames)),
                    .required("is_nullable", .bool),
                    .required("sample", .string.orNull, "A value of the first records.")
                )
            )
        ),
        .required("key", .list(of: .string), "Fields that tell records apart; empty if the source doesn't say."),
        .required("cursor", .string.orNull, "The field by which changes are found."),
        .required("is_incremental", .bool, "Whether a sync can bring only what changed."),
        .required(
            "found",
            .map(of: .string),
            "What the connector found out about the source by itself, as texts: a file's encoding and delimiter, say."
        )
    )

    fileprivate var json: JSONValue {
        [
            "name": .string(name), "fields": .array(columns.map(\.json)),
            "key": .array(key.map(JSONValue.string)), "cursor": .text(cursor), "is_incremental": .bool(isIncremental),
            "found": .object(found),
        ]
    }
}

extension DiscoveredStream.Column {
    fileprivate var json: JSONValue {
        [
            "name": .string(field.name), "type": .string(field.type.plainName),
            "is_nullable": .bool(field.isNullable), "sample": .text(sample),
        ]
    }
}

extension SampleRows {
    static let schema = Schema.object(
        .required("source", .string, "The file or object that was read."),
        .required("locator_kind", .string, "What `at` counts: line, row, byte_offset or index."),
        .required(
            "fields",
            .list(of: .object(.required("name", .string), .required("type", .oneOf(ColumnType.plainNames))))
        ),
        .required(
            "rows",
            .list(
                of: .object(
                    .required("at", .integer),
                    .required("values", .map(of: .string.orNull), "By field, as text."),
                    .required(
                        "error",
                        Schema.object(.required("code", .string), .required("message", .string)).orNull,
                        "What the source found wrong with the row."
                    ),
                    .required("raw", .string.orNull, "A row that can't be read, as it stands in the source.")
                )
            )
        )
    )

    var json: JSONValue {
        let known = Set(names)
        let fields = (fields ?? []).filter { known.contains($0.name) }.map { field -> JSONValue in
            ["name": .string(field.name), "type": .string(field.type.plainName)]
        }
        let shown = rows.indices.map { row -> JSONValue in
            [
                "at": .integer(rows[row].at), "values": values(row),
                "error": rows[row].error.map(Self.failure) ?? .null, "raw": .text(rows[row].raw),
            ]
        }
        return [
            "source": .string(source), "locator_kind": .string(locatorKind), "fields": .array(fields),
            "rows": .array(shown),
        ]
    }

    /// The connector's JSON, or the text that stands in its place.
    private static func failure(_ text: String) -> JSONValue {
        let value: JSONValue?
        do throws(JSONError) {
            value = try JSONValue(parsing: Array(text.utf8), limits: JSONLimits(depth: 4))
        } catch {
            value = nil
        }
        return [
            "code": .string(value?["code"]?.stringValue ?? "unreadable"),
            "message": .string(value?["message"]?.stringValue ?? text),
        ]
    }
}
