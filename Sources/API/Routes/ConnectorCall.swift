internal import Columns
internal import ConnectorHost
internal import Crypto
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Log
internal import Mapping
internal import Profile
internal import Store
internal import Sync
internal import Time

/// What a config's connector is asked while somebody waits for the answer.
struct ConnectorCall: Sendable {
    let context: APIContext
    let config: Config
    let secrets: [String: Secret]
    let inputs: [PullRequest.Input]

    /// The config of the path's `id`, with its stored credentials and an uploaded file, or one of the tenant's folder where the
    /// settings name some.
    ///
    /// - Parameters:
    ///   - file: the content's `file_id`.
    ///   - secrets: in place of the stored ones.
    init(_ call: Call, _ context: APIContext, file: UUID? = nil, secrets: [String: Secret]? = nil) async throws {
        let id = try call.path.id("id")
        guard let config = try await context.store.config(id, tenant: call.tenant) else {
            throw Problem.notFound("configuration")
        }
        let check = ConfigCheck(context: context)
        _ = try await check.connector(config.provider, at: nil)
        try await check.requireOn(config.provider, tenant: call.tenant)
        self.context = context
        self.config = config
        if let secrets {
            self.secrets = secrets
        } else {
            self.secrets = try await CredentialReader(store: context.store, cipher: context.cipher).secrets(of: config)
        }
        inputs = try await Self.inputs(file, config, context)
    }

    private static func inputs(
        _ file: UUID?,
        _ config: Config,
        _ context: APIContext
    ) async throws -> [PullRequest.Input] {
        guard let file else {
            guard config.provider == "file", let folders = context.folders,
                let settings = try FolderSettings(config.settings),
                let sample = try await folders.sample(settings, tenant: config.tenant)
            else { return [] }
            return [sample]
        }
        let stored = try await context.store.file(file, tenant: config.tenant)
        guard let stored, stored.draft.config == config.id else {
            throw Problem.invalid(
                "/file_id",
                "unknown_file",
                "There is no such file of this configuration. Upload it first: POST /{id}/files."
            )
        }
        return [
            PullRequest.Input(name: stored.draft.name, path: FileFolder.path(of: stored, in: context.files.folder))
        ]
    }

    func ask(_ question: Question) async throws -> JSONValue {
        try await inTime {
            try await context.connectors.ask(
                question,
                provider: config.provider,
                tenant: config.tenant,
                settings: config.settings,
                secrets: secrets,
                inputs: inputs,
                deadline: context.connectorDeadline,
                config: config.id
            )
        }
    }

    func report() async throws -> ConnectionReport {
        try ConnectionReport(try await ask(.test))
    }

    func streams() async throws -> [DiscoveredStream] {
        try DiscoveredStream.list(try await ask(.discover))
    }

    /// Reads the first rows of a stream.
    func sample(_ stream: String, limit: Int) async throws -> SampleRows {
        try await pull(stream, limit: limit, batchRows: limit) { operation in
            var rows = SampleRows(try await operation.schema())
            while !rows.isFull(limit), let batch = try await operation.next() { rows.add(batch.batch, limit: limit) }
            return rows
        }
    }

    /// Reads the rows of a stream that are chosen; and how many were looked at for them.
    ///
    /// - Parameter compile: the mapping that chooses, once the fields are known.
    func sample(
        _ stream: String,
        _ choice: RowChoice,
        today: CalendarDate,
        compile: @escaping @Sendable (SampleRows) throws -> CompiledMapping
    ) async throws -> (SampleRows, Int) {
        try await pull(stream, limit: choice.wanted, batchRows: min(choice.wanted, RowChoice.batchRows)) { operation in
            let none = SampleRows(try await operation.schema())
            let mapping = try compile(none)
            var choice = choice
            while !choice.isFull, let batch = try await operation.next() {
                var part = none
                part.add(batch.batch, limit: batch.batch.count)
                choice.take(part, mapping, today: today)
            }
            return (none.with(choice.chosen), choice.lookedAt)
        }
    }

    /// Looks at the records of a stream, at most so many; and whether those were all.
    func profile(_ stream: String, limit: Int, today: CalendarDate) async throws -> (SourceProfile, isWhole: Bool) {
        try await pull(stream, limit: limit) { operation in
            let schema = try await operation.schema()
            var profile = SourceProfile(columns: schema.fields.map(\.name), today: today)
            while profile.rows < limit, let batch = try await operation.next() { profile.add(batch.batch) }
            // Where the limit was reached there may be more; only the end says that there is not.
            return (profile, profile.rows < limit)
        }
    }

    /// Begins to read a stream; whoever doesn't stop when `read` is done is stopped: nobody waits for the end.
    ///
    /// - Parameter batchRows: how many rows come at once; nil for the usual number.
    private func pull<Result: Sendable>(
        _ stream: String,
        limit: Int,
        batchRows: Int? = nil,
        _ read: @escaping @Sendable (PullOperation) async throws -> Result
    ) async throws -> Result {
        try await inTime {
            var request = PullRequest(
                provider: config.provider,
                tenant: config.tenant,
                settings: config.settings,
                secrets: secrets,
                stream: stream,
                inputs: inputs,
                limit: limit,
                deadline: context.connectorDeadline,
                config: config.id
            )
            if let batchRows { request.batchRows = batchRows }
            let operation = try await context.connectors.pull(request)
            defer { operation.cancel() }
            return try await read(operation)
        }
    }

    /// Whether the message is for whoever runs the host, and not for a tenant.
    private func namesHostFiles(_ error: ConnectorError) -> Bool {
        error.isAboutTheHost || inputs.contains { $0.place == nil && error.message.holds($0.path) }
    }

    /// Gives up after the deadline, however far it has come.
    private func inTime<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: context.connectorDeadline)
                return nil
            }
            defer { group.cancelAll() }
            do {
                guard let first = try await group.next(), let result = first else { throw Problem.connectorTooSlow }
                return result
            } catch let error as ConnectorError where namesHostFiles(error) {
                context.log.warning("a connector can't be asked", [("error", .string(error.message))])
                throw Problem.connectorUnusable
            }
        }
    }
}

extension Problem {
    fileprivate static let connectorUnusable = Problem(
        .unavailable,
        "connector_unusable",
        "The connector or the file can't be used just now. Whoever runs TrainFlow finds why in the log."
    )

    fileprivate static let connectorTooSlow: Problem = {
        var problem = Problem(
            .unavailable,
            "connector_timeout",
            "There was no answer in time: the other side is slow, or all runners are busy with runs. Try again."
        )
        problem.headers["Retry-After"] = "10"
        return problem
    }()
}
