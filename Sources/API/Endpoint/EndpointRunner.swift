internal import ConnectorHost
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Log
internal import Time

/// What happens around an endpoint's handler: the checks before it in their order (who, whether they may, how often,
/// path, query, content), and what becomes of its answer or error.
struct EndpointRunner: Sendable {
    private let endpoint: Endpoint
    private let gate: Gate
    private let idempotency: Idempotency
    private let log: Logger
    private let now: @Sendable () -> Instant
    private let cors: CORS
    private let trustedProxies: [AddressRange]
    private let parameters: [ParameterCheck]
    private let content: ContentCheck?

    init(
        _ endpoint: Endpoint,
        _ schemas: [String: Schema],
        gate: Gate,
        idempotency: Idempotency,
        cors: CORS,
        trustedProxies: [AddressRange],
        log: Logger,
        now: @escaping @Sendable () -> Instant
    ) throws(DeclarationError) {
        self.endpoint = endpoint
        self.gate = gate
        self.idempotency = idempotency
        self.cors = cors
        self.trustedProxies = trustedProxies
        self.log = log
        self.now = now
        do throws(JSONSchema.Refusal) {
            var checks: [ParameterCheck] = []
            for parameter in endpoint.parameters {
                checks.append(ParameterCheck(parameter: parameter, schema: try parameter.schema.compiled(schemas)))
            }
            parameters = checks
            if case .json(let schema, let isRequired, let limit) = endpoint.body {
                content = ContentCheck(isRequired: isRequired, limit: limit, schema: try schema.compiled(schemas))
            } else {
                content = nil
            }
        } catch {
            throw DeclarationError("\(endpoint.operationID): the schema at \(error.pointer) \(error.message)")
        }
    }

    /// Content comes to the handler piece by piece: who may not send it is told so before it is read.
    var options: RouteOptions {
        var options = RouteOptions()
        options.streamsContent = true
        options.deadline = endpoint.deadline
        if case .stream(_, let limit) = endpoint.body {
            options.contentLimit = limit
        } else {
            options.contentLimit = -1
        }
        return options
    }

    func respond(_ request: Request) async -> Response {
        var log = log.with([("request_id", .string(request.id))])
        var notes = clientNotes(request)
        var response: Response
        do {
            switch endpoint.work {
            case .open(let handle):
                let checked = try await checked(request)
                response = try await handle(
                    OpenCall(
                        request: request,
                        path: checked.path,
                        query: checked.query,
                        json: checked.json,
                        now: now(),
                        log: log
                    )
                )
            case .tenant(let handle):
                let principal = try gate.admit(request, to: endpoint.operationID, now: now(), clock: .now)
                notes["tenant"] = principal.tenant.description
                notes["subject"] = principal.subject
                log = log.with([("tenant", .string(principal.tenant.description))])
                let checked = try await checked(request)
                let call = Call(
                    request: request,
                    principal: principal,
                    path: checked.path,
                    query: checked.query,
                    json: checked.json,
                    now: now(),
                    log: log,
                    endpoint: endpoint
                )
                response = try await endpoint.isIdempotent ? idempotency.answer(call, handle) : handle(call)
            }
            response = response.unless(request)
        } catch {
            response = await problem(error, request, log)
        }
        response.notes.merge(notes) { $1 }
        cors.allow(&response, request)
        return response
    }

    /// Who asks through proxies; the log has the proxy's address already.
    private func clientNotes(_ request: Request) -> [String: String] {
        guard !trustedProxies.isEmpty else { return [:] }
        let client = request.clientAddress { address in trustedProxies.contains { $0.contains(address) } }
        return client == request.remoteAddress ? [:] : ["client": client]
    }

    private func checked(_ request: Request) async throws -> (path: PathValues, query: QueryValues, json: JSONValue?) {
        let path = try PathValues(request, parameters)
        let query = try QueryValues(request.target.query, parameters)
        switch endpoint.body {
        case .none:
            guard request.body.announced == 0 else {
                throw Problem(.badRequest, "content_not_expected", "This takes no content.")
            }
            return (path, query, nil)
        case .json: return (path, query, try await content?.read(request))
        case .stream(let contents, _):
            try Self.checkType(request, contents.map(\.type))
            return (path, query, nil)
        }
    }

    private static func checkType(_ request: Request, _ types: [String]) throws(Problem) {
        guard !types.contains("*/*") else { return }
        let type = request.headers["Content-Type"].flatMap { ParameterizedValue(parsing: $0)?.value.lowercased() }
        guard let type, types.contains(type) else { throw .contentType(types.joined(separator: " or ")) }
    }

    private func problem(_ error: any Error, _ request: Request, _ log: Logger) async -> Response {
        let problem = Problem(error)
        // A client that has left, or whose time is over, is no failure: the server tells of it by itself.
        let isOver = error is CancellationError && Task.isCancelled
        if problem.hidesItsCause, !isOver {
            log.error(
                "a request failed",
                [
                    ("operation", .string(endpoint.operationID)), ("error_type", .string("\(type(of: error))")),
                    ("error", .string(String(reflecting: error))),
                ]
            )
        }
        await Self.readRest(of: request)
        return problem.response(request.id)
    }

    /// A short content is read to its end, so that the connection can be kept.
    private static func readRest(of request: Request) async {
        guard let announced = request.body.announced, announced > 0, announced <= 64 << 10 else { return }
        do {
            for try await _ in request.body {}
        } catch {
            // The client has left, or its time is over: the answer goes where it can.
        }
    }
}

/// Endpoints that can't be served as they are declared: a mistake of this program, found at its start.
package struct DeclarationError: Error, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}
