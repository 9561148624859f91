/// Reads an object member by member and refuses what is missing, of another kind, or unknown.
///
/// Ask for every member that may be there, then call `finish()`. A null counts as missing, except for `value(_:)`.
package struct JSONFields {
    /// Of the object itself (RFC 6901), empty at the top.
    package let pointer: String
    private let object: JSONObject
    private var known: [String] = []

    /// `pointer` says where the value stands in the whole, for messages.
    package init(_ value: JSONValue, at pointer: String = "") throws(JSONFieldError) {
        guard case .object(let object) = value else {
            throw JSONFieldError(.wrongType, at: pointer, "must be an object, is \(value.kind)")
        }
        self.init(object, at: pointer)
    }

    package init(_ object: JSONObject, at pointer: String = "") {
        self.object = object
        self.pointer = pointer
    }

    /// The pointer of a member.
    package func pointer(to name: String) -> String {
        JSONPointer.appending(name, to: pointer)
    }

    /// An error about a member, for a rule of the caller's own.
    package func notAllowed(_ name: String, _ message: String) -> JSONFieldError {
        JSONFieldError(.notAllowed, at: pointer(to: name), message)
    }

    /// Refuses members that nobody asked for.
    package func finish() throws(JSONFieldError) {
        for member in object.members where !known.contains(member.name) {
            let hint = nearest(to: member.name, in: known).map { ": did you mean \"\($0)\"?" }
            let list = known.sorted().joined(separator: ", ")
            throw JSONFieldError(
                .unknownField,
                at: pointer(to: member.name),
                "unknown field\(hint ?? (known.isEmpty ? "; none is expected" : "; known are \(list)"))"
            )
        }
    }

    // MARK: - Members that must be there

    package mutating func string(_ name: String) throws(JSONFieldError) -> String {
        try required(name, try optionalString(name))
    }

    package mutating func integer(_ name: String) throws(JSONFieldError) -> Int64 {
        try required(name, try optionalInteger(name))
    }

    package mutating func bool(_ name: String) throws(JSONFieldError) -> Bool {
        try required(name, try optionalBool(name))
    }

    package mutating func array(_ name: String) throws(JSONFieldError) -> [JSONValue] {
        try required(name, try optionalArray(name))
    }

    package mutating func object(_ name: String) throws(JSONFieldError) -> JSONObject {
        try required(name, try optionalObject(name))
    }

    /// Any value, null too.
    package mutating func value(_ name: String) throws(JSONFieldError) -> JSONValue {
        try required(name, optionalValue(name))
    }

    /// The member's own members.
    package mutating func fields(_ name: String) throws(JSONFieldError) -> JSONFields {
        try required(name, try optionalFields(name))
    }

    /// One of the given texts.
    package mutating func oneOf(_ name: String, _ allowed: [String]) throws(JSONFieldError) -> String {
        try required(name, try optionalOneOf(name, allowed))
    }

    /// One of an enumeration's raw values.
    package mutating func oneOf<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Choice.Type
    ) throws(JSONFieldError) -> Choice {
        try required(name, try optionalOneOf(name, type))
    }

    // MARK: - Members that may be missing

    package mutating func optionalString(_ name: String) throws(JSONFieldError) -> String? {
        try member(name, "a string", \.stringValue)
    }

    package mutating func optionalInteger(_ name: String) throws(JSONFieldError) -> Int64? {
        try member(name, "a whole number", \.integerValue)
    }

    package mutating func optionalBool(_ name: String) throws(JSONFieldError) -> Bool? {
        try member(name, "true or false", \.boolValue)
    }

    package mutating func optionalArray(_ name: String) throws(JSONFieldError) -> [JSONValue]? {
        try member(name, "an array", \.arrayValue)
    }

    package mutating func optionalObject(_ name: String) throws(JSONFieldError) -> JSONObject? {
        try member(name, "an object", \.objectValue)
    }

    /// Any value, null too; nil only where there is no such member.
    package mutating func optionalValue(_ name: String) -> JSONValue? {
        known.append(name)
        return object[name]
    }

    package mutating func optionalFields(_ name: String) throws(JSONFieldError) -> JSONFields? {
        try optionalObject(name).map { JSONFields($0, at: pointer(to: name)) }
    }

    package mutating func optionalOneOf(_ name: String, _ allowed: [String]) throws(JSONFieldError) -> String? {
        guard let text = try optionalString(name) else { return nil }
        guard allowed.contains(text) else {
            let hint = nearest(to: text, in: allowed).map { "; did you mean \"\($0)\"?" } ?? ""
            throw notAllowed(name, "must be one of \(allowed.joined(separator: ", "))\(hint)")
        }
        return text
    }

    package mutating func optionalOneOf<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Choice.Type
    ) throws(JSONFieldError) -> Choice? {
        try optionalOneOf(name, type.allCases.map(\.rawValue)).flatMap(Choice.init(rawValue:))
    }

    // MARK: - How a member is read

    private mutating func member<Value>(
        _ name: String,
        _ kind: String,
        _ read: (JSONValue) -> Value?
    ) throws(JSONFieldError) -> Value? {
        guard let value = optionalValue(name), value != .null else { return nil }
        guard let result = read(value) else {
            throw JSONFieldError(.wrongType, at: pointer(to: name), "must be \(kind), is \(value.kind)")
        }
        return result
    }

    private func required<Value>(_ name: String, _ value: Value?) throws(JSONFieldError) -> Value {
        if let value { return value }
        let others = object.members.map(\.name).filter { !known.contains($0) }
        let hint = nearest(to: name, in: others).map { "; is \"\($0)\" meant?" } ?? ""
        throw JSONFieldError(.missing, at: pointer(to: name), "is missing\(hint)")
    }
}

/// Where a value stands in a text: RFC 6901.
package enum JSONPointer {
    package static func appending(_ name: String, to pointer: String) -> String {
        var escaped = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\(pointer)/\(escaped)"
    }

    package static func appending(_ index: Int, to pointer: String) -> String {
        "\(pointer)/\(index)"
    }
}

extension JSONValue {
    /// What kind of value it is, for a message: `a string`, `null`.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
