internal import CSystem
package import Crypto
internal import Glibc
package import Identifiers
package import JSON
internal import Log
internal import Platform

/// What a connector can be asked besides a pull.
package enum Question: String, Sendable {
    /// The manifest, as the running code gives it.
    case describe
    /// Findings about settings, without any I/O.
    case validate
    /// The steps of a connection test.
    case test
    /// Streams with their fields.
    case discover
}

extension ConnectorHost {
    /// Starts a pull and returns once the connector is reading.
    package func pull(_ request: PullRequest) async throws(ConnectorError) -> PullOperation {
        let inputs = request.inputs.map { JSONValue.string($0.name) }
        let arguments: JSONValue = [
            "stream": .string(request.stream), "inputs": .array(inputs),
            "token": request.token.map { .string(Base64.encode($0)) } ?? .null,
            "limit": request.limit.map { .integer(Int64($0)) } ?? .null, "query": nil,
            "batch_rows": .integer(Int64(request.batchRows)),
        ]
        let call = Call(
            name: "pull",
            doing: "reading \(request.stream)",
            provider: request.provider,
            tenant: request.tenant,
            config: request.config,
            settings: request.settings,
            secrets: request.secrets,
            request: arguments,
            inputs: request.inputs,
            deadline: request.deadline,
            stream: request.stream,
            run: request.run
        )
        let reader = ReaderActivity()
        let (session, number) = try await start(call, reader: reader)
        let data = await withTaskCancellationHandler {
            await session.dataSocket
        } onCancel: {
            session.cancel()
        }
        return PullOperation(session, data: try data.get(), call: number, activity: reader)
    }

    /// Asks one question and waits for the answer.
    package func ask(
        _ question: Question,
        provider: String,
        tenant: UUID,
        settings: JSONValue,
        secrets: [String: Secret] = [:],
        request: JSONValue = [:],
        inputs: [PullRequest.Input] = [],
        deadline: Duration?,
        config: UUID? = nil
    ) async throws(ConnectorError) -> JSONValue {
        let doing =
            switch question {
            case .describe: "describing itself"
            case .validate: "checking its settings"
            case .test: "testing its connection"
            case .discover: "listing its streams"
            }
        let call = Call(
            name: question.rawValue,
            doing: doing,
            provider: provider,
            tenant: tenant,
            config: config,
            settings: settings,
            secrets: secrets,
            request: request,
            inputs: inputs,
            deadline: deadline,
            stream: nil,
            run: nil
        )
        let reader = ReaderActivity()
        // There are no batches to wait for: only the outcome.
        reader.waits()
        let (session, _) = try await start(call, reader: reader)
        let outcome = await withTaskCancellationHandler {
            await session.outcome
        } onCancel: {
            session.cancel()
        }
        return try outcome.get()
    }

    /// Where settings don't fit the connector's schema; nothing is run.
    package func findings(
        in settings: JSONValue,
        provider: String
    ) throws(ConnectorError) -> [JSONSchema.Finding] {
        try connector(provider).manifest.settings.findings(in: settings)
    }

    private struct Call: Sendable {
        var name: String
        var doing: String
        var provider: String
        var tenant: UUID
        var config: UUID?
        var settings: JSONValue
        var secrets: [String: Secret]
        var request: JSONValue
        var inputs: [PullRequest.Input]
        var deadline: Duration?
        var stream: String?
        var run: UUID?

        /// Nobody is signed in to for these.
        var needsCredentials: Bool { name != Question.validate.rawValue && name != Question.describe.rawValue }
    }

    /// Waits for a turn, and starts a runner with the call.
    private func start(
        _ call: Call,
        reader: ReaderActivity
    ) async throws(ConnectorError) -> (RunnerSession, number: UInt64) {
        let asked = try connector(call.provider)
        try check(call, against: asked.manifest)
        let slot = try await slots.acquire(
            tenant: call.tenant,
            connector: asked.id,
            connectorLimit: asked.manifest.sandbox.concurrency
        )
        // The file may have been replaced while this waited: what is loaded now is what counts.
        let (current, file) = try folder.load(asked)
        try check(call, against: current.manifest)
        nextCall += 1
        let number = nextCall
        let secrets = call.secrets.mapValues { $0.reveal() }
        let body: JSONValue = [
            "op": .string(call.name), "settings": call.settings, "request": call.request,
            "secrets": .object(secrets.sorted { $0.key < $1.key }.reduce(into: [:]) { $0[$1.key] = .string($1.value) }),
            "inputs": .array(call.inputs.map { .string($0.name) }),
        ]
        guard let frame = HostFrame.call(body, number: number) else {
            throw ConnectorError(
                .config,
                code: "call_too_large",
                message: "Settings, credentials and request together are larger than 1 MiB."
            )
        }
        let terms = Conversation.Terms(
            call: frame,
            number: number,
            manifest: current.manifest.text,
            profile: current.manifest.sandbox.profile.rawValue,
            connector: current.id,
            file: current.fileName,
            doing: call.doing,
            startDeadline: configuration.startDeadline,
            deadline: call.deadline,
            cancelGrace: configuration.cancelGrace,
            idleDeadline: configuration.idleDeadline
        )
        let launch = RunnerProcess.Launch(
            path: configuration.runnerPath,
            arguments: arguments(for: current.manifest, inputs: call.inputs.count),
            user: runnerUser,
            connector: file,
            inputs: try call.inputs.map(open)
        )
        let plan = RunnerSession.Plan(
            launch: launch,
            terms: terms,
            secrets: secrets.values.sorted(),
            owner: ServiceOwner(provider: call.provider, tenant: call.tenant, config: call.config),
            services: services,
            log: log.with(fields(of: call)),
            slot: slot,
            reader: reader
        )
        return (try RunnerSession(plan), number)
    }

