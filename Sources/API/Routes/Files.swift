internal import Crypto
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Log
internal import Platform
internal import Profile
internal import Store
internal import Time

/// Files that are uploaded to be read by syncs.
enum FileTopic {
    static func topic(_ context: APIContext, _ folder: FileFolder) -> Topic {
        let routes = FileRoutes(context: context, folder: folder)
        return Topic(
            "Files",
            "Files that are uploaded to be read by syncs.",
            schemas: [
                "File": StoredFile.schema, "SourceProfile": SourceProfile.schema, "FolderFile": TakenFile.schema,
            ],
            endpoints: [
                Endpoint(
                    .post,
                    "/{id}/files",
                    "uploadFile",
                    "Uploads a file: its bytes as they are, or as the field file of a form.",
                    parameters: [
                        .query(
                            "name",
                            .text(1...500),
                            "What it is called, without folders; a form's file brings its own name."
                        )
                    ],
                    body: .stream(Upload.types, limit: Upload.contentLimit(context.files.limit)),
                    answers: [.created(.reference("File"))],
                    problems: [
                        (
                            413,
                            "It is larger than a file may be, or than what is left of the tenant's quota (quota_exceeded)."
                        ),
                        (422, "It has no name, or the form holds no file, or several."),
                    ],
                    deadline: .none,
                    handle: routes.upload
                ),
                Endpoint(
                    .get,
                    "/{id}/files",
                    "listFiles",
                    "Lists a configuration's files, the newest first.",
                    parameters: Paging.parameters,
                    answers: [.ok(.page(of: .reference("File")))],
                    handle: routes.list
                ),
                Endpoint(
                    .get,
                    "/{id}/files/{file}",
                    "getFile",
                    "Shows what is known of a file.",
                    answers: [.ok(.reference("File"))],
                    handle: routes.show
                ),
                Endpoint(
                    .delete,
                    "/{id}/files/{file}",
                    "deleteFile",
                    "Deletes a file and its content.",
                    answers: [.noContent],
                    problems: [(409, "A run that has not ended reads it: run_id names it.")],
                    handle: routes.delete
                ),
                Endpoint(
                    .post,
                    "/{id}/files/{file}/preview",
                    "previewFile",
                    "Reads a file's first records, as a sync would.",
                    body: .optionalJSON(.closed(ConnectionTopic.limitField)),
                    answers: [.ok(.reference("SourceSample"))],
                    problems: ConnectionTopic.connectorProblems,
                    isIdempotent: false,
                    handle: routes.preview
                ),
                Endpoint(
                    .post,
                    "/{id}/files/{file}/check",
                    "checkFile",
                    "Reads a file's records and says what is odd about them; nothing is written.",
                    body: .optionalJSON(.closed(Self.limitField)),
                    answers: [.ok(.reference("SourceProfile"))],
                    problems: ConnectionTopic.connectorProblems,
                    isIdempotent: false,
                    handle: routes.check
                ),
                Endpoint(
                    .get,
                    "/{id}/folder-files",
                    "listFolderFiles",
                    "Lists the files that a configuration's runs have had in hand in the tenant's folder, the newest first.",
                    parameters: Paging.parameters,
                    answers: [.ok(.page(of: .reference("FolderFile")))],
                    handle: routes.listFolder
                ),
            ]
        )
    }
}

extension FileTopic {
    fileprivate static let limitField = Schema.Field.optional(
        "limit",
        Schema.integer(1...1_000_000).with("default", .integer(usualLimit)),
        "The most records to read."
    )

    fileprivate static let usualLimit: Int64 = 100_000
}

private struct FileRoutes: Sendable {
    let context: APIContext
    let folder: FileFolder

    // MARK: - Upload

    func upload(_ call: Call) async throws -> Response {
        let config = try await config(call)
        let room = try await room(call)
        let most = min(context.files.limit, room)
        var upload: Upload
        do {
            upload = try Upload(call.request, name: try call.query.text("name"), limit: most)
        } catch {
            throw try await quotaProblem(error, room, call)
        }
        let content = folder.newContent(of: call.tenant)
        let file: StoredFile
        do {
            try await content.begin()
            let name = try await upload.name()
            while let piece = try await upload.next() { try await content.write(piece) }
            try await upload.end()
            let written = try await content.written()
            file = try await known(name, written, content.key, config, call)
        } catch {
            await discard(content, call)
            throw try await quotaProblem(Self.problem(error, call), room, call)
        }
        try await place(file, content, call)
        return Response.json(file.json).located("/\(config.id)/files/\(file.id)")
    }

