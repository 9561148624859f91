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
                        (422, "Nothing is mapped, or it is not clear which streams or which files are meant."),
                    ],
                    handle: SyncRoutes(context: context).start
                )
            ]
        )
    }

    private static let schema = Schema.closed(
        .optional(
            "file_id",
            .id,
            "The uploaded file to read, for providers that read files: of a file with one part one stream, of a workbook or a "
                + "JSON file all that are mapped."
        ),
        .optional(
            "files",
            .map(of: .id),
            "The uploaded file of each stream: {\"people\": \"…\", \"courses\": \"…\"}. In place of file_id."
        ),
        .optional(
            "dry_run",
            .bool,
            "Whether it stops at a plan: everything is read, mapped and compared, and nothing is written. If it isn't said, the "
                + "policy's first_run decides about the first sync."
        ),
        .optional("stream", .text(1...500), "Which mapped stream; all, if neither this nor files says."),
        .optional(
            "path",
            .text(1...1_024),
            "Which files of the tenant's folder, in place of the settings' own path: people-2026-11-*.csv."
        ),
        .optional(
            "again",
            Schema.bool.with("default", false),
            "Whether files of the tenant's folder are read once more that were taken before."
        )
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
        let wanted = try WantedInput(&fields)
        let stream = try fields.optionalString("stream")
        let isDryRun = try fields.optionalBool("dry_run")
        try fields.finish()
        let table = try await context.store.mappingTable(config: id, version: nil, tenant: call.tenant)
        let streams = try StreamChoice(table, wanted: stream, files: wanted.files?.members.map(\.name)).streams
        var request = SyncRequest(
            config: id,
            trigger: "manual",
            streams: streams,
            mappingVersion: table.version,
            input: try await input(wanted, of: config, streams, call),
            actor: call.principal.subject
        )
        request.isDryRun = isDryRun
        request.bringsNewer = FolderRequest(request.input) == nil
        let run = try await queued(request, call)
        context.workers.wake()
        return Response.json(run.json()).located("/runs/\(run.id)", .accepted)
    }

    private func input(
        _ wanted: WantedInput,
        of config: Config,
        _ streams: [RunStream],
        _ call: Call
    ) async throws -> JSONValue {
        if let files = wanted.files {
            for member in files.members {
                let id = member.value.stringValue.flatMap(UUID.init)
                _ = try await file(id, of: config, at: JSONPointer.appending(member.name, to: "/files"), call)
            }
            return ["files": .object(files)]
        }
        guard let id = wanted.file else {
            guard config.provider == "file" else {
                guard let pointer = wanted.folderPointer else { return [:] }
                throw Problem.invalid(pointer, "no_folder", "Only configurations that read files have a folder.")
            }
            return try folder(wanted, of: config)
        }
        let stored = try await file(id, of: config, at: "/file_id", call)
        let names = Set(streams.map(\.stream))
        guard names.count == 1 || !Self.hasOnePart(stored) else {
            throw Problem.invalid(
                "/stream",
                "stream_needed",
                "\(stored.draft.name) has one part, and several streams are mapped: name one of "
                    + "\(names.sorted().map { "\"\($0)\"" }.joined(separator: ", ")) as stream, or the file of each as files."
            )
        }
        return ["file_id": .id(id)]
    }

    /// Files of the tenant's own folder, by the settings' path or the one that is asked for.
    private func folder(_ wanted: WantedInput, of config: Config) throws(Problem) -> JSONValue {
        let settings: FolderSettings?
        do throws(JSONFieldError) {
            settings = try FolderSettings(config.settings, path: wanted.path)
        } catch {
            let pointer = wanted.path == nil ? "/file_id" : "/path"
            throw Problem.invalid(pointer, "path_refused", "The path \(error.message).")
        }
        guard settings != nil else {
            throw Problem.invalid(
                wanted.folderPointer ?? "/file_id",
                "file_missing",
                "This configuration reads files: upload one, and name it as file_id; for several streams, files. Or its settings "
                    + "name as path which files of the tenant's folder are meant."
            )
        }
        guard context.folders != nil else {
            throw Problem(
                422,
                "no_import_root",
                "This TrainFlow has no folders to import from: whoever runs it names one with --import-root. Or upload the file."
            )
        }
        return FolderRequest(path: wanted.path, isAgain: wanted.isAgain).input
    }

    private func file(
        _ id: UUID?,
        of config: Config,
        at pointer: String,
        _ call: Call
    ) async throws -> StoredFile {
        guard let id, let stored = try await context.store.file(id, tenant: call.tenant),
            stored.draft.config == config.id
        else {
            throw Problem.invalid(
                pointer,
                "unknown_file",
                "There is no such file of this configuration. GET /\(config.id)/files lists those there are."
            )
        }
        return stored
    }

    /// Whether the file's format has no parts of its own: sheets, or paths. What a file of any other has, its connector
    /// tells the run.
    private static func hasOnePart(_ file: StoredFile) -> Bool {
        guard let format = file.draft.format else { return false }
        return ["csv", "ndjson"].contains(format)
    }

    private func queued(_ request: SyncRequest, _ call: Call) async throws -> Run {
        do throws(StoreError) {
            return try await context.store.enqueueSync(request, tenant: call.tenant, now: call.now)
        } catch {
            guard error.code == .conflict else { throw error }
            throw try await context.runInHand(error, config: request.config, call)
        }
    }
}

