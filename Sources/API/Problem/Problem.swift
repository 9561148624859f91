package import HTTPServer
package import JSON

/// Why a request is not answered as asked: RFC 9457, for programs (`code`) and people (`detail`).
package struct Problem: Error, Sendable, Equatable {
    package var status: Status
    /// Stable: `invalid_body`.
    package var code: String
    /// One or two sentences: what is wrong, what to do. Nothing internal.
    package var detail: String
    /// Where in the body (RFC 6901).
    package var pointer: String?
    /// Which path, query or header parameter.
    package var parameter: String?
    /// All findings, where there may be several.
    package var errors: [Item] = []
    /// Members of its own: `run_id` of the run in hand.
    package var more: JSONObject = [:]
    /// `WWW-Authenticate`, `Retry-After`.
    package var headers: Headers = [:]

    package struct Item: Sendable, Equatable {
        package var pointer: String?
        package var parameter: String?
        package var code: String
        package var message: String
        package var more: JSONObject

        package init(
            pointer: String? = nil,
            parameter: String? = nil,
            code: String,
            message: String,
            more: JSONObject = [:]
        ) {
            self.pointer = pointer
            self.parameter = parameter
            self.code = code
            self.message = message
            self.more = more
        }

        var json: JSONValue {
            var object: JSONObject = ["code": .string(code), "message": .string(message)]
            if let pointer { object["pointer"] = .string(pointer) }
            if let parameter { object["parameter"] = .string(parameter) }
            for member in more.members { object[member.name] = member.value }
            return .object(object)
        }
    }

    package init(_ status: Status, _ code: String, _ detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    /// As an answer. `requestID` finds it in the log.
    package func response(_ requestID: String) -> Response {
        var object: JSONObject = [
            "type": .string("urn:trainflow:problem:\(code)"), "title": .string(status.reason),
            "status": .integer(Int64(status.code)), "detail": .string(detail), "code": .string(code),
        ]
        if let pointer { object["pointer"] = .string(pointer) }
        if let parameter { object["parameter"] = .string(parameter) }
        if !errors.isEmpty { object["errors"] = .array(errors.map(\.json)) }
        for member in more.members { object[member.name] = member.value }
        object["request_id"] = .string(requestID)
        var response = Response(
            status,
            headers: headers,
            body: .bytes(JSONValue.object(object).serialized())
        )
        response.headers["Content-Type"] = Self.contentType
        return response
    }

    static let contentType = "application/problem+json"

    static let schema = Schema.object(
        .required("type", .string, "A name for this kind of problem; not a link."),
        .required("title", .string),
        .required("status", .integer),
        .required("detail", .string, "For people: what is wrong, what to do."),
        .required("code", .string, "For programs; stable."),
        .optional("pointer", .string, "Where in the body (RFC 6901)."),
        .optional("parameter", .string, "Which path, query or header parameter."),
        .optional(
            "errors",
            .list(
                of: .object(
                    .optional("pointer", .string),
                    .optional("parameter", .string),
                    .required("code", .string),
                    .required("message", .string)
                )
            ),
            "All findings, where there may be several."
        ),
        .required("request_id", .string, "Finds this answer in the host's log.")
    )
}

extension Problem {
    /// Nothing of that id is there for this tenant, or ever was: the two are never told apart.
    package static let notFound = Problem(.notFound, "not_found", "There is nothing at this address.")

    package static func notFound(_ what: String) -> Problem {
        Problem(.notFound, "not_found", "There is no such \(what).")
    }

    package static func conflict(_ code: String, _ detail: String) -> Problem {
        Problem(409, code, detail)
    }

    /// A member of the body that passes the schema but not the rules.
    package static func invalid(_ pointer: String, _ code: String, _ detail: String) -> Problem {
        var problem = Problem(422, code, detail)
        problem.pointer = pointer
        return problem
    }

    /// A parameter that is not what is declared.
    package static func invalidParameter(_ name: String, _ message: String) -> Problem {
        var problem = Problem(.badRequest, "invalid_parameter", "The parameter \(name) \(message).")
        problem.parameter = name
        return problem
    }

    static let stale = Problem(
        412,
        "stale_version",
        "Somebody changed it meanwhile. Read it again and repeat the change on what is there now."
    )

    static let `internal` = Problem(
        .internalError,
        "internal",
        "Something went wrong inside TrainFlow. Whoever runs it finds the cause in the log under this request_id."
    )

    static func unauthorized(_ code: String, _ detail: String, challenge: String) -> Problem {
        var problem = Problem(401, code, detail)
        problem.headers["WWW-Authenticate"] = challenge
        return problem
    }
}