    /// Bytes that the tenant may still upload.
    private func room(_ call: Call) async throws -> Int64 {
        guard let quota = context.uploadQuota else { return .max }
        return max(0, quota - (try await context.store.keptBytes(tenant: call.tenant)))
    }

    /// Says what to delete, where it is the quota that is in the way and not the limit of one file.
    private func quotaProblem(_ error: any Error, _ room: Int64, _ call: Call) async throws -> any Error {
        let isTooLarge = (error as? Problem)?.code == "content_too_large" && room < context.files.limit
        guard let quota = context.uploadQuota, isTooLarge || (error as? StoreError)?.code == .overQuota else {
            return error
        }
        let largest = try await context.store.largestFiles(limit: 5, tenant: call.tenant)
        let kept = try await context.store.keptBytes(tenant: call.tenant)
        var problem = Problem(
            .contentTooLarge,
            "quota_exceeded",
            "Uploaded files of this tenant may have \(quota) bytes together, and have \(kept) already: delete those that no sync "
                + "is to read any more (DELETE /{id}/files/{file}); largest names the largest."
        )
        problem.more["quota"] = .integer(quota)
        problem.more["kept"] = .integer(kept)
        problem.more["largest"] = .array(largest.map(\.json))
        return problem
    }

    private func known(
        _ name: FileName,
        _ written: FileContent.Written,
        _ key: String,
        _ config: Config,
        _ call: Call
    ) async throws -> StoredFile {
        let look = FirstLook(written.head)
        let draft = FileDraft(
            config: config.id,
            name: name.text,
            size: written.size,
            sha256: written.sha256,
            format: look.format,
            findings: .array(look.findings.map(\.json)),
            contentKey: key
        )
        return try await context.store.addFile(
            draft,
            quota: context.uploadQuota,
            actor: call.principal.subject,
            tenant: call.tenant,
            now: context.now()
        )
    }

    /// Known before it is in its place: whatever happens between, the next start finds the content by its name.
    private func place(_ file: StoredFile, _ content: FileContent, _ call: Call) async throws {
        do {
            try await content.keep()
        } catch {
            try await forget(file, content, call)
            throw Self.problem(error, call)
        }
    }

    /// The content goes only once nobody knows of it: where the store can't forget it either, it stays for the next start.
    private func forget(_ file: StoredFile, _ content: FileContent, _ call: Call) async throws {
        do throws(StoreError) {
            _ = try await context.store.archiveFile(
                file.id,
                actor: call.principal.subject,
                tenant: call.tenant,
                now: context.now()
            )
            await discard(content, call)
        } catch {
            guard error.code == .notFound else {
                let (key, text) = (file.draft.contentKey, error.debugDescription)
                call.log.error(
                    "a file gets to its place at the next start only",
                    [("key", .string(key)), ("error", .string(text))]
                )
                return
            }
            // Its configuration was deleted meanwhile, and the file with it.
            await discard(content, call)
            throw Problem.notFound("configuration")
        }
    }

    private func discard(_ content: FileContent, _ call: Call) async {
        do {
            try await content.discard()
        } catch {
            call.log.warning("a broken upload stays until the next start", [("error", .string("\(error)"))])
        }
    }

    /// What the disk says is for the log alone.
    private static func problem(_ error: any Error, _ call: Call) -> any Error {
        guard let error = error as? SystemError else { return error }
        call.log.error("uploaded files can't be kept", [("error", .string(error.description))])
        return Problem(
            .unavailable,
            "files_unavailable",
            "TrainFlow can't keep files just now, for want of room or rights. Whoever runs TrainFlow must act."
        )
    }

    // MARK: - What is there

    func list(_ call: Call) async throws -> Response {
        let page = try await context.store.files(
            config: try call.path.id("id"),
            page: try call.page(),
            tenant: call.tenant
        )
        return call.answer(page, \.json)
    }

    func listFolder(_ call: Call) async throws -> Response {
        let page = try await context.store.takenFiles(
            config: try call.path.id("id"),
            page: try call.page(),
            tenant: call.tenant
        )
        return call.answer(page, \.json)
    }

    func show(_ call: Call) async throws -> Response {
        .json(try await file(call, of: try await config(call)).json)
    }

