/// Any JSON value (RFC 8259), whole in memory.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// An integer that fits 64 bits and was written without fraction or exponent.
    case integer(Int64)
    /// Any other number, exactly as it was written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// Members in the order in which they were written, each name once.
package struct JSONObject: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package private(set) var members: [Member]

    package struct Member: Sendable, Hashable {
        package var name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    package init() {
        members = []
    }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        members = []
        for (name, value) in elements { self[name] = value }
    }

    package subscript(name: String) -> JSONValue? {
        get { members.first { $0.name == name }?.value }
        set {
            let position = members.firstIndex { $0.name == name }
            switch (position, newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): members.remove(at: position)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }
    package init(nilLiteral: ()) { self = .null }

    package var stringValue: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }
    package var integerValue: Int64? {
        guard case .integer(let value) = self else { return nil }
        return value
    }
    package var boolValue: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }
    package var arrayValue: [JSONValue]? {
        guard case .array(let value) = self else { return nil }
        return value
    }
    package var objectValue: JSONObject? {
        guard case .object(let value) = self else { return nil }
        return value
    }
    /// A member of an object; nil for anything else.
    package subscript(name: String) -> JSONValue? {
        objectValue?[name]
    }
}
