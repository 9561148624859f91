package import HTTPServer

/// One operation of the API: what it takes and gives, said once. Its route, the checks before its handler and the
/// document are made of this value.
package struct Endpoint: Sendable {
    package var method: Method
    /// Below the API's base: `/configs/{id}`.
    package var path: String
    /// Stable, for generated clients and `--administrator-only`: `listConfigs`.
    package var operationID: String
    /// One sentence.
    package var summary: String
    /// In the path (derived where undeclared) and the query.
    package var parameters: [Parameter]
    package var body: Body
    package var answers: [Answer]
    /// Problems besides those that follow from what is declared, with the reason.
    package var problems: [(status: Status, reason: String)]
    /// GET gives an `ETag` and knows `If-None-Match`; a change takes `If-Match` and answers 412 where it is stale.
    package var isVersioned: Bool
    /// Whether it takes an `Idempotency-Key`: POST without a streamed body does.
    package var isIdempotent: Bool
    package var deadline: RouteOptions.Deadline
    package var work: Work

    /// What content a request brings.
    package enum Body: Sendable {
        /// Content is refused.
        case none
        /// `application/json`; the schema is checked before the handler runs.
        case json(Schema, isRequired: Bool, limit: Int)
        /// Read by the handler from `call.request.body`. Content type (`text/csv`, `*/*`) → schema for the document.
        case stream([(type: String, schema: Schema)], limit: Int64)

        package static func json(_ schema: Schema) -> Body { .json(schema, isRequired: true, limit: 1 << 20) }
        /// May be missing, which is the same as `{}`.
        package static func optionalJSON(_ schema: Schema) -> Body { .json(schema, isRequired: false, limit: 1 << 20) }
    }

    /// Who may call, and what is done.
    package enum Work: Sendable {
        /// For administrators and training officers of a tenant.
        case tenant(@Sendable (Call) async throws -> Response)
        /// For everybody, without a token.
        case open(@Sendable (OpenCall) async throws -> Response)
    }

    /// An endpoint for administrators and training officers of a tenant.
    package init(
        _ method: Method,
        _ path: String,
        _ operationID: String,
        _ summary: String,
        parameters: [Parameter] = [],
        body: Body = .none,
        answers: [Answer],
        problems: [(status: Status, reason: String)] = [],
        isVersioned: Bool = false,
        isIdempotent: Bool? = nil,
        deadline: RouteOptions.Deadline = .standard,
        handle: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.init(
            method,
            path,
            operationID,
            summary,
            parameters,
            body,
            answers,
            problems,
            isVersioned,
            isIdempotent ?? (method == .post && !body.isStreamed),
            deadline,
            .tenant(handle)
        )
    }

    /// An endpoint without a token.
    package static func open(
        _ method: Method,
        _ path: String,
        _ operationID: String,
        _ summary: String,
        parameters: [Parameter] = [],
        body: Body = .none,
        answers: [Answer],
        problems: [(status: Status, reason: String)] = [],
        handle: @escaping @Sendable (OpenCall) async throws -> Response
    ) -> Endpoint {
        Endpoint(
            method,
            path,
            operationID,
            summary,
            parameters,
            body,
            answers,
            problems,
            false,
            false,
            .standard,
            .open(handle)
        )
    }

    private init(
        _ method: Method,
        _ path: String,
        _ operationID: String,
        _ summary: String,
        _ parameters: [Parameter],
        _ body: Body,
        _ answers: [Answer],
        _ problems: [(status: Status, reason: String)],
        _ isVersioned: Bool,
        _ isIdempotent: Bool,
        _ deadline: RouteOptions.Deadline,
        _ work: Work
    ) {
        self.method = method
        self.path = path
        self.operationID = operationID
        self.summary = summary
        self.parameters = Self.pathParameters(path, parameters) + parameters.filter { $0.place != .path }
        self.body = body
        self.answers = answers
        self.problems = problems
        self.isVersioned = isVersioned
        self.isIdempotent = isIdempotent
        self.deadline = deadline
        self.work = work
    }

    /// The path's captures in their order; ids unless declared otherwise.
    private static func pathParameters(_ path: String, _ declared: [Parameter]) -> [Parameter] {
        path.split(separator: "/").filter { $0.first == "{" }.map { part in
            let name = String(part.dropFirst().dropLast())
            return declared.first { $0.place == .path && $0.name == name }
                ?? .path(name, .id, "Whose id: a UUID.")
        }
    }

    package var isOpen: Bool {
        if case .open = work { true } else { false }
    }

    /// Takes `limit` and `cursor`.
    package var isPaged: Bool { parameters.contains { $0.place == .query && $0.name == Paging.cursorName } }
}

extension Endpoint.Body {
    var isStreamed: Bool {
        if case .stream = self { true } else { false }
    }
}