    private func check(_ call: Call, against manifest: Manifest) throws(ConnectorError) {
        guard manifest.sandbox.profile == .pure else {
            throw ConnectorError(
                .unsupported,
                code: "profile_unavailable",
                message: "The connector \(manifest.id) needs the sandbox profile \(manifest.sandbox.profile.rawValue); "
                    + "this version runs only connectors with the profile pure."
            )
        }
        guard call.name != "pull" || manifest.capabilities.contains(.pull) else {
            throw ConnectorError(
                .unsupported,
                code: "no_pull",
                message: "The connector \(manifest.id) does not offer to read."
            )
        }
        if let wanted = manifest.sandbox.memory, wanted > configuration.memoryLimit {
            throw ConnectorError(
                .unsupported,
                code: "memory_limit",
                message: "The connector \(manifest.id) needs \(wanted) bytes of memory; runners here may have "
                    + "\(configuration.memoryLimit)."
            )
        }
        let settings = manifest.settings.findings(in: call.settings)
        guard settings.isEmpty else { throw invalid("settings", .config, settings, of: manifest) }
        var credentials: JSONObject = [:]
        for (name, secret) in call.secrets { credentials[name] = .string(secret.reveal()) }
        guard call.secrets.values.reduce(0, { $0 + $1.reveal().utf8.count }) <= ServiceRequest.largestSecret else {
            throw ConnectorError(
                .config,
                code: "credentials_too_large",
                message: "The credentials are larger than 64 KiB together."
            )
        }
        let findings = call.needsCredentials ? manifest.credentials.findings(in: .object(credentials)) : []
        guard findings.isEmpty else { throw invalid("credentials", .auth, findings, of: manifest) }
    }

    /// Names the first finding and holds all.
    private func invalid(
        _ what: String,
        _ errorClass: ConnectorError.ErrorClass,
        _ findings: [JSONSchema.Finding],
        of manifest: Manifest
    ) -> ConnectorError {
        let first = findings.first.map { "\($0.pointer.isEmpty ? "the whole" : $0.pointer) \($0.message)" } ?? ""
        let more = findings.count > 1 ? ", and \(findings.count - 1) more" : ""
        let list = findings.map { finding -> JSONValue in
            ["pointer": .string(finding.pointer), "message": .string(finding.message)]
        }
        return ConnectorError(
            errorClass,
            code: "invalid_\(what)",
            message: "The \(what) don't fit the connector \(manifest.id): \(first)\(more).",
            detail: ["pointer": .string(findings.first?.pointer ?? ""), "findings": .array(list)]
        )
    }

    private func arguments(for manifest: Manifest, inputs: Int) -> [String] {
        let user = configuration.runnerUser
        var arguments = [
            "--profile", manifest.sandbox.profile.rawValue, "--uid", "\(user.uid)", "--gid", "\(user.gid)",
        ]
        arguments += ["--memory", "\(manifest.sandbox.memory ?? configuration.memoryLimit)"]
        arguments += ["--inputs", "\(inputs)"]
        let layers = ConnectorHostConfiguration.SandboxLayer.allCases.filter(
            configuration.requiredSandboxLayers.contains
        )
        if !layers.isEmpty { arguments += ["--require", layers.map(\.rawValue).joined(separator: ",")] }
        if let version = configuration.landlockABI { arguments += ["--landlock-abi", "\(version)"] }
        return arguments
    }

    /// Only root can be somebody else.
    private var runnerUser: ConnectorHostConfiguration.User? {
        geteuid() == 0 ? configuration.runnerUser : nil
    }

    private func fields(of call: Call) -> Logger.Fields {
        var fields: Logger.Fields = [
            ("provider", .string(call.provider)), ("tenant", .string(call.tenant.description)),
            ("operation", .string(call.name)),
        ]
        if let config = call.config { fields.append(("config", .string(config.description))) }
        if let run = call.run { fields.append(("run", .string(run.description))) }
        if let stream = call.stream { fields.append(("stream", .string(stream))) }
        return fields
    }

    /// Opens a file for a connector: a regular one, at its beginning.
    private func open(_ input: PullRequest.Input) throws(ConnectorError) -> SharedDescriptor {
        if let place = input.place {
            do throws(ConfinementError) {
                return SharedDescriptor(try place.folder.open(place.parts, identity: place.identity))
            } catch {
                throw ConnectorError(error)
            }
        }
        let kind: mode_t
        let file: SharedDescriptor
        do throws(SystemError) {
            // A pipe without a writer would block here.
            file = SharedDescriptor(try FileDescriptor.open(input.path, O_RDONLY | O_NONBLOCK))
            kind = try file.descriptor.status().st_mode & S_IFMT
        } catch {
            let errorClass: ConnectorError.ErrorClass = error.code == ENOENT ? .notFound : .forbidden
            throw ConnectorError(
                errorClass,
                code: error.code == ENOENT ? "input_gone" : "input_unreadable",
                message: "The file \(input.path) can't be opened: \(error.reason).",
                isAboutTheHost: true
            )
        }
        guard kind == S_IFREG else {
            throw ConnectorError(
                .config,
                code: "input_no_file",
                message: "\(input.path) is \(kind == S_IFDIR ? "a folder" : "no regular file"); name a file.",
                isAboutTheHost: true
            )
        }
        return file
    }
}
