package import JSON
package import Log
internal import Time

/// What a runner says on the control socket, checked.
package enum RunnerFrame: Sendable, Equatable {
    case ready(Ready)
    case result(JSONValue)
    case failure(Failure)
    case log(level: LogLevel, message: String, fields: JSONObject?)
    case service(ServiceRequest)
    case stop(stage: String, message: String)

    package struct Ready: Sendable, Equatable {
        package var abi: Int64
        package var describe: String
        package var profile: String
        /// Layers of the sandbox that this kernel lacks.
        package var missing: [String]

        package init(abi: Int64, describe: String, profile: String, missing: [String]) {
            self.abi = abi
            self.describe = describe
            self.profile = profile
            self.missing = missing
        }
    }

    package struct Failure: Sendable, Equatable {
        package var status: Int64
        package var code: String
        package var message: String
        package var retryAfter: Int64
        package var vendorCode: Int64
        package var detail: JSONValue

        package init(
            status: Int64,
            code: String,
            message: String,
            retryAfter: Int64,
            vendorCode: Int64,
            detail: JSONValue
        ) {
            self.status = status
            self.code = code
            self.message = message
            self.retryAfter = retryAfter
            self.vendorCode = vendorCode
            self.detail = detail
        }
    }
}

extension RunnerFrame {
    /// Reads a frame's body; the header is checked already.
    init(type: UInt16, body: [UInt8]) throws(ConnectorError) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: body)
        } catch {
            throw .brokenProtocol("a control frame of type \(type) is no JSON: \(error)")
        }
        do throws(JSONFieldError) {
            var fields = try JSONFields(json)
            self = try Self.read(type, &fields)
            try fields.finish()
        } catch {
            throw .brokenProtocol("in a control frame of type \(type), \(error)")
        }
    }

    private static func read(_ type: UInt16, _ fields: inout JSONFields) throws(JSONFieldError) -> RunnerFrame {
        switch type {
        case 16: .ready(try ready(&fields))
        case 17: .result(try fields.value("value"))
        case 18: .failure(try failure(&fields))
        case 19:
            .log(
                level: try level(&fields),
                message: try fields.string("message"),
                fields: try fields.optionalObject("fields")
            )
        case 20: .service(try service(&fields))
        case 21: .stop(stage: try fields.string("stage"), message: try fields.string("message"))
        default: throw JSONFieldError(.notAllowed, at: "", "this type is not one a runner sends")
        }
    }

    private static func ready(_ fields: inout JSONFields) throws(JSONFieldError) -> Ready {
        let abi = try fields.integer("abi")
        _ = try fields.integer("abi_minor")
        let describe = try fields.string("describe")
        var sandbox = try fields.fields("sandbox")
        let profile = try sandbox.string("profile")
        _ = try sandbox.integer("landlock")
        _ = try sandbox.bool("seccomp")
        _ = try sandbox.integer("user")
        let missing = try sandbox.array("missing").compactMap(\.stringValue)
        try sandbox.finish()
        return Ready(abi: abi, describe: describe, profile: profile, missing: missing)
    }

    private static func failure(_ fields: inout JSONFields) throws(JSONFieldError) -> Failure {
        Failure(
            status: try fields.integer("status"),
            code: try fields.string("code"),
            message: try fields.string("message"),
            retryAfter: try fields.optionalInteger("retry_after_ms") ?? 0,
            vendorCode: try fields.optionalInteger("vendor_code") ?? 0,
            detail: try fields.optionalObject("detail").map(JSONValue.object) ?? .null
        )
    }

    private static func level(_ fields: inout JSONFields) throws(JSONFieldError) -> LogLevel {
        guard let level = LogLevel(rawValue: Int(clamping: try fields.integer("level"))) else {
            throw fields.notAllowed("level", "must be 0 to 3")
        }
        return level
    }

    private static func service(_ fields: inout JSONFields) throws(JSONFieldError) -> ServiceRequest {
        let id = try fields.integer("id")
        let service = try fields.string("service")
        let name = try fields.string("name")
        let value = try fields.optionalString("value")
        let expiry = try fields.optionalInteger("expires_at_us")
        let bytes = value.map { Base64.decode($0) }
        if let bytes, bytes == nil { throw fields.notAllowed("value", "must be base64") }
        return ServiceRequest(
            id: id,
            service: service,
            name: name,
            value: bytes.flatMap { $0 } ?? [],
            expiresAt: expiry.map { Instant(microseconds: $0) }
        )
    }
}
