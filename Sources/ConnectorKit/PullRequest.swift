internal import JSON

/// What to read.
public struct PullRequest: Sendable {
    /// One of the names that `discover` gives.
    public var stream: String
    /// Files handed in, by the names that `OperationContext.input(_:)` takes.
    public var inputs: [String]
    /// Goes on after what this covers; nil reads from the start.
    public var token: [UInt8]?
    /// Stop after as many records; the summary then says that not all was read.
    public var limit: Int?
    /// The connector's own query language, where it has one.
    public var query: String?
    /// Rows that a batch should have at most.
    public var batchRows: Int

    /// 8,192 rows in a batch: more gains nothing, fewer cost commits.
    public static let defaultBatchRows = 8192

    /// Asks for a stream.
    public init(
        stream: String,
        inputs: [String] = [],
        token: [UInt8]? = nil,
        limit: Int? = nil,
        query: String? = nil,
        batchRows: Int = PullRequest.defaultBatchRows
    ) {
        self.stream = stream
        self.inputs = inputs
        self.token = token
        self.limit = limit
        self.query = query
        self.batchRows = batchRows
    }
}

extension PullRequest {
    /// Reads the ABI's request; members it doesn't know are a later host's and mean nothing to it.
    init(json: [UInt8]) throws(ConnectorFailure) {
        do {
            var fields = try JSONFields(JSONValue(parsing: json))
            self.init(stream: try fields.optionalString("stream") ?? "")
            inputs = try (fields.optionalArray("inputs") ?? []).map { input throws(JSONFieldError) in
                guard let name = input.stringValue else { throw fields.notAllowed("inputs", "must hold names only") }
                return name
            }
            if let text = try fields.optionalString("token") {
                guard let bytes = Base64.decode(text) else { throw fields.notAllowed("token", "must be base64") }
                token = bytes
            }
            limit = try fields.count("limit")
            query = try fields.optionalString("query")
            batchRows = try fields.count("batch_rows") ?? Self.defaultBatchRows
        } catch {
            throw ConnectorFailure(
                .internalError,
                code: "request_unreadable",
                message: "The host's request can't be read: \(error)."
            )
        }
    }
}

extension JSONFields {
    fileprivate mutating func count(_ name: String) throws(JSONFieldError) -> Int? {
        guard let value = try optionalInteger(name) else { return nil }
        guard value > 0, let count = Int(exactly: value) else { throw notAllowed(name, "must be 1 or more") }
        return count
    }
}