    func delete(_ call: Call) async throws -> Response {
        let config = try await config(call)
        let file = try await file(call, of: config)
        if let run = try await context.store.unfinishedRun(config: config.id, tenant: call.tenant),
            run.reads(file.id)
        {
            var problem = Problem.conflict(
                "file_in_use",
                "A run that has not ended reads this file. Wait until it has ended, or cancel it."
            )
            problem.more["run_id"] = .id(run.id)
            throw problem
        }
        let content = folder.content(file.draft.contentKey)
        do {
            try await content.takeAway()
        } catch {
            throw Self.problem(error, call)
        }
        do throws(StoreError) {
            _ = try await context.store.archiveFile(
                file.id,
                actor: call.principal.subject,
                tenant: call.tenant,
                now: call.now
            )
        } catch {
            if error.code != .notFound { try await content.putBack() }
            throw error
        }
        await discard(content, call)
        return Response(.noContent)
    }

    func preview(_ call: Call) async throws -> Response {
        let config = try await config(call)
        let file = try await file(call, of: config)
        var fields = try call.fields()
        let limit = try fields.optionalInteger("limit") ?? ConnectionTopic.defaultLimit
        try fields.finish()
        let connector = try await ConnectorCall(call, context, file: file.id)
        return .json(try await connector.sample(file.draft.name, limit: Int(limit)).json)
    }

    func check(_ call: Call) async throws -> Response {
        let config = try await config(call)
        let file = try await file(call, of: config)
        var fields = try call.fields()
        let limit = try fields.optionalInteger("limit") ?? FileTopic.usualLimit
        try fields.finish()
        let connector = try await ConnectorCall(call, context, file: file.id)
        guard let today = call.now.date else {
            throw Problem(.unavailable, "clock_wrong", "The host's clock stands outside the calendar.")
        }
        let (profile, isWhole) = try await connector.profile(file.draft.name, limit: Int(limit), today: today)
        var report = profile.json
        report["is_whole"] = .bool(isWhole)
        return .json(.object(report))
    }

    private func config(_ call: Call) async throws -> Config {
        guard let config = try await context.store.config(try call.path.id("id"), tenant: call.tenant) else {
            throw Problem.notFound("configuration")
        }
        return config
    }

    private func file(_ call: Call, of config: Config) async throws -> StoredFile {
        guard let file = try await context.store.file(try call.path.id("file"), tenant: call.tenant),
            file.draft.config == config.id
        else { throw Problem.notFound("file") }
        return file
    }
}

extension StoredFile {
    fileprivate static let schema = Schema.object(
        .required("id", .id),
        .required("config_id", .id),
        .required("name", .string),
        .required("size", .integer, "Bytes."),
        .required("sha256", .string, "64 hexadecimal digits."),
        .required("format", .string.orNull, "csv, xlsx, json, ndjson, by its first bytes; null where they don't tell."),
        .required("findings", .list(of: FirstLook.Finding.schema), "What will keep it from being read."),
        .required("created_at", .time),
        .required("created_by", .string)
    )

    fileprivate var json: JSONValue {
        [
            "id": .id(id), "config_id": .id(draft.config), "name": .string(draft.name), "size": .integer(draft.size),
            "sha256": .string(draft.sha256.hex), "format": draft.format.map { .string($0) } ?? .null,
            "findings": draft.findings, "created_at": .time(createdAt), "created_by": .string(createdBy),
        ]
    }
}

extension TakenFile {
    fileprivate static let schema = Schema.object(
        .required("path", .string, "In the tenant's folder."),
        .required("size", .integer, "Bytes."),
        .required("sha256", .string, "64 hexadecimal digits."),
        .required(
            "state",
            .oneOf(["in_hand", "taken", "passed_over", "not_taken"]),
            "Taken: its run ended well or is held. Passed over: it holds the same as one that was taken. Not taken: its run "
                + "failed or was cancelled, and the next sync takes it again."
        ),
        .required("run_id", .id),
        .required("declared", Schema.anyObject.orNull, "What its manifest says."),
        .required("archived_as", .string.orNull, "Where it lies now in the folder, if it was moved."),
        .required("created_at", .time)
    )

    fileprivate var json: JSONValue {
        [
            "path": .string(draft.path), "size": .integer(draft.size), "sha256": .string(draft.sha256.hex),
            "state": .string(stateWord), "run_id": .id(run), "declared": draft.declared,
            "archived_as": archivedAs.map { .string($0) } ?? .null, "created_at": .time(createdAt),
        ]
    }

    private var stateWord: String {
        guard draft.sameAs == nil else { return "passed_over" }
        return switch runState {
        case .done, .doneWithRejects, .held: "taken"
        case .queued, .running, .planned: "in_hand"
        case .failed, .cancelled: "not_taken"
        }
    }
}

extension Run {
    /// Whether the uploaded file is what it reads, or one of several.
    fileprivate func reads(_ file: UUID) -> Bool {
        input["file_id"] == .id(file) || input["files"]?.objectValue?.members.contains { $0.value == .id(file) } == true
    }
}