extension APIContext {
    /// Names the run that is in the way of another one.
    func runInHand(_ error: StoreError, config: UUID, _ call: Call) async throws -> Problem {
        var problem = Problem.conflict("run_in_hand", error.tenantMessage)
        var run = try await store.unfinishedRun(config: config, tenant: call.tenant)
        if run == nil {
            let held = RunFilter(config: config, states: [.held])
            run = try await store.runs(held, page: PageRequest(limit: 1), tenant: call.tenant).items.first
        }
        if let run { problem.more["run_id"] = .id(run.id) }
        return problem
    }
}

/// What a sync is to read, as the client names it.
private struct WantedInput {
    var file: UUID?
    /// Ids by stream.
    var files: JSONObject?
    /// Of the tenant's folder.
    var path: String?
    var isAgain: Bool

    init(_ fields: inout JSONFields) throws {
        file = try fields.optionalString("file_id").flatMap(UUID.init)
        files = try fields.optionalObject("files")
        path = try fields.optionalString("path")
        isAgain = try fields.optionalBool("again") ?? false
        if let folderPointer, file != nil || files != nil {
            throw Problem.invalid(
                folderPointer,
                "two_inputs",
                "This is for files of the tenant's folder, not for uploads."
            )
        }
        guard file == nil || files == nil else {
            throw Problem.invalid("/files", "two_inputs", "Name file_id or files, not both.")
        }
        if let files, files.members.isEmpty {
            throw Problem.invalid("/files", "file_missing", "Name the file of at least one stream.")
        }
    }

    /// Where something is said about the tenant's folder, if it is.
    var folderPointer: String? { path != nil ? "/path" : isAgain ? "/again" : nil }
}

/// Which of a config's mapped streams a sync reads, and what their records are, in the order in which they are read.
struct StreamChoice: Equatable {
    var streams: [RunStream]

    /// - Parameters:
    ///   - wanted: the one that the client names.
    ///   - files: those of which the client names the files: these are read, and no others.
    init(_ table: MappingTable, wanted: String?, files: [String]? = nil) throws(Problem) {
        var mapped: [RunStream] = []
        for line in table.lines where !mapped.contains(where: { $0.stream == line.stream && $0.entity == line.entity })
        {
            mapped.append(RunStream(stream: line.stream, entity: line.entity))
        }
        guard !mapped.isEmpty else {
            throw Problem(422, "nothing_mapped", "Nothing is mapped yet: save mappings first, then sync.")
        }
        var names: [String] = []
        for stream in mapped where !names.contains(stream.stream) { names.append(stream.stream) }
        let known = names.map { "\"\($0)\"" }.joined(separator: ", ")
        func require(_ name: String, at pointer: String) throws(Problem) {
            guard !names.contains(name) else { return }
            throw .invalid(pointer, "unknown_stream", "This stream is not mapped. Mapped: \(known).")
        }
        if let wanted { try require(wanted, at: "/stream") }
        for name in files ?? [] { try require(name, at: JSONPointer.appending(name, to: "/files")) }
        if let wanted, let files, !files.contains(wanted) {
            throw .invalid(
                "/files",
                "file_missing",
                "The stream \"\(wanted)\" is to be read, and files doesn't name its file."
            )
        }
        streams = RunStream.inOrder(
            mapped.filter { stream in
                wanted.map { $0 == stream.stream } ?? files?.contains(stream.stream) ?? true
            }
        )
    }
}
