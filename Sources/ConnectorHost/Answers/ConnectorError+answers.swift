internal import JSON

extension ConnectorError {
    /// A JSON answer that is not as trainflow_plugin.h has it: the connector's fault.
    static func unusable(_ what: String, _ error: JSONFieldError, code: String = "connector_breach") -> ConnectorError {
        ConnectorError(
            .protocol,
            code: code,
            message: "The connector's \(what) can't be used: \(error). Report it to the connector's publisher."
        )
    }
}
