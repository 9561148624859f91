internal import JSON

/// A config's settings, read member by member.
///
/// Ask for each setting by name, then call `finish()`: it refuses names that nobody asked for, with the nearest one
/// that was meant. A null counts as missing. What is wrong is a `config` failure that points at the setting.
public struct Settings: Sendable {
    private var fields: JSONFields

    /// Reads settings from JSON; anything but an object is a failure.
    public init(json: [UInt8]) throws(ConnectorFailure) {
        do {
            fields = try JSONFields(JSONValue(parsing: json))
        } catch {
            throw ConnectorFailure(
                .config,
                code: "settings_unreadable",
                message: "The settings can't be read: \(error).",
                pointer: ""
            )
        }
    }

    private init(_ fields: JSONFields) {
        self.fields = fields
    }

    /// A text.
    public mutating func text(_ name: String) throws(ConnectorFailure) -> String? {
        try read { fields throws(JSONFieldError) in try fields.optionalString(name) }
    }

    /// One of the given texts.
    public mutating func text(_ name: String, oneOf allowed: [String]) throws(ConnectorFailure) -> String? {
        try read { fields throws(JSONFieldError) in try fields.optionalOneOf(name, allowed) }
    }

    /// A whole number in a range.
    public mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(ConnectorFailure) -> Int? {
        try read { fields throws(JSONFieldError) in
            guard let value = try fields.optionalInteger(name) else { return nil }
            guard let value = Int(exactly: value), range.contains(value) else {
                throw fields.notAllowed(name, "must be from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
    }

    /// True or false.
    public mutating func flag(_ name: String) throws(ConnectorFailure) -> Bool? {
        try read { fields throws(JSONFieldError) in try fields.optionalBool(name) }
    }

    /// Settings inside a setting.
    public mutating func section(_ name: String) throws(ConnectorFailure) -> Settings? {
        try read { fields throws(JSONFieldError) in try fields.optionalFields(name).map(Settings.init) }
    }

    /// Refuses settings that nobody asked for.
    public func finish() throws(ConnectorFailure) {
        do throws(JSONFieldError) {
            try fields.finish()
        } catch {
            throw ConnectorFailure(error)
        }
    }

    /// A failure that points at a setting, for a rule of the connector's own.
    public func refusal(of name: String, _ message: String) -> ConnectorFailure {
        ConnectorFailure(fields.notAllowed(name, message))
    }

    private mutating func read<Value>(
        _ body: (inout JSONFields) throws(JSONFieldError) -> Value?
    ) throws(ConnectorFailure) -> Value? {
        do throws(JSONFieldError) {
            return try body(&fields)
        } catch {
            throw ConnectorFailure(error)
        }
    }
}

extension ConnectorFailure {
    init(_ error: JSONFieldError) {
        self.init(
            .config,
            code: "setting_\(error.code)",
            message: "Setting \(error.pointer): \(error.message)\(error.message.hasSuffix("?") ? "" : ".")",
            pointer: error.pointer
        )
    }
}
