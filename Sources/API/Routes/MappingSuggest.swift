internal import Columns
internal import ConnectorHost
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store

/// Mappings proposed for a source's columns. Nothing is kept.
struct MappingSuggestRoutes: Sendable {
    let context: APIContext

    /// Columns of a request.
    private static let mostColumns = 1_000
    /// Samples of all its columns together.
    private static let mostSamples = 100_000

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .post,
                "/{id}/mappings/suggest",
                "suggestMappings",
                "Proposes mappings for columns, given or read from the source: by name, type and values.",
                body: .json(
                    .closed(
                        .required("target_entity", .oneOf(Entity.self), "What the records are to become."),
                        .optional("stream", .text(1...200), "Which stream is read; not needed where there is one."),
                        .optional(
                            "columns",
                            .list(of: Self.columnSchema, count: 1...Self.mostColumns),
                            "The source's columns, in place of reading it."
                        ),
                        .optional(
                            "limit",
                            Schema.integer(1...Int64(SampleRows.mostRows)).with(
                                "default",
                                .integer(Self.standardLimit)
                            ),
                            "The most rows that are read."
                        ),
                        ConnectionTopic.fileField
                    )
                ),
                answers: [.ok(.reference("MappingSuggestions"))],
                problems: ConnectionTopic.connectorProblems,
                isIdempotent: false,
                handle: suggest
            )
        ]
    }

    private static let standardLimit = Int64(SampleRows.mostRows)

    private static let columnSchema = Schema.closed(
        .required("name", .text(1...1_000)),
        .optional("type", .oneOf(ColumnType.plainNames), "As discover tells it; text if not said."),
        .optional("samples", .list(of: .any, count: 0...1_000), "Values: texts, numbers, true and false, null.")
    )

    static let schema = Schema.object(
        .required("stream", .string),
        .required("target_entity", .oneOf(Entity.self)),
        .required("rows", .integer, "How many rows of values were looked at."),
        .required(
            "proposals",
            .list(
                of: .object(
                    .required("stream", .string),
                    .required("target_entity", .oneOf(Entity.self)),
                    .required("source_field", .string),
                    .required("target_field", .string),
                    .required("transform_function", .string.orNull),
                    .required("confidence", Schema(["type": "number", "minimum": 0, "maximum": 1])),
                    .required("reason", .string)
                )
            ),
            "Each target once; as lines of mappings but for confidence and reason."
        ),
        .required(
            "left_out",
            .list(of: .object(.required("source_field", .string), .required("reason", .string))),
            "Columns that nothing is proposed for, and why."
        ),
        .required("missing", .list(of: .string), "Required targets that no column was found for.")
    )

    private func suggest(_ call: Call) async throws -> Response {
        _ = try await context.requireConfig(call)
        var fields = try call.fields()
        let entity = try fields.oneOf("target_entity", Entity.self)
        let stream = try fields.optionalString("stream")
        let given = try fields.optionalArray("columns")
        let limit = try fields.optionalInteger("limit") ?? Self.standardLimit
        let file = try fields.file()
        let source: (stream: String, columns: [SourceColumn])
        if let given {
            source = (stream ?? "", try Self.columns(given))
        } else {
            source = try await read(ConnectorCall(call, context, file: file), stream, limit: Int(limit))
        }
        let suggestions = MappingSuggester.suggest(source.columns, entity)
        return .json(Self.json(suggestions, source, entity))
    }

    /// The stream's columns with the values of its first rows.
    private func read(
        _ connector: ConnectorCall,
        _ stream: String?,
        limit: Int
    ) async throws -> (stream: String, columns: [SourceColumn]) {
        let streams = try await connector.streams()
        let names = streams.map(\.name)
        guard
            let found = stream.map({ name in
                streams.first { $0.name == name } ?? (streams.count == 1 ? streams[0] : nil)
            })
                ?? (streams.count == 1 ? streams[0] : nil)
        else {
            throw Problem.invalid(
                "/stream",
                stream == nil ? "several_streams" : "unknown_stream",
                names.isEmpty
                    ? "The source offers no streams; a file's stream needs a file_id."
                    : "Name one of the source's streams: \(names.prefix(40).joined(separator: ", "))."
            )
        }
        let rows = try await connector.sample(found.name, limit: limit)
        let types = Dictionary(found.columns.map { ($0.field.name, $0.field.type) }) { first, _ in first }
        let columns = rows.names.indices.map { index in
            SourceColumn(
                name: rows.names[index],
                type: types[rows.names[index]],
                samples: rows.rows.map { $0.values[index] }
            )
        }
        return (stream ?? found.name, columns)
    }

    private static func columns(_ items: [JSONValue]) throws(Problem) -> [SourceColumn] {
        var columns: [SourceColumn] = []
        var names: Set<String> = []
        var count = 0
        for (index, item) in items.enumerated() {
            let pointer = "/columns/\(index)"
            let name = item["name"]?.stringValue ?? ""
            guard names.insert(name).inserted else {
                throw .invalid("\(pointer)/name", "duplicate_column", "There is another column of this name.")
            }
            var samples: [String?] = []
            for (place, value) in (item["samples"]?.arrayValue ?? []).enumerated() {
                samples.append(try SampleRows.text(value, at: "\(pointer)/samples/\(place)"))
            }
            count += samples.count
            guard count <= mostSamples else {
                throw .invalid(pointer, "too_many_values", "There are more than \(mostSamples) samples together.")
            }
            columns.append(
                SourceColumn(
                    name: name,
                    type: item["type"]?.stringValue.flatMap(ColumnType.init(plainName:)),
                    samples: samples
                )
            )
        }
        return columns
    }

    private static func json(
        _ suggestions: MappingSuggestions,
        _ source: (stream: String, columns: [SourceColumn]),
        _ entity: Entity
    ) -> JSONValue {
        let proposals = suggestions.proposals.map { proposal -> JSONValue in
            [
                "stream": .string(source.stream), "target_entity": .string(entity.rawValue),
                "source_field": .string(proposal.sourceField), "target_field": .string(proposal.targetField),
                "transform_function": .text(proposal.transform),
                "confidence": JSONValue(number: "\(proposal.confidence)") ?? .integer(0),
                "reason": .string(proposal.reason),
            ]
        }
        return [
            "stream": .string(source.stream), "target_entity": .string(entity.rawValue),
            "rows": .integer(Int64(source.columns.map(\.samples.count).max() ?? 0)), "proposals": .array(proposals),
            "left_out": .array(
                suggestions.leftOut.map { ["source_field": .string($0.sourceField), "reason": .string($0.reason)] }
            ),
            "missing": .array(suggestions.missing.map { .string($0) }),
        ]
    }
}

extension ColumnType {
    /// A type that has this plain name, as far as suggestions tell them apart; nil for texts and what may be anything.
    fileprivate init?(plainName: String) {
        switch plainName {
        case "date": self = .date32
        case "timestamp": self = .timestamp(.microsecond, zone: "UTC")
        case "boolean": self = .bool
        case "integer": self = .int64
        case "number": self = .float64
        case "binary": self = .binary
        case "object": self = .structure([])
        case "list": self = .list(Field(name: "item", type: .utf8))
        default: return nil
        }
    }
}
