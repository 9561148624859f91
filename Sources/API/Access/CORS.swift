internal import HTTPServer

/// Which other origins' pages may use the API: WHATWG Fetch, "HTTP-CORS protocol". Tokens travel in a header, so
/// credentials are never allowed, and an origin gets nothing that it couldn't fetch by itself.
struct CORS: Sendable {
    private let origins: [String]

    init(origins: [String]) {
        self.origins = origins
    }

    var isOn: Bool { !origins.isEmpty }

    func allow(_ response: inout Response, _ request: Request) {
        guard isOn else { return }
        response.headers.add("Vary", "Origin")
        guard let origin = request.headers["Origin"], origins.contains(origin) else { return }
        allow(&response, origin)
    }

    /// Where the request isn't known, the one origin there is may always be named.
    func allowAnswerWithoutRequest(_ response: inout Response) {
        guard origins.count == 1 else { return }
        allow(&response, origins[0])
    }

    func preflight(_ request: Request, _ methods: [Method]) -> Response {
        let all = Set(methods + [.options] + (methods.contains(.get) ? [.head] : [])).sorted().map(\.name)
        var response = Response(.noContent, headers: ["Allow": all.joined(separator: ", ")])
        allow(&response, request)
        guard response.headers.contains("Access-Control-Allow-Origin"),
            request.headers.contains("Access-Control-Request-Method")
        else { return response }
        response.headers["Access-Control-Allow-Methods"] = methods.map(\.name).joined(separator: ", ")
        response.headers["Access-Control-Allow-Headers"] =
            "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id"
        response.headers["Access-Control-Max-Age"] = "600"
        return response
    }

    private func allow(_ response: inout Response, _ origin: String) {
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] =
            "ETag, Idempotency-Replayed, Location, Retry-After, X-Request-Id"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    }
}
