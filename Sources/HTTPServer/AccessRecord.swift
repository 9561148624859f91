internal import JSON
package import Log

/// One request and how it was answered: what may stand in a log, without addresses' query or headers.
package struct AccessRecord: Sendable {
    package var method: Method
    /// The pattern, `/configs/{id}`; empty where none matched.
    package var route: String
    /// 0 when the client left without an answer.
    package var status: Int
    /// Bytes of the answer's content.
    package var bytes: Int64
    package var duration: Duration
    package var requestID: String
    package var remoteAddress: String
    /// Whether the answer went out whole, as far as the server can tell.
    package var isComplete: Bool
    /// The answer's own: `["tenant": "…"]`.
    package var notes: [String: String] = [:]

    package init(
        method: Method,
        route: String,
        status: Int,
        bytes: Int64,
        duration: Duration,
        requestID: String,
        remoteAddress: String,
        isComplete: Bool
    ) {
        self.method = method
        self.route = route
        self.status = status
        self.bytes = bytes
        self.duration = duration
        self.requestID = requestID
        self.remoteAddress = remoteAddress
        self.isComplete = isComplete
    }
}

extension AccessRecord {
    /// One line: a warning where the server failed, a matter for debugging where nobody cares (health checks).
    package func log(to logger: Logger, quietRoutes: Set<String> = []) {
        let tenths = Int64(duration / .microseconds(100))
        let level: LogLevel = status >= 500 ? .warning : quietRoutes.contains(route) ? .debug : .info
        logger.log(
            level,
            "request",
            [
                ("method", .string(method.name)),
                ("route", .string(route)),
                ("status", .integer(Int64(status))),
                ("bytes", .integer(bytes)),
                ("ms", .number("\(tenths / 10).\(tenths % 10)")),
                ("request_id", .string(requestID)),
                ("remote", .string(remoteAddress)),
                ("complete", .bool(isComplete)),
            ] + notes.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }
        )
    }
}

extension ServerHooks {
    /// Hooks that write a line for each request, and what an operator should know.
    package init(
        logger: Logger,
        quietRoutes: Set<String> = [],
        refusal: @escaping @Sendable (Refusal) -> Response,
        failure: @escaping @Sendable (any Error, Request) -> Response
    ) {
        self.init(
            refusal: refusal,
            failure: failure,
            accessed: { $0.log(to: logger, quietRoutes: quietRoutes) },
            noticed: { logger.warning($0) }
        )
    }
}
