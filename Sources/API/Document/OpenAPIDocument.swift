internal import HTTPServer
package import JSON

/// The API as OpenAPI 3.1 describes it, made of the endpoints themselves.
package struct OpenAPIDocument: Sendable {
    package let json: JSONValue
    /// As it is served.
    package let bytes: [UInt8]

    package init(_ topics: [Topic], version: String) {
        var paths: JSONObject = [:]
        for topic in topics {
            for endpoint in topic.endpoints {
                var item = paths[endpoint.path]?.objectValue ?? [:]
                item[endpoint.method.name.lowercased()] = Self.operation(endpoint, topic)
                paths[endpoint.path] = .object(item)
            }
        }
        json = [
            "openapi": "3.1.0",
            "info": [
                "title": "TrainFlow Integration Layer", "version": .string(version),
                "description":
                    "Configures, runs and watches the integrations of one tenant. Errors are RFC 9457 problem documents.",
            ],
            "servers": [["url": .string(API.base)]],
            "tags": .array(topics.map { ["name": .string($0.name), "description": .string($0.summary)] }),
            "paths": .object(paths),
            "components": [
                "securitySchemes": ["bearer": ["type": "http", "scheme": "bearer", "bearerFormat": "JWT"]],
                "schemas": Self.schemas(topics),
                "responses": Self.problemResponses,
            ],
        ]
        bytes = json.serialized()
    }

    private static func schemas(_ topics: [Topic]) -> JSONValue {
        var schemas: JSONObject = ["Problem": Problem.schema.json]
        for topic in topics {
            for (name, schema) in topic.schemas.sorted(by: { $0.key < $1.key }) { schemas[name] = schema.json }
        }
        return .object(schemas)
    }

    // MARK: - One operation

    private static func operation(_ endpoint: Endpoint, _ topic: Topic) -> JSONValue {
        var operation: JSONObject = [
            "tags": [.string(topic.name)], "operationId": .string(endpoint.operationID),
            "summary": .string(endpoint.summary),
            "security": endpoint.isOpen ? [] : [["bearer": []]],
        ]
        let parameters = endpoint.parameters + endpoint.derivedHeaders
        if !parameters.isEmpty { operation["parameters"] = .array(parameters.map(\.json)) }
        if let body = body(endpoint.body) { operation["requestBody"] = body }
        operation["responses"] = responses(endpoint)
        return .object(operation)
    }

    private static func body(_ body: Endpoint.Body) -> JSONValue? {
        switch body {
        case .none: nil
        case .json(let schema, let isRequired, _):
            ["required": .bool(isRequired), "content": ["application/json": ["schema": schema.json]]]
        case .stream(let contents, _): ["required": true, "content": content(contents)]
        }
    }

    private static func content(_ contents: [(type: String, schema: Schema)]) -> JSONValue {
        var object: JSONObject = [:]
        for (type, schema) in contents { object[type] = ["schema": schema.json] }
        return .object(object)
    }

    private static func responses(_ endpoint: Endpoint) -> JSONValue {
        var responses: JSONObject = [:]
        for answer in endpoint.answers {
            var response: JSONObject = ["description": .string(answer.description)]
            var headers = answer.headers
            if endpoint.isVersioned, !answer.contents.isEmpty {
                headers.append(("ETag", "Names this version, for If-Match and If-None-Match."))
            }
            if !headers.isEmpty {
                var object: JSONObject = [:]
                for (name, description) in headers {
                    object[name] = ["description": .string(description), "schema": ["type": "string"]]
                }
                response["headers"] = .object(object)
            }
            if !answer.contents.isEmpty { response["content"] = content(answer.contents) }
            responses["\(answer.status)"] = .object(response)
        }
        for (status, reason) in endpoint.allProblems {
            responses["\(status)"] =
                reason.isEmpty
                ? ["$ref": .string("#/components/responses/\(problemName(status))")]
                : ["description": .string(reason), "content": problemContent]
        }
        if endpoint.isVersioned, endpoint.method == .get {
            responses["304"] = ["description": "The client has exactly this already."]
        }
        return .object(responses)
    }

    // MARK: - Problems

    private static let problemContent: JSONValue = [
        "application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]
    ]

    private static func problemName(_ status: Status) -> String {
        "Problem\(status)"
    }

    private static let problemResponses: JSONValue = {
        var responses: JSONObject = [:]
        for (status, text) in Endpoint.problemTexts {
            responses[problemName(status)] = ["description": .string(text), "content": problemContent]
        }
        return .object(responses)
    }()
}

extension Endpoint {
    /// What each status means where an endpoint says nothing of its own.
    static let problemTexts: [(status: Status, text: String)] = [
        (400, "Malformed: the JSON, a parameter, or the request itself."),
        (401, "No token, or none that is believed."),
        (403, "The token's role may not do this."),
        (404, "There is no such thing for this tenant."),
        (409, "Something else is in the way: the code says what."),
        (412, "Somebody changed it meanwhile: read it again."),
        (413, "The content is too large."),
        (415, "The content is of another type than this takes."),
        (422, "The content is well-formed but not what is asked for: pointer and errors say where."),
        (429, "The tenant asks too often: Retry-After says when to go on."),
        (500, "A mistake inside TrainFlow; request_id finds it in the log."),
        (503, "TrainFlow, or what it needs for this, can't answer just now."),
    ]

    /// Statuses of problems with the endpoint's own reason, or none.
    var allProblems: [(status: Status, reason: String)] {
        var statuses: Set<Status> = [400, 500, 503]
        if !isOpen { statuses.formUnion([401, 403, 429]) }
        if parameters.contains(where: { $0.place == .path }) { statuses.insert(404) }
        switch body {
        case .none: break
        case .json: statuses.formUnion([413, 415, 422])
        case .stream: statuses.formUnion([413, 415])
        }
        if isVersioned, method != .get, method != .post { statuses.insert(412) }
        if isIdempotent { statuses.formUnion([409, 422]) }
        let own = problems.map(\.status)
        return (problems + statuses.filter { !own.contains($0) }.map { ($0, "") })
            .sorted { $0.status.code < $1.status.code }
    }

    /// Headers that follow from what is declared.
    var derivedHeaders: [Parameter] {
        var headers: [Parameter] = []
        if isVersioned {
            switch method {
            case .get:
                headers.append(
                    .header("If-None-Match", .string, "The ETag of what the client has: 304 if it still holds.")
                )
            case .post: break
            default:
                headers.append(
                    .header(
                        "If-Match",
                        Schema(["type": "string", "pattern": "[^\\t ,]"]),
                        "The ETag of what is to be changed: 412 if it is stale, 400 if it is empty."
                    )
                )
            }
        }
        if isIdempotent { headers.append(Idempotency.parameter) }
        return headers
    }
}
