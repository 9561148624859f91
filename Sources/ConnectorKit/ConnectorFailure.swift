/// Why an operation failed. The class alone decides what the host does next; code and message are for people.
public struct ConnectorFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the host does about it.
    public var failureClass: FailureClass
    /// Stable, lower case with underscores: `header_missing`.
    public var code: String
    /// One sentence: what happened, where, and what to do. No secrets.
    public var message: String
    /// The setting at fault, as a JSON pointer (RFC 6901) into the settings: `/delimiter`.
    public var pointer: String?
    /// How long to wait before the next try, where the other side says so.
    public var retryAfter: Duration?
    /// HTTP status, SQL error, return code of the other side; 0 for none.
    public var vendorCode: Int64

    /// Describes a failure.
    public init(
        _ failureClass: FailureClass,
        code: String,
        message: String,
        pointer: String? = nil,
        retryAfter: Duration? = nil,
        vendorCode: Int64 = 0
    ) {
        self.failureClass = failureClass
        self.code = code
        self.message = message
        self.pointer = pointer
        self.retryAfter = retryAfter
        self.vendorCode = vendorCode
    }

    /// The message.
    public var description: String { message }
}

/// What the host does about a failure: the `tfc_status` values of `trainflow_plugin.h`.
public struct FailureClass: RawRepresentable, Sendable, Hashable {
    /// The `tfc_status`.
    public let rawValue: Int32

    /// Takes any `tfc_status`; one the host doesn't know counts as `internalError`.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// A setting is wrong. No retry; shown beside the setting that `pointer` names.
    public static let config = FailureClass(rawValue: 1)
    /// Credentials refused. No retry; the config asks for new ones.
    public static let auth = FailureClass(rawValue: 2)
    /// Signed in, but not allowed. No retry.
    public static let forbidden = FailureClass(rawValue: 3)
    /// The stream, file or object is not there. No retry.
    public static let notFound = FailureClass(rawValue: 4)
    /// Too many requests. Retried after `retryAfter`.
    public static let rateLimit = FailureClass(rawValue: 5)
    /// The other side is down or breaks off. Retried with backoff.
    public static let unavailable = FailureClass(rawValue: 6)
    /// It did not answer in time. Retried with backoff.
    public static let timeout = FailureClass(rawValue: 7)
    /// The host asked to stop.
    public static let cancelled = FailureClass(rawValue: 8)
    /// The data as a whole can't be read. No retry. A spoiled row is not this: see `RowFault`.
    public static let data = FailureClass(rawValue: 9)
    /// Somebody else changed it meanwhile. Retried with backoff.
    public static let conflict = FailureClass(rawValue: 10)
    /// This connector doesn't do that. No retry.
    public static let unsupported = FailureClass(rawValue: 11)
    /// The token can't be used any more. Read once more from the start.
    public static let stateLost = FailureClass(rawValue: 12)
    /// A bug in the connector. Once more from the checkpoint, then failed.
    public static let internalError = FailureClass(rawValue: 13)
    /// The other side broke its own protocol. Once more from the checkpoint, then failed.
    public static let protocolBroken = FailureClass(rawValue: 14)
}

extension ConnectorFailure {
    /// The host asked to stop.
    public static let cancelled = ConnectorFailure(
        .cancelled,
        code: "cancelled",
        message: "The operation was cancelled."
    )
}
