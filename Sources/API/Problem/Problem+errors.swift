internal import ConnectorHost
internal import HTTPServer
internal import JSON
package import Mapping
internal import Store

extension Problem {
    /// What a client is told of any error. What no line here knows is `internal`: its text is for the log alone.
    package init(_ error: any Error) {
        self =
            switch error {
            case let problem as Problem: problem
            case let error as StoreError: Problem(error)
            case let error as ConnectorError: Problem(error)
            case let error as JSONFieldError: Problem(error)
            case let error as JSONError: Problem(error)
            case let error as MappingProblems: Problem(error)
            case let error as MappingProblem: Problem(MappingProblems([error]))
            case let error as any RefusalConvertible: Problem(error.refusal)
            default: .internal
            }
    }

    /// Whether the log must tell what the client isn't told.
    var hidesItsCause: Bool { status.code >= 500 }

    init(_ error: StoreError) {
        let (status, code): (Status, String) =
            switch error.code {
            case .notFound: (404, "not_found")
            case .invalid: (422, "invalid")
            case .conflict: (409, "conflict")
            case .notRepeatable: (409, "not_repeatable")
            case .stale: (412, "stale_version")
            case .inactive: (409, "inactive")
            case .providerOff: (409, "provider_off")
            case .overQuota: (413, "quota_exceeded")
            case .fenced: (409, "fenced")
            case .accounts, .bug: (500, "internal")
            case .busy: (503, "store_busy")
            default: (503, "store_unavailable")
            }
        self.init(status, code, error.tenantMessage)
        if status == .unavailable { headers["Retry-After"] = "5" }
    }

    /// A connector's own words may reach a tenant's people: they come masked and without secrets. What is the host's fault
    /// is for the log.
    init(_ error: ConnectorError) {
        if error.isAboutTheHost {
            self.init(.unavailable, "connector_unusable", error.tenantMessage)
            return
        }
        let status: Status =
            switch error.errorClass {
            case .config, .auth, .forbidden, .notFound, .data, .unsupported: 422
            case .conflict, .stateLost: 409
            case .rateLimit, .unavailable, .timeout, .cancelled, .internal, .protocol, .crash: 503
            }
        self.init(status, error.code, error.message)
        more["error_class"] = .string(error.errorClass.rawValue)
        if let setting = error.setting { more["setting"] = .string(setting) }
        if let wait = error.retryAfter {
            headers["Retry-After"] = String(max(1, Int64((wait / .seconds(1)).rounded(.up))))
        }
    }

    init(_ error: JSONFieldError) {
        self.init(422, "invalid_body", "The content is not what is asked for: \(error.description).")
        pointer = error.pointer
        errors = [Item(pointer: error.pointer, code: error.code.description, message: error.message)]
    }

    init(_ error: JSONError) {
        self.init(.badRequest, "malformed_json", "The content is not JSON: \(error.message).")
        more["line"] = .integer(Int64(error.line))
        more["column"] = .integer(Int64(error.column))
    }

    /// Rows are named by their place in the body's `mappings`.
    init(_ error: MappingProblems) {
        self.init(422, "invalid_mapping", error.problems.first?.plainMessage ?? "The mapping can't be used.")
        errors = error.problems.map(Item.init)
        pointer = errors.first?.pointer
    }

    init(_ refusal: Refusal) {
        let code = refusal.code == "internal_error" ? "internal" : refusal.code
        self.init(refusal.status, code, refusal.detail)
    }
}

extension Problem.Item {
    package init(_ problem: MappingProblem) {
        var more: JSONObject = [
            "source_field": .string(problem.sourceField), "target_field": .string(problem.targetField),
        ]
        if problem.line > 0 {
            more["line"] = .integer(Int64(problem.line))
            more["column"] = .integer(Int64(problem.column))
            more["caret"] = .string(problem.caret)
        }
        if let suggestion = problem.suggestion { more["suggestion"] = .string(suggestion) }
        self.init(
            pointer: problem.rowIndex.map { "/mappings/\($0)/\(problem.member)" } ?? "/mappings",
            code: problem.code.rawValue,
            message: problem.message,
            more: more
        )
    }
}

extension MappingProblem {
    fileprivate var plainMessage: String {
        [message, suggestion].compactMap(\.self).joined(separator: " ")
    }

    /// Which member of its row is to blame.
    fileprivate var member: String {
        switch code {
        case .unknownField, .unsupportedFieldType: "source_field"
        case .unknownTarget, .duplicateTarget, .requiredTargetMissing: "target_field"
        case .emptyNotAllowed: "empty"
        default: "transform_function"
        }
    }
}
