package import JSON

/// Why an operation of a connector failed. The class alone decides what happens next.
package struct ConnectorError: Error, Sendable, CustomStringConvertible {
    package var errorClass: ErrorClass
    /// Stable, lower case with underscores.
    package var code: String
    /// One sentence: what happened and what to do. No secrets.
    package var message: String
    package var retryAfter: Duration?
    package var vendorCode: Int64
    package var detail: JSONValue
    /// The signal that ended the runner, by name (`SIGSEGV`), if one did.
    package var signal: String?
    /// Whether the host is at fault (its folders, files, processes), so that the message is for whoever runs it. Never of what
    /// a connector reports, whatever code it gives.
    package var isAboutTheHost: Bool

    package init(
        _ errorClass: ErrorClass,
        code: String,
        message: String,
        retryAfter: Duration? = nil,
        vendorCode: Int64 = 0,
        detail: JSONValue = nil,
        signal: String? = nil,
        isAboutTheHost: Bool = false
    ) {
        self.errorClass = errorClass
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.vendorCode = vendorCode
        self.detail = detail
        self.signal = signal
        self.isAboutTheHost = isAboutTheHost
    }

    package var description: String { message }

    /// Where in the settings the fault lies (RFC 6901), if it lies there and the connector says so.
    package var setting: String? {
        guard errorClass == .config, let pointer = detail["pointer"]?.stringValue, pointer.hasPrefix("/") else {
            return nil
        }
        return pointer
    }

    /// `tfc_status` of the ABI, and `crash` for a runner that died.
    package enum ErrorClass: String, Sendable, CaseIterable {
        case config, auth, forbidden
        case notFound = "not_found"
        case rateLimit = "rate_limit"
        case unavailable, timeout, cancelled, data, conflict, unsupported
        case stateLost = "state_lost"
        case `internal`, `protocol`, crash
    }
}
