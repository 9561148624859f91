internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store
internal import Sync

/// Starting syncs. What became of them is the runs' topic.
enum SyncTopic {
    static func topic(_ context: APIContext) -> Topic {
        Topic(
            "Syncs",
            "Starting syncs.",
            schemas: ["SyncStart": schema],
            endpoints: [
                Endpoint(
                    .post,
                    "/{id}/sync",
                    "startSync",
                    "Queues a sync of the configuration and answers at once; the run tells how it goes.",
                    body: .optionalJSON(.reference("SyncStart")),
                    answers: [.accepted(.reference("Run"), "Queued.")],
                    problems: [
                        (
                            409,
                            "The configuration has a run in hand (run_id names it) or is off, or its provider is off for "
                                + "this tenant."
                        ),
                        (422, "Nothing is mapped, or it is not clear which stream or which file is meant."),
                    ],
                    handle: SyncRoutes(context: context).start
                )
            ]
        )
    }

    private static let schema = Schema.closed(
        .optional("file_id", .id, "The uploaded file to read, for providers that read files."),
        .optional("stream", .text(1...500), "Which mapped stream; may be left out where only one is mapped.")
    )
}

private struct SyncRoutes: Sendable {
    let context: APIContext

    func start(_ call: Call) async throws -> Response {
        let id = try call.path.id("id")
        guard let config = try await context.store.config(id, tenant: call.tenant) else {
            throw Problem.notFound("configuration")
        }
        var fields = try call.fields()
        let file = try fields.optionalString("file_id").flatMap(UUID.init)
        let stream = try fields.optionalString("stream")
        try fields.finish()
        let table = try await context.store.mappingTable(config: id, version: nil, tenant: call.tenant)
        let choice = try StreamChoice(table, wanted: stream)
        let request = SyncRequest(
            config: id,
            trigger: "manual",
            stream: choice.stream,
            entity: choice.entity,
            mappingVersion: table.version,
            input: try await input(file, of: config, call),
            actor: call.principal.subject
        )
        let run = try await queued(request, call)
        context.workers.wake()
        return Response.json(run.json()).located("/runs/\(run.id)", .accepted)
    }

    private func input(_ file: UUID?, of config: Config, _ call: Call) async throws -> JSONValue {
        guard let file else {
            guard config.provider != "file" else {
                throw Problem.invalid(
                    "/file_id",
                    "file_missing",
                    "This configuration reads files: upload one, and name it as file_id."
                )
            }
            return [:]
        }
        guard let stored = try await context.store.file(file, tenant: call.tenant), stored.draft.config == config.id
        else {
            throw Problem.invalid(
                "/file_id",
                "unknown_file",
                "There is no such file of this configuration. GET /\(config.id)/files lists those there are."
            )
        }
        return ["file_id": .id(file)]
    }

    private func queued(_ request: SyncRequest, _ call: Call) async throws -> Run {
        do throws(StoreError) {
            return try await context.store.enqueueSync(request, tenant: call.tenant, now: call.now)
        } catch {
            guard error.code == .conflict else { throw error }
            var problem = Problem.conflict("run_in_hand", error.tenantMessage)
            if let run = try await context.store.unfinishedRun(config: request.config, tenant: call.tenant) {
                problem.more["run_id"] = .id(run.id)
            }
            throw problem
        }
    }
}

/// Which of a config's mapped streams a sync reads, and what its records are.
struct StreamChoice: Equatable {
    var stream: String
    var entity: Entity

    /// `wanted`: as the client names it; needed where several are mapped.
    init(_ table: MappingTable, wanted: String?) throws(Problem) {
        var streams: [String] = []
        for line in table.lines where !streams.contains(line.stream) { streams.append(line.stream) }
        guard !streams.isEmpty else {
            throw Problem(422, "nothing_mapped", "Nothing is mapped yet: save mappings first, then sync.")
        }
        let names = streams.map { "\"\($0)\"" }.joined(separator: ", ")
        guard let stream = wanted ?? (streams.count == 1 ? streams[0] : nil) else {
            throw .invalid("/stream", "stream_needed", "Several streams are mapped: name one of \(names) as stream.")
        }
        guard streams.contains(stream) else {
            throw .invalid("/stream", "unknown_stream", "This stream is not mapped. Mapped: \(names).")
        }
        self.stream = stream
        let entities = Set(table.lines.filter { $0.stream == stream }.map(\.entity))
        guard entities == [.users] else {
            let others = entities.subtracting([.users]).map(\.rawValue).sorted().joined(separator: " and ")
            throw .invalid(
                "/stream",
                "entity_not_supported",
                "The stream \"\(stream)\" is mapped to \(others); only users can be synced by this version."
            )
        }
        entity = .users
    }
}
