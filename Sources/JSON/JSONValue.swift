/// Any JSON value (RFC 8259), whole in memory.
///
/// Equal means the same code points: texts that only look alike (composed and decomposed `é`) differ.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// An integer that fits 64 bits and was written without fraction or exponent.
    case integer(Int64)
    /// Any other number, exactly as it was written; `init(number:)` checks a text of one's own.
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

        package static func == (left: Member, right: Member) -> Bool {
            left.name.isSameText(as: right.name) && left.value == right.value
        }
    }

    package init() {
        members = []
    }

    /// Takes over members whose names were checked to be distinct.
    init(distinct members: [Member]) {
        self.members = members
    }

    /// Takes any number of members in time that grows with their number alone; of a name that comes again the first stays.
    package init(firstOfEach elements: some Sequence<(String, JSONValue)>) {
        var seen: Set<ExactName> = []
        members = []
        for (name, value) in elements where seen.insert(ExactName(text: name)).inserted {
            members.append(Member(name: name, value: value))
        }
    }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        members = []
        for (name, value) in elements { self[name] = value }
    }

    package subscript(name: String) -> JSONValue? {
        get { members.first { $0.name.isSameText(as: name) }?.value }
        set {
            let position = members.firstIndex { $0.name.isSameText(as: name) }
            switch (position, newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): members.remove(at: position)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }
}

/// A name as code points; `String` is the same for composed and decomposed ones, and hashes them alike.
private struct ExactName: Hashable {
    var text: String

    static func == (left: ExactName, right: ExactName) -> Bool { left.text.isSameText(as: right.text) }

    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension JSONValue {
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left.isSameText(as: right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension String {
    /// Whether both are the same code points; `==` also takes canonically equivalent ones.
    fileprivate func isSameText(as other: String) -> Bool {
        self == other && utf8.elementsEqual(other.utf8)
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
