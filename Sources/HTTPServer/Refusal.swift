/// An error that says which refusal it is, wherever a handler throws it.
package protocol RefusalConvertible: Error {
    var refusal: Refusal { get }
}

/// Why the server answers a request itself, without its handler. The caller makes the answer of it.
package struct Refusal: RefusalConvertible, Sendable, Equatable {
    package var status: Status
    /// Stable, for programs: `content_too_large`.
    package var code: String
    /// One sentence for people; quotes nothing that the client sent.
    package var detail: String
    /// What the path allows instead, for 405.
    package var allowed: [Method] = []
    package var requestID = ""

    package init(_ status: Status, _ code: String, _ detail: String, allowed: [Method] = []) {
        self.status = status
        self.code = code
        self.detail = detail
        self.allowed = allowed
    }

    package var refusal: Refusal { self }

    static func malformed(_ detail: String) -> Refusal {
        Refusal(.badRequest, "malformed_request", detail)
    }

    static let notFound = Refusal(.notFound, "not_found", "There is nothing at this address.")

    static func methodNotAllowed(_ allowed: [Method]) -> Refusal {
        let names = allowed.map(\.name).joined(separator: ", ")
        return Refusal(
            .methodNotAllowed,
            "method_not_allowed",
            "This address answers \(names) only.",
            allowed: allowed
        )
    }

    static func contentTooLarge(_ limit: Int64) -> Refusal {
        Refusal(.contentTooLarge, "content_too_large", "The content has more than the \(limit) bytes allowed here.")
    }

    static let contentTooSlow = Refusal(
        .requestTimeout,
        "content_too_slow",
        "The content came too slowly; send it again over a faster connection."
    )

    static let requestTooSlow = Refusal(
        .requestTimeout,
        "request_timeout",
        "The content had not arrived when the time for this request was over."
    )

    static let handlerTooSlow = Refusal(
        .unavailable,
        "deadline_exceeded",
        "The answer was not ready when the time for this request was over."
    )

    static let shuttingDown = Refusal(
        .unavailable,
        "shutting_down",
        "The server is being stopped; try again in a moment."
    )
}
