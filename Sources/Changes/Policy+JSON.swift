package import JSON
internal import Mapping

extension Policy.MatchRule: CaseIterable {
    package static let allCases: [Policy.MatchRule] = [.email, .username, .externalID]

    /// As it is written in a policy: `email`, `username`, `external_id`.
    package var name: String {
        switch self {
        case .email: "email"
        case .username: "username"
        case .externalID: "external_id"
        }
    }
}

extension Policy {
    /// Reads `{"match": ["email", "username", "external_id"], "adopt": true, "order_field": "attributes.last_modified"}`.
    /// `guard` (`GuardLimits`), `{"leavers": {"action": "ignore"}}`, or `"suspend"`, and
    /// `first_run` (`apply`, `plan`). Each member may be missing; an unknown one is refused.
    package init(json: JSONValue) throws(JSONFieldError) {
        self.init()
        var fields = try JSONFields(json)
        if let rules = try fields.optionalArray("match") {
            match = try Policy.matchRules(rules, at: fields.pointer(to: "match"))
        }
        if let adopt = try fields.optionalBool("adopt") { self.adopt = adopt }
        if let name = try fields.optionalString("order_field") {
            guard Policy.isTargetField(name) else {
                throw fields.notAllowed("order_field", "must be a target field, like attributes.last_modified")
            }
            orderField = name
        }
        if var leavers = try fields.optionalFields("leavers") {
            self.leavers = try leavers.optionalOneOf("action", Leavers.self) ?? .ignore
            try leavers.finish()
        }
        firstRun = try fields.optionalOneOf("first_run", FirstRun.self) ?? .apply
        if var limits = try fields.optionalFields("guard") { guardLimits = try GuardLimits(&limits) }
        try fields.finish()
    }

    package var json: JSONValue {
        var object = JSONObject()
        object["match"] = .array(match.map { .string($0.name) })
        object["adopt"] = .bool(adopt)
        if let orderField { object["order_field"] = .string(orderField) }
        if leavers != .ignore { object["leavers"] = ["action": .string(leavers.rawValue)] }
        if firstRun != .apply { object["first_run"] = .string(firstRun.rawValue) }
        if guardLimits != GuardLimits() { object["guard"] = guardLimits.json }
        return .object(object)
    }

    private static func matchRules(
        _ values: [JSONValue],
        at pointer: String
    ) throws(JSONFieldError) -> [MatchRule] {
        var rules: [MatchRule] = []
        for (position, value) in values.enumerated() {
            let here = JSONPointer.appending(position, to: pointer)
            guard case .string(let name) = value else {
                throw JSONFieldError(.wrongType, at: here, "must be a string, is \(value.kind)")
            }
            guard let rule = MatchRule.allCases.first(where: { $0.name == name }) else {
                let known = MatchRule.allCases.map(\.name)
                let hint = nearest(to: name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
                throw JSONFieldError(.notAllowed, at: here, "must be one of \(known.joined(separator: ", "))\(hint)")
            }
            guard !rules.contains(rule) else {
                throw JSONFieldError(.notAllowed, at: here, "\"\(name)\" stands here twice")
            }
            rules.append(rule)
        }
        return rules
    }

    private static func isTargetField(_ name: String) -> Bool {
        if name.hasPrefix("attributes."), name.utf8.count > "attributes.".utf8.count { return true }
        return Entity.allCases.contains { $0.fields.contains { $0.name == name } }
    }
}
