package import JSON

extension GuardLimits {
    /// Reads `{"deactivate": {"percent": 5, "absolute": 10}, "unenrol": …, "key_change": …, "shrink_percent": 20,
    /// "minimum_population": 20, "window_hours": 20}`. Each member may be missing; an unknown one is refused.
    package init(_ fields: inout JSONFields) throws(JSONFieldError) {
        self.init()
        for effect in GuardedEffect.allCases {
            guard var limit = try fields.optionalFields(effect.rawValue) else { continue }
            if let percent = try GuardLimits.percent("percent", &limit) { self[effect].percent = percent }
            if let absolute = try GuardLimits.count("absolute", &limit) { self[effect].absolute = absolute }
            try limit.finish()
        }
        if let percent = try GuardLimits.percent("shrink_percent", &fields) { shrinkPercent = percent }
        if let count = try GuardLimits.count("minimum_population", &fields) { minimumPopulation = count }
        if let hours = try fields.optionalInteger("window_hours") {
            guard (0...GuardLimits.longestWindow).contains(hours) else {
                throw fields.notAllowed("window_hours", "must be from 0 to \(GuardLimits.longestWindow)")
            }
            windowHours = hours
        }
        try fields.finish()
    }

    package var json: JSONValue {
        var object = JSONObject()
        for effect in GuardedEffect.allCases {
            object[effect.rawValue] = [
                "percent": .integer(self[effect].percent), "absolute": .integer(self[effect].absolute),
            ]
        }
        object["shrink_percent"] = .integer(shrinkPercent)
        object["minimum_population"] = .integer(minimumPopulation)
        object["window_hours"] = .integer(windowHours)
        return .object(object)
    }

    /// A year.
    private static let longestWindow: Int64 = 8_784

    private static func percent(_ name: String, _ fields: inout JSONFields) throws(JSONFieldError) -> Int64? {
        guard let percent = try fields.optionalInteger(name) else { return nil }
        guard (0...100).contains(percent) else { throw fields.notAllowed(name, "must be from 0 to 100") }
        return percent
    }

    private static func count(_ name: String, _ fields: inout JSONFields) throws(JSONFieldError) -> Int64? {
        guard let count = try fields.optionalInteger(name) else { return nil }
        guard (0...1_000_000_000).contains(count) else {
            throw fields.notAllowed(name, "must be from 0 to 1000000000")
        }
        return count
    }
}
