package import HTTPServer
internal import JSON
internal import Log

/// The HTTP API: topics of endpoints, and what they are served with.
package struct API: Sendable {
    /// Before each endpoint's path.
    package static let base = "/api/v1/integrations"
    /// Routes that are no part of the document: for machines that watch the process.
    package static let operatorPaths = ["/healthz", "/metrics", "/readyz"]

    package let topics: [Topic]
    package let document: OpenAPIDocument
    private let runners: [(endpoint: Endpoint, runner: EndpointRunner)]
    private let context: APIContext
    private let cors: CORS

    /// `more`: topics beside the standing ones.
    package init(_ context: APIContext, _ settings: APISettings, more: [Topic] = []) throws(DeclarationError) {
        let document = DocumentTopic.Holder()
        let topics = Topics.all(context) + more + [DocumentTopic.topic(document)]
        var schemas: [String: Schema] = [:]
        for topic in topics {
            for (name, schema) in topic.schemas {
                guard schemas.updateValue(schema, forKey: name) == nil else {
                    throw DeclarationError("two topics declare a schema \(name)")
                }
            }
        }
        let gate = Gate(
            context.authenticator,
            administratorOnly: settings.administratorOnly,
            rate: settings.rate
        )
        cors = CORS(origins: settings.corsOrigins)
        var runners: [(endpoint: Endpoint, runner: EndpointRunner)] = []
        for endpoint in topics.flatMap(\.endpoints) {
            let runner = try EndpointRunner(
                endpoint,
                schemas,
                gate: gate,
                idempotency: Idempotency(store: context.store),
                cors: cors,
                trustedProxies: settings.trustedProxies,
                log: context.log,
                now: context.now
            )
            runners.append((endpoint, runner))
        }
        let known = runners.map(\.endpoint.operationID)
        for id in settings.administratorOnly.sorted() where !known.contains(id) {
            let meant = nearest(to: id, in: known).map { "; did you mean \($0)?" } ?? ""
            throw DeclarationError("there is no operation \(id) to keep for administrators\(meant)")
        }
        self.context = context
        self.topics = topics
        self.runners = runners
        self.document = OpenAPIDocument(topics, version: context.version)
        document.set(self.document.bytes)
    }

    /// All routes: the API's and the operators'.
    package func router() -> Router {
        var router = Router()
        for (endpoint, runner) in runners {
            router.on(endpoint.method, Self.base + endpoint.path, runner.options) { await runner.respond($0) }
        }
        if cors.isOn {
            for path in Set(runners.map(\.endpoint.path)) {
                let methods = Set(runners.filter { $0.endpoint.path == path }.map(\.endpoint.method)).sorted()
                router.immediately(.options, Self.base + path) { cors.preflight($0, methods) }
            }
        }
        OperatorRoutes(context).add(to: &router)
        return router
    }

    /// How the server answers by itself, and what it tells.
    package func hooks() -> ServerHooks {
        let (log, metrics, cors) = (context.log, context.metrics, cors)
        return ServerHooks(
            refusal: { refusal in
                var response = Problem(refusal).response(refusal.requestID)
                cors.allowAnswerWithoutRequest(&response)
                return response
            },
            failure: { error, request in
                log.error(
                    "a request failed",
                    [("request_id", .string(request.id)), ("error", .string(String(reflecting: error)))]
                )
                return Problem(error).response(request.id)
            },
            accessed: { record in
                metrics.record(record)
                record.log(to: log, quietRoutes: Set(Self.operatorPaths))
            },
            noticed: { log.warning($0) }
        )
    }

    /// On every answer that doesn't say otherwise: nothing here is a page, or for a cache.
    package static let commonHeaders: Headers = [
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    ]
}
