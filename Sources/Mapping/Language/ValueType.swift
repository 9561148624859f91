/// The type of a value in a transform.
package enum ValueType: String, Sendable, Equatable {
    case text, date, timestamp, integer, number, truth, list, null, map

    /// As a sentence says it.
    var phrase: String {
        switch self {
        case .text: "a text"
        case .date: "a date"
        case .timestamp: "a time"
        case .integer: "a whole number"
        case .number: "a number"
        case .truth: "true or false"
        case .list: "a list"
        case .null: "null"
        case .map: "a list of pairs"
        }
    }
}

extension Literal {
    var type: ValueType {
        switch self {
        case .text: .text
        case .integer: .integer
        case .number: .number
        case .truth: .truth
        case .null: .null
        case .map: .map
        }
    }

    /// The text that someone may have meant by it.
    var asText: String? {
        switch self {
        case .text(let text): text
        case .integer(let integer): String(integer)
        case .number(let number): DecimalText.of(number)
        case .truth(let truth): String(truth)
        case .null, .map: nil
        }
    }
}
