package import HTTPServer
package import Identifiers
package import JSON
package import Log
package import Time

/// A request that was let in and checked against its endpoint's declaration.
package struct Call: Sendable {
    package let request: Request
    package let principal: Principal
    package let path: PathValues
    package let query: QueryValues
    /// The content; nil where there is none.
    package let json: JSONValue?
    /// When the request was let in.
    package let now: Instant
    /// Its lines name request and tenant.
    package let log: Logger
    let endpoint: Endpoint

    package var tenant: UUID { principal.tenant }

    /// The content's members, already checked by the schema; empty where there is no content.
    package func fields() throws(JSONFieldError) -> JSONFields {
        guard let json else { return JSONFields(JSONObject()) }
        return try JSONFields(json)
    }

    /// Whether the client asks for a change of a certain version.
    package var namesVersion: Bool { request.headers.contains("If-Match") }

    /// Refuses the change with 412 unless `If-Match` is missing, `*`, or names this version; an empty one with 400: a client
    /// that lost its tag must not overwrite what it doesn't know.
    package func requireMatch(version: Int64) throws(Problem) {
        guard namesVersion else { return }
        let tags = request.headers.list("If-Match")
        guard !tags.isEmpty else { throw .invalidParameter("If-Match", "is empty: it must be a version's ETag, or *") }
        guard EntityTag.matches(tags, version: version) else { throw .stale }
    }
}

/// A request to an endpoint without a token.
package struct OpenCall: Sendable {
    package let request: Request
    package let path: PathValues
    package let query: QueryValues
    package let json: JSONValue?
    package let now: Instant
    package let log: Logger
}
