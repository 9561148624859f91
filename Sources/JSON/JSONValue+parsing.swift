extension JSONValue {
    /// Reads one value from a whole text (RFC 8259), strictly.
    ///
    /// Refused besides what the grammar refuses: repeated names, lone surrogates, a byte-order mark, invalid UTF-8.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        var scanner = try JSONScanner(bytes, limits: limits)
        var builder = JSONValueBuilder()
        var value = JSONValue.null
        while case .event(let event) = try scanner.next() {
            if let whole = builder.take(event, from: scanner) { value = whole }
        }
        self = value
    }

    package init(parsing text: String, limits: JSONLimits = .default) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// A number from its text; nil if it is not written as JSON asks.
    package init?(number text: String) {
        guard JSONNumber.fault(text.utf8Span.span) == nil else { return nil }
        self = Int64(text).map(JSONValue.integer) ?? .number(text)
    }
}

/// Puts events together to a value.
struct JSONValueBuilder: Sendable {
    private struct Container {
        var isObject: Bool
        var name = ""
        var items: [JSONValue] = []
        var members: [JSONObject.Member] = []
    }

    private var open: [Container] = []

    /// Takes the scanner's last event; the value once it is whole.
    mutating func take(_ event: JSONEvent, from scanner: borrowing JSONScanner) -> JSONValue? {
        switch event {
        case .beginObject:
            open.append(Container(isObject: true))
            return nil
        case .beginArray:
            open.append(Container(isObject: false))
            return nil
        case .name:
            open[open.count - 1].name = scanner.text
            return nil
        case .endObject, .endArray:
            guard let container = open.popLast() else { return nil }
            return add(container.isObject ? .object(JSONObject(distinct: container.members)) : .array(container.items))
        case .string:
            return add(.string(scanner.text))
        case .number:
            let text = scanner.text
            return add(Int64(text).map(JSONValue.integer) ?? .number(text))
        case .bool(let value):
            return add(.bool(value))
        case .null:
            return add(.null)
        }
    }

    private mutating func add(_ value: JSONValue) -> JSONValue? {
        guard !open.isEmpty else { return value }
        let last = open.count - 1
        if open[last].isObject {
            open[last].members.append(JSONObject.Member(name: open[last].name, value: value))
        } else {
            open[last].items.append(value)
        }
        return nil
    }
}
